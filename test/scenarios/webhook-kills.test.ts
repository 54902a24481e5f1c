import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase } from '../database.ts';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { killKey, NodeProcess } from '../kills/node.ts';
import { databaseUrl, startWorld } from '../world.ts';
import { newFolder } from '../folder.ts';

type Read = { lastSequence: number; sentSequence: number };

async function call<T>(node: NodeProcess, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${killKey.secret}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

const mail = (n: number): unknown => ({
  from: { email: 'a@lettershop.test' },
  to: Array.from({ length: 20 }, (_, each) => ({ email: `m${n}-${each}@inbox.test` })),
  subject: 's',
  text: 't',
});

async function until<T>(ask: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  const endsAt = performance.now() + 90_000;
  for (;;) {
    const value = await ask();
    if (isRight(value)) return value;
    if (performance.now() > endsAt) throw new Error(`waited in vain; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a SIGKILL between sending and recording doubles events and loses none, on one node and on two', async () => {
  await using database = await openTestDatabase();
  await using receiver = await WebhookReceiver.start();
  const folders = [0, 1].map(() => newFolder('lettershop-hooks'));
  const settings = {
    DATABASE_URL: databaseUrl(database),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    LETTERSHOP_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    LETTERSHOP_NODE_TERM_SECONDS: '5',
  };
  const [one, two] = folders.map((folder) => new NodeProcess(folder, settings));
  assert.ok(one !== undefined && two !== undefined);
  try {
    await one.start();
    const made = await call<{ id: string }>(one, 'POST', '/webhooks', {
      name: 'h',
      url: receiver.url,
      kinds: ['message.accepted'],
      batchMax: 7,
    });
    const read = (node: NodeProcess): Promise<Read> => call<Read>(node, 'GET', `/webhooks/${made.id}`);
    // Killed while a request of its hangs: sent, never recorded. The node itself comes back.
    receiver.react = ({ events }) => (events.some(({ sequence }) => sequence > 20) ? 'hang' : 200);
    await call(one, 'POST', '/messages', mail(1));
    await call(one, 'POST', '/messages', mail(2));
    const isHanging = (): Promise<boolean> =>
      Promise.resolve(receiver.received.some((each) => !each.isTaken));
    await until(isHanging, Boolean);
    await one.kill();
    receiver.react = () => 200;
    await one.start();
    await until(
      () => read(one),
      ({ sentSequence }) => sentSequence === 40,
    );
    // Killed again, and its data folder never comes back: another node takes over what it held.
    receiver.react = ({ events }) => (events.some(({ sequence }) => sequence > 50) ? 'hang' : 200);
    const before = receiver.received.length;
    await call(one, 'POST', '/messages', mail(3));
    await until(
      () => Promise.resolve(receiver.received.slice(before).some((each) => !each.isTaken)),
      Boolean,
    );
    await one.kill();
    receiver.react = () => 200;
    await two.start();
    await call(two, 'POST', '/messages', mail(4));
    await until(
      () => read(two),
      ({ sentSequence }) => sentSequence === 80,
    );
    const expected = Array.from({ length: 80 }, (_, index) => index + 1);
    assert.deepEqual(receiver.sequences(), expected, 'in order, without gaps');
    const doubles = receiver.received.filter((each) => !each.isTaken).length;
    assert.ok(doubles >= 2, 'batches were cut and sent again');
  } finally {
    await one.kill();
    await two.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
});

test('a database that goes away between sending and recording leaves no gap either', async () => {
  await using world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
  await using receiver = await WebhookReceiver.start();
  const { id } = await world.ok<{ id: string }>('POST', '/webhooks', {
    body: { name: 'h', url: receiver.url, kinds: ['message.accepted'], batchMax: 3 },
  });
  const { owner } = world.database.db;
  world.expectFailures(/terminating connection|not queryable|Connection terminated/);
  let isCut = false;
  // While the endpoint has the batch in hand, every connection of the program dies; then it answers.
  receiver.react = () => (response) => {
    const answer = (): void => {
      const last = receiver.received.at(-1);
      if (last !== undefined) last.isTaken = true;
      response.writeHead(200).end();
    };
    if (isCut) return answer();
    isCut = true;
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'lettershop engine'`
      .execute(owner)
      .then(answer, answer);
  };
  await world.send(Array.from({ length: 10 }, (_, n) => `cut${n}@inbox.test`));
  await world.until(
    () => world.api('GET', `/webhooks/${id}`),
    ({ body }) => (body as Read).sentSequence === 10,
  );
  assert.deepEqual(
    receiver.sequences(),
    Array.from({ length: 10 }, (_, index) => index + 1),
  );
});
