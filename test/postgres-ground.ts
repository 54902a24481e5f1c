// What the tests of the embedded PostgreSQL share: scratch folders, programs to kill, and one query.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { newFolder } from './folder.ts';
import { isAlive } from '../src/base/process-table.ts';
import type { Log } from '../src/base/log.ts';
import type { Connection } from '../src/base/postgres/place.ts';

export const isRoot = process.geteuid?.() === 0;

/** A folder that any uid may pass, removed when disposed. */
export async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  // Short: with a user's own folder in it the path of a socket comes near to its limit of 107 bytes.
  const path = newFolder('pg');
  await chmod(path, 0o711);
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export type CollectedLog = Log & { readonly messages: string[] };

export function collectLog(): CollectedLog {
  const messages: string[] = [];
  const take = (_fields: object, message: string): void => void messages.push(message);
  return { info: take, warn: take, error: take, messages };
}

export async function query(connection: Connection, text: string): Promise<unknown[][]> {
  const client = new Client(connection);
  // A server killed under a client is what these tests are about.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

export async function until(claim: string, isTrue: () => boolean, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${claim}`);
    await wait(10);
  }
}

export async function untilGone(pid: number): Promise<void> {
  await until(`process ${pid} is gone`, () => !isAlive(pid));
}

function module(name: string): string {
  return JSON.stringify(new URL(name, import.meta.url).href);
}

/**
 * A program of its own that runs `body` with everything of the embedded PostgreSQL at hand and the arguments as `args`. It is
 * killed when disposed. `say(value)` in it prints one JSON line, `heard()` here waits for the next.
 */
export function program(
  body: string,
  args: readonly string[],
  owner?: { uid: number; gid: number },
): Program {
  const code = `
    import { openDataFolder } from ${module('../src/base/data-folder.ts')};
    import { startPostgres } from ${module('../src/base/postgres/postgres.ts')};
    import { preparePlace } from ${module('../src/base/postgres/place.ts')};
    import { PostgresServer } from ${module('../src/base/postgres/server.ts')};
    const quiet = () => undefined;
    const log = { info: quiet, warn: quiet, error: quiet };
    const args = ${JSON.stringify(args)};
    const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
    const hold = () => setInterval(quiet, 60_000);
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    // A process group of its own, as a terminal gives to each program.
    detached: true,
    ...owner,
  });
  return new Program(child);
}

export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stderr?.on('data', (part: Buffer) => (this.#stderr += part.toString()));
    if (child.stdout === null) throw new Error('the program has no output');
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  async heard<T>(): Promise<T> {
    const next = await this.#lines.next();
    if (next.done) throw new Error(`the program ended: ${this.#stderr}`);
    return JSON.parse(next.value) as T;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

export type Started = { readonly pid: number; readonly connection: Connection };

export const settings = { fsync: false, sharedBuffersMb: 16 } as const;

/** A program that runs the database the way `main` does. */
export const supervisor = `
  const settings = { fsync: false, sharedBuffersMb: 16 };
  const postgres = await startPostgres({ folder: args[0], log, settings });
  say({ pid: postgres.pid, connection: postgres.connection });
  hold();`;

/** Whether a killed program takes its database with it on this system. */
export const canTellDeath = spawnSync('setpriv', ['--pdeathsig=INT', '--', 'true']).status === 0;
