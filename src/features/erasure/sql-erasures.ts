import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId, Reach } from '../../base/scope.ts';
import type { Counts, Erasure, Job, Progress } from './model.ts';

type Row = {
  id: string;
  account_id: number;
  subaccount_id: number;
  reach: string;
  state: string;
  counts: Counts;
  created_at: Date;
  finished_at: Date | null;
};

const columns = sql`id, account_id, subaccount_id, reach, state, counts, created_at, finished_at`;

function toErasure(row: Row): Erasure {
  return {
    id: row.id,
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    reach: row.reach as Erasure['reach'],
    state: row.state as Erasure['state'],
    counts: row.counts,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

/** The id of the next erasure: its sealed address is bound to it. */
export async function nextErasureId(tx: Tx): Promise<string> {
  const rows = await sql<{ id: string }>`/* erasure.next_id */ select nextval('object_ids') as id`.execute(
    tx,
  );
  return rows.rows[0]?.id ?? '';
}

export async function insertErasure(
  tx: Tx,
  erasure: Pick<Erasure, 'id' | 'accountId' | 'subaccountId' | 'reach'> & { readonly sealedAddress: Buffer },
  now: Date,
): Promise<Erasure> {
  const rows = await sql<Row>`/* erasure.insert */
    insert into erasures (account_id, subaccount_id, id, reach, sealed_address, created_at)
    values (${erasure.accountId}, ${erasure.subaccountId}, ${erasure.id}, ${erasure.reach}, ${erasure.sealedAddress}, ${now})
    returning ${columns}`.execute(tx);
  const row = rows.rows[0];
  if (row === undefined) throw new Error('an erasure was not stored');
  return toErasure(row);
}

/** Row security says whose; an erasure of the whole account is not its own subaccount's business, as its keys are not. */
const withinReach = (reach: Reach) =>
  reach === 'account'
    ? sql`true`
    : typeof reach === 'number'
      ? sql`subaccount_id = ${reach} and reach = 'subaccount'`
      : sql`reach = 'subaccount'`;

/** Newest first, under the transaction's scope. */
export async function listErasures(
  tx: Tx,
  reach: Reach,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly Erasure[]> {
  const rows = await sql<Row>`/* erasure.list */
    select ${columns} from erasures where ${withinReach(reach)}
      ${page.before === null ? sql`` : sql`and id < ${page.before}`}
    order by id desc limit ${page.limit}`.execute(tx);
  return rows.rows.map(toErasure);
}

export async function findErasure(tx: Tx, reach: Reach, id: string): Promise<Erasure | null> {
  const rows = await sql<Row>`/* erasure.find */
    select ${columns} from erasures where id = ${id} and ${withinReach(reach)}`.execute(tx);
  const row = rows.rows[0];
  return row === undefined ? null : toErasure(row);
}

/** Engine: the next job after `after` that no other node has in hand; this transaction's until it ends. */
export async function claimJob(tx: Tx, after: string): Promise<Job | null> {
  const rows = await sql<Row & { sealed_address: Buffer; progress: Partial<Progress> }>`/* erasure.claim */
    select ${columns}, sealed_address, progress from erasures where state <> 'done' and id > ${after}
    order by id limit 1 for update skip locked`.execute(tx);
  const row = rows.rows[0];
  if (row === undefined) return null;
  const { step = 0, subaccountId = 0, key = '', notBefore = 0 } = row.progress;
  const progress = { step, subaccountId, key, notBefore };
  return { ...toErasure(row), sealedAddress: row.sealed_address, progress };
}

/** Engine: how far the job is; adds to its counts. */
export async function saveProgress(tx: Tx, id: string, progress: Progress, counts: Counts): Promise<void> {
  await sql`/* erasure.save */
    update erasures set state = 'running', progress = ${JSON.stringify(progress)}::jsonb, counts = ${JSON.stringify(counts)}::jsonb
    where id = ${id}`.execute(tx);
}

/** Engine: done; the address goes. */
export async function finishJob(tx: Tx, id: string, counts: Counts, now: Date): Promise<void> {
  await sql`/* erasure.finish */
    update erasures set state = 'done', sealed_address = null, progress = '{}', counts = ${JSON.stringify(counts)}::jsonb,
      finished_at = ${now} where id = ${id}`.execute(tx);
}

/** Engine: reports older than that go, at most `limit`. */
export async function dropOldErasures(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* erasure.drop_old */
    delete from erasures where id = any(array(select id from erasures where finished_at < ${before}
      order by finished_at limit ${limit}))`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}
