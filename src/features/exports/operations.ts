import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { instantMs } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import { parseAddress } from '../../mail/address.ts';
import type { Access } from '../access/index.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { bookAsked } from '../outbox/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { list as listEntries } from '../suppressions/index.ts';
import { makeLink, readLink } from './links.ts';
import type { Export, ExportForms, ExportQuery, ExportWish } from './model.ts';
import { columnsOf, fileNameOf, headerOf, rowsAfter } from './pages.ts';
import { expiresAt, kindsFor, stateAt, unfinishedMax } from './rules.ts';
import { countUnfinished, deleteExport, findExport, findOpen, insertExport, listExports } from './sql.ts';
import type { Seen } from './sql.ts';

/** What listing suppressions takes. */
export type ExportListWorld = Parameters<typeof listEntries>[0];

export type ExportWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly ring: Keyring;
  readonly access: Pick<Access, 'readerScope'>;
  readonly suppressions: ExportListWorld;
  readonly forms: ExportForms;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: () => string;
};

function seenBy({ reach, grants }: Scope): Seen {
  return { reachesAll: reach === 'account', kinds: kindsFor(grants) };
}

function checked({ forms }: ExportWorld, { form, query, notify }: ExportWish): string | null {
  const known = forms[form].messages.states;
  const strange = query.states?.find((state) => !known.includes(state));
  if (strange !== undefined) throw invalidField('states', 'known', `must be among ${known.join(', ')}`);
  const { from, until } = query;
  if (from !== undefined && until !== undefined && instantMs(until) < instantMs(from))
    throw invalidField('until', 'order', 'must not be before from');
  const address = notify === null ? null : parseAddress(notify);
  if (notify !== null && address === null) throw invalidField('notify', 'format', 'must be an address');
  return address === null ? null : address.text.toLowerCase();
}

/** Of everything that the scope reaches. It can be fetched once its rows are counted. */
export async function create(world: ExportWorld, scope: Scope, wish: ExportWish): Promise<Export> {
  const notify = checked(world, wish);
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    if ((await countUnfinished(tx, scope.subaccountId)) >= unfinishedMax)
      throw refuse('limit.reached', { message: `${unfinishedMax} exports are being made already` });
    if (notify !== null) await bookAsked(world.db, tx, scope, { purpose: 'export_ready', to: notify }, now);
    const made = await insertExport(tx, scope, { ...wish, query: plain(wish.query), notify }, now);
    await tell(tx, now, 'export.created', made);
    return made;
  });
}

/** Senders are compared in lower case. */
function plain(query: ExportQuery): ExportQuery {
  return query.senders === undefined
    ? query
    : { ...query, senders: query.senders.map((each) => each.toLowerCase()) };
}

export function list(
  world: ExportWorld,
  scope: Scope,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Export[]> {
  return world.db.scoped(scope, (tx) => listExports(tx, seenBy(scope), page));
}

export async function get(world: ExportWorld, scope: Scope, id: string): Promise<Export> {
  const found = await world.db.scoped(scope, (tx) => findExport(tx, seenBy(scope), id));
  if (found === null) throw refuse('not_found');
  return found;
}

export async function remove(world: ExportWorld, scope: Scope, id: string): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const gone = await deleteExport(tx, seenBy(scope), id);
    if (gone === null) throw refuse('not_found');
    await tell(tx, new Date(world.clock.now()), 'export.deleted', gone);
  });
}

/** Where the file is fetched, while it can be. */
export function urlOf({ ring, publicUrl, clock }: ExportWorld, found: Export): string | null {
  const end = expiresAt(found);
  if (end === null || stateAt(found, clock.now()) !== 'complete') return null;
  return `${publicUrl()}/export/${makeLink(ring, found.id, end)}`;
}

export type OpenedExport = {
  readonly fileName: string;
  readonly madeAt: Date;
  readonly lines: () => AsyncGenerator<string>;
};

/** What a link leads to; null: it is too old, was not made here, or its export or tenant is no more. */
export async function openExport(world: ExportWorld, token: string): Promise<OpenedExport | null> {
  const id = readLink(world.ring, token, world.clock.now());
  const found = id === null ? null : await findOpen(world.db.engine, id);
  if (found === null || stateAt(found, world.clock.now()) !== 'complete') return null;
  const lines = (): AsyncGenerator<string> => linesOf(world, found);
  return { fileName: fileNameOf(world, found), madeAt: found.createdAt, lines };
}

async function* linesOf(world: ExportWorld, found: Export): AsyncGenerator<string> {
  const scope = holderScope(world, found);
  const fields = await columnsOf(world, scope, found);
  yield headerOf(world, found, fields);
  for (let after: string | null = ''; after !== null;) {
    const { text, next } = await rowsAfter(world, scope, found, { after, fields });
    if (text !== '') yield text;
    after = next;
  }
}

/** Reads what the export covers: as much as who asked for it reached. */
export function holderScope(
  { access }: Pick<ExportWorld, 'access'>,
  { accountId, subaccountId, coversAccount }: Export,
): Scope {
  return access.readerScope({ accountId, subaccountId, reach: coversAccount ? 'account' : subaccountId });
}

export function tell(
  tx: Tx,
  now: Date,
  kind: Extract<EventKind, `export.${string}`>,
  { accountId, subaccountId, id, kind: of }: Export,
): Promise<void> {
  return append(tx, now, [{ accountId, subaccountId, kind, data: { exportId: id, of } }]);
}
