import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { openTestDatabase } from '../database.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { killKey, NodeProcess } from '../kills/node.ts';
import { databaseUrl, startWorld } from '../world.ts';
import { newFolder } from '../folder.ts';

type Read = { readonly id: string; readonly lastSequence: number; readonly sentSequence: number };
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
const people = (n: number, call: number): { email: string }[] =>
  Array.from({ length: n }, (_, each) => ({ email: `m${call}-${each}@inbox.test` }));

/** Takes connections and never says anything; knows how many were open at once. */
async function silentServer(): Promise<
  AsyncDisposable & { readonly url: string; readonly most: () => number; readonly open: () => number }
> {
  const sockets = new Set<Socket>();
  let most = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    most: () => most,
    open: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A port that was free a moment ago: who connects is refused. */
async function closedUrl(): Promise<string> {
  await using server = await silentServer();
  return server.url;
}

test('beside a hundred dead endpoints a healthy one of the same account gets everything in order, while the dead keep few connections', async () => {
  await using world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
  await using healthy = await WebhookReceiver.start();
  await using failing = await WebhookReceiver.start();
  failing.react = () => 500;
  await using silent = await silentServer();
  const closed = await closedUrl();
  const make = (url: string): Promise<Read> =>
    world.ok<Read>('POST', '/webhooks', {
      body: { name: 'h', url, kinds: ['message.accepted'], batchMax: 10 },
    });
  const dead: Read[] = [];
  for (let n = 0; n < 100; n++) dead.push(await make([closed, failing.url, silent.url][n % 3] ?? closed));
  const made = await make(healthy.url);
  const read = (id: string): Promise<Read> => world.ok<Read>('GET', `/webhooks/${id}`);
  for (let call = 0; call < 10; call++) {
    await world.send(people(20, call).map(({ email }) => email));
    await world.until(
      () => read(made.id),
      ({ sentSequence }) => sentSequence === (call + 1) * 20,
    );
  }
  assert.deepEqual(
    healthy.taken().map(({ sequence }) => sequence),
    upTo(200),
    'once each, in order',
  );
  // 33 hang; of one account 20 at once while nothing is known of them, and beside these 4 of which it is known.
  assert.ok(silent.most() > 0 && silent.most() <= 24, `${silent.most()} connections at once`);
  await world.until(
    () => Promise.resolve(silent.open()),
    (open) => open <= 4,
  );
  const last = dead.at(-1) ?? assert.fail();
  assert.deepEqual(
    await world
      .until(
        () => read(last.id),
        ({ lastSequence }) => lastSequence === 200,
      )
      .then(({ lastSequence, sentSequence }) => [lastSequence, sentSequence]),
    [200, 0],
    'what a dead one has not taken waits for it',
  );
});

test('endpoints that two nodes share have every event once taken in order without a gap when one node is killed', async () => {
  await using database = await openTestDatabase();
  const receivers = await Promise.all(upTo(6).map(() => WebhookReceiver.start()));
  const folders = [0, 1].map(() => newFolder('lettershop-hooks'));
  const settings = {
    DATABASE_URL: databaseUrl(database),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    LETTERSHOP_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    LETTERSHOP_NODE_TERM_SECONDS: '5',
  };
  const [one, two] = folders.map((folder) => new NodeProcess(folder, settings));
  assert.ok(one !== undefined && two !== undefined);
  const call = async <T>(node: NodeProcess, method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${killKey.secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const mail = (n: number): unknown => ({
    from: { email: 'a@lettershop.test' },
    to: people(20, n),
    subject: 's',
    text: 't',
  });
  try {
    await one.start();
    await two.start();
    const hooks: Read[] = [];
    for (const { url } of receivers)
      hooks.push(
        await call<Read>(one, 'POST', '/webhooks', {
          name: 'h',
          url,
          kinds: ['message.accepted'],
          batchMax: 5,
        }),
      );
    for (let n = 0; n < 6; n++) await call(n % 2 === 0 ? one : two, 'POST', '/messages', mail(n));
    const some = performance.now() + 90_000;
    while (receivers.every(({ received }) => received.length < 3)) {
      assert.ok(performance.now() < some, 'nothing was sent');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await one.kill();
    for (let n = 6; n < 10; n++) await call(two, 'POST', '/messages', mail(n));
    const endsAt = performance.now() + 150_000;
    for (const hook of hooks)
      for (;;) {
        const { sentSequence } = await call<Read>(two, 'GET', `/webhooks/${hook.id}`);
        if (sentSequence === 200) break;
        assert.ok(performance.now() < endsAt, `${sentSequence} of 200 were taken`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    for (const receiver of receivers) assert.deepEqual(receiver.sequences(), upTo(200));
  } finally {
    await one.kill();
    await two.stop();
    for (const receiver of receivers) await receiver[Symbol.asyncDispose]();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
});
