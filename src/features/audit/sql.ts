import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import type { ActorKind, AuditAction, AuditEntry } from './model.ts';

/** Engine: what this transaction changes from here on is audited as the operator's. */
export async function actAsOperator(tx: Tx): Promise<void> {
  await sql`/* audit.act_as_operator */
    select set_config('app.actor', 'system:0', true), set_config('app.subaccount', '', true), set_config('app.request', '', true)`.execute(
    tx,
  );
}

type Row = {
  id: string;
  at: Date;
  subaccount_id: number;
  actor_kind: string;
  actor_id: string;
  request_id: string | null;
  action: string;
  subject: string;
  subject_id: string;
  changes: Record<string, unknown>;
};

const columns = sql`id, at, subaccount_id, actor_kind, actor_id, request_id, action, subject, subject_id, changes`;

function toEntry(row: Row): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    subaccountId: row.subaccount_id as SubaccountId,
    actorKind: row.actor_kind as ActorKind,
    actorId: row.actor_id,
    requestId: row.request_id,
    action: row.action as AuditAction,
    subject: row.subject,
    subjectId: row.subject_id,
    changes: row.changes,
  };
}

/** Null: not asked for. `after` is included, `before` is not. */
export type AuditFilter = {
  readonly subject: string | null;
  readonly subjectId: string | null;
  readonly actorKind: string | null;
  readonly actorId: string | null;
  readonly action: string | null;
  readonly subaccountId: number | null;
  readonly requestId: string | null;
  readonly after: Date | null;
  readonly before: Date | null;
  /** Entries older than this one only. */
  readonly cursor: string | null;
  readonly limit: number;
};

/** Newest first, under the transaction's scope. */
export async function listEntries(tx: Tx, filter: AuditFilter): Promise<readonly AuditEntry[]> {
  const { subject, subjectId, actorKind, actorId, action, subaccountId, requestId } = filter;
  const rows = await sql<Row>`/* audit.list */
    select ${columns} from audit_entries where true
      ${subject === null ? sql`` : sql`and subject = ${subject}`}
      ${subjectId === null ? sql`` : sql`and subject_id = ${subjectId}`}
      ${actorKind === null ? sql`` : sql`and actor_kind = ${actorKind}`}
      ${actorId === null ? sql`` : sql`and actor_id = ${actorId}`}
      ${action === null ? sql`` : sql`and action = ${action}`}
      ${subaccountId === null ? sql`` : sql`and subaccount_id = ${subaccountId}`}
      ${requestId === null ? sql`` : sql`and request_id = ${requestId}`}
      ${filter.after === null ? sql`` : sql`and at >= ${filter.after}`}
      ${filter.before === null ? sql`` : sql`and at < ${filter.before}`}
      ${filter.cursor === null ? sql`` : sql`and id < ${filter.cursor}`}
    order by id desc limit ${filter.limit}`.execute(tx);
  return rows.rows.map(toEntry);
}

export async function findEntry(tx: Tx, id: string): Promise<AuditEntry | null> {
  const rows = await sql<Row>`/* audit.find */ select ${columns} from audit_entries where id = ${id}`.execute(
    tx,
  );
  const row = rows.rows[0];
  return row === undefined ? null : toEntry(row);
}

/** Engine: at most `limit` entries from before then; how many went. */
export async function deleteOld(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* audit.delete_old */
    delete from audit_entries
    where id = any(array(select id from audit_entries where at < ${before} order by at limit ${limit}))`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
