/** Wires one node's delivery: window, acceptor, lanes, finisher, worker; recovery first, then traffic. */
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Database } from '../base/database/database.ts';
import { HotConnection } from '../base/database/hot-connection.ts';
import { Batcher } from '../base/batch.ts';
import type { Log } from '../base/log.ts';
import type { Keyring } from '../base/seal.ts';
import { Signer } from '../mail/dkim/index.ts';
import { makeReturnPath } from '../mail/verp.ts';
import {
  ContentStore,
  defaultDeadlines,
  DeliveryWorker,
  Finisher,
  Journal,
  markDot,
  openLane,
  recoverOwn,
} from '../features/delivery/index.ts';
import type { Dial, JournalEntry } from '../features/delivery/index.ts';
import type { RouterOptions } from '../features/delivery/index.ts';
import { makeRouter } from '../features/delivery/index.ts';
import type { SendingDomains } from '../features/domains/index.ts';
import { Acceptor } from '../features/messages/index.ts';
import { defaultRetryPolicy, Window } from '../features/queue/index.ts';
import type { LeasedMessage, Node } from '../features/queue/index.ts';
import { erasedForms, findSuppressed } from '../features/suppressions/index.ts';
import type { Asked, SuppressionLayer } from '../features/suppressions/index.ts';

export type DeliveryWiring = {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly ring: Keyring;
  readonly node: Node;
  readonly nextId: () => string;
  readonly sendingDomains: SendingDomains;
  readonly journalFolder: string;
  readonly router: RouterOptions;
  readonly dial: Dial;
  readonly relay: {
    readonly tls: 'opportunistic' | 'implicit';
    readonly auth?: { user: string; secret: string };
  } | null;
  readonly hasDisk: () => boolean;
  readonly random: () => number;
};

/** What one node sends with. */
export type Delivery = {
  readonly acceptor: Acceptor;
  readonly worker: DeliveryWorker;
  readonly window: Window;
  readonly finisher: Finisher;
  readonly signer: Signer;
  readonly stop: () => Promise<void>;
};

const windowLimits = { messagesMax: 4000, bytesMax: 128 * 1024 * 1024 };

export async function startDelivery(wiring: DeliveryWiring): Promise<Delivery> {
  const { db, clock, log, node, config } = wiring;
  const connections = openConnections(wiring);
  const window = new Window(windowLimits);
  const store = new ContentStore(connections.contents);
  const signer = new Signer();
  const { journal, replay, forget } = Journal.open(wiring.journalFolder, log);
  const dots = new Map<string, JournalEntry>();
  const finisher: Finisher = new Finisher({
    connection: connections.complete,
    journal,
    node: node.number,
    clock,
    random: wiring.random,
    log,
    retryPolicy: defaultRetryPolicy,
    onDone: (message) => {
      store.done(message.submissionId);
      worker.done(message);
    },
  });
  const parts = { signer, store, journal, dots, claims: connections.claims };
  const worker: DeliveryWorker = makeWorker(wiring, window, finisher, parts);
  const report = await recoverOwn(db, { node: node.number, now: clock.now(), finisher, replay });
  if (report.replayed + report.perhapsDelivered + report.freed > 0)
    log.info(report, 'mail of an earlier life moves on');
  forget();
  const acceptor = makeAcceptor(wiring, window, store, worker, connections);
  worker.start();
  log.info({ node: node.number, mode: config.LETTERSHOP_OUTBOUND }, 'delivery runs');
  return {
    acceptor,
    worker,
    window,
    finisher,
    signer,
    stop: async () => {
      await acceptor.idle();
      await worker[Symbol.asyncDispose]();
      await finisher.idle();
      journal[Symbol.dispose]();
      await Promise.all(Object.values(connections).map((connection) => connection[Symbol.asyncDispose]()));
    },
  };
}

type Connections = Readonly<
  Record<'accept' | 'suppressions' | 'claims' | 'contents' | 'complete', HotConnection>
>;

/** One connection per hot statement, so that none waits behind another. */
function openConnections({ db, log }: DeliveryWiring): Connections {
  const open = (purpose: string): HotConnection => new HotConnection(db.target, purpose, log);
  return {
    accept: open('accept'),
    suppressions: open('suppressions'),
    claims: open('claims'),
    contents: open('contents'),
    complete: open('complete'),
  };
}

type Parts = {
  readonly signer: Signer;
  readonly store: ContentStore;
  readonly journal: Journal;
  /** Journal entries of dots whose outcome is not there yet, by message. */
  readonly dots: Map<string, JournalEntry>;
  readonly claims: HotConnection;
};

function makeWorker(
  wiring: DeliveryWiring,
  window: Window,
  finisher: Finisher,
  parts: Parts,
): DeliveryWorker {
  const { node, clock, log } = wiring;
  const lanes = laneOptions(wiring, parts);
  const worker: DeliveryWorker = new DeliveryWorker({
    connection: parts.claims,
    node: node.number,
    window,
    clock,
    random: wiring.random,
    log,
    route: makeRouter(wiring.router),
    openLane: (hosts) => openLane(hosts, lanes),
    finish: (message, outcome, place) => {
      if (outcome.kind === 'abandoned') return worker.giveBack([message], clock.now());
      const entry = parts.dots.get(message.messageId) ?? null;
      parts.dots.delete(message.messageId);
      finisher.finish(message, outcome, place, entry);
      return undefined;
    },
    lanesMax: wiring.router.mode === 'fixed' ? 50 : 20,
    messagesPerLaneMax: 500,
    laneIdleMs: 5000,
    pollMs: 500,
    onGivenBack: (message) => parts.store.done(message.submissionId),
  });
  return worker;
}

function makeAcceptor(
  wiring: DeliveryWiring,
  window: Window,
  store: ContentStore,
  worker: DeliveryWorker,
  connections: Connections,
): Acceptor {
  const { clock, log, node, nextId, hasDisk } = wiring;
  return new Acceptor({
    connection: connections.accept,
    clock,
    log,
    node: node.number,
    window,
    nextId,
    suppressed: suppressionLookup(connections.suppressions, wiring.ring),
    handOver: (leased, submission, submissionId) => {
      const { format, content: bytes, mailFrom, domainId, options } = submission;
      store.handOver(submissionId, { format, bytes, mailFrom, domainId, options }, leased.length);
      worker.offer(leased);
    },
    onUnleased: () => worker.hint(),
    hasDisk,
  });
}

function laneOptions(
  { config, node, clock, ring, sendingDomains, dial, relay }: DeliveryWiring,
  parts: Parts,
): Parameters<typeof openLane>[1] {
  const { signer, store, journal, dots, claims } = parts;
  return {
    dial,
    ehloName: config.LETTERSHOP_HOSTNAME,
    deadlines: defaultDeadlines,
    tls: relay?.tls ?? 'opportunistic',
    verifyCertificate: false,
    ...(relay?.auth === undefined ? {} : { auth: relay.auth }),
    world: {
      signer,
      content: (message) => store.get(message),
      signing: async (content) =>
        (await sendingDomains.signing(content.domainId)) ?? {
          domain: config.LETTERSHOP_HOSTNAME,
          ids: '',
          keys: [],
        },
      returnPath: (message, signing) => makeReturnPath(message.messageId, `bounce.${signing.domain}`, ring),
      nowMs: clock.now,
      dot: (message) => {
        if (!node.maySendDot()) return null;
        if (!message.ratherNot) return journal.dot(intentOf(message));
        return markDot(claims, node.number, message, new Date(clock.now())).then((isMarked) =>
          isMarked ? journal.dot(intentOf(message)) : null,
        );
      },
      keep: (message, entry) => dots.set(message.messageId, entry),
    },
  };
}

function intentOf(message: LeasedMessage): Parameters<Journal['dot']>[0] {
  const { accountId, subaccountId, messageId, submissionId, retentionDays, recipient, attempts, ratherNot } =
    message;
  return { accountId, subaccountId, messageId, submissionId, retentionDays, recipient, attempts, ratherNot };
}

/** Group look-ups: the recipients of all submissions that arrive together are asked for in one statement. */
function suppressionLookup(
  connection: HotConnection,
  ring: Keyring,
): ConstructorParameters<typeof Acceptor>[0]['suppressed'] {
  const batcher = new Batcher<Asked, ReadonlyMap<string, SuppressionLayer>>({
    run: (asked) =>
      findSuppressed(connection, asked, (accountId, address) => erasedForms(ring, accountId, address)),
    itemsMax: 256,
    weigh: ({ addresses }) => addresses.length,
    weightMax: 20_000,
    isItemFault: () => false,
  });
  return (submission) =>
    batcher.add({
      accountId: submission.accountId,
      subaccountId: submission.subaccountId,
      addresses: submission.copies.map(({ address }) => address),
    });
}
