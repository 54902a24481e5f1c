/** A node of the program as a child process: started, killed, started again. Ends only what it started. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { clientConfig } from '../../src/base/database/database.ts';
import type { ConnectionTarget } from '../../src/base/database/database.ts';

export const killKey = { publicId: 'lk_kill', secret: 'ls_killkillkillkillkillkillkillkill' } as const;

export class NodeProcess {
  readonly folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #stderr = '';
  ports = { http: 0, smtp: 0, inbound: 0 };

  constructor(folder: string, settings: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#settings = settings;
  }

  /** False after an end that nobody asked for. */
  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when its doors are open. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const ready = join(this.folder, 'listening.json');
    rmSync(ready, { force: true });
    const child = spawn(process.execPath, ['src/main.ts'], {
      env: {
        ...process.env,
        LETTERSHOP_DATA_DIR: this.folder,
        LETTERSHOP_HTTP_PORT: '0',
        LETTERSHOP_SMTP_PORT: '0',
        LETTERSHOP_INBOUND_PORT: '0',
        LETTERSHOP_MIN_FREE_BYTES: '0',
        LETTERSHOP_LOG_LEVEL: 'error',
        LETTERSHOP_BOOTSTRAP_KEY: `${killKey.publicId}:${killKey.secret}`,
        ...this.#settings,
        ...more,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
    const endsAt = performance.now() + 60_000;
    while (!existsSync(ready)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the node ended with ${child.exitCode ?? child.signalCode}: ${this.#stderr}`);
      if (performance.now() > endsAt) throw new Error(`the node does not come up: ${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const listening = JSON.parse(readFileSync(ready, 'utf8')) as Record<
      'http' | 'smtp' | 'inbound',
      { port: number }
    >;
    const { http, smtp, inbound } = listening;
    this.ports = { http: http.port, smtp: smtp.port, inbound: inbound.port };
  }

  /** SIGKILL of the program alone; PostgreSQL is left to what the kernel does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await ended;
  }

  /** The database beside the running node. */
  async database(): Promise<Client> {
    const url = this.#settings['DATABASE_URL'];
    const target = url === undefined ? this.#embedded() : { connectionString: url };
    const client = new Client(clientConfig(target, 'engine', 'kill run'));
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  #embedded(): ConnectionTarget {
    return (
      JSON.parse(readFileSync(join(this.folder, 'database.json'), 'utf8')) as { target: ConnectionTarget }
    ).target;
  }
}
