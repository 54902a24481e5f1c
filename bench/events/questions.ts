// What is asked of the filled log, and how long each takes: the route's own work with a scope, as keys ask it, without HTTP.
import type { Scope } from '../../src/base/scope.ts';
import type { Route } from '../../src/base/route.ts';
import { spanDays } from './fill.ts';

export type Question = (n: number) => Record<string, unknown>;
/** Ids and addresses that are there, of the asking scope. */
export type Known = readonly { readonly id: string; readonly recipient: string; readonly subject: string }[];

export function questions(now: number, known: Known): Readonly<Record<string, Question>> {
  const day = (ago: number): string => new Date(now - ago * 86_400_000).toISOString();
  const some = (n: number): Known[number] | undefined => known[n % known.length];
  const numberOf = (n: number): string => /\d+/.exec(some(n)?.subject ?? '')?.[0] ?? '0';
  return {
    'no filter': () => ({}),
    recipient: (n) => ({ recipient: [some(n)?.recipient] }),
    'recipient of everything': () => ({ recipient: ['ops@d1.test'] }),
    'no such recipient': (n) => ({ recipient: [`nobody${n}@d1.test`] }),
    message: (n) => ({ message: [some(n)?.id] }),
    submission: (n) => ({ submission: [some(n)?.id] }),
    'any tag': (n) => ({ tag: [`t${1 + ((n * 37) % 1999)}`] }),
    'rare tag': () => ({ tag: ['rare'] }),
    'old tag': () => ({ tag: ['old'] }),
    'common tag': () => ({ tag: ['common'] }),
    'tag of another subaccount': () => ({ tag: ['seventh'] }),
    'tag of another account': () => ({ tag: ['elsewhere'] }),
    'no such tag': (n) => ({ tag: [`none${n}`] }),
    'any word': (n) => ({ subject: `w${1 + ((n * 379) % 19_999)}` }),
    'word of one mail': (n) => ({ subject: numberOf(n) }),
    'common word': () => ({ subject: 'order' }),
    'two words': (n) => ({ subject: `customer c${(n * 53) % 5000}` }),
    'words that seldom meet': (n) => ({ subject: `c${(n * 53) % 5000} w${1 + (n % 50)}` }),
    'no such word': (n) => ({ subject: `nowhere${n}` }),
    'rare kind': () => ({ kind: ['message.complained'] }),
    'common kind': () => ({ kind: ['message.delivered'] }),
    'any domain': (n) => ({ domain: [`d${1 + ((n * 97) % 4999)}.test`] }),
    campaign: (n) => ({ campaign: `c${n % 60}` }),
    template: () => ({ template: '77' }),
    class: () => ({ class: ['hard'] }),
    'a day long ago': (n) => ({ from: day(20 + (n % 5)), until: day(19 + (n % 5)) }),
    'rare tag and common kind': () => ({ tag: ['rare'], kind: ['message.delivered'] }),
    'common tag and rare kind': () => ({ tag: ['common'], kind: ['message.complained'] }),
    'any tag and any domain': (n) => ({
      tag: [`t${1 + ((n * 37) % 1999)}`],
      domain: [`d${1 + (n % 50)}.test`],
    }),
    'two common ones that never meet': () => ({
      tag: ['seventh'],
      campaign: 'c3',
      kind: ['message.delivered'],
    }),
    'old tag, word, domain, time': (n) => ({
      tag: ['old'],
      subject: 'today',
      domain: [`d${1 + n}.test`],
      from: day(spanDays),
      until: day(spanDays - 2),
    }),
  };
}

type Page = { readonly body: { readonly items: readonly unknown[]; readonly next: string | null } };
type Run = (call: { readonly scope: Scope; readonly query: Record<string, unknown> }) => Promise<Page>;

/** Of a page: milliseconds to its answer, and on a CPU for it; `items` on average, `unfinished` pages in a hundred without an item
 * that go on. */
export type Answer = {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly cpuP50: number;
  readonly cpuP99: number;
  readonly items: number;
  readonly unfinished: number;
};

export type Asking = {
  readonly route: Route | undefined;
  readonly scope: Scope;
  readonly pages: number;
  /** What the program and its store have used so far. */
  readonly cpuMs: () => number;
};

/** First pages newest and oldest first, and after each the next one by its cursor: a quarter of `pages` each. */
export async function ask({ route, scope, pages, cpuMs }: Asking, question: Question): Promise<Answer> {
  const run = route?.run as unknown as Run;
  const [times, costs]: [number[], number[]] = [[], []];
  let [items, unfinished] = [0, 0];
  const page = async (query: Record<string, unknown>): Promise<string | null> => {
    const [from, cpu] = [performance.now(), cpuMs()];
    const { body } = await run({ scope, query });
    times.push(performance.now() - from);
    costs.push(cpuMs() - cpu);
    items += body.items.length;
    if (body.items.length === 0 && body.next !== null && query['order'] === 'newest') unfinished += 1;
    return body.next;
  };
  for (let n = 0; n < pages / 4; n++)
    for (const order of ['newest', 'oldest']) {
      const query = { order, limit: 50, ...question(n) };
      const cursor = await page(query);
      if (cursor !== null) await page({ ...query, cursor });
    }
  return {
    p50: at(times, 0.5),
    p99: at(times, 0.99),
    max: at(times, 1),
    cpuP50: at(costs, 0.5),
    cpuP99: at(costs, 0.99),
    items: Math.round((items / times.length) * 10) / 10,
    unfinished: Math.round((unfinished / times.length) * 100),
  };
}

function at(list: readonly number[], part: number): number {
  const sorted = list.toSorted((left, right) => left - right);
  return Number((sorted[Math.ceil(sorted.length * part) - 1] ?? 0).toFixed(1));
}
