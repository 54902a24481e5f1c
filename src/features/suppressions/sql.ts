/** Look-ups of accept are a HOT PATH (engine role): one statement for the recipients of many submissions. */
import { sql } from 'kysely';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

export type SuppressionLayer = 'subaccount' | 'account';

export type Asked = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly addresses: readonly string[];
};

const findText = `/* suppressions.find */
select i.ord, i.address, x.layer
from unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::text[]) as i (ord, account_id, subaccount_id, address, form)
cross join lateral (
  select layer from suppressions s
  where s.subaccount_id = i.subaccount_id and s.layer = 'subaccount' and s.address = lower(i.form)
  union all
  select 'account' from subaccounts o join suppressions s on s.subaccount_id = o.id and s.layer = 'account'
  where o.account_id = i.account_id and o.is_own and s.address = lower(i.form)
  limit 1
) x`;

/**
 * Per question the addresses that must not be written to, with the layer (the narrower one when both). `erased`: what
 * would stand in the place of an address that was erased.
 */
export async function findSuppressed(
  connection: HotConnection,
  asked: readonly Asked[],
  erased: (accountId: AccountId, address: string) => readonly string[],
): Promise<readonly ReadonlyMap<string, SuppressionLayer>[]> {
  const columns: [number[], number[], number[], string[], string[]] = [[], [], [], [], []];
  for (const [ord, question] of asked.entries()) {
    for (const address of question.addresses) {
      for (const form of [address, ...erased(question.accountId, address)]) {
        columns[0].push(ord);
        columns[1].push(question.accountId);
        columns[2].push(question.subaccountId);
        columns[3].push(address);
        columns[4].push(form);
      }
    }
  }
  type Row = { ord: number; address: string; layer: SuppressionLayer };
  const result = await connection.query<Row>('suppressions.find', findText, columns);
  const found = asked.map(() => new Map<string, SuppressionLayer>());
  for (const row of result.rows) {
    if (row.layer === 'subaccount' || found[row.ord]?.has(row.address) !== true)
      found[row.ord]?.set(row.address, row.layer);
  }
  return found;
}

export type SuppressionRow = {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly address: string;
  readonly layer: SuppressionLayer;
  readonly kind: string;
  readonly source: string;
  readonly createdAt: Date;
};

type StoredRow = {
  id: string;
  subaccount_id: number;
  address: string;
  layer: SuppressionLayer;
  kind: string;
  source: string;
  created_at: Date;
};

/** What the transaction's scope sees, by id. */
export async function listSuppressions(
  tx: Tx,
  page: { subaccountId: SubaccountId | null; after: string; limit: number },
): Promise<readonly SuppressionRow[]> {
  const rows = await sql<StoredRow>`/* suppressions.list */
    select id, subaccount_id, address, layer, kind, source, created_at from suppressions where id > ${page.after}
      ${page.subaccountId === null ? sql`` : sql`and subaccount_id = ${page.subaccountId}`}
    order by id limit ${page.limit}`.execute(tx);
  return rows.rows.map((row) => ({
    id: row.id,
    subaccountId: row.subaccount_id as SubaccountId,
    address: row.address,
    layer: row.layer,
    kind: row.kind,
    source: row.source,
    createdAt: row.created_at,
  }));
}

/** Takes one entry off the list; what it was, null when the scope has no such entry. */
export async function removeSuppression(
  tx: Tx,
  id: string,
): Promise<{ subaccountId: SubaccountId; address: string; kind: string } | null> {
  const rows = await sql<{ subaccount_id: number; address: string; kind: string }>`/* suppressions.remove */
    delete from suppressions where id = ${id} returning subaccount_id, address, kind`.execute(tx);
  const row = rows.rows[0];
  return row === undefined
    ? null
    : { subaccountId: row.subaccount_id as SubaccountId, address: row.address, kind: row.kind };
}
