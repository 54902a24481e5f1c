/** Loops that belong to no single door: holds, lost nodes, statuses, partitions, domains, old rows. */
import type { Clock } from '../base/clock.ts';
import type { Database } from '../base/database/database.ts';
import { errorText } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import { endOldFirings, judgeAlerts, tellFirings } from '../features/alerts/index.ts';
import type { TellWorld } from '../features/alerts/index.ts';
import { checkDueHosts } from '../features/brands/index.ts';
import type { BrandHosts, BrandWorld } from '../features/brands/index.ts';
import { endOldEntries } from '../features/audit/index.ts';
import { complain, dropOldCaptures } from '../features/captures/index.ts';
import { dropOldActions } from '../features/control/index.ts';
import { endOldTranscripts, reapLostNodes, releaseSuspended } from '../features/delivery/index.ts';
import { checkDue } from '../features/domains/index.ts';
import type { DomainWorld } from '../features/domains/index.ts';
import { endOldEmbeds } from '../features/embeds/index.ts';
import { endOldErasures, eraseWhatIsAsked, purgeWhatIsDue } from '../features/erasure/index.ts';
import { endOldExports, workOnExports } from '../features/exports/index.ts';
import type { ExportWorld } from '../features/exports/index.ts';
import { checkDueInbound, endOldIncoming } from '../features/incoming/index.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import { endOldReports, receive } from '../features/inbound/index.ts';
import type { InboundWorld } from '../features/inbound/index.ts';
import { endOldLogins } from '../features/logins/index.ts';
import { endOldLogs } from '../features/logs/index.ts';
import { forgetAnswers, tellSettled, tendHolds } from '../features/messages/index.ts';
import type { LateWorld } from '../features/messages/index.ts';
import { Counter, endOldFigures, standings } from '../features/metrics/index.ts';
import { checkBlocklists, endOldDmarc, planBlocklists } from '../features/monitoring/index.ts';
import type { BlocklistWorld } from '../features/monitoring/index.ts';
import { endOldNews, sendNotices, tellPeople } from '../features/notices/index.ts';
import type { NoticeWorld } from '../features/notices/index.ts';
import { endOldAsked } from '../features/outbox/index.ts';
import { endOldSpans, Poster } from '../features/events/index.ts';
import { countOutcomes, endOldOutcomes } from '../features/outcomes/index.ts';
import { leaveGonePools } from '../features/queue/index.ts';
import { followReputation, tellReached } from '../features/quotas/index.ts';
import { sendDueReports } from '../features/reports/index.ts';
import type { ReportWorld as SavedReportWorld } from '../features/reports/index.ts';
import { dueFor, endOldSteps, judgeWhatIsDue } from '../features/reputation/index.ts';
import { watchPolicies } from '../features/senders/index.ts';
import type { SenderWorld } from '../features/senders/index.ts';
import { endSuppressions } from '../features/suppressions/index.ts';
import { retireWhatIsDue, stoppedSubaccounts } from '../features/subaccounts/index.ts';
import { checkDueTracking, endOldEngagements } from '../features/tracking/index.ts';
import { sendReports } from '../features/transport/index.ts';
import type { ReportWorld } from '../features/transport/index.ts';
import type { TrackingWorld } from '../features/tracking/index.ts';
import { deleteOldInvitations } from '../features/users/index.ts';
import { endOldWebhookRows } from '../features/webhooks/index.ts';
import type { Delivery } from './delivery.ts';
import { keepPartitions } from './sql.ts';
import { recordSites } from './standing.ts';
import type { Tracker } from './tracking.ts';
import type { Transport } from './transport.ts';

export type BackgroundWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly delivery: Delivery;
  readonly late: LateWorld;
  readonly domains: DomainWorld;
  readonly tracking: TrackingWorld;
  readonly senders: SenderWorld;
  readonly incoming: IncomingWorld;
  readonly brands: BrandWorld;
  readonly hosts: BrandHosts;
  readonly notices: NoticeWorld;
  /** Of direct delivery. */
  readonly transport: (Pick<Transport, 'refresh' | 'flush'> & { readonly reports: ReportWorld }) | null;
  readonly inbound: InboundWorld;
  readonly blocklists: BlocklistWorld['blocklists'];
  readonly alerts: TellWorld;
  readonly tracker: Pick<Tracker, 'standing'>;
  readonly reports: SavedReportWorld;
  readonly exports: ExportWorld;
};

type Loop = { readonly name: string; readonly everyMs: number; readonly run: () => Promise<unknown> };

const capturesKept = 20_000;
const captureLifeMs = 7 * 86_400_000;
/** After its end it can still be sent again. */
const invitationKeptMs = 30 * 86_400_000;

/** Starts the loops; each waits for its own last round, a failing round is logged and comes again. */
export function startBackground(world: BackgroundWorld): AsyncDisposable {
  const stops = [
    ...moving(world),
    ...telling(world),
    ...looking(world),
    ...reporting(world),
    ...tidying(world),
  ].map((loop) => startLoop(loop, world.log));
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}

/** What lets mail go, holds it, or takes it over. */
function moving({ db, clock, log, delivery, late }: BackgroundWorld): readonly Loop[] {
  return [
    {
      name: 'holds',
      everyMs: 1000,
      run: async () => {
        if (await tendHolds(late, delivery.lookUp)) delivery.worker.hint();
      },
    },
    {
      name: 'statuses',
      everyMs: 1000,
      run: async () => {
        const { waiting, dropped, reviewed } = await stoppedSubaccounts(db);
        delivery.worker.stopSubaccounts(new Set([...waiting, ...dropped, ...reviewed]));
      },
    },
    { name: 'calls to many', everyMs: 1000, run: () => tellSettled(db, clock) },
    { name: 'standing orders', everyMs: 1000, run: () => delivery.standing.refresh() },
    {
      name: 'suspensions',
      everyMs: 1000,
      run: async () => {
        if (await releaseSuspended(db, clock)) delivery.worker.hint();
      },
    },
    {
      name: 'sites',
      everyMs: 1000,
      run: () => {
        const { node, worker } = delivery;
        const known = { node, states: worker.siteStates(), domains: worker.takeDomains() };
        return recordSites(db, clock.now(), known);
      },
    },
    {
      // What names a pool that was deleted while it was being accepted, or whose deletion was cut off.
      name: 'gone pools',
      everyMs: 600_000,
      run: () => leaveGonePools(db.engine),
    },
    {
      name: 'lost nodes',
      everyMs: 5000,
      run: async () => {
        if (delivery.mayJudgeOthers()) await reapLostNodes(db, clock.now(), log);
      },
    },
  ];
}

/** What follows from what has happened. */
function telling({
  db,
  clock,
  notices,
  inbound,
  domains,
  alerts,
  reports,
  exports,
  log,
}: BackgroundWorld): readonly Loop[] {
  const counter = new Counter(db);
  const poster = new Poster(db);
  return [
    { name: 'notices', everyMs: 500, run: () => sendNotices(notices) },
    { name: 'news', everyMs: 2000, run: () => tellPeople(db, clock) },
    { name: 'limits', everyMs: 5000, run: () => tellReached(db, clock) },
    { name: 'complaints', everyMs: 1000, run: () => complain(db, clock, receiveOwn(inbound)) },
    { name: 'retirements', everyMs: 60_000, run: () => retireWhatIsDue({ db, clock }) },
    { name: 'purges', everyMs: 60_000, run: () => purgeWhatIsDue(db, clock) },
    { name: 'erasures', everyMs: 1000, run: () => eraseWhatIsAsked({ db, clock, ring: domains.ring }) },
    {
      name: 'old erasures',
      everyMs: 3_600_000,
      run: () => endOldErasures({ db, clock, ring: domains.ring }),
    },
    { name: 'counts', everyMs: 1000, run: () => counter.count(new Date(clock.now())) },
    { name: 'postings', everyMs: 1000, run: () => poster.post(clock.now()) },
    { name: 'reports by mail', everyMs: 1000, run: () => sendDueReports(reports) },
    { name: 'exports', everyMs: 500, run: () => workOnExports(exports, log) },
    { name: 'outcomes', everyMs: 1000, run: () => countOutcomes(db, dueFor(clock)) },
    { name: 'alerts', everyMs: 1000, run: () => judgeAlerts(db, clock) },
    { name: 'alert tellings', everyMs: 1000, run: () => tellFirings(alerts) },
    { name: 'reputation', everyMs: 1000, run: () => judgeWhatIsDue(db, clock) },
    {
      name: 'automatic quotas',
      everyMs: 300_000,
      run: () => followReputation(db, (tx, ids) => standings(tx, ids, clock.now())),
    },
  ];
}

/** What is published in DNS may change. */
function looking({
  domains,
  tracking,
  tracker,
  senders,
  incoming,
  brands,
  hosts,
  blocklists,
}: BackgroundWorld): readonly Loop[] {
  const watch = { db: domains.db, clock: domains.clock, resolve: domains.resolve, blocklists };
  return [
    { name: 'domains', everyMs: 5000, run: () => checkDue(domains, 10) },
    { name: 'tracking domains', everyMs: 5000, run: () => checkDueTracking(tracking, 10) },
    { name: 'inbound domains', everyMs: 5000, run: () => checkDueInbound(incoming, 10) },
    { name: 'brand hosts', everyMs: 5000, run: () => checkDueHosts(brands, 10) },
    { name: 'hosts of logins', everyMs: 2000, run: () => hosts.refresh() },
    { name: 'sending defaults', everyMs: 500, run: () => tracker.standing.refreshSaying() },
    { name: 'tracking hosts', everyMs: 5000, run: () => tracker.standing.refreshHosts() },
    { name: 'sender policies', everyMs: 5000, run: () => watchPolicies(senders, 20) },
    { name: 'watched addresses', everyMs: 5000, run: () => planBlocklists(watch) },
    { name: 'blocklists', everyMs: 5000, run: () => checkBlocklists(watch, 20) },
  ];
}

/** What mail hosts must meet, and how they met it. */
function reporting({ transport }: BackgroundWorld): readonly Loop[] {
  if (transport === null) return [];
  return [
    { name: 'transport policies', everyMs: 60_000, run: () => transport.refresh() },
    { name: 'TLS sessions', everyMs: 5000, run: () => transport.flush() },
    { name: 'TLS reports', everyMs: 10_000, run: () => sendReports(transport.reports) },
  ];
}

/** Everything that grows has an end. */
function tidying({ db, clock }: BackgroundWorld): readonly Loop[] {
  return [
    { name: 'suppressions', everyMs: 15_000, run: () => endSuppressions(db, clock) },
    { name: 'asked mails', everyMs: 3_600_000, run: () => endOldAsked(db, clock.now()) },
    { name: 'answers', everyMs: 60_000, run: () => forgetAnswers(db, clock) },
    {
      name: 'captures',
      everyMs: 60_000,
      run: () =>
        db.asEngine((tx) => dropOldCaptures(tx, new Date(clock.now() - captureLifeMs), capturesKept)),
    },
    { name: 'reports', everyMs: 3_600_000, run: () => endOldReports(db, clock) },
    { name: 'incoming mail', everyMs: 60_000, run: () => endOldIncoming(db, clock) },
    { name: 'dmarc reports', everyMs: 3_600_000, run: () => endOldDmarc(db, clock) },
    { name: 'transcripts', everyMs: 3_600_000, run: () => endOldTranscripts(db, clock) },
    { name: 'alert firings', everyMs: 3_600_000, run: () => endOldFirings(db, clock) },
    { name: 'old news', everyMs: 3_600_000, run: () => endOldNews(db, clock) },
    { name: 'outcome hours', everyMs: 3_600_000, run: () => endOldOutcomes(db, clock) },
    { name: 'reputation steps', everyMs: 3_600_000, run: () => endOldSteps(db, clock) },
    { name: 'audit', everyMs: 3_600_000, run: () => endOldEntries(db, clock) },
    { name: 'logins', everyMs: 600_000, run: () => endOldLogins({ db, clock }) },
    {
      name: 'invitations',
      everyMs: 600_000,
      run: () => deleteOldInvitations(db.engine, new Date(clock.now() - invitationKeptMs)),
    },
    {
      name: 'queue actions',
      everyMs: 3_600_000,
      run: () => dropOldActions(db.engine, new Date(clock.now() - 400 * 86_400_000)),
    },
    { name: 'old embeds', everyMs: 600_000, run: () => endOldEmbeds({ db, clock }) },
    { name: 'old exports', everyMs: 3_600_000, run: () => endOldExports(db, clock) },
    { name: 'request logs', everyMs: 600_000, run: () => endOldLogs(db, clock) },
    { name: 'engagements', everyMs: 3_600_000, run: () => endOldEngagements(db, clock) },
    { name: 'webhooks', everyMs: 600_000, run: () => endOldWebhookRows(db, clock) },
    { name: 'event spans', everyMs: 6 * 3_600_000, run: () => endOldSpans(db, clock.now()) },
    { name: 'figures', everyMs: 6 * 3_600_000, run: () => endOldFigures(db, clock.now()) },
    { name: 'partitions', everyMs: 3_600_000, run: () => keepPartitions(db.owner, new Date(clock.now())) },
  ];
}

/** Takes a report of our own making as if it had come to the address for feedback. */
function receiveOwn(inbound: InboundWorld): (bytes: Buffer) => Promise<unknown> {
  const arrival = { mailFrom: '', recipients: [`fbl@${inbound.mailDomain}`], remoteAddress: '127.0.0.1' };
  return (bytes) => receive(inbound, { ...arrival, bytes });
}

function startLoop(loop: Loop, log: Log): () => Promise<void> {
  let isStopping = false;
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    if (running !== null || isStopping) return;
    running = loop
      .run()
      .then(
        () => undefined,
        (error: unknown) =>
          log.warn({ error: errorText(error), loop: loop.name }, 'a background round failed'),
      )
      .finally(() => {
        running = null;
      });
  }, loop.everyMs);
  return async () => {
    isStopping = true;
    clearInterval(timer);
    await running;
  };
}
