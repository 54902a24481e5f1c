/** Background: mails reports whose time has come. */
import { append } from '../events/index.ts';
import { add } from '../outbox/index.ts';
import { readersAmong } from '../users/index.ts';
import { makeLink } from './links.ts';
import type { Report } from './model.ts';
import { answer, holderScope, zoneOf } from './operations.ts';
import type { ReportWorld } from './operations.ts';
import { linkDays, nextAt } from './rules.ts';
import { dueReports, moveOn } from './sql.ts';
import { lines } from './words.ts';

const atOnceMax = 20;

/**
 * Returns how many were mailed. The mail is written down in the transaction that moves the report on, so that each time is
 * mailed once, by one node; times that passed while nothing ran are mailed once together. One that fails keeps no other from
 * its turn.
 */
export async function sendDueReports(world: ReportWorld): Promise<number> {
  const due = await dueReports(world.db.engine, new Date(world.clock.now()), atOnceMax);
  const failures: unknown[] = [];
  let sent = 0;
  for (const report of due) {
    try {
      if (await sendOne(world, report)) sent += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return sent;
}

async function sendOne(world: ReportWorld, report: Report): Promise<boolean> {
  const { db, clock, ring } = world;
  const { schedule, accountId, subaccountId, id, name } = report;
  const scope = await holderScope(world, report);
  if (schedule === null || scope === null) return false;
  // Who may read it now, not when it was made.
  const readers = await readersAmong(db.engine, scope, report.people);
  const found = await answer(world, scope, report, null);
  const now = clock.now();
  const next = new Date(nextAt(schedule, zoneOf(report.query), now));
  const expiresAt = now + linkDays.standard * 86_400_000;
  const url = `${world.publicUrl()}/report/${makeLink(ring, { reportId: id, expiresAt, tag: null })}`;
  return db.asEngine(async (tx) => {
    if (!(await moveOn(tx, report, next))) return false;
    const content = { paragraphs: lines(report, found), action: { label: 'See all of it', url } };
    for (const { email } of readers)
      await add(tx, { accountId, subaccountId }, { to: email, subject: name, content }, new Date(now));
    const data = { reportId: id, name, people: readers.length };
    await append(tx, new Date(now), [{ accountId, subaccountId, kind: 'report.sent', data }]);
    return true;
  });
}
