/**
 * The running program: store, node, delivery, doors, background work; stopped in reverse. The only place that knows
 * everything, and the only thing it does is hand each feature the parts it uses.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { DiskFloor } from '../base/disk.ts';
import { makeIdSource } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { StartFault } from '../base/start-fault.ts';
import { makeAccess } from '../features/access/index.ts';
import type { Access } from '../features/access/index.ts';
import { SendingDomains } from '../features/domains/index.ts';
import type { DomainWorld } from '../features/domains/index.ts';
import { Tails } from '../features/events/index.ts';
import { RequestLog } from '../features/logs/index.ts';
import type { MessageWorld } from '../features/messages/index.ts';
import { poolFor } from '../features/pools/index.ts';
import { Node } from '../features/queue/index.ts';
import type { WebhookWorld } from '../features/webhooks/index.ts';
import { startBackground } from './background.ts';
import { startDelivery } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import { startDoors } from './doors.ts';
import type { Doors } from './doors.ts';
import { firstStart, openSystemAccount } from './first-start.ts';
import type { FirstLogin } from './first-start.ts';
import { openOutbound } from './outbound.ts';
import { renderStored } from './render.ts';
import { openStore } from './store.ts';
import type { Store } from './store.ts';
import { startWebhooks } from './webhooks.ts';

export type Program = {
  readonly store: Store;
  readonly access: Access;
  readonly delivery: Delivery;
  readonly doors: Doors;
  readonly messages: MessageWorld;
  readonly domains: DomainWorld;
  readonly requestLog: RequestLog;
  readonly tails: Tails;
  readonly webhooks: Pick<WebhookWorld, 'network' | 'poster'>;
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
};

/** How long a graceful stop may take before what is left is cut (its leases end with the term). */
const stopMs = 30_000;

export async function startProgram(options: ProgramOptions): Promise<Program> {
  const stops: (() => PromiseLike<unknown>)[] = [];
  const { promise: broken, resolve: breakProgram } = Promise.withResolvers<string>();
  const stop = once(async () => {
    for (const step of stops.toReversed()) await step();
  });
  try {
    return { ...(await assemble(options, stops, breakProgram)), broken, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts everything in order; each part pushes how it is stopped. */
async function assemble(
  { config, log, clock = systemClock, random = Math.random }: ProgramOptions,
  stops: (() => PromiseLike<unknown>)[],
  breakProgram: (why: string) => void,
): Promise<Omit<Program, 'broken' | 'stop'>> {
  const store = await openStore(config, log, {
    now: new Date(clock.now()),
    onDatabaseLost: () => breakProgram('the database does not stay up'),
  });
  stops.push(() => store[Symbol.asyncDispose]());
  const { db, ring } = store;
  const disk = await watchDisk(store, config, log);
  stops.push(() => disk[Symbol.asyncDispose]());
  const node = await startNode(store, { config, log, clock }, () =>
    breakProgram('the node number was taken over'),
  );
  stops.push(() => node[Symbol.asyncDispose]());
  const nextId = startIds(node, clock);
  const access = makeAccess({ db, clock, log });
  stops.push(() => access[Symbol.asyncDispose]());
  const sendingDomains = new SendingDomains(db.engine, clock, ring);
  const outbound = await openOutbound({ config, store, clock, log, random });
  stops.push(() => outbound[Symbol.asyncDispose]());
  const domains: DomainWorld = {
    db,
    clock,
    ring,
    mailDomain: config.LETTERSHOP_MAIL_DOMAIN,
    resolve: outbound.resolve,
  };
  const systemScope = await openSystemAccount({ db, clock, access, domains });
  const firstLogin = await firstStart({ config, db, clock, access, domains });
  const delivery = await startDelivery({
    config,
    db,
    clock,
    log,
    ring,
    node,
    nextId,
    sendingDomains,
    journalFolder: join(store.folder.path, 'journal'),
    router: outbound.router,
    dial: outbound.dial,
    relay: outbound.relay,
    hasDisk: () => !disk.isLow,
    random,
  });
  stops.push(() => delivery.stop());
  const messages: MessageWorld = {
    db,
    clock,
    acceptor: delivery.acceptor,
    sendingDomains,
    nextId,
    choosePool: (scope, asked) => poolFor({ db, clock }, scope, asked),
    messageBytesMax: config.LETTERSHOP_MESSAGE_BYTES_MAX,
    render: renderStored,
  };
  const notices = { messages, log, scope: systemScope, from: `notices@${config.LETTERSHOP_MAIL_DOMAIN}` };
  const background = startBackground({ db, clock, log, delivery, domains, notices });
  stops.push(() => background[Symbol.asyncDispose]());
  const webhooks = await startWebhooks({ db, clock, log, ring, node, outbound }, stops);
  const requestLog = new RequestLog({ db: db.engine, clock, log });
  stops.push(() => requestLog[Symbol.asyncDispose]());
  const parts = { store, access, messages, domains, delivery, requestLog, webhooks, tails: new Tails(db) };
  const doors = await startDoors({ config, log, clock, ...parts });
  stops.push(() => Promise.all([parts.tails[Symbol.asyncDispose](), doors.stop(stopMs)]));
  return { ...parts, doors, firstLogin };
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

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= run());
}
