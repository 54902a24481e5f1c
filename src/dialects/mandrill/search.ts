/** Searching messages (contract, 4.5), and what came of those that are found by the hour in which they were sent. */
import { idRangeFor, idTime } from '../../base/ids.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { text, texts, whole } from './fields.ts';
import type { Body } from './fields.ts';
import type { Stats } from './figures.ts';
import { find, namesFor, print } from './messages.ts';
import { parseQuery } from './query.ts';
import type { NativeMessage, Printed } from './states.ts';
import { readTime, timeText } from './times.ts';
import { invalid } from './words.ts';

const query = 'email:ok.test';

export const searchCalls: readonly MandrillCall[] = [
  { call: 'messages/search', example: { query, limit: 10 }, run: search },
  { call: 'messages/search-time-series', example: { query }, run: series },
];

const dayMs = 86_400_000;
const hourSeconds = 3600;
const searchedMax = 5000;
const pageMax = 500;

function dayOf(body: Body, field: string): number | null {
  const given = text(body, field, 40);
  if (given === null || given === '') return null;
  const at = readTime(given);
  if (at === null) throw invalid({ [field]: 'Please enter a valid date/time' });
  // A day is meant with all of its hours.
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given.trim());
  return Date.parse(at) + (isDay && field === 'date_to' ? dayMs - 1 : 0);
}

/** Newest first, of those that a search looks at. */
async function* matching(caller: MandrillCaller, body: Body): AsyncGenerator<Printed> {
  const now = caller.world.now();
  const matches = parseQuery(text(body, 'query', 2000) ?? '*');
  const from = dayOf(body, 'date_from') ?? now - 7 * dayMs;
  const until = dayOf(body, 'date_to') ?? now;
  const tags = texts(body, 'tags') ?? [];
  const senders = (texts(body, 'senders') ?? []).map((each) => each.toLowerCase());
  const nameOf = namesFor(caller);
  const filter = tags.length === 1 ? { tag: tags[0] } : {};
  for await (const message of newestFirst(caller, { from, until, query: filter })) {
    if (tags.length > 0 && !message.tags.some((tag) => tags.includes(tag))) continue;
    if (senders.length > 0 && !senders.includes(message.from.toLowerCase())) continue;
    const shown = await find(caller, message.id);
    if (shown === null) continue;
    const subaccount = await nameOf(message.subaccountId);
    const printed = print(caller, shown, subaccount);
    const { to: email, from: sender, subject, metadata, templateSlug: template } = message;
    const { state } = printed;
    if (matches({ email, sender, subject, tags: message.tags, state, subaccount, template, metadata }))
      yield printed;
  }
}

async function search(caller: MandrillCaller, body: Body): Promise<unknown> {
  const limit = Math.min(Math.max(whole(body, 'limit') ?? 100, 1), 1000);
  const found: Printed[] = [];
  for await (const message of matching(caller, body)) {
    found.push(message);
    if (found.length >= limit) break;
  }
  return found;
}

/** Of a time, at most so many: what a search looks at. */
async function* newestFirst(
  { world, all }: MandrillCaller,
  asked: { readonly from: number; readonly until: number; readonly query: Readonly<Record<string, unknown>> },
): AsyncGenerator<NativeMessage> {
  if (asked.until < asked.from) return;
  let cursor: string | null = idRangeFor(0, asked.until + 1).to;
  for (let looked = 0; cursor !== null && looked < searchedMax; looked += pageMax) {
    const page: { readonly items: readonly NativeMessage[]; readonly next: string | null } =
      await world.native.call(all, 'GET /messages', { query: { ...asked.query, limit: pageMax, cursor } });
    for (const message of page.items) {
      if (idTime(message.id) < asked.from) return;
      yield message;
    }
    cursor = page.next;
  }
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
  for await (const message of matching(caller, body)) {
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
