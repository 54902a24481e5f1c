/** `npm run dev` as a child: the program with a database of the tests, and before it Vite with the console's pages. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { openTestDatabase } from '../database.ts';
import { newFolder } from '../folder.ts';
import { databaseUrl, testKey } from '../world.ts';

export const limitMs = 90_000;
export const devOwner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export class DevProgram implements AsyncDisposable {
  readonly folder = newFolder('lettershop-dev');
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  said = '';

  readonly #database: Awaited<ReturnType<typeof openTestDatabase>>;
  readonly httpPort: number;
  readonly pagesPort: number;

  static async start(): Promise<DevProgram> {
    return new DevProgram(await openTestDatabase(), await freePort(), await freePort());
  }

  private constructor(
    database: Awaited<ReturnType<typeof openTestDatabase>>,
    httpPort: number,
    pagesPort: number,
  ) {
    this.#database = database;
    this.httpPort = httpPort;
    this.pagesPort = pagesPort;
    const env = {
      ...process.env,
      LETTERSHOP_DATA_DIR: this.folder,
      LETTERSHOP_SMTP_PORT: '0',
      LETTERSHOP_INBOUND_PORT: '0',
      LETTERSHOP_MIN_FREE_BYTES: '0',
      LETTERSHOP_LOG_LEVEL: 'error',
      LETTERSHOP_ADMIN_PASSWORD: devOwner.password,
      LETTERSHOP_BOOTSTRAP_KEY: `${testKey.publicId}:${testKey.secret}`,
      DATABASE_URL: databaseUrl(database),
      LETTERSHOP_HTTP_PORT: String(httpPort),
      DEV_PORT: String(pagesPort),
    };
    this.child = spawn(process.execPath, ['tools/dev.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = once(this.child, 'exit');
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.said = (this.said + chunk.toString()).slice(-8000);
      });
  }

  /** Where the pages are. */
  get pages(): string {
    return `http://localhost:${this.pagesPort}`;
  }

  /** Pages and program answer; the program comes up after the pages. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.answer(() => fetch(`${this.pages}/`, { signal }));
    await this.answer(() => fetch(`http://localhost:${this.httpPort}/api/brand`, { signal }));
  }

  /** What it answers once it answers; its last words when it ends or is silent for too long. */
  async answer(ask: () => Promise<Response>): Promise<Response> {
    const endsAt = performance.now() + limitMs;
    for (;;) {
      const answer = await ask().catch(() => null);
      if (answer !== null && answer.status < 500) return answer;
      assert.equal(this.child.exitCode, null, `it ended: ${this.said}`);
      assert.ok(performance.now() < endsAt, `it does not answer: ${this.said}`);
      await pause(50);
    }
  }

  /** As Ctrl+C does. The program is a child of it, and PostgreSQL is the tests'. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await Promise.race([this.ended, pause(limitMs, null, { ref: false })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) await this.stop();
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
    await this.#database[Symbol.asyncDispose]();
  }
}
