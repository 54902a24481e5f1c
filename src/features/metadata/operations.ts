import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { reaches } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { findMessage } from '../messages/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { fieldsMax } from './model.ts';
import type { MetadataField } from './model.ts';
import {
  countFields,
  deleteField,
  fieldsFor,
  findField,
  insertField,
  listFields,
  updateField,
} from './sql.ts';
import { plainValue, viewFault, viewOf } from './views.ts';

export type FieldWorld = { readonly db: Database; readonly clock: Clock };

function checked(viewTemplate: string): void {
  const fault = viewFault(viewTemplate);
  if (fault !== null) throw invalidField('viewTemplate', 'template', fault);
}

/** The account's own are for all of its subaccounts. */
export async function create(
  { db, clock }: FieldWorld,
  scope: Scope,
  wish: Pick<MetadataField, 'name' | 'viewTemplate'>,
): Promise<MetadataField> {
  checked(wish.viewTemplate);
  const now = new Date(clock.now());
  return db.scoped(scope, async (tx) => {
    if ((await countFields(tx, scope.subaccountId)) >= fieldsMax)
      throw refuse('limit.reached', { message: `There are ${fieldsMax} metadata fields already` });
    const made = await insertField(tx, scope, wish, now);
    if (made === null)
      throw refuse('conflict.exists', { message: `There is a metadata field ${wish.name} already` });
    await tell(tx, scope, now, 'metadata.created', made);
    return made;
  });
}

export function list(
  { db }: FieldWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly MetadataField[]> {
  return db.scoped(scope, (tx) => listFields(tx, page));
}

/** One that the scope holds; of a shared one nothing is changed by who only sees it. */
async function held(tx: Tx, scope: Scope, id: string): Promise<MetadataField> {
  const found = await findField(tx, id);
  if (found === null || !reaches(scope.reach, found.subaccountId)) throw refuse('not_found');
  return found;
}

export async function change(
  { db, clock }: FieldWorld,
  scope: Scope,
  id: string,
  viewTemplate: string,
): Promise<MetadataField> {
  checked(viewTemplate);
  return db.scoped(scope, async (tx) => {
    const found = await held(tx, scope, id);
    await updateField(tx, id, viewTemplate);
    await tell(tx, scope, new Date(clock.now()), 'metadata.changed', found);
    return { ...found, viewTemplate };
  });
}

export async function remove({ db, clock }: FieldWorld, scope: Scope, id: string): Promise<void> {
  await db.scoped(scope, async (tx) => {
    const found = await held(tx, scope, id);
    await deleteField(tx, id);
    await tell(tx, scope, new Date(clock.now()), 'metadata.deleted', found);
  });
}

function tell(
  tx: Tx,
  { accountId }: Scope,
  now: Date,
  kind: Extract<EventKind, `metadata.${string}`>,
  { subaccountId, id, name }: MetadataField,
): Promise<void> {
  return append(tx, now, [{ accountId, subaccountId, kind, data: { fieldId: id, name } }]);
}

export type ShownValue = { readonly name: string; readonly value: string; readonly view: string | null };

/** What a message carries in the fields that hold for its subaccount. */
export async function shown(
  { db }: FieldWorld,
  scope: Scope,
  messageId: string,
): Promise<readonly ShownValue[]> {
  return db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, messageId);
    if (message === null) throw refuse('not_found');
    const { metadata } = message;
    const fields = (await fieldsFor(tx, message.subaccountId)).filter(({ name }) =>
      Object.hasOwn(metadata, name),
    );
    return fields.map((field) => ({
      name: field.name,
      value: plainValue(metadata[field.name]),
      view: viewOf(field, metadata),
    }));
  });
}

/** Names of all fields that the transaction sees, each once. */
export async function fieldNames(tx: Tx): Promise<readonly string[]> {
  const fields = await listFields(tx, { after: '0', limit: 1000 });
  return [...new Set(fields.map(({ name }) => name))];
}
