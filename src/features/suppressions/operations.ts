import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { ErasedForms } from './look-up.ts';
import type { Fault, Hit, Kind, Layer, LookUp, MailOf, NewEntry, Owner, Suppression, Told } from './model.ts';
import {
  addressKey,
  boundData,
  entryAddress,
  hitOf,
  oneLine,
  senderKey,
  patternsMax,
  settled,
  stopsFault,
  toEntry,
} from './rules.ts';
import type { Given } from './rules.ts';
import {
  countSuppressions,
  dropExpired,
  findSuppression,
  listSuppressions,
  lockPatterns,
  putEntries,
  removeForms,
  removeSuppression,
  updateSuppression,
} from './sql.ts';
import { putAutomatic } from './sql-automatic.ts';
import type { Added, Automatic } from './sql-automatic.ts';
import { putSoftBounce } from './sql-soft.ts';
import type { Change, EntryCount, Filter, Put, Within } from './sql.ts';

export type SuppressionWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly erasedForms: ErasedForms;
};

/** The one list that a scope sees, or null: then row security alone decides. */
export function withinOf(scope: Scope): Within {
  return onlySubaccount(scope.reach);
}

/**
 * Whose list a call writes to. Without a layer the list of the subaccount in whose name the call is made; the account's is
 * for those who reach the whole account, the installation's for its operator.
 */
export function ownerFor(scope: Scope, layer: Layer = 'subaccount'): Owner {
  const isAllowed =
    layer === 'subaccount' ||
    (scope.reach === 'account' && (layer === 'account' || scope.actor.kind === 'system'));
  if (!isAllowed) throw invalidField('layer', 'scope', `is not one that this credential writes: ${layer}`);
  return { accountId: scope.accountId, subaccountId: scope.subaccountId, layer };
}

export type ListQuery = Omit<Filter, 'within'>;

/** What a list is narrowed to when nothing is asked. */
export const everyEntry: ListQuery = {
  prefix: null,
  domain: null,
  search: null,
  kind: null,
  layer: null,
  onlyList: null,
  onlySender: null,
  includeExpired: false,
  since: null,
  until: null,
  updatedSince: null,
  updatedUntil: null,
};

export function list(
  { db, clock }: SuppressionWorld,
  scope: Scope,
  filter: ListQuery,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Suppression[]> {
  const now = new Date(clock.now());
  return db.scoped(scope, (tx) =>
    listSuppressions(tx, { ...filter, within: withinOf(scope) }, { ...page, now }),
  );
}

export function count(
  { db, clock }: SuppressionWorld,
  scope: Scope,
  filter: ListQuery,
): Promise<readonly EntryCount[]> {
  const now = new Date(clock.now());
  return db.scoped(scope, (tx) => countSuppressions(tx, { ...filter, within: withinOf(scope) }, now));
}

export async function get(world: SuppressionWorld, scope: Scope, id: string): Promise<Suppression> {
  const found = await world.db.scoped(scope, (tx) => findSuppression(tx, id, withinOf(scope), false));
  if (found === null) throw refuse('not_found');
  return found;
}

/** Puts entries on one list, all or none; those that are there are changed. In the order of their addresses. */
export async function put(
  { db, clock }: SuppressionWorld,
  scope: Scope,
  input: { readonly layer?: Layer; readonly adds?: boolean; readonly entries: readonly Given[] },
): Promise<readonly Put[]> {
  const owner = ownerFor(scope, input.layer);
  const entries = settled(checked(input.entries));
  const now = new Date(clock.now());
  const source = scope.actor.kind === 'system' ? 'operator' : 'api';
  return db.scoped(scope, async (tx) => {
    const { over } = await withinPatterns(tx, owner, entries, now);
    if (over.length > 0)
      throw refuse('limit.reached', { message: `A list has at most ${patternsMax} patterns` });
    await dropExpired(tx, owner, entries, now);
    const stored = await putEntries(tx, owner, entries, { source, now, adds: input.adds ?? false });
    await append(
      tx,
      now,
      stored.map((entry) => event(scope, entry, entry.isNew ? 'suppression.added' : 'suppression.changed')),
    );
    return stored;
  });
}

const faultsMax = 20;

function checked(given: readonly Given[]): readonly NewEntry[] {
  const faults: Fault[] = [];
  const entries: NewEntry[] = [];
  for (const [index, each] of given.entries()) {
    const entry = toEntry(each);
    if ('rule' in entry) faults.push({ ...entry, field: `entries[${index}].${entry.field}` });
    else entries.push(entry);
  }
  const [first] = faults;
  if (first === undefined) return entries;
  throw refuse('request.invalid', {
    message: `${first.field} ${first.message}`,
    errors: faults.slice(0, faultsMax),
  });
}

/** Splits entries by the limit of patterns, in their order; nobody else adds patterns to the list meanwhile. */
export async function withinPatterns<T extends { readonly address: string; readonly kind: Kind }>(
  tx: Tx,
  owner: Owner,
  entries: readonly T[],
  now: Date,
): Promise<{ readonly within: readonly T[]; readonly over: readonly T[] }> {
  if (entries.every(({ kind }) => kind !== 'pattern')) return { within: entries, over: [] };
  const known = new Set(await lockPatterns(tx, owner, now));
  const over: T[] = [];
  const within = entries.filter((entry) => {
    if (entry.kind !== 'pattern' || known.has(entry.address)) return true;
    if (known.size < patternsMax) {
      known.add(entry.address);
      return true;
    }
    over.push(entry);
    return false;
  });
  return { within, over };
}

/** Changes what was given. */
export async function change(
  { db, clock }: SuppressionWorld,
  scope: Scope,
  id: string,
  input: Partial<Change>,
): Promise<Suppression> {
  return db.scoped(scope, async (tx) => {
    const found = await findSuppression(tx, id, withinOf(scope), true);
    if (found === null) throw refuse('not_found');
    const changed: Suppression = { ...found, ...input, updatedAt: new Date(clock.now()) };
    const fault = stopsFault(found.kind, changed.stopsTransactional, changed.stopsBulk);
    if (fault !== null) throw invalidField(fault.field, fault.rule, fault.message);
    await updateSuppression(tx, id, changed, changed.updatedAt);
    await append(tx, changed.updatedAt, [event(scope, changed, 'suppression.changed')]);
    return changed;
  });
}

export async function remove({ db, clock }: SuppressionWorld, scope: Scope, id: string): Promise<void> {
  await db.scoped(scope, async (tx) => {
    const removed = await removeSuppression(tx, id, withinOf(scope));
    if (removed === null) throw refuse('not_found');
    await append(tx, new Date(clock.now()), [event(scope, removed, 'suppression.removed')]);
  });
}

/**
 * Takes an address off one list, of one kind or of all; what is left of it when the person was erased goes too. How many
 * entries went; none is no error.
 */
export async function removeAddress(
  { db, clock, erasedForms }: SuppressionWorld,
  scope: Scope,
  input: {
    readonly address: string;
    readonly kind: Kind | null;
    readonly layer?: Layer;
    /** Empty: those that are bound to none; left out: any. */
    readonly onlySender?: string;
  },
): Promise<number> {
  const owner = ownerFor(scope, input.layer);
  const { kind, onlySender = null } = input;
  const forms = formsOf(input.address, input.kind, erasedForms);
  return db.scoped(scope, async (tx) => {
    const removed = await removeForms(tx, owner, forms, { kind, onlySender });
    await append(
      tx,
      new Date(clock.now()),
      removed.map((entry) => event(scope, entry, 'suppression.removed')),
    );
    return removed.length;
  });
}

function formsOf(text: string, kind: Kind | null, erasedForms: ErasedForms): readonly string[] {
  const address = entryAddress('manual', text);
  if ('address' in address) return [address.address, ...erasedForms(address.address)];
  const pattern = kind === null || kind === 'pattern' ? entryAddress('pattern', text) : address;
  if ('address' in pattern) return [pattern.address];
  throw invalidField('address', pattern.rule, pattern.message);
}

/** The event of a list is told where the list lies; an erased person's says no address. */
function event(scope: Scope, entry: Suppression, kind: EventKind): NewEvent {
  const { address, layer, id, expiresAt } = entry;
  const until = expiresAt === null ? {} : { expiresAt: expiresAt.toISOString() };
  return {
    accountId: scope.accountId,
    subaccountId: entry.subaccountId,
    kind,
    data: { id, address, kind: entry.kind, layer, ...boundData(entry.onlySender), ...until },
  };
}

/** Whether a subaccount may write to an address, for each lane. */
export type Answer = { readonly transactional: Told | null; readonly bulk: Told | null };

/** Asks for the subaccount in whose name the call is made, as accept does; of mail of a list and sender, or of none. */
export async function check(lookUp: LookUp, scope: Scope, text: string, mail: MailOf): Promise<Answer> {
  const found = entryAddress('manual', text);
  if (!('address' in found)) throw invalidField('address', found.rule, found.message);
  const { address } = found;
  const ask = async (lane: 0 | 1): Promise<Told | null> => {
    const { accountId, subaccountId } = scope;
    const hit = hitOf(await lookUp({ accountId, subaccountId, addresses: [address], lane }), address, mail);
    return hit === null ? null : toldTo(scope, hit);
  };
  const [transactional, bulk] = await Promise.all([ask(0), ask(1)]);
  return { transactional, bulk };
}

/** The cause only inside the caller's own scope: the account's list is the account's own. */
function toldTo(scope: Scope, { layer, kind }: Hit): Told {
  const isOwn = layer === 'subaccount' || (layer === 'account' && scope.reach === 'account');
  return isOwn ? { layer, kind } : { layer };
}

export type Report = Omit<Automatic, 'stopsTransactional' | 'senderKey'> & {
  /** Of an unsubscribe: it came by transactional mail. */
  readonly stopsTransactional?: boolean;
};

/**
 * Engine, for features that hear of complaints, unsubscribes and late bounces: each enters the list of its subaccount, with
 * its event and those of the caller in the same transaction, of which this must be the last call. An unsubscribe stops mail in
 * bulk, and transactional mail where it came by such; where the settings say so, only of the sender that it came from. Addresses are taken as they are in the message, texts as one line, cut where they are too long.
 */
export async function addFromReports(
  tx: Tx,
  now: Date,
  reports: readonly Report[],
  events: readonly NewEvent[] = [],
): Promise<void> {
  const entries = reports.map((report) => ({
    ...report,
    address: addressKey(report.address),
    reason: oneLine(report.reason, 1000),
    sender: oneLine(report.sender, 320),
    senderKey: senderKey(report.sender) ?? '',
    list: oneLine(report.list, 200),
    stopsTransactional: report.kind !== 'unsubscribe' || report.stopsTransactional === true,
  }));
  const added = entries.length === 0 ? [] : await putAutomatic(tx, entries, now);
  await append(tx, now, [...events, ...added.flatMap((each) => eventOfReport(entries, each))]);
}

/** Counts a soft bounce that was reported later; the event of the address's being put on hold when that follows. */
export async function addSoftBounce(
  tx: Tx,
  bounce: {
    readonly accountId: AccountId;
    readonly subaccountId: SubaccountId;
    readonly messageId: string;
    readonly submissionId: string;
    readonly address: string;
    readonly at: Date;
  },
): Promise<readonly NewEvent[]> {
  const address = addressKey(bounce.address);
  const until = await putSoftBounce(tx, { ...bounce, address });
  if (until === null) return [];
  const { accountId, subaccountId, messageId, submissionId } = bounce;
  const data = { address, kind: 'on_hold', layer: 'subaccount', expiresAt: until.toISOString() };
  return [{ accountId, subaccountId, messageId, submissionId, kind: 'suppression.added', data }];
}

function eventOfReport(
  reports: readonly Automatic[],
  { subaccountId, address, kind, onlySender, expiresAt }: Added,
): NewEvent[] {
  const report = reports.find(
    (each) =>
      each.subaccountId === subaccountId &&
      each.address === address &&
      each.kind === kind &&
      (onlySender === '' || each.senderKey === onlySender),
  );
  if (report === undefined) return [];
  const { accountId, messageId, submissionId } = report;
  const until = expiresAt === null ? {} : { expiresAt: expiresAt.toISOString() };
  return [
    {
      accountId,
      subaccountId: report.subaccountId,
      ...(messageId === null ? {} : { messageId }),
      ...(submissionId === null ? {} : { submissionId }),
      kind: 'suppression.added',
      data: { address, kind, layer: 'subaccount', ...boundData(onlySender), ...until },
    },
  ];
}
