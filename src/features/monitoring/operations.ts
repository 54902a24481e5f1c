import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { readAggregate } from '../../mail/aggregate/index.ts';
import type { AggregateReport } from '../../mail/aggregate/index.ts';
import { findDomain, mayChange } from '../domains/index.ts';
import type { NewEvent } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import type { DmarcReport, DmarcSource, WatchedAddress } from './model.ts';
import { hasRoom, reportProblem, reportsPerDayMax, totalsOf } from './rules.ts';
import { listOfAccount, listOfSubaccounts } from './sql-blocklists.ts';
import { countSince, insertReport, insertRows, listReports, listSources, lockDomain } from './sql-dmarc.ts';

export type MonitoringWorld = { readonly db: Database; readonly clock: Clock };

const dayMs = 86_400_000;

/** What became of a report: its event, none for one that has counted; or why it does not count. */
export type Kept = { readonly event: NewEvent | null; readonly why: string | null };

/**
 * Reads a mail that came to a report address, outside of any transaction; the answer stores it for the domain of the address,
 * within one of the engine's.
 */
export async function prepareDmarc(
  mail: Buffer,
): Promise<(tx: Tx, domainId: string, now: number) => Promise<Kept>> {
  const read = await readAggregate(mail);
  if (!read.ok) return () => Promise.resolve({ event: null, why: read.why });
  return (tx, domainId, now) => keep(tx, domainId, read.report, now);
}

async function keep(tx: Tx, domainId: string, report: AggregateReport, now: number): Promise<Kept> {
  const domain = await lockDomain(tx, domainId);
  if (domain === null) return { event: null, why: 'the domain is no longer stored' };
  const problem = reportProblem(report, domain, now);
  if (problem !== null) return { event: null, why: problem };
  const today = await countSince(tx, domainId, new Date(now - dayMs), reportsPerDayMax);
  if (!hasRoom(today, report.rows.length))
    return { event: null, why: 'too many reports about the domain in one day' };
  const totals = totalsOf(report);
  const id = await insertReport(tx, domain, { ...report, ...totals }, new Date(now));
  if (id === null) return { event: null, why: null };
  await insertRows(tx, domain, id, new Date(report.endsAt), report.rows);
  const { accountId, subaccountId, name } = domain;
  const data = { domainId, name, reportId: id, reporter: report.reporter, ...totals };
  return { event: { accountId, subaccountId, kind: 'dmarc.reported', data }, why: null };
}

export function reports(
  world: MonitoringWorld,
  scope: Scope,
  domainId: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly DmarcReport[]> {
  return world.db.scoped(scope, async (tx) => {
    await checkHeld(tx, scope, domainId);
    return listReports(tx, { ...page, domainId });
  });
}

export function sources(
  world: MonitoringWorld,
  scope: Scope,
  domainId: string,
  { days, ...page }: { readonly days: number; readonly after: string | null; readonly limit: number },
): Promise<readonly DmarcSource[]> {
  const since = new Date(world.clock.now() - days * dayMs);
  return world.db.scoped(scope, async (tx) => {
    await checkHeld(tx, scope, domainId);
    return listSources(tx, { ...page, domainId, since });
  });
}

/** Who else uses a shared domain, and how much, is not told to those it is shared with. */
async function checkHeld(tx: Tx, scope: Scope, domainId: string): Promise<void> {
  const domain = await findDomain(tx, domainId);
  if (domain === null || !mayChange(scope, domain)) throw refuse('not_found');
}

/** All of the account's; to a subaccount those that its mail leaves from, and not of which pool they are. */
export async function watched(
  world: MonitoringWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly WatchedAddress[]> {
  const { reach, accountId } = scope;
  if (reach === 'account') return world.db.scoped(scope, (tx) => listOfAccount(tx, page));
  const found = await listOfSubaccounts(world.db.engine, accountId, [reach].flat(), page);
  return found.map((each) => ({ ...each, poolId: null }));
}
