import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { slugOf } from '../templates/index.ts';
import type {
  CountedList,
  FileFormat,
  List,
  ListNames,
  ListRecipient,
  ListWish,
  ListWorld,
  NewRecipient,
  PutMode,
  PutReport,
  ReadRecipient,
  Values,
} from './model.ts';
import { readFile, row } from './rows.ts';
import { listsMax, readRecipient, recipientsMax, sizeBytesMax, sorted } from './rules.ts';
import {
  countLists,
  deleteList,
  deleteRecipient,
  findList,
  findRecipient,
  findUsable,
  insertList,
  keepOnly,
  listLists,
  listRecipients,
  lockList,
  measure,
  putRecipients,
  updateList,
  updateRecipient,
} from './sql.ts';
import type { ListPage } from './sql.ts';

export type ListInput = Pick<ListNames, 'name'> & Partial<Omit<ListNames, 'name'>>;

/** A new one of the scope's subaccount, with what of `recipients` is good. */
export async function create(
  { db, clock }: ListWorld,
  scope: Scope,
  input: ListInput,
  recipients: readonly Values[],
): Promise<{ readonly list: CountedList; readonly report: PutReport }> {
  const now = new Date(clock.now());
  return db.scoped(scope, async (tx) => {
    const list = await make(tx, scope, input, now);
    const report = await put(tx, list, asRead(recipients), 'merge', now);
    await tell(tx, now, list, 'created');
    return { list: { ...list, recipients: report.added }, report };
  });
}

async function make(
  tx: Tx,
  owner: Pick<List, 'accountId' | 'subaccountId'>,
  { name, slug = slugOf(name, 'list'), description = '', attributes = {} }: ListInput,
  now: Date,
): Promise<List> {
  if ((await countLists(tx, owner.subaccountId)) >= listsMax)
    throw refuse('limit.reached', { message: `A subaccount has at most ${listsMax} lists` });
  const list = await insertList(tx, owner, { name, slug, description, attributes }, now);
  if (list === null) throw taken(slug);
  return list;
}

export async function list(
  { db }: ListWorld,
  scope: Scope,
  page: Omit<ListPage, 'subaccountId'>,
): Promise<readonly CountedList[]> {
  return db.scoped(scope, (tx) => listLists(tx, { ...page, subaccountId: onlySubaccount(scope.reach) }));
}

export async function get({ db }: ListWorld, scope: Scope, id: string): Promise<CountedList> {
  return db.scoped(scope, (tx) => seen(tx, id));
}

export async function change(
  { db, clock }: ListWorld,
  scope: Scope,
  id: string,
  names: Partial<ListNames>,
): Promise<CountedList> {
  const now = new Date(clock.now());
  return db.scoped(scope, async (tx) => {
    const before = await held(tx, id);
    const changed = await updateList(tx, { ...before, ...names }, now);
    if (changed === null) throw taken(names.slug ?? before.slug);
    await tell(tx, now, changed, 'changed');
    return seen(tx, id);
  });
}

export async function remove({ db, clock }: ListWorld, scope: Scope, id: string): Promise<void> {
  const now = new Date(clock.now());
  await db.scoped(scope, async (tx) => {
    const list = await held(tx, id);
    await deleteList(tx, id);
    await tell(tx, now, list, 'deleted');
  });
}

/** What is good of the given is in the list afterwards, or, beyond its bounds, nothing of it. */
export async function putAll(
  world: ListWorld,
  scope: Scope,
  id: string,
  recipients: readonly Values[],
  mode: PutMode,
): Promise<PutReport> {
  return putRead(world, scope, id, asRead(recipients), mode);
}

/** As `putAll`, from a file; a body that ends early changes nothing. */
export async function importFile(
  world: ListWorld,
  scope: Scope,
  id: string,
  file: { readonly format: FileFormat; readonly mode: PutMode; readonly body: AsyncIterable<Buffer> },
): Promise<PutReport> {
  // Known first: whose list it is not learns nothing from its file.
  await get(world, scope, id);
  return putRead(world, scope, id, await readFile(file.format, file.body), file.mode);
}

async function putRead(
  { db, clock }: ListWorld,
  scope: Scope,
  id: string,
  read: readonly ReadRecipient[],
  mode: PutMode,
): Promise<PutReport> {
  const now = new Date(clock.now());
  return db.scoped(scope, async (tx) => {
    const list = await held(tx, id);
    const report = await put(tx, list, read, mode, now);
    await moved(tx, list, now);
    return report;
  });
}

async function put(
  tx: Tx,
  list: List,
  read: readonly ReadRecipient[],
  mode: PutMode,
  now: Date,
): Promise<PutReport> {
  const { good, bad, badLines } = sorted(read);
  if (mode === 'replace') {
    const addresses = good.map(({ address }) => address.toLowerCase());
    await keepOnly(tx, list.id, addresses);
  }
  const counts = good.length === 0 ? { added: 0, changed: 0 } : await putRecipients(tx, list, good, now);
  await checkBounds(tx, list.id);
  return { read: read.length, ...counts, bad, badLines };
}

async function checkBounds(tx: Tx, listId: string): Promise<void> {
  const { recipients, bytes } = await measure(tx, listId);
  if (recipients > recipientsMax)
    throw refuse('limit.reached', { message: `A list holds at most ${recipientsMax} recipients` });
  if (bytes > sizeBytesMax)
    throw refuse('limit.reached', { message: `A list holds at most ${sizeBytesMax} bytes` });
}

export async function recipients(
  { db }: ListWorld,
  scope: Scope,
  id: string,
  page: Parameters<typeof listRecipients>[2],
): Promise<readonly ListRecipient[]> {
  return db.scoped(scope, async (tx) => listRecipients(tx, (await seen(tx, id)).id, page));
}

export async function changeRecipient(
  { db, clock }: ListWorld,
  scope: Scope,
  listId: string,
  id: string,
  given: Values,
): Promise<ListRecipient> {
  const now = new Date(clock.now());
  return db.scoped(scope, async (tx) => {
    const list = await held(tx, listId);
    const before = await findRecipient(tx, listId, id);
    if (before === null) throw refuse('not_found');
    const read = readRecipient({ ...before, ...given });
    if ('rule' in read) throw invalidField(read.field, read.rule, read.message);
    const changed = { ...before, ...read };
    if (!(await updateRecipient(tx, changed)))
      throw refuse('conflict.exists', { message: 'The address stands in the list already' });
    await checkBounds(tx, listId);
    await moved(tx, list, now);
    return changed;
  });
}

export async function removeRecipient(
  { db, clock }: ListWorld,
  scope: Scope,
  listId: string,
  id: string,
): Promise<void> {
  const now = new Date(clock.now());
  await db.scoped(scope, async (tx) => {
    const list = await held(tx, listId);
    if (!(await deleteRecipient(tx, listId, id))) throw refuse('not_found');
    await moved(tx, list, now);
  });
}

/** Whom a mail to a list of the scope's subaccount goes to, in the order in which they came into it. */
export async function recipientsFor(
  { db }: Pick<ListWorld, 'db'>,
  scope: Scope,
  { id, slug }: ListWish,
): Promise<readonly NewRecipient[]> {
  if ((id === undefined) === (slug === undefined))
    throw invalidField('list', 'exclusive', 'must have either id or slug');
  const found = await db.scoped(scope, async (tx) => {
    const list = await findUsable(tx, scope, { id, slug });
    if (list === null) throw refuse('not_found');
    return listRecipients(tx, list.id, { after: '0', limit: recipientsMax, address: null });
  });
  if (found.length === 0) throw invalidField('list', 'minItems', 'has no recipients');
  return found;
}

/** Within a transaction of the caller's: one that comes from elsewhere, without its recipients. */
export async function bringIn(
  { clock }: Pick<ListWorld, 'clock'>,
  tx: Tx,
  owner: Pick<List, 'accountId' | 'subaccountId'>,
  names: ListNames,
): Promise<void> {
  const now = new Date(clock.now());
  await tell(tx, now, await make(tx, owner, names, now), 'created');
}

/** Recipients of a list that was brought in before; false when there is no such list. */
export async function bringRecipients(
  { clock }: Pick<ListWorld, 'clock'>,
  tx: Tx,
  subaccountId: List['subaccountId'],
  slug: string,
  recipients: readonly NewRecipient[],
): Promise<boolean> {
  const list = await findUsable(tx, { reach: subaccountId, subaccountId }, { slug });
  if (list === null) return false;
  await putRecipients(tx, list, recipients, new Date(clock.now()));
  await checkBounds(tx, list.id);
  return true;
}

function asRead(recipients: readonly Values[]): readonly ReadRecipient[] {
  return recipients.map((given, index) => row(index + 1, given));
}

async function seen(tx: Tx, id: string): Promise<CountedList> {
  const list = await findList(tx, id);
  if (list === null) throw refuse('not_found');
  return list;
}

async function held(tx: Tx, id: string): Promise<List> {
  const list = await lockList(tx, id);
  if (list === null) throw refuse('not_found');
  return list;
}

/** Its recipients are others now: the list's own row says so, and the audit with it. */
async function moved(tx: Tx, list: List, now: Date): Promise<void> {
  await updateList(tx, list, now);
  await tell(tx, now, list, 'changed');
}

function taken(slug: string): Error {
  return refuse('conflict.exists', { message: `There is a list with the slug ${slug} already` });
}

function tell(tx: Tx, at: Date, list: List, news: 'created' | 'changed' | 'deleted'): Promise<unknown> {
  const { accountId, subaccountId, id, slug } = list;
  return append(tx, at, [{ accountId, subaccountId, kind: `list.${news}`, data: { listId: id, slug } }]);
}
