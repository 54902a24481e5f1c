/**
 * The rows of an export, page by page: each is read in a transaction of its own, so that neither memory nor a snapshot grows
 * with it. What came after the export was asked for is left out; what went since then is not there any more.
 */
import type { Database } from '../../base/database/database.ts';
import { cell } from '../../base/csv.ts';
import { idRangeFor } from '../../base/ids.ts';
import { instantMs } from '../../base/route.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { walkMessages } from '../messages/index.ts';
import { fieldNames } from '../metadata/index.ts';
import { everyEntry, list } from '../suppressions/index.ts';
import type { Suppression } from '../suppressions/index.ts';
import type { ExportListWorld } from './operations.ts';
import type { Export, ExportedMessage, ExportForms } from './model.ts';
import { historiesOf, namesOf, subaccountAfter } from './sql.ts';

const pageMax = 500;

export type RowPage = {
  readonly text: string;
  readonly rows: number;
  /** Where the next page begins; null: it was the last. */
  readonly next: string | null;
};
type RowWorld = {
  readonly db: Database;
  readonly forms: ExportForms;
  readonly suppressions: ExportListWorld;
};

/** Of messages every named field of metadata has a column; asked once for a file, so that its lines are of one length. */
export async function columnsOf(
  { db }: Pick<RowWorld, 'db'>,
  scope: Scope,
  { kind }: Export,
): Promise<readonly string[]> {
  return kind === 'messages' ? db.scoped(scope, fieldNames) : [];
}

export function rowsAfter(
  world: RowWorld,
  scope: Scope,
  asked: Export,
  { after, fields }: { readonly after: string; readonly fields: readonly string[] },
): Promise<RowPage> {
  return asked.kind === 'suppressions'
    ? entriesAfter(world, scope, asked, after)
    : messagesAfter(world, scope, asked, { after, fields });
}

export function headerOf(
  { forms }: Pick<RowWorld, 'forms'>,
  { form, kind }: Export,
  fields: readonly string[],
): string {
  return csvLine(forms[form][kind].header(fields));
}

export function fileNameOf({ forms }: Pick<RowWorld, 'forms'>, { form, kind, query }: Export): string {
  return forms[form][kind].fileName(query);
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

async function entriesAfter(
  { db, forms, suppressions }: RowWorld,
  scope: Scope,
  { query, form, createdAt }: Export,
  after: string,
): Promise<RowPage> {
  const filter = { ...everyEntry, until: createdAt };
  const page = await list(suppressions, scope, filter, { after: after === '' ? '0' : after, limit: pageMax });
  const { kinds, layers } = query;
  const wanted = page.filter(
    ({ address, kind, layer }: Suppression) =>
      // Of an erased person nobody could read it.
      address !== null && (kinds?.includes(kind) ?? true) && (layers?.includes(layer) ?? true),
  );
  const names = await db.scoped(scope, (tx) =>
    namesOf(tx, [...new Set(wanted.map(({ subaccountId }) => subaccountId))]),
  );
  const { cells } = forms[form].suppressions;
  const lines = wanted.map((entry) =>
    csvLine(cells({ ...entry, subaccount: names.get(entry.subaccountId) ?? null }, [])),
  );
  const next = page.length < pageMax ? null : (page.at(-1)?.id ?? null);
  return { text: lines.join(''), rows: lines.length, next };
}

/** `subaccount.message`: subaccount by subaccount, so that each page is a walk along one index. */
function placeOf(text: string): { readonly subaccountId: number; readonly messageId: string | null } {
  const [subaccount = '0', message = ''] = text.split('.');
  return {
    subaccountId: Number(subaccount === '' ? '0' : subaccount),
    messageId: message === '' ? null : message,
  };
}

async function messagesAfter(
  { db, forms }: RowWorld,
  scope: Scope,
  { query, form, createdAt }: Export,
  { after, fields }: { readonly after: string; readonly fields: readonly string[] },
): Promise<RowPage> {
  const { subaccountId, messageId } = placeOf(after);
  const only = onlySubaccount(scope.reach);
  const { stateOf, cells } = forms[form].messages;
  const end =
    query.until === undefined
      ? createdAt.getTime() + 1
      : Math.min(instantMs(query.until), createdAt.getTime() + 1);
  const begin = query.from === undefined ? 0 : Math.max(0, instantMs(query.from));
  if (end <= begin) return { text: '', rows: 0, next: null };
  const { from, to } = idRangeFor(begin, end);
  return db.scoped(scope, async (tx): Promise<RowPage> => {
    const current =
      messageId !== null
        ? (subaccountId as SubaccountId)
        : (only ?? (await subaccountAfter(tx, subaccountId)));
    if (current === null) return { text: '', rows: 0, next: null };
    const { tags = [], senders = [] } = query;
    const page = await walkMessages(tx, {
      subaccountId: current,
      after: messageId,
      from,
      to,
      tags,
      senders,
      limit: pageMax,
    });
    const [names, histories] = [
      await namesOf(tx, [current]),
      await historiesOf(
        tx,
        page.map(({ id }) => id),
      ),
    ];
    const messages = page.map((message): ExportedMessage => ({
      ...message,
      ...(histories.get(message.id) ?? { opens: 0, clicks: 0, timeline: [] }),
      subaccount: names.get(current) ?? null,
    }));
    const wanted =
      query.states === undefined
        ? messages
        : messages.filter((each) => query.states?.includes(stateOf(each)));
    const lines = wanted.map((each) => csvLine(cells(each, fields)));
    const last = page.length < pageMax ? undefined : page.at(-1)?.id;
    const next = last === undefined ? (only === null ? `${current}.` : null) : `${current}.${last}`;
    return { text: lines.join(''), rows: lines.length, next };
  });
}
