/** DMARC reports: kept by the engine role, as only the signed address says whose they are; read under a scope. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { AggregateReport, AggregateRow, Disposition } from '../../mail/aggregate/index.ts';
import type { DmarcReport, DmarcSource, SourceResult } from './model.ts';

export type ReportedDomain = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly name: string;
  readonly isProven: boolean;
};

/** Engine: the domain of a report address, locked to the end of the transaction; null when it was removed. */
export async function lockDomain(tx: Tx, id: string): Promise<ReportedDomain | null> {
  const rows = await sql<{
    account_id: number;
    subaccount_id: number;
    id: string;
    name: string;
    is_proven: boolean;
  }>`/* monitoring.lock_domain */
    select d.account_id, d.subaccount_id, d.id, d.name, d.state = 'proven' and not s.mail_dropped as is_proven
    from domains d join subaccounts s on s.id = d.subaccount_id where d.id = ${id} for share of d`.execute(
    tx,
  );
  const row = rows.rows[0];
  if (row === undefined) return null;
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    name: row.name,
    isProven: row.is_proven,
  };
}

/** Engine: how much of the domain has come since then, among its newest `limit` reports. */
export async function countSince(
  tx: Tx,
  domainId: string,
  since: Date,
  limit: number,
): Promise<{ readonly reports: number; readonly rows: number }> {
  const rows = await sql<{ reports: number; rows: number }>`/* monitoring.count_since */
    select count(*)::int as reports, coalesce(sum(rows), 0)::int as rows
    from (select rows, received_at from dmarc_reports where domain_id = ${domainId} order by id desc limit ${limit}) newest
    where received_at > ${since}`.execute(tx);
  return rows.rows[0] ?? { reports: 0, rows: 0 };
}

/** Engine: its id; null when this report of this reporter is there already. */
export async function insertReport(
  tx: Tx,
  domain: ReportedDomain,
  report: AggregateReport & { readonly messages: number; readonly passed: number },
  at: Date,
): Promise<string | null> {
  const rows = await sql<{ id: string }>`/* monitoring.insert_report */
    insert into dmarc_reports (account_id, subaccount_id, domain_id, reporter, reference, begins_at, ends_at, policy, messages,
      passed, rows, received_at)
    values (${domain.accountId}, ${domain.subaccountId}, ${domain.id}, ${report.reporter}, ${report.reference},
      ${new Date(report.beginsAt)}, ${new Date(report.endsAt)}, ${report.policy}, ${report.messages}, ${report.passed},
      ${report.rows.length}, ${at})
    on conflict (domain_id, reporter, reference) do nothing returning id`.execute(tx);
  return rows.rows[0]?.id ?? null;
}

/** Engine. */
export async function insertRows(
  tx: Tx,
  domain: ReportedDomain,
  reportId: string,
  endsAt: Date,
  rows: readonly AggregateRow[],
): Promise<void> {
  const column = <K extends keyof AggregateRow>(name: K): AggregateRow[K][] => rows.map((row) => row[name]);
  await sql`/* monitoring.insert_rows */
    insert into dmarc_rows (account_id, subaccount_id, report_id, n, domain_id, ends_at, source, header_from, disposition, dkim,
      spf, messages)
    select ${domain.accountId}, ${domain.subaccountId}, ${reportId}, r.n, ${domain.id}, ${endsAt}, r.source, r.header_from,
      r.disposition, r.dkim, r.spf, r.messages
    from unnest(${column('source')}::inet[], ${column('headerFrom')}::text[], ${column('disposition')}::text[],
      ${column('dkim')}::text[], ${column('spf')}::text[], ${column('messages')}::bigint[])
      with ordinality r (source, header_from, disposition, dkim, spf, messages, n)`.execute(tx);
}

type Row = {
  id: string;
  reporter: string;
  reference: string;
  begins_at: Date;
  ends_at: Date;
  policy: Disposition;
  messages: string;
  passed: string;
  received_at: Date;
};

/** Newest first, under the transaction's scope. */
export async function listReports(
  tx: Tx,
  page: { readonly domainId: string; readonly before: string | null; readonly limit: number },
): Promise<readonly DmarcReport[]> {
  const rows = await sql<Row>`/* monitoring.list_reports */
    select id, reporter, reference, begins_at, ends_at, policy, messages, passed, received_at from dmarc_reports
    where domain_id = ${page.domainId} ${page.before === null ? sql`` : sql`and id < ${page.before}`}
    order by id desc limit ${page.limit}`.execute(tx);
  return rows.rows.map((row) => ({
    id: row.id,
    reporter: row.reporter,
    reference: row.reference,
    beginsAt: row.begins_at,
    endsAt: row.ends_at,
    policy: row.policy,
    messages: Number(row.messages),
    passed: Number(row.passed),
    receivedAt: row.received_at,
  }));
}

/** By address, under the transaction's scope: the sums of all reports that end after `since`. */
export async function listSources(
  tx: Tx,
  page: {
    readonly domainId: string;
    readonly since: Date;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly DmarcSource[]> {
  const rows = await sql<{
    address: string;
    messages: string;
    passed: string;
    results: SourceResult[];
  }>`/* monitoring.list_sources */
    select host(source) as address, sum(n)::bigint as messages,
      coalesce(sum(n) filter (where dkim = 'pass' or spf = 'pass'), 0)::bigint as passed,
      jsonb_agg(jsonb_build_object('dkim', dkim, 'spf', spf, 'disposition', disposition, 'messages', n)
        order by n desc, dkim, spf, disposition) as results
    from (
      select source, dkim, spf, disposition, sum(messages) as n from dmarc_rows
      where domain_id = ${page.domainId} and ends_at > ${page.since}
        ${page.after === null ? sql`` : sql`and source > ${page.after}::inet`}
      group by source, dkim, spf, disposition
    ) r
    group by source order by source limit ${page.limit}`.execute(tx);
  return rows.rows.map((row) => ({
    address: row.address,
    messages: Number(row.messages),
    passed: Number(row.passed),
    results: row.results,
  }));
}

/** Engine: at most `limit` reports from before then, with their rows; how many went. */
export async function deleteOldReports(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* monitoring.delete_old */
    delete from dmarc_reports where id = any(array(
      select id from dmarc_reports where received_at < ${before} order by received_at limit ${limit}))`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
