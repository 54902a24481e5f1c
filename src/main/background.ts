/** Loops that belong to no single door: holds, lost nodes, statuses, partitions, domains, old rows. */
import type { Clock } from '../base/clock.ts';
import type { Database } from '../base/database/database.ts';
import { errorText } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import { endOldEntries } from '../features/audit/index.ts';
import { complain, dropOldCaptures } from '../features/captures/index.ts';
import { reapLostNodes } from '../features/delivery/index.ts';
import { checkDue } from '../features/domains/index.ts';
import type { DomainWorld } from '../features/domains/index.ts';
import { purgeWhatIsDue } from '../features/erasure/index.ts';
import { endOldLogs } from '../features/logs/index.ts';
import { forgetAnswers, tendHolds } from '../features/messages/index.ts';
import { countEvents, standings } from '../features/metrics/index.ts';
import { sendNotices } from '../features/notices/index.ts';
import type { NoticeWorld } from '../features/notices/index.ts';
import { followReputation } from '../features/quotas/index.ts';
import { retireWhatIsDue, stoppedSubaccounts } from '../features/subaccounts/index.ts';
import { endOldWebhookRows } from '../features/webhooks/index.ts';
import type { Delivery } from './delivery.ts';
import { keepPartitions } from './sql.ts';

export type BackgroundWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly delivery: Delivery;
  readonly domains: DomainWorld;
  readonly notices: NoticeWorld;
};

type Loop = { readonly name: string; readonly everyMs: number; readonly run: () => Promise<unknown> };

const capturesKept = 20_000;
const captureLifeMs = 7 * 86_400_000;

/** Starts the loops; each waits for its own last round, a failing round is logged and comes again. */
export function startBackground(world: BackgroundWorld): AsyncDisposable {
  const { db, clock, log, delivery, domains, notices } = world;
  const loops: Loop[] = [
    {
      name: 'holds',
      everyMs: 1000,
      run: async () => {
        if (await tendHolds(db, clock)) delivery.worker.hint();
      },
    },
    {
      name: 'statuses',
      everyMs: 1000,
      run: async () => {
        const { waiting, dropped } = await stoppedSubaccounts(db);
        delivery.worker.stopSubaccounts(new Set([...waiting, ...dropped]));
      },
    },
    { name: 'notices', everyMs: 500, run: () => sendNotices(notices) },
    { name: 'complaints', everyMs: 1000, run: () => complain(db, clock) },
    { name: 'retirements', everyMs: 60_000, run: () => retireWhatIsDue({ db, clock }) },
    { name: 'purges', everyMs: 60_000, run: () => purgeWhatIsDue(db, clock) },
    { name: 'counts', everyMs: 1000, run: () => countEvents(db) },
    {
      name: 'automatic quotas',
      everyMs: 300_000,
      run: () => followReputation(db, (tx, ids) => standings(tx, ids, clock.now())),
    },
    { name: 'lost nodes', everyMs: 5000, run: () => reapLostNodes(db, clock.now(), log) },
    { name: 'domains', everyMs: 5000, run: () => checkDue(domains, 10) },
    { name: 'answers', everyMs: 60_000, run: () => forgetAnswers(db, clock) },
    {
      name: 'captures',
      everyMs: 60_000,
      run: () =>
        db.asEngine((tx) => dropOldCaptures(tx, new Date(clock.now() - captureLifeMs), capturesKept)),
    },
    { name: 'audit', everyMs: 3_600_000, run: () => endOldEntries(db, clock) },
    { name: 'request logs', everyMs: 600_000, run: () => endOldLogs(db, clock) },
    { name: 'webhooks', everyMs: 600_000, run: () => endOldWebhookRows(db, clock) },
    { name: 'partitions', everyMs: 3_600_000, run: () => keepPartitions(db.owner, new Date(clock.now())) },
  ];
  const stops = loops.map((loop) => startLoop(loop, log));
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
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
