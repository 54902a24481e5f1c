/** Searching messages (contract, 4.5), and what came of those that are found by the hour in which they were sent. */
import { clocksApartMs } from '../../base/clock.ts';
import { idTime } from '../../base/ids.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { text, texts, whole } from './fields.ts';
import type { Body } from './fields.ts';
import type { Stats } from './figures.ts';
import { findAll, namesFor, print } from './messages.ts';
import { parseQuery } from './query.ts';
import type { Query, Searched } from './query.ts';
import type { Printed } from './states.ts';
import { readTime, timeText } from './times.ts';
import { invalid } from './words.ts';

const query = 'email:ok.test';

export const searchCalls: readonly MandrillCall[] = [
  { call: 'messages/search', example: { query, limit: 10 }, run: search },
  { call: 'messages/search-time-series', example: { query }, run: series },
];

const dayMs = 86_400_000;
const hourSeconds = 3600;
/** A call looks so long, from the newest on; what it has found then is its answer. */
const lookMs = 20_000;
const pageMax = 500;
const valuesMax = 50;

function dayOf(body: Body, field: string): number | null {
  const given = text(body, field, 40);
  if (given === null || given === '') return null;
  const at = readTime(given);
  if (at === null) throw invalid({ [field]: 'Please enter a valid date/time' });
  // A day is meant with all of its hours.
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given.trim());
  return Date.parse(at) + (isDay && field === 'date_to' ? dayMs - 1 : 0);
}

type Asked = {
  readonly query: Query;
  readonly from: number;
  readonly until: number;
  readonly tags: readonly string[];
  readonly senders: readonly string[];
};

function askedIn(caller: MandrillCaller, body: Body): Asked {
  const now = caller.world.now();
  return {
    query: parseQuery(text(body, 'query', 2000) ?? '*'),
    from: dayOf(body, 'date_from') ?? now - 7 * dayMs,
    until: dayOf(body, 'date_to') ?? now,
    tags: texts(body, 'tags') ?? [],
    senders: (texts(body, 'senders') ?? []).map((each) => each.toLowerCase()),
  };
}

/** That a mail was accepted, once for each: by these events mail is found by whatever the native search knows an index of. */
type Accepted = {
  readonly messageId: string | null;
  readonly subaccountId: number;
  readonly recipient: string | null;
  readonly subject: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly mail: { readonly from: string | null; readonly templateSlug: string | null } | null;
};

const short = (values: readonly string[], lengthMax: number): boolean =>
  values.length > 0 &&
  values.length <= valuesMax &&
  values.every(({ length }) => length > 0 && length <= lengthMax);
const instant = (ms: number): string => new Date(Math.max(0, ms)).toISOString();

/** What can be asked natively: it finds all that matches. */
function nativeQuery({
  query: { email },
  from,
  until,
  tags,
  senders,
}: Asked): Readonly<Record<string, unknown>> {
  return {
    kind: ['message.accepted'],
    order: 'newest',
    limit: pageMax,
    from: instant(from - clocksApartMs),
    until: instant(until + clocksApartMs),
    ...(short(tags, 256) ? { tag: tags } : {}),
    ...(short(senders, 320) ? { senderAddress: senders } : {}),
    ...(email !== null && short([email], 320) ? { recipient: [email] } : {}),
  };
}

type Candidate = Searched & { readonly id: string };

function* candidates(
  { from, until, tags, senders }: Asked,
  page: readonly (Accepted & { readonly subaccount: string | null })[],
): Generator<Candidate> {
  for (const { messageId: id, recipient, subject, mail, subaccount, ...each } of page) {
    if (id === null || mail === null || idTime(id) < from || idTime(id) > until) continue;
    const { from: sender, templateSlug: template } = mail;
    if (tags.length > 0 && !each.tags.some((tag) => tags.includes(tag))) continue;
    if (senders.length > 0 && !senders.includes((sender ?? '').toLowerCase())) continue;
    const { tags: own, metadata } = each;
    const facts = {
      email: recipient ?? '',
      sender: sender ?? '',
      subject: subject ?? '',
      tags: own,
      metadata,
    };
    yield { id, ...facts, template, subaccount, state: '' };
  }
}

/** Newest first, page by page, until all mail of the time was looked at or the time of the call is over. */
async function* matching(caller: MandrillCaller, body: Body): AsyncGenerator<readonly Printed[]> {
  const { world, all } = caller;
  const asked = askedIn(caller, body);
  const { query, from, until } = asked;
  if (until < from) return;
  const nameOf = namesFor(caller);
  const began = performance.now();
  let cursor: string | null = null;
  do {
    const page: { readonly items: readonly Accepted[]; readonly next: string | null } =
      await world.native.call(all, 'GET /events', {
        query: { ...nativeQuery(asked), ...(cursor === null ? {} : { cursor }) },
      });
    const named = await Promise.all(
      page.items.map(async (item) => ({ ...item, subaccount: await nameOf(item.subaccountId) })),
    );
    // What becomes of a mail is known by its timeline alone.
    const found = [...candidates(asked, named)].filter((each) => query.asksState || query.matches(each));
    const shown = await findAll(
      caller,
      found.map(({ id }) => id),
    );
    yield found.flatMap((each) => {
      const message = shown.get(each.id);
      const printed = message === undefined ? null : print(caller, message, each.subaccount);
      return printed !== null && query.matches({ ...each, state: printed.state }) ? [printed] : [];
    });
    cursor = page.next;
  } while (cursor !== null && performance.now() - began < lookMs);
}

async function search(caller: MandrillCaller, body: Body): Promise<unknown> {
  const limit = Math.min(Math.max(whole(body, 'limit') ?? 100, 1), 1000);
  const found: Printed[] = [];
  for await (const page of matching(caller, body)) {
    found.push(...page);
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

const unsent: ReadonlySet<string> = new Set(['rejected', 'queued', 'scheduled', 'canceled']);

function countsOf({ state, opens, clicks }: Printed): Stats {
  const is = (...states: readonly string[]): number => Number(states.includes(state));
  return {
    sent: Number(!unsent.has(state)),
    hard_bounces: is('bounced'),
    soft_bounces: is('soft-bounced'),
    rejects: is('rejected'),
    complaints: is('spam'),
    unsubs: is('unsub'),
    opens,
    unique_opens: Number(opens > 0),
    clicks,
    unique_clicks: Number(clicks > 0),
  };
}

function sum(a: Stats, b: Stats): Stats {
  const added = Object.entries(a).map(([name, n]) => [name, n + b[name as keyof Stats]] as const);
  return Object.fromEntries(added) as Stats;
}

async function series(caller: MandrillCaller, body: Body): Promise<unknown> {
  const hours = new Map<number, Stats>();
  for await (const page of matching(caller, body))
    for (const message of page) {
      const counts = countsOf(message);
      const hour = Math.floor(message.ts / hourSeconds);
      const known = hours.get(hour);
      if (known !== undefined) hours.set(hour, sum(known, counts));
      else if (Object.values(counts).some((n) => n > 0)) hours.set(hour, counts);
    }
  return [...hours]
    .toSorted(([a], [b]) => a - b)
    .map(([hour, counts]) => ({
      time: timeText(new Date(hour * hourSeconds * 1000).toISOString()),
      ...counts,
    }));
}
