/** Background: yesterday's TLS report to each domain that wants one (RFC 8460), by whichever node comes first. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import type { HttpsPost } from '../../base/https-get.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { reportFile, reportId, reportJson, reportMail } from '../../mail/transport/index.ts';
import type { ReportFacts } from '../../mail/transport/index.ts';
import { targetsOf } from './counters.ts';
import {
  claimReports,
  countsOf,
  dropOldDays,
  endReport,
  noteSent,
  putOffReport,
  scheduleReports,
} from './sql.ts';
import type { DueReport } from './sql.ts';
import type { ResolveTxt } from './sts.ts';

export type ReportWorld = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly resolve: ResolveTxt;
  readonly httpsPost: HttpsPost;
  /** Sends it as the installation's own mail; the same `key` a second time sends nothing. */
  readonly sendMail: (mail: {
    readonly to: string;
    readonly bytes: Buffer;
    readonly key: string;
  }) => Promise<void>;
  /** How the installation calls itself, and the address that its reports come from. */
  readonly organization: string;
  readonly contact: string;
};

const batchMax = 20;
/** RFC 8460 4.1: spread over the first hours of the day, as everybody reports at midnight. */
const spreadSeconds = 4 * 3600;
const leaseMs = 600_000;
const retryMs = 3_600_000;
const dayMs = 86_400_000;
const keptDays = 30;

/** How many went out whole. */
export async function sendReports(world: ReportWorld): Promise<number> {
  const { db, clock, log } = world;
  const now = clock.now();
  await scheduleReports(db, new Date(now), spreadSeconds);
  let sent = 0;
  for (const due of await claimReports(db, { now: new Date(now), leaseMs, limit: batchMax })) {
    try {
      if (await sendOne(world, due)) sent += 1;
    } catch (error) {
      log.warn({ error: errorText(error), domain: due.domain }, 'a TLS report was not sent');
      await putOff(world, due);
    }
  }
  await dropOldDays(db, new Date(now - keptDays * dayMs).toISOString().slice(0, 10));
  return sent;
}

/** False when a target has to be asked again. */
async function sendOne(world: ReportWorld, due: DueReport): Promise<boolean> {
  const { db, organization, contact } = world;
  const targets = await targetsOf(world.resolve, due.domain);
  const counts = await countsOf(db, due);
  if (targets.length === 0 || counts.length === 0) {
    await putOff(world, due);
    return false;
  }
  const facts: ReportFacts = { ...due, organization, contact, counts };
  const gzipped = gzipSync(Buffer.from(JSON.stringify(reportJson(facts))));
  let isWhole = true;
  for (const target of targets.filter((each) => !due.sentTo.includes(each))) {
    if (await deliver(world, facts, { target, gzipped })) await noteSent(db, due, target);
    else isWhole = false;
  }
  if (isWhole) await endReport(db, due, 'sent');
  else await putOff(world, due);
  return isWhole;
}

async function deliver(
  world: ReportWorld,
  facts: ReportFacts,
  { target, gzipped }: { readonly target: string; readonly gzipped: Buffer },
): Promise<boolean> {
  if (/^mailto:/i.test(target)) {
    const to = decodeURI(target.slice('mailto:'.length));
    const bytes = reportMail(facts, { from: world.contact, to, gzipped });
    const digest = createHash('sha256')
      .update(`${reportId(facts)} ${to}`)
      .digest('hex');
    await world.sendMail({ to, bytes, key: `tls-report/${digest}` });
    return true;
  }
  const answer = await world.httpsPost(target, {
    body: gzipped,
    contentType: 'application/tlsrpt+gzip',
    filename: reportFile(facts),
  });
  return answer.kind === 'answered' && answer.status >= 200 && answer.status < 300;
}

/** RFC 8460 5.4: tried for a day, then given up. */
async function putOff({ db, clock }: ReportWorld, due: DueReport): Promise<void> {
  const now = clock.now();
  if (now > Date.parse(due.day) + 2 * dayMs + spreadSeconds * 1000) await endReport(db, due, 'given_up');
  else await putOffReport(db, due, new Date(now + retryMs));
}
