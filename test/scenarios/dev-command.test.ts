/** `npm run dev`: the program and, before it, the console as its sources stand. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import { openTestDatabase } from '../database.ts';
import { databaseUrl, testKey } from '../world.ts';
import { newFolder } from '../folder.ts';

const limitMs = 90_000;
const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

class Dev implements AsyncDisposable {
  readonly folder = newFolder('lettershop-dev');
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  said = '';

  constructor(settings: Record<string, string>) {
    const env = {
      ...process.env,
      LETTERSHOP_DATA_DIR: this.folder,
      LETTERSHOP_SMTP_PORT: '0',
      LETTERSHOP_INBOUND_PORT: '0',
      LETTERSHOP_MIN_FREE_BYTES: '0',
      LETTERSHOP_LOG_LEVEL: 'error',
      LETTERSHOP_ADMIN_PASSWORD: owner.password,
      LETTERSHOP_BOOTSTRAP_KEY: `${testKey.publicId}:${testKey.secret}`,
      ...settings,
    };
    this.child = spawn(process.execPath, ['tools/dev.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = once(this.child, 'exit');
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.said = (this.said + chunk.toString()).slice(-8000);
      });
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
  }
}

test('npm run dev serves the console from its sources, hands the API on to the program, and ends both', async () => {
  await using database = await openTestDatabase();
  const [httpPort, pagesPort] = [await freePort(), await freePort()];
  await using dev = new Dev({
    DATABASE_URL: databaseUrl(database),
    LETTERSHOP_HTTP_PORT: String(httpPort),
    DEV_PORT: String(pagesPort),
  });
  const signal = AbortSignal.timeout(2 * limitMs);
  const pages = `http://localhost:${pagesPort}`;
  const page = await dev.answer(() => fetch(`${pages}/`, { signal }));
  assert.match(await page.text(), /<div id="root"><\/div>[^]*src="\.?\/main\.tsx"/);
  // Any path of a page is the same document, and its code comes as it stands in the sources.
  const deep = await fetch(`${pages}/messages`, { headers: { accept: 'text/html' }, signal });
  assert.match(await deep.text(), /<div id="root">/);
  const code = await fetch(`${pages}/main.tsx`, { signal });
  assert.match(code.headers.get('content-type') ?? '', /javascript/);
  assert.match(await code.text(), /jsx/);

  const logIn = (): Promise<Response> =>
    fetch(`${pages}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: pages },
      body: JSON.stringify(owner),
      signal,
    });
  // The program comes up after the pages.
  await dev.answer(() => fetch(`http://localhost:${httpPort}/api/brand`, { signal }));
  const loggedIn = await logIn();
  assert.equal(loggedIn.status, 200, await loggedIn.text());
  assert.ok(dev.said.includes(`Console with hot reload: ${pages}/`), dev.said);
  const cookie = loggedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const me = await fetch(`${pages}/api/v1/me`, { headers: { cookie }, signal });
  assert.match(await me.text(), /owner@lettershop\.test/);
  const frame = await fetch(`${pages}/frame`, { signal });
  assert.match(frame.headers.get('content-security-policy') ?? '', /sandbox/);

  await dev.stop();
  for (const port of [httpPort, pagesPort])
    await assert.rejects(fetch(`http://localhost:${port}/`, { signal }), TypeError, `${port} is still open`);
});
