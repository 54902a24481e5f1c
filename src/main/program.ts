/**
 * The running program: store, node, delivery, doors, background work; stopped in reverse. The only place that knows
 * everything, and the only thing it does is hand each feature the parts it uses.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { HotConnection } from '../base/database/hot-connection.ts';
import { DiskFloor } from '../base/disk.ts';
import { makeIdSource } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { once } from '../base/once.ts';
import { StartFault } from '../base/start-fault.ts';
import { makeAccess } from '../features/access/index.ts';
import type { Access } from '../features/access/index.ts';
import { SendingDomains } from '../features/domains/index.ts';
import type { BrandHosts, BrandWorld } from '../features/brands/index.ts';
import type { ConnectWorld } from '../features/domains/index.ts';
import { Tails } from '../features/events/index.ts';
import { RequestLog } from '../features/logs/index.ts';
import type { MessageWorld } from '../features/messages/index.ts';
import type { Front } from '../http/connections.ts';
import type { LoginHosts } from '../http/credential.ts';
import { TemplateCache } from '../mail/template/cache.ts';
import { blocklistNames } from '../features/monitoring/index.ts';
import { Press } from '../features/templates/index.ts';
import { poolFor } from '../features/pools/index.ts';
import { Node } from '../features/queue/index.ts';
import { ProvenSenders } from '../features/senders/index.ts';
import type { SenderWorld } from '../features/senders/index.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import type { TrackingWorld } from '../features/tracking/index.ts';
import type { InboundDoor } from '../smtp/inbound.ts';
import { startBackground } from './background.ts';
import { linkHostOf, memberAt, openBrandHosts } from './brands.ts';
import { clientWorlds } from './clients.ts';
import { startDelivery } from './delivery.ts';
import { exportsOf } from './exports.ts';
import type { Delivery } from './delivery.ts';
import { startDoors } from './doors.ts';
import type { Doors } from './doors.ts';
import { firstStart, openSystemAccount } from './first-start.ts';
import type { FirstLogin } from './first-start.ts';
import { inboundDoor } from './inbound.ts';
import { openLogins } from './logins.ts';
import type { Logins } from './logins.ts';
import { publicAddress } from './public-address.ts';
import type { PublicAddress } from './public-address.ts';
import { openOutbound } from './outbound.ts';
import type { Outbound } from './outbound.ts';
import { makeSubmissionMark } from '../mail/verp.ts';
import { renderStored } from './render.ts';
import { reportingFor } from './tls-reports.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { makeTracker } from './tracking.ts';
import type { Tracker } from './tracking.ts';
import { startWebhooks } from './webhooks.ts';
import type { Calling } from './webhooks.ts';

export type Program = {
  readonly store: Store;
  readonly access: Access;
  readonly delivery: Delivery;
  readonly doors: Doors;
  readonly messages: MessageWorld;
  readonly domains: ConnectWorld;
  readonly tracking: TrackingWorld;
  readonly senders: SenderWorld;
  readonly incoming: IncomingWorld;
  readonly brands: BrandWorld;
  readonly hosts: BrandHosts;
  readonly loginHosts: LoginHosts;
  readonly requestLog: RequestLog;
  readonly inbound: InboundDoor;
  readonly auth: Logins;
  readonly publicUrl: PublicAddress['publicUrl'];
  readonly onPort: PublicAddress['onPort'];
  readonly tails: Tails;
  readonly front: Front;
  readonly tracker: Tracker;
  readonly webhooks: Calling;
  readonly firstLogin: FirstLogin | null;
  /** Resolves when the program cannot go on (its node number or its database is lost). */
  readonly broken: Promise<string>;
  readonly stop: () => Promise<void>;
};

export type ProgramOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Where policies and reports are asked and posted: 443 but in tests. */
  readonly httpsPort?: number;
};

/** How long a graceful stop may take before what is left is cut (its leases end with the term). */
const stopMs = 30_000;

export async function startProgram(options: ProgramOptions): Promise<Program> {
  const stack = new AsyncDisposableStack();
  const { promise: broken, resolve: breakProgram } = Promise.withResolvers<string>();
  const stop = once(() => stack.disposeAsync());
  try {
    const { clock = systemClock, random = Math.random, httpsPort = 443 } = options;
    const all = { ...options, clock, random, httpsPort };
    return { ...(await assemble(all, stack, breakProgram)), broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Options = Required<ProgramOptions>;

/** Starts everything in order; what has to be stopped goes onto the stack. */
async function assemble(
  options: Options,
  stack: AsyncDisposableStack,
  breakProgram: (why: string) => void,
): Promise<Omit<Program, 'broken' | 'stop'>> {
  const { config, log, clock } = options;
  const ground = await layGround(options, stack, breakProgram);
  const { store, disk, access, outbound, tracker } = ground;
  const { db } = store;
  const address = publicAddress(config);
  const { publicUrl } = address;
  const clients = clientWorlds({ config, store, clock, outbound, publicUrl });
  const { domains, incoming } = clients;
  const brandHosts = await openBrandHosts(config, store);
  const systemScope = await openSystemAccount({ db, clock, access, domains });
  const firstLogin = await firstStart({ config, db, clock, access, domains });
  const { delivery, messages } = await openMail(options, ground, stack);
  const notices = { messages, log, scope: systemScope, from: `notices@${config.LETTERSHOP_MAIL_DOMAIN}` };
  const inbound = inboundDoor(store, { config, clock, disk, incoming });
  const transport = reportingFor({ config, clock, log, db, outbound, messages, scope: systemScope });
  const reports = { db, clock, ring: store.ring, access, publicUrl };
  const exports = exportsOf({ store, clock, access, publicUrl });
  const webhooks = await startWebhooks(
    { db, clock, log, ring: store.ring, node: ground.node, outbound, incoming },
    stack,
  );
  const alerts = { db, clock, ring: store.ring, poster: webhooks.poster };
  stack.use(
    startBackground({
      db,
      clock,
      log,
      delivery,
      late: messages,
      notices,
      transport,
      inbound,
      blocklists: blocklistNames(config.LETTERSHOP_BLOCKLISTS),
      alerts,
      tracker,
      reports,
      exports,
      ...clients,
      hosts: brandHosts.hosts,
    }),
  );
  const requestLog = stack.use(new RequestLog({ db: db.engine, clock, log }));
  const linkHost = linkHostOf(store, brandHosts.hosts, publicUrl);
  const common = { config, db, clock, log, systemScope, publicUrl };
  const belongs = memberAt(store, brandHosts.hosts);
  const { ring } = store;
  const auth = await openLogins({ ...common, ring, linkHost, belongs, hosts: brandHosts.hosts });
  const tails = new Tails(db);
  const mail = { messages, delivery, inbound, webhooks, tails };
  const front = tracker.door(publicUrl);
  const signing = { ...domains, forgetKeys: (id: string) => messages.sendingDomains.forgetKeys(id) };
  const things = { ...mail, ...address, ...clients, ...brandHosts, domains: signing };
  const parts = { store, access, requestLog, auth, front, tracker, ...things };
  const doors = await startDoors({ config, log, clock, ...parts });
  // A stream that stays open would keep the door from closing.
  stack.defer(async () => {
    await Promise.all([tails[Symbol.asyncDispose](), doors.stop(stopMs)]);
  });
  return { ...parts, doors, firstLogin };
}

type Ground = {
  readonly store: Store;
  readonly disk: DiskFloor;
  readonly node: Node;
  readonly access: Access;
  readonly outbound: Outbound;
  readonly tracker: Tracker;
};

/** What everything else stands on. */
async function layGround(
  { config, log, clock, random, httpsPort }: Options,
  stack: AsyncDisposableStack,
  breakProgram: (why: string) => void,
): Promise<Ground> {
  const store = stack.use(
    await openStore(config, log, {
      now: new Date(clock.now()),
      onDatabaseLost: () => breakProgram('the database does not stay up'),
    }),
  );
  const disk = stack.use(await watchDisk(store, config, log));
  const node = stack.use(
    await startNode(store, { config, log, clock }, () => breakProgram('the node number was taken over')),
  );
  const access = stack.use(makeAccess({ db: store.db, clock, log }));
  const outbound = stack.use(await openOutbound({ config, store, clock, log, random, httpsPort }));
  const tracker = makeTracker({ config, store, clock, log });
  stack.use(tracker.engagements);
  return { store, disk, node, access, outbound, tracker };
}

/** The engine, and the one way by which mail comes into it. */
async function openMail(
  { config, log, clock, random }: Options,
  { store, disk, node, access, outbound, tracker }: Ground,
  stack: AsyncDisposableStack,
): Promise<{ delivery: Delivery; messages: MessageWorld }> {
  const { db, ring } = store;
  const nextId = startIds(node, clock);
  const identities = stack.use(new HotConnection(db.target, 'identities', log));
  const sendingDomains = new SendingDomains({ db: db.engine, connection: identities, clock, ring });
  const delivery = await startDelivery({
    config,
    db,
    clock,
    log,
    ring,
    node,
    nextId,
    sendingDomains,
    tracking: tracker.standing,
    journalFolder: join(store.folder.path, 'journal'),
    router: outbound.router,
    dial: outbound.dial,
    relay: outbound.relay,
    hasDisk: () => !disk.isLow,
    random,
    countTries: (domain, tries) => outbound.transport?.countTries(domain, tries),
  });
  stack.defer(() => delivery.stop());
  const press = stack.use(new Press());
  const messages: MessageWorld = {
    db,
    clock,
    acceptor: delivery.acceptor,
    sendingDomains,
    senders: new ProvenSenders(identities, clock, config.LETTERSHOP_MAIL_DOMAIN),
    nextId,
    tracking: tracker.standing,
    feedbackMark: (accountId, submissionId) =>
      delivery.standing.hasFeedbackHeaders(accountId)
        ? makeSubmissionMark(submissionId, clock.now(), ring)
        : null,
    templates: new TemplateCache(),
    press,
    choosePool: (scope, asked) => poolFor({ db, clock }, scope, asked),
    messageBytesMax: config.LETTERSHOP_MESSAGE_BYTES_MAX,
    hostname: config.LETTERSHOP_HOSTNAME,
    access,
    render: (stored, message) => renderStored(stored, message, ring),
  };
  return { delivery, messages };
}

function watchDisk(store: Store, config: Config, log: Log): Promise<DiskFloor> {
  return DiskFloor.watch({
    path: store.folder.path,
    floorBytes: config.LETTERSHOP_MIN_FREE_BYTES,
    tell: (state, freeBytes) => log.warn({ state, freeBytes }, 'free disk changed; accepting follows'),
  });
}

function startNode(
  store: Store,
  { config, log, clock }: { config: Config; log: Log; clock: Clock },
  onLost: () => void,
): Promise<Node> {
  return Node.start({
    db: store.db.engine,
    clock,
    log,
    instance: store.instance,
    host: hostname(),
    termMs: config.LETTERSHOP_NODE_TERM_SECONDS * 1000,
    onLost,
  });
}

/** Ids of this node's number; a clock behind what the number has used would make one twice. */
function startIds(node: Node, clock: Clock): () => string {
  if (node.newestIdMs > clock.now()) {
    throw new StartFault('the clock is behind the newest id of this node: set it right and start again');
  }
  const ids = makeIdSource({ clock, node: node.number, lastIssuedMs: node.newestIdMs });
  node.watchIds(ids.newestMs);
  return ids.next;
}
