/** Searching events, newest first (contract, section 9): `/events/message`, and its older form `/message-events`. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { searching } from './event-search.ts';
import type { Searching } from './event-search.ts';
import { eventOf } from './event-words.ts';
import type { NativeEvent, PoolName } from './event-words.ts';
import { instantOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { poolsOf } from './pools.ts';
import { pageLink, perPage } from './subaccounts.ts';
import { documented, madeTypes, sampleOf, sampleTypes } from './samples.ts';
import { tell } from './words.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** A call looks so long; what is beyond is reached by the cursor. */
const lookMs = 8000;

export function eventRoutes(): readonly SparkpostRoute[] {
  const base = { method: 'GET', grant: 'events:read', example: {} } as const;
  return [
    { ...base, path: '/api/v1/events/message', run: searchNew },
    { ...base, path: '/api/v1/message-events', run: searchOld },
    ...['/api/v1/events/message', '/api/v1/message-events/events'].flatMap((path) => [
      { ...base, path: `${path}/documentation`, run: documentation },
      { ...base, path: `${path}/samples`, run: samples },
    ]),
  ];
}

function rangeOf({ query }: Call, now: number, usualMs: number): { from: string; until: string } {
  const read = (name: string, usual: number): string => {
    const text = query[name];
    const at = text === undefined ? new Date(usual).toISOString() : instantOf(text);
    if (at === null) throw tell(400, { message: `${name} must be a valid date`, param: name, value: text });
    return at;
  };
  return { from: read('from', now - usualMs), until: read('to', now + 1000) };
}

/** Mail without a pool of its own goes by the shared one; pools are of the primary account alone. */
async function poolNames(caller: SparkpostCaller): Promise<PoolName> {
  if (!caller.isPrimary || !caller.account.scope.grants.has('pools:read')) return () => null;
  const names = new Map((await poolsOf(caller)).map(({ id, name }) => [id, name.toLowerCase()]));
  return (id) => (id === null ? 'shared' : (names.get(id) ?? null));
}

type Found = { readonly event: Fields; readonly seq: string };

type Page = {
  /** One more than were asked for at most. */
  readonly found: readonly Found[];
  /** All that fitted, those beyond included. */
  readonly fitted: number;
  /** How far was looked; null: to the end. */
  readonly next: string | null;
};

const nothing: Page = { found: [], fitted: 0, next: null };

type Asked = {
  readonly size: number;
  readonly cursor: string | null;
  /** Goes on behind the page as long as there is time, so as to count what fits. */
  readonly isCounted: boolean;
};

/** What fits, from the cursor on: until the page is full or the time is over. */
async function pageOf(
  caller: SparkpostCaller,
  { query, isWhole, tests }: Searching,
  { size, cursor, isCounted }: Asked,
): Promise<Page> {
  const { world, account } = caller;
  const poolName = await poolNames(caller);
  const began = performance.now();
  const found: Found[] = [];
  let [fitted, next] = [0, cursor];
  do {
    const limit = isWhole ? Math.min(500, size + 1 - found.length) : 500;
    const page = await world.native.call<{ items: readonly NativeEvent[]; next: string | null }>(
      account,
      'GET /events',
      { query: { ...query, order: 'newest', limit, ...(next === null ? {} : { cursor: next }) } },
    );
    for (const each of page.items) {
      const event = eventOf(world.ids, Number(account.scope.accountId), caller.primaryId, each, poolName);
      if (event === null || !tests.every((test) => test(event))) continue;
      fitted += 1;
      if (found.length <= size) found.push({ event, seq: each.seq });
    }
    next = page.next;
    if (found.length > size && !isCounted) break;
  } while (next !== null && performance.now() - began < lookMs);
  return { found, fitted, next };
}

/** How many fit as the native search counts them: exactly, or at least so many. */
async function countOf({ world, account }: SparkpostCaller, { query }: Searching): Promise<number> {
  const { count } = await world.native.call<{ count: number }>(account, 'GET /events/count', { query });
  return count;
}

type Answered = Page & { readonly total: number };

/** `before`: on the pages before; `known`: the total that the first page told. */
async function search(
  caller: SparkpostCaller,
  call: Call,
  usualMs: number,
  asked: {
    readonly size: number;
    readonly cursor: string | null;
    readonly before: number;
    readonly known: number | null;
  },
): Promise<Answered> {
  const range = rangeOf(call, caller.world.now(), usualMs);
  const search = searching(caller, call);
  if (search === null) return { ...nothing, total: 0 };
  const ranged = { ...search, query: { ...search.query, ...range } };
  const isFirst = asked.known === null;
  const [page, counted] = await Promise.all([
    pageOf(caller, ranged, { ...asked, isCounted: isFirst && !search.isWhole }),
    isFirst && search.isWhole ? countOf(caller, ranged) : (asked.known ?? 0),
  ]);
  return { ...page, total: Math.max(counted, asked.before + page.fitted) };
}

async function searchNew(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { query } = call;
  const size = perPage(query['per_page'], 1000, 10_000);
  const { cursor = 'initial' } = query;
  const match = /^(\d{1,19})\.(\d{1,12})\.(\d{1,12})$/.exec(cursor);
  if (cursor !== 'initial' && match === null) throw tell(400, { message: 'Invalid cursor', param: 'cursor' });
  const [, from = null, before = '0', known = null] = match ?? [];
  const page = await search(caller, call, dayMs, {
    size,
    cursor: from,
    before: Number(before),
    known: known === null ? null : Number(known),
  });
  const shown = page.found.slice(0, size);
  const next = page.found.length > size ? shown.at(-1)?.seq : page.next;
  const at = `${next}.${Number(before) + shown.length}.${page.total}`;
  const links =
    next === null || next === undefined ? {} : { next: pageLink('/api/v1/events/message', query, at) };
  const results = shown.map(({ event }) => event);
  return { status: 200, body: { results, total_count: page.total, links } };
}

async function searchOld(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { query } = call;
  const size = perPage(query['per_page'], 1000, 10_000);
  const number = Number(query['page'] ?? '1');
  if (!Number.isSafeInteger(number * size) || number < 1)
    throw tell(400, { message: 'page must be a positive integer' });
  const page = await search(caller, call, hourMs, {
    size: number * size,
    cursor: null,
    before: 0,
    known: null,
  });
  const results = page.found
    .slice((number - 1) * size, number * size)
    .map(({ event }) => ({ ...event, tdate: event['timestamp'] }));
  const href = (to: number): string =>
    `/sparkpost/api/v1/message-events?${new URLSearchParams({ ...query, page: String(to) }).toString()}`;
  const links = number * size < page.total ? [{ href: href(number + 1), rel: 'next' }] : [];
  return { status: 200, body: { results, total_count: page.total, links } };
}

/** One object per type, in a list. */
async function documentation(): Promise<Answer> {
  return { status: 200, body: { results: madeTypes.map(documented) } };
}

async function samples(_caller: SparkpostCaller, call: Call): Promise<Answer> {
  const timestamp = '2031-04-02T10:20:31.000Z';
  const results = sampleTypes(call).map((type) => ({ ...sampleOf(type), timestamp }));
  return { status: 200, body: { results } };
}
