/** Searching events, newest first (contract, section 9): `/events/message`, and its older form `/message-events`. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { eventOf, typeOfKind } from './event-words.ts';
import type { NativeEvent, PoolName } from './event-words.ts';
import { instantOf, listOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { poolsOf } from './pools.ts';
import { regionsOf } from './regions.ts';
import { pageLink, perPage } from './subaccounts.ts';
import { documented, madeTypes, sampleOf, sampleTypes } from './samples.ts';
import { tell } from './words.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Events looked at in one call; what is beyond is reached by the cursor, and not counted. */
const looksMax = 10_000;

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

type Test = (event: Fields) => boolean;

/** Keyword filters match whole words, the others the whole value. */
const words = ['subjects', 'reasons', 'campaigns', 'campaign_ids', 'sending_domains', 'templates'];
const exact: Readonly<Record<string, string>> = {
  events: 'type',
  event_ids: 'event_id',
  recipients: 'rcpt_to',
  recipient_domains: 'recipient_domain',
  bounce_classes: 'bounce_class',
  subjects: 'subject',
  campaigns: 'campaign_id',
  campaign_ids: 'campaign_id',
  from_addresses: 'friendly_from',
  friendly_froms: 'friendly_from',
  sending_domains: 'sending_domain',
  reasons: 'reason',
  messages: 'message_id',
  message_ids: 'message_id',
  transmissions: 'transmission_id',
  transmission_ids: 'transmission_id',
  templates: 'template_id',
  template_ids: 'template_id',
  ip_pools: 'ip_pool',
  sending_ips: 'sending_ip',
  mailbox_providers: 'mailbox_provider',
  mailbox_provider_regions: 'mailbox_provider_region',
};
/** Of A/B tests, which there are none of here: no event is of one. */
const ofNothing = ['ab_tests', 'ab_test_versions'];
function testsOf({ isPrimary }: SparkpostCaller, query: Call['query']): readonly Test[] {
  const { delimiter = ',' } = query;
  // Which pool mail leaves from is the account's to know: its words are not in a subaccount's events.
  if (!isPrimary && query['ip_pools'] !== undefined)
    throw tell(400, { message: 'ip_pools is not supported', param: 'ip_pools' });
  const tests = Object.entries(exact).flatMap(([name, field]): Test[] => {
    const wanted = listOf(query[name], delimiter)?.map((each) => each.toLowerCase());
    if (wanted === undefined) return [];
    const isKeyword = words.includes(name);
    return [(event) => wanted.some((each) => fits(textOf(event[field]), each, isKeyword))];
  });
  // A subaccount's key sees its own whatever it asks for.
  const owners = isPrimary ? listOf(query['subaccounts'], delimiter) : null;
  return owners === null
    ? tests
    : [...tests, (event) => owners.includes(textOf(event['subaccount_id']) || '0')];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

const separators = /[\s_.-]+/g;

function fits(value: string, wanted: string, isKeyword: boolean): boolean {
  return isKeyword
    ? ` ${value.replaceAll(separators, ' ')} `.includes(` ${wanted.replaceAll(separators, ' ')} `)
    : value === wanted;
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

/** Filters that the native search has, so that it looks nowhere else; null: nothing can fit. */
function narrowed({ query }: Call): Fields | null {
  const { delimiter = ',' } = query;
  if (ofNothing.some((name) => listOf(query[name], delimiter) !== null)) return null;
  const found: Record<string, readonly string[]> = {};
  for (const [name, native, lengthMax] of [
    ['from_addresses', 'senderAddress', 320],
    ['friendly_froms', 'senderAddress', 320],
    ['mailbox_providers', 'site', 253],
    ['sending_ips', 'source', 64],
  ] as const) {
    const wanted = listOf(query[name], delimiter)?.filter(({ length }) => length <= lengthMax);
    if (wanted?.length === 0) return null;
    if (wanted !== undefined && wanted.length <= 50) found[native] = wanted.map((each) => each.toLowerCase());
  }
  const regions = regionsOf(listOf(query['mailbox_provider_regions'], delimiter));
  return { ...found, ...(regions === null || regions.length === 0 ? {} : { region: [...new Set(regions)] }) };
}

type Found = { readonly event: Fields; readonly seq: string };

/** The matching ones from the cursor on, among the next looksMax; `isEnd`: there are no others. */
async function search(
  caller: SparkpostCaller,
  call: Call,
  usualMs: number,
  cursor: string | null,
): Promise<readonly Found[]> {
  const { world, account } = caller;
  const tests = testsOf(caller, call.query);
  const types = listOf(call.query['events'], call.query['delimiter'] ?? ',');
  const kinds = Object.keys(typeOfKind).filter(
    (kind) => types === null || types.includes(typeOfKind[kind] ?? ''),
  );
  const narrow = narrowed(call);
  if (kinds.length === 0 || narrow === null) return [];
  const query = {
    ...narrow,
    ...rangeOf(call, world.now(), usualMs),
    order: 'newest',
    limit: 500,
    kind: kinds,
  };
  const poolName = await poolNames(caller);
  const found: Found[] = [];
  let next = cursor;
  for (let looked = 0; looked < looksMax; looked += 500) {
    const page = await world.native.call<{ items: readonly NativeEvent[]; next: string | null }>(
      account,
      'GET /events',
      {
        query: { ...query, ...(next === null ? {} : { cursor: next }) },
      },
    );
    for (const each of page.items) {
      const event = eventOf(world.ids, Number(account.scope.accountId), caller.primaryId, each, poolName);
      if (event !== null && tests.every((test) => test(event))) found.push({ event, seq: each.seq });
    }
    next = page.next;
    if (next === null) break;
  }
  return found;
}

async function searchNew(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { query } = call;
  const size = perPage(query['per_page'], 1000, 10_000);
  const { cursor = 'initial' } = query;
  const match = /^(\d{1,19})\.(\d{1,9})$/.exec(cursor);
  if (cursor !== 'initial' && match === null) throw tell(400, { message: 'Invalid cursor', param: 'cursor' });
  const found = await search(caller, call, dayMs, match?.[1] ?? null);
  const before = Number(match?.[2] ?? 0);
  const page = found.slice(0, size);
  const last = found.length > size ? page.at(-1) : undefined;
  const next = last === undefined ? null : `${last.seq}.${before + size}`;
  const links = next === null ? {} : { next: pageLink('/api/v1/events/message', query, next) };
  const results = page.map(({ event }) => event);
  return { status: 200, body: { results, total_count: before + found.length, links } };
}

async function searchOld(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { query } = call;
  const size = perPage(query['per_page'], 1000, 10_000);
  const page = Number(query['page'] ?? '1');
  if (!Number.isSafeInteger(page) || page < 1)
    throw tell(400, { message: 'page must be a positive integer' });
  const found = await search(caller, call, hourMs, null);
  const results = found
    .slice((page - 1) * size, page * size)
    .map(({ event }) => ({ ...event, tdate: event['timestamp'] }));
  const href = (number: number): string =>
    `/sparkpost/api/v1/message-events?${new URLSearchParams({ ...query, page: String(number) }).toString()}`;
  const links = page * size < found.length ? [{ href: href(page + 1), rel: 'next' }] : [];
  return { status: 200, body: { results, total_count: found.length, links } };
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
