/** Wires one node's delivery: window, acceptor, lanes, finisher, worker; recovery first, then traffic. */
import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { idTime, makeIdPrinter } from '../base/ids.ts';
import type { Config } from '../base/config.ts';
import type { Database } from '../base/database/database.ts';
import { HotConnection } from '../base/database/hot-connection.ts';
import type { Log } from '../base/log.ts';
import type { Keyring } from '../base/seal.ts';
import { Signer } from '../mail/dkim/index.ts';
import { makeMark } from '../mail/verp.ts';
import {
  Bench,
  ContentStore,
  defaultDeadlines,
  DeliveryWorker,
  bounceDomainOf,
  domainOf,
  withPoolKeys,
  Finisher,
  holdSuspended,
  Journal,
  markDot,
  openLane,
  recoverOwn,
  leaveLinks,
  trackCopy,
  Transcripts,
  Strays,
} from '../features/delivery/index.ts';
import type { Content, Dial, JournalEntry, SigningKeys } from '../features/delivery/index.ts';
import type { RouterOptions } from '../features/delivery/index.ts';
import { makeRouter } from '../features/delivery/index.ts';
import type { SendingDomains } from '../features/domains/index.ts';
import { Acceptor } from '../features/messages/index.ts';
import { defaultRetryPolicy, Window } from '../features/queue/index.ts';
import type { LeasedMessage, Node } from '../features/queue/index.ts';
import { nextHopProfile, profileOf } from '../features/sites/index.ts';
import type { SiteProfile } from '../features/sites/index.ts';
import { hitOf, makeLookUp, told, unknownMail } from '../features/suppressions/index.ts';
import type { LookUp } from '../features/suppressions/index.ts';

import type { TrackingStanding } from '../features/tracking/index.ts';
import type { HostTry } from '../features/transport/index.ts';
import { makeStanding } from './standing.ts';
import type { Standing } from './standing.ts';

export type DeliveryWiring = {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly ring: Keyring;
  readonly node: Node;
  readonly nextId: () => string;
  readonly sendingDomains: SendingDomains;
  readonly tracking: Pick<TrackingStanding, 'url'>;
  readonly journalFolder: string;
  readonly router: RouterOptions;
  readonly dial: Dial;
  readonly relay: {
    readonly tls: 'opportunistic' | 'implicit';
    readonly auth?: { user: string; secret: string };
  } | null;
  readonly hasDisk: () => boolean;
  readonly random: () => number;
  /** TLS sessions count for reports. */
  readonly countTries: (domain: string, tries: readonly HostTry[]) => void;
};

/** What one node sends with. */
export type Delivery = {
  readonly node: number;
  /** Whether nodes whose term has ended are lost, by what this one knows. */
  readonly mayJudgeOthers: () => boolean;
  readonly standing: Standing;
  readonly profileOf: (site: string) => SiteProfile;
  readonly acceptor: Acceptor;
  readonly worker: DeliveryWorker;
  readonly window: Window;
  readonly finisher: Finisher;
  readonly signer: Signer;
  readonly lookUp: LookUp;
  readonly stop: () => Promise<void>;
};

/** Messages that are composed and signed at once: twice the signing threads. */
const signingPlaces = 8;

const windowLimits = { messagesMax: 4000, bytesMax: 128 * 1024 * 1024 };

export async function startDelivery(wiring: DeliveryWiring): Promise<Delivery> {
  const { db, clock, log, node, config } = wiring;
  const connections = openConnections(wiring);
  const standing = makeStanding({ db, clock, nodeName: config.LETTERSHOP_NODE_NAME ?? hostname() });
  await standing.refresh();
  const window = new Window(windowLimits, standing.weightOf, () => wiring.node.remainingMs() > 0);
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
  const transcripts = new Transcripts({ db, clock, log });
  const lookUp = makeLookUp({ connection: connections.suppressions, clock, ring: wiring.ring });
  const parts = {
    signer,
    store,
    journal,
    dots,
    transcripts,
    claims: connections.claims,
    lookUp,
    standing,
  };
  const worker: DeliveryWorker = makeWorker(wiring, window, finisher, parts);
  const report = await recoverOwn(db, { node: node.number, now: clock.now(), finisher, replay });
  if (report.replayed + report.perhapsDelivered + report.freed > 0)
    log.info(report, 'mail of an earlier life moves on');
  forget();
  const acceptor = makeAcceptor(wiring, { window, store, worker, lookUp, connection: connections.accept });
  const strays = watchStrays(wiring, connections, worker);
  worker.start();
  log.info({ node: node.number, mode: config.LETTERSHOP_OUTBOUND }, 'delivery runs');
  return {
    node: node.number,
    mayJudgeOthers: () => node.mayJudgeOthers(),
    standing,
    profileOf: profileFor(wiring),
    acceptor,
    worker,
    window,
    finisher,
    signer,
    lookUp,
    stop: async () => {
      strays[Symbol.dispose]();
      await acceptor.idle();
      await worker[Symbol.asyncDispose]();
      await finisher.idle();
      await transcripts[Symbol.asyncDispose]();
      journal[Symbol.dispose]();
      await Promise.all(Object.values(connections).map((connection) => connection[Symbol.asyncDispose]()));
    },
  };
}

/** Leases that a cut connection left with nobody. */
function watchStrays(
  { db, clock, log, node }: DeliveryWiring,
  { accept, claims }: Connections,
  worker: DeliveryWorker,
): Strays {
  return new Strays({
    db,
    clock,
    log,
    node: node.number,
    connections: [accept, claims],
    isInHand: (messageId) => worker.isInHand(messageId),
    onFreed: () => worker.hint(),
  });
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
  readonly transcripts: Transcripts;
  readonly claims: HotConnection;
  readonly lookUp: LookUp;
  readonly standing: Standing;
};

/** A smarthost and the built-in mailbox are met otherwise than the world. */
function profileFor({ router }: DeliveryWiring): (site: string) => SiteProfile {
  return router.mode === 'fixed' ? () => nextHopProfile : profileOf;
}

function makeWorker(
  wiring: DeliveryWiring,
  window: Window,
  finisher: Finisher,
  parts: Parts,
): DeliveryWorker {
  const { node, clock, log, db, config } = wiring;
  const { sources, suspensions, weightOf, limitsOf } = parts.standing;
  const lanes = laneOptions(wiring, parts);
  const worker: DeliveryWorker = new DeliveryWorker({
    connection: parts.claims,
    node: node.number,
    window,
    clock,
    random: wiring.random,
    log,
    route: makeRouter(wiring.router),
    open: (hosts, source, isTlsRequired) => openLane(hosts, source, lanes, isTlsRequired),
    finish: (message, outcome, place) => {
      if (outcome.kind === 'abandoned') return worker.giveBack(message);
      const entry = parts.dots.get(message.messageId) ?? null;
      parts.dots.delete(message.messageId);
      finisher.finish(message, outcome, place, entry);
      parts.transcripts.keep(message, outcome);
      return undefined;
    },
    profileOf: profileFor(wiring),
    limitsOf,
    weightOf,
    idleMs: 5000,
    pollMs: 500,
    systemSource: { addressId: '0', localAddress: null, ehloName: config.LETTERSHOP_HOSTNAME },
    sources: {
      choose: (message) => sources.choose(message),
      giveBack: (addressId) => sources.giveBack(addressId),
      elsewhere: () => sources.poolsElsewhere,
    },
    suspended: (message, site) =>
      suspensions.isEmpty
        ? null
        : suspensions.hit(message.accountId, { ...message, poolId: sources.poolOf(message), site }),
    countTries: wiring.countTries,
    hold: (held) => holdSuspended({ db, clock, node: node.number }, held),
    onGivenBack: (message) => parts.store.done(message.submissionId),
  });
  return worker;
}

type AcceptorParts = {
  readonly window: Window;
  readonly store: ContentStore;
  readonly worker: DeliveryWorker;
  readonly lookUp: LookUp;
  readonly connection: HotConnection;
};

function makeAcceptor(
  { clock, log, node, nextId, hasDisk }: DeliveryWiring,
  { window, store, worker, lookUp, connection }: AcceptorParts,
): Acceptor {
  return new Acceptor({
    connection,
    clock,
    log,
    node: node.number,
    window,
    nextId,
    suppressed: lookUp,
    handOver: (leased, submission, submissionId) => {
      const { format, content: bytes, mailFrom, domainId, options } = submission;
      store.handOver(submissionId, { format, bytes, mailFrom, domainId, options }, leased.length);
      worker.offer(leased);
    },
    onUnleased: () => worker.hint(),
    hasDisk,
  });
}

const none = Promise.resolve(null);

/** Who signs a copy: the domain that it is from, and those of the pool that it leaves by. All of it is kept for a while. */
async function signingOf(
  { config, sendingDomains }: DeliveryWiring,
  { sources }: Standing,
  content: Content,
  message: LeasedMessage,
): Promise<SigningKeys> {
  const host = config.LETTERSHOP_HOSTNAME;
  const own = (await sendingDomains.signing(domainOf(content, message))) ?? {
    bounceHost: `bounce.${host}`,
    feedbackHost: `bounce.${host}`,
    domain: host,
    ids: '',
    keys: [],
  };
  const pool = sources.signersOf(message);
  if (pool === null) return own;
  const [signing, feedback] = await Promise.all(
    [pool.signing, pool.feedback].map((id) => (id === null ? none : sendingDomains.ownKeys(id))),
  );
  return withPoolKeys(own, { signing: signing ?? null, feedback: feedback ?? null });
}

function laneOptions(wiring: DeliveryWiring, parts: Parts): Parameters<typeof openLane>[2] {
  const { node, clock, ring, sendingDomains, tracking, dial, relay } = wiring;
  const { signer, store, journal, dots, claims, lookUp } = parts;
  const ids = makeIdPrinter(ring.mac('printed ids', ''));
  const linkUrl = async (content: Content, message: LeasedMessage): Promise<string | null> => {
    const { accountId, subaccountId } = message;
    const asked = content.options.tracked?.url;
    return asked ?? (await tracking.url({ accountId, subaccountId, domainId: domainOf(content, message) }));
  };
  return {
    dial,
    deadlines: defaultDeadlines,
    tls: relay?.tls ?? 'opportunistic',
    verifyCertificate: false,
    ...(relay?.auth === undefined ? {} : { auth: relay.auth }),
    world: {
      signer,
      bench: new Bench(signingPlaces, parts.standing.weightOf),
      content: (message) => store.get(message),
      signing: (content, message) => signingOf(wiring, parts.standing, content, message),
      bounceHost: (content, message) => {
        const wanted = bounceDomainOf(content, message);
        return wanted === null ? none : sendingDomains.bounceHost(wanted);
      },
      track: async (content, copy, message) => {
        const url = await linkUrl(content, message);
        return url === null ? copy : trackCopy(content, copy, message, { url, ring });
      },
      leaveLinks: async (content, message) => {
        const url = await linkUrl(content, message);
        return url === null ? undefined : leaveLinks(message, { url, ring, ids });
      },
      mark: (message) => makeMark(message.messageId, message.beganAt, ring),
      name: (messageId) => makeMark(messageId, idTime(messageId), ring),
      nowMs: clock.now,
      suppressed: async ({ accountId, subaccountId, recipient, lane }, mailOf) => {
        const hits = await lookUp({ accountId, subaccountId, addresses: [recipient], lane });
        const hit = hitOf(hits, recipient, hits.bound.has(recipient) ? await mailOf() : unknownMail);
        return hit === null ? null : told(hit);
      },
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
