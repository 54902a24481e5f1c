/**
 * A day's traffic in minutes: three nodes deliver to receivers that behave like the world while faults fall on all of it.
 * Faults: connections to a receiver cut, a node's line to the database cut or stalled, a node killed and back, killed for
 * good, the database crashed or restarted. They overlap: the next does not wait for a node to come back. Seeded: the same
 * seed gives the same order of faults; where they strike is the machine's.
 *
 * Lost: answered, and neither at its receiver when told delivered nor refused by it when told bounced. Half, stuck and
 * unexplained as in the kill runs.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { Client } from 'pg';
import { clientConfig } from '../../src/base/database/database.ts';
import { silentLog } from '../../src/base/log.ts';
import { KeptPostgres } from '../../src/base/postgres/keep.ts';
import { selfSigned } from '../doubles/certificate.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { Receiver, seeded } from '../doubles/receivers.ts';
import type { Temper } from '../doubles/receivers.ts';
import { Clients } from './clients.ts';
import { Cutter } from './cutter.ts';
import { drain, freshFolder, halfStored, hasten, ledgerOf, wait } from './judge.ts';
import { NodeProcess } from './node.ts';
import { newFolder } from '../folder.ts';

export type DayPlan = {
  readonly faults: number;
  readonly nodes: number;
  readonly seed: number;
  readonly clients: number;
};

/** Chances in a hundred. */
const faultKinds = {
  'receiver cut': 46,
  'database line cut': 20,
  'database line stalled': 12,
  'node killed': 14,
  'node never back': 4,
  'database crashed': 2,
  'database restarted': 2,
} as const;
export type FaultKind = keyof typeof faultKinds;

export type DayResult = {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** What the receivers did of themselves, by name. */
  readonly troubles: Readonly<Record<string, number>>;
  /** Nodes that ended by themselves, as a node that lost its number must, and were started again. */
  readonly nodesEnded: number;
  readonly answered: number;
  readonly delivered: number;
  readonly bounced: number;
  readonly lost: number;
  readonly half: number;
  readonly stuck: number;
  readonly doubles: number;
  readonly explained: number;
  readonly ledger: number;
};

const tempers: Readonly<Record<string, Temper>> = {
  'calm.test': {},
  'grey.test': { greylists: true },
  'storm.test': { stormEvery: 80, stormLength: 6 },
  'tar.test': { tarpitMs: 15 },
  'drop.test': { dropAfterData: 0.02 },
  'slow.test': { slowTlsMs: 100 },
  'no.test': { refuses: 0.1 },
};

/** What came to the receivers, by recipient. */
type World = AsyncDisposable & {
  readonly receivers: readonly Receiver[];
  readonly dns: DnsServerDouble;
  readonly dots: Map<string, number>;
  readonly refused: Set<string>;
};

async function openWorld(seed: number): Promise<World> {
  const [dots, refused] = [new Map<string, number>(), new Set<string>()];
  const zone: Record<string, { MX?: [number, string][]; A?: string[] }> = {};
  const receivers: Receiver[] = [];
  const { key, cert } = selfSigned('mx.slow.test');
  for (const [index, [domain, temper]] of Object.entries(tempers).entries()) {
    const host = `127.0.1.${index + 1}`;
    zone[domain] = { MX: [[10, `mx.${domain}`]] };
    zone[`mx.${domain}`] = { A: [host] };
    receivers.push(
      await Receiver.start({
        seed: seed + index,
        host,
        port: receivers[0]?.port ?? 0,
        temper,
        ...(temper.slowTlsMs === undefined ? {} : { tls: createSecureContext({ key, cert }) }),
        onKept: ({ recipient }) => dots.set(recipient, (dots.get(recipient) ?? 0) + 1),
        onRefused: (recipient) => refused.add(recipient),
      }),
    );
  }
  const dns = await DnsServerDouble.start(zone, 60);
  const close = async (): Promise<void> => {
    for (const open of [...receivers, dns]) await open[Symbol.asyncDispose]();
  };
  return { receivers, dns, dots, refused, [Symbol.asyncDispose]: close };
}

/** A place for a node: its own line to the database, and whoever runs there now. */
type Slot = {
  readonly cutter: Cutter;
  node: NodeProcess;
  /** Resolves when whoever is killed or started is up again. */
  changing: Promise<void>;
  isChanging: boolean;
};

class Day {
  readonly plan: DayPlan;
  readonly world: World;
  readonly database: KeptPostgres;
  readonly slots: Slot[] = [];
  readonly counts = Object.fromEntries(Object.keys(faultKinds).map((kind) => [kind, 0])) as Record<
    FaultKind,
    number
  >;
  nodesEnded = 0;
  readonly #base: string;
  readonly #random: () => number;
  readonly #shared: Readonly<Record<string, string>>;
  #stalls: Promise<void>[] = [];

  constructor(plan: DayPlan, world: World, database: KeptPostgres, base: string) {
    this.plan = plan;
    this.world = world;
    this.database = database;
    this.#base = base;
    this.#random = seeded(plan.seed);
    this.#shared = {
      LETTERSHOP_NODE_TERM_SECONDS: '6',
      LETTERSHOP_MASTER_KEY: randomBytes(32).toString('base64'),
      LETTERSHOP_OUTBOUND: 'direct',
      LETTERSHOP_DNS_SERVERS: world.dns.address,
      LETTERSHOP_MX_PORT: String(world.receivers[0]?.port ?? 0),
      LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
      LETTERSHOP_HOSTNAME: 'mx.sender.test',
    };
  }

  async open(): Promise<void> {
    const path = join(this.database.connection.host, `.s.PGSQL.${this.database.connection.port ?? 5432}`);
    for (let index = 0; index < this.plan.nodes; index++) {
      const cutter = await Cutter.start(path);
      const slot: Slot = {
        cutter,
        node: this.#makeNode(cutter, `n${index}`),
        changing: Promise.resolve(),
        isChanging: false,
      };
      this.slots.push(slot);
      // The first start of all in capture mode makes the domain that is sent from.
      if (index === 0) await slot.node.start({ LETTERSHOP_OUTBOUND: 'capture' });
      if (index === 0) await slot.node.stop();
      await slot.node.start();
    }
  }

  get up(): readonly NodeProcess[] {
    return this.slots.filter(({ node, isChanging }) => !isChanging && node.isRunning).map(({ node }) => node);
  }

  /** One fault, and whoever fell over meanwhile is started again. */
  async strike(): Promise<void> {
    await wait(50 + Math.floor(this.#random() * 350));
    this.#supervise();
    const kind = this.#chooseKind();
    const slot = this.slots[Math.floor(this.#random() * this.slots.length)];
    const receiver = this.world.receivers[Math.floor(this.#random() * this.world.receivers.length)];
    const stallMs = Math.floor(this.#random() * 1500);
    if (slot === undefined || receiver === undefined) return;
    this.counts[kind] += 1;
    switch (kind) {
      case 'receiver cut':
        return receiver.cut();
      case 'database line cut':
        return slot.cutter.cut();
      case 'database line stalled':
        this.#stalls.push(slot.cutter.stall(stallMs));
        return;
      case 'node killed':
      case 'node never back':
        return this.#killNode(slot, kind === 'node never back');
      case 'database crashed':
      case 'database restarted':
        this.#endDatabase(kind === 'database crashed' ? 'SIGQUIT' : 'SIGINT');
    }
  }

  /** All nodes up, nothing in the way any more. */
  async calm(): Promise<void> {
    await Promise.all(this.#stalls);
    await Promise.all(this.slots.map(({ changing }) => changing));
    this.#supervise();
    await Promise.all(this.slots.map(({ changing }) => changing));
    for (const receiver of this.world.receivers) receiver.temper = {};
  }

  async close(): Promise<void> {
    for (const { node, cutter, changing } of this.slots) {
      await changing;
      await node.stop();
      await cutter[Symbol.asyncDispose]();
    }
  }

  #makeNode(cutter: Cutter, name: string): NodeProcess {
    const url = `postgres://postgres@127.0.0.1:${cutter.port}/postgres?sslmode=disable`;
    return new NodeProcess(freshFolder(this.#base, name), { ...this.#shared, DATABASE_URL: url });
  }

  #chooseKind(): FaultKind {
    let left = this.#random() * 100;
    for (const [kind, chance] of Object.entries(faultKinds) as [FaultKind, number][]) {
      left -= chance;
      if (left < 0) return kind;
    }
    return 'receiver cut';
  }

  #supervise(): void {
    for (const slot of this.slots) {
      if (slot.isChanging || slot.node.isRunning) continue;
      this.nodesEnded += 1;
      this.#change(slot, () => this.#start(slot.node));
    }
  }

  /** A node that is up: with all of them down there would be nobody to take mail, and no day. */
  async #killNode(chosen: Slot, isForever: boolean): Promise<void> {
    const isUp = (slot: Slot): boolean => !slot.isChanging && slot.node.isRunning;
    if (!this.slots.some(isUp)) await Promise.race(this.slots.map(({ changing }) => changing));
    const slot = isUp(chosen) ? chosen : this.slots.find(isUp);
    if (slot === undefined) return;
    const victim = slot.node;
    this.#change(slot, async () => {
      await victim.kill();
      if (isForever) {
        rmSync(victim.folder, { recursive: true, force: true });
        slot.node = this.#makeNode(slot.cutter, 'next');
      }
      await this.#start(slot.node);
    });
  }

  /** Immediate shutdown is a crash with recovery; fast shutdown ends every session and checkpoints. */
  #endDatabase(signal: 'SIGQUIT' | 'SIGINT'): void {
    try {
      process.kill(this.database.pid, signal);
    } catch {
      // It is down already, from a fault before.
    }
  }

  #change(slot: Slot, change: () => Promise<void>): void {
    slot.isChanging = true;
    slot.changing = change().finally(() => {
      slot.isChanging = false;
    });
  }

  /** As a supervisor does: again until it is up; the database may be away, or the start be struck itself. */
  async #start(node: NodeProcess): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await node.start();
        return;
      } catch (error) {
        if (tries === 40) throw error;
        await node.kill();
        await wait(300);
      }
    }
  }
}

/** A connection past the nodes' lines, as soon as the database takes one: the last fault may have ended it. */
async function connected(database: KeptPostgres): Promise<Client> {
  for (let tries = 1; ; tries++) {
    const client = new Client(clientConfig(database.connection, 'engine', 'day'));
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (tries === 200) throw error;
      await wait(300);
    }
  }
}

/** Beside the nodes; opened for each use, as the database may have been away. */
async function asked<T>(database: KeptPostgres, ask: (db: Client) => Promise<T>): Promise<T> {
  const client = await connected(database);
  try {
    return await ask(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Answered between one fault and the next, however slow the machine is; a fault that keeps all of it lasts for less. */
const answeredMin = 4;
const patienceMs = 30_000;

async function goOn({ answered }: Clients): Promise<void> {
  const enough = answered.length + answeredMin;
  const endsAt = performance.now() + patienceMs;
  while (answered.length < enough && performance.now() < endsAt) await wait(20);
}

export async function dayRun(plan: DayPlan): Promise<DayResult> {
  const started = performance.now();
  const base = newFolder('lettershop-day');
  chmodSync(base, 0o711);
  await using world = await openWorld(plan.seed);
  await using database = await KeptPostgres.start({
    folder: freshFolder(base, 'pg'),
    log: silentLog,
    restartsPerMinuteMax: 60,
  });
  const day = new Day(plan, world, database, base);
  try {
    await day.open();
    const clients = new Clients(String(plan.seed), () => day.up, Object.keys(tempers));
    clients.start(plan.clients);
    for (let fault = 0; fault < plan.faults; fault++) {
      await goOn(clients);
      await day.strike();
      if (fault % 10 === 9) void asked(database, hasten).catch(() => undefined);
    }
    await clients.stop();
    await day.calm();
    const found = await asked(database, (db) => judge(db, clients, world));
    const troubles = new Map<string, number>();
    for (const receiver of world.receivers)
      for (const [name, n] of receiver.troubles) troubles.set(name, (troubles.get(name) ?? 0) + n);
    return {
      seed: plan.seed,
      minutes: Math.round((performance.now() - started) / 6000) / 10,
      faults: day.counts,
      troubles: Object.fromEntries(troubles),
      nodesEnded: day.nodesEnded,
      ...found,
    };
  } finally {
    await day.close();
    await database.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

type Found = Omit<DayResult, 'seed' | 'minutes' | 'faults' | 'troubles' | 'nodesEnded'>;

async function judge(db: Client, clients: Clients, { dots, refused }: World): Promise<Found> {
  await drain(db, 240_000);
  const { rows } = await db.query<{ recipient: string; state: string }>(
    'select recipient, state from messages',
  );
  const states = new Map(rows.map(({ recipient, state }) => [recipient, state]));
  const ledger = await ledgerOf(db);
  const answered = clients.answered.map(({ recipient }) => recipient);
  const inState = (state: string): string[] => answered.filter((each) => states.get(each) === state);
  const [delivered, bounced] = [inState('delivered'), inState('bounced')];
  const untrue = [
    ...delivered.filter((each) => !dots.has(each)),
    ...bounced.filter((each) => !refused.has(each)),
  ];
  const gone = answered.filter((each) => !states.has(each));
  const doubles = [...dots].filter(([, n]) => n > 1).map(([recipient]) => recipient);
  return {
    answered: answered.length,
    delivered: delivered.length,
    bounced: bounced.length,
    lost: gone.length + untrue.length,
    half: await halfStored(db),
    stuck: answered.length - gone.length - delivered.length - bounced.length,
    doubles: doubles.length,
    explained: doubles.filter((each) => ledger.has(each)).length,
    ledger: ledger.size,
  };
}
