/** Nodes on one database, killed, replaced and started again by a supervisor; the database dies and comes back. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Client } from 'pg';
import { clientConfig } from '../../src/base/database/database.ts';
import { silentLog } from '../../src/base/log.ts';
import { KeptPostgres } from '../../src/base/postgres/keep.ts';
import { freshFolder, wait } from './judge.ts';
import { killKey, NodeProcess } from './node.ts';

type Slot = { node: NodeProcess; isChanging: boolean; changing: Promise<void> };

export class Fleet {
  readonly database: KeptPostgres;
  /** Nodes that ended by themselves and were started again. */
  ended = 0;
  readonly #base: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #slots: Slot[] = [];
  #supervising: NodeJS.Timeout | null = null;

  private constructor(base: string, database: KeptPostgres, settings: Readonly<Record<string, string>>) {
    this.#base = base;
    this.database = database;
    const host = encodeURIComponent(database.connection.host);
    this.#settings = {
      LETTERSHOP_NODE_TERM_SECONDS: '6',
      LETTERSHOP_MASTER_KEY: randomBytes(32).toString('base64'),
      DATABASE_URL: `postgres://postgres@localhost/postgres?host=${host}`,
      ...settings,
    };
  }

  /** The first start of all in capture mode makes the domain that is sent from. */
  static async start(
    base: string,
    nodes: number,
    settings: Readonly<Record<string, string>>,
  ): Promise<Fleet> {
    const folder = freshFolder(base, 'pg');
    const database = await KeptPostgres.start({ folder, log: silentLog, restartsPerMinuteMax: 60 });
    const fleet = new Fleet(base, database, settings);
    for (let index = 0; index < nodes; index++) {
      const slot: Slot = { node: fleet.#makeNode(), isChanging: false, changing: Promise.resolve() };
      fleet.#slots.push(slot);
      if (index === 0) await slot.node.start({ LETTERSHOP_OUTBOUND: 'capture' });
      if (index === 0) await slot.node.stop();
      await startAgain(slot.node);
    }
    fleet.#supervising = setInterval(() => fleet.#supervise(), 100);
    return fleet;
  }

  get up(): readonly NodeProcess[] {
    return this.#slots
      .filter(({ node, isChanging }) => !isChanging && node.isRunning)
      .map(({ node }) => node);
  }

  /** Waits until one is up: with all of them down there is nobody to kill. */
  async kill(at: number, isForever: boolean): Promise<void> {
    while (this.up.length === 0) await wait(50);
    const isUp = ({ node }: Slot): boolean => this.up.includes(node);
    const chosen = this.#slots[at];
    const slot = chosen !== undefined && isUp(chosen) ? chosen : this.#slots.find(isUp);
    if (slot === undefined) return;
    const victim = slot.node;
    this.#change(slot, async () => {
      await victim.kill();
      if (isForever) {
        rmSync(victim.folder, { recursive: true, force: true });
        slot.node = this.#makeNode();
      }
      await startAgain(slot.node);
    });
  }

  /** SIGQUIT is a crash with recovery; SIGINT ends every session and checkpoints. */
  endDatabase(signal: 'SIGQUIT' | 'SIGINT'): void {
    try {
      process.kill(this.database.pid, signal);
    } catch {
      // It is down already.
    }
  }

  /** All of them up. */
  async calm(): Promise<void> {
    while (this.up.length < this.#slots.length) await wait(50);
  }

  /** As soon as the database takes a connection. */
  async connect(): Promise<Client> {
    for (let tries = 1; ; tries++) {
      const client = new Client(clientConfig(this.database.connection, 'engine', 'webhook run'));
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

  /** Of whichever node answers; what it refuses is an error at once. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (let tries = 1; ; tries++) {
      const answer = await callOf(this.up[0], method, path, body).catch(() => null);
      if (answer !== null && answer.status < 300) return JSON.parse(answer.text) as T;
      if (answer !== null && answer.status < 500)
        throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      if (tries === 300) throw new Error(`${method} ${path}: nobody answers, ${answer?.text}`);
      await wait(200);
    }
  }

  async stop(): Promise<void> {
    if (this.#supervising !== null) clearInterval(this.#supervising);
    for (const { changing, node } of this.#slots) {
      await changing;
      await node.stop();
    }
    await this.database.stop();
  }

  #makeNode(): NodeProcess {
    return new NodeProcess(freshFolder(this.#base, 'n'), this.#settings);
  }

  #supervise(): void {
    for (const slot of this.#slots) {
      if (slot.isChanging || slot.node.isRunning) continue;
      this.ended += 1;
      this.#change(slot, () => startAgain(slot.node));
    }
  }

  #change(slot: Slot, change: () => Promise<void>): void {
    slot.isChanging = true;
    slot.changing = change().finally(() => {
      slot.isChanging = false;
    });
  }
}

async function callOf(
  node: NodeProcess | undefined,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly text: string } | null> {
  if (node === undefined) return null;
  const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${killKey.secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, text: await response.text() };
}

/** Again until it is up: the database may be away, or the start be struck itself. */
async function startAgain(node: NodeProcess): Promise<void> {
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
