/**
 * The suppression list (contract, section 8): one per owner, the subaccount's own list of ours. Ours has an entry per address,
 * kind and list that may stop both kinds of mail; SparkPost has one per address, list and type.
 */
import type { Answer } from '../../base/route.ts';
import { parseAddress } from '../../mail/address.ts';
import { listKey } from '../../mail/list-id.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf, isObject } from './fields.ts';
import { countsOf, entriesOf, notFound, sourceOf, types } from './suppression-entries.ts';
import type { Type } from './suppression-entries.ts';
import { listAnswer } from './suppression-pages.ts';
import { tell } from './words.ts';

const path = '/api/v1/suppression-list';
const one = { params: { recipient: 'ann@ok.test' } };

export function suppressionRoutes(): readonly SparkpostRoute[] {
  const read = { method: 'GET', grant: 'suppressions:read' } as const;
  const write = { grant: 'suppressions:write', bodyLimitBytes: 52_428_800 } as const;
  const entry = { recipient: 'ann@ok.test', type: 'transactional' };
  return [
    { ...read, path, example: {}, run: listAnswer },
    { ...read, path: `${path}/summary`, example: {}, run: summary },
    { ...read, path: `${path}/:recipient`, example: one, run: listAnswer },
    { ...write, method: 'PUT', path, example: { body: { recipients: [entry] } }, run: putMany },
    { ...write, method: 'PUT', path: `${path}/:recipient`, example: { ...one, body: entry }, run: putOne },
    { ...write, method: 'DELETE', path: `${path}/:recipient`, example: one, run: remove },
  ];
}

async function summary(caller: SparkpostCaller): Promise<Answer> {
  const counts = await countsOf(caller, {});
  const results: Record<string, number> = {
    compliance: 0,
    manually_added: 0,
    unsubscribe_link: 0,
    bounce_rule: 0,
    list_unsubscribe: 0,
    spam_complaint: 0,
    total: 0,
  };
  for (const count of counts) {
    const name = sourceOf(count).toLowerCase().replaceAll(' ', '_');
    const entries = count.stopTransactional + count.stopBulk;
    results[name] = (results[name] ?? 0) + entries;
    results['total'] = (results['total'] ?? 0) + entries;
  }
  return { status: 200, body: { results } };
}

const entriesMax = 10_000;
const chunk = 1000;

type Wish = {
  readonly address: string;
  /** The list whose mail alone is stopped; empty: all mail. */
  readonly onlyList: string;
  readonly stops: ReadonlySet<Type>;
  readonly description: string;
};

async function putMany(caller: SparkpostCaller, { body }: Call): Promise<Answer> {
  const { recipients } = bodyOf(body);
  if (!Array.isArray(recipients) || recipients.length === 0)
    throw tell(400, { message: 'Must supply an array of recipients', param: 'recipients' });
  if (recipients.length > entriesMax)
    throw tell(400, { message: `PUT body contains more than ${entriesMax} recipients` });
  const read = recipients.map((each: unknown) => ({ given: each, wish: wishOf(each) }));
  const bad = read.filter(({ wish }) => wish === null).map(({ given }) => nameOf(given));
  if (bad.length > 0) {
    const message = `PUT body contains ${bad.length} invalid or malformed recipient(s): ${bad.join(', ')}`;
    throw tell(400, { message });
  }
  const wishes = read.flatMap(({ wish }) => (wish === null ? [] : [wish]));
  await put(caller, wishes);
  return { status: 200, body: { results: { message: 'Suppression List successfully updated' } } };
}

function nameOf(given: unknown): string {
  const name = isObject(given) ? (given['recipient'] ?? given['email']) : given;
  return typeof name === 'string' ? name : JSON.stringify(name ?? null);
}

/** `email` and the two booleans are the older spelling. */
function wishOf(given: unknown): Wish | null {
  if (!isObject(given)) return null;
  const { recipient = given['email'], type, description = '', list_id: list } = given;
  if (typeof recipient !== 'string' || typeof description !== 'string') return null;
  const address = parseAddress(recipient);
  const onlyList = listOf(list);
  const stops = typeof type === 'string' ? [type] : types.filter((each) => given[each] === true);
  const known = types.filter((each) => stops.includes(each));
  if (address === null || onlyList === null || known.length === 0 || known.length !== stops.length)
    return null;
  return {
    address: address.text.toLowerCase(),
    onlyList,
    stops: new Set(known),
    description: description.slice(0, 1000),
  };
}

/** Null: names no list. */
function listOf(given: unknown): string | null {
  if (given === undefined || given === null || given === '') return '';
  return typeof given === 'string' ? listKey(given) : null;
}

async function put({ world, one: asking }: SparkpostCaller, wishes: readonly Wish[]): Promise<void> {
  const byKey = Map.groupBy(wishes, ({ address, onlyList }) => `${address}\n${onlyList}`);
  const entries = [...byKey.values()].map((theirs) => ({
    address: theirs[0]?.address ?? '',
    onlyList: theirs[0]?.onlyList ?? '',
    kind: 'manual',
    stopsTransactional: theirs.some(({ stops }) => stops.has('transactional')),
    stopsBulk: theirs.some(({ stops }) => stops.has('non_transactional')),
    reason: theirs.at(-1)?.description ?? '',
  }));
  for (let at = 0; at < entries.length; at += chunk) {
    const body = { adds: true, entries: entries.slice(at, at + chunk) };
    await world.native.call(asking, 'POST /suppressions', { body });
  }
}

async function putOne(caller: SparkpostCaller, { params, body }: Call): Promise<Answer> {
  const fields = bodyOf(body);
  const hasBoolean = types.some((type) => fields[type] === true);
  const { type } = fields;
  if ((type === undefined || type === '') && !hasBoolean)
    throw tell(400, { message: 'Must supply a suppression type' });
  if (type !== undefined && !types.includes(type as Type))
    throw tell(400, { message: "Type must be one of: 'transactional', 'non_transactional'" });
  if (listOf(fields['list_id']) === null)
    throw tell(400, { message: 'list_id must be the id of a list', param: 'list_id' });
  const wish = wishOf({ ...fields, recipient: params['recipient'] });
  if (wish === null)
    throw tell(400, { message: 'Recipient must be a valid email address', param: 'recipient' });
  await put(caller, [wish]);
  return { status: 200, body: { results: { message: 'Suppression list successfully updated' } } };
}

/**
 * Of one type, or of both; of one list, of none (empty), or of all. What stops the other type as well goes on doing that.
 */
async function remove(caller: SparkpostCaller, { params, query, body }: Call): Promise<Answer> {
  const type = bodyOf(body)['type'] ?? query['type'];
  if (type !== undefined && !types.includes(type as Type))
    throw tell(400, { message: "Type must be one of: 'transactional', 'non_transactional'" });
  const found = await entriesOf(caller, caller.one, params['recipient'] ?? '');
  const list = query['list_id'];
  const onlyList = list === undefined ? null : (listOf(list) ?? list);
  const ofList = found.filter((entry) => onlyList === null || entry.onlyList === onlyList);
  const stopping = ofList.filter((entry) =>
    type === undefined ? true : type === 'transactional' ? entry.stopsTransactional : entry.stopsBulk,
  );
  if (stopping.length === 0) throw notFound();
  for (const { id, stopsTransactional, stopsBulk } of stopping) {
    if (type !== undefined && stopsTransactional && stopsBulk) {
      const change = type === 'transactional' ? { stopsTransactional: false } : { stopsBulk: false };
      await caller.world.native.call(caller.one, 'PATCH /suppressions/:id', { params: { id }, body: change });
    } else await caller.world.native.call(caller.one, 'DELETE /suppressions/:id', { params: { id } });
  }
  return { status: 204 };
}
