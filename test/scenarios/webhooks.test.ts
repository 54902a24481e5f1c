import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

export type Made = {
  readonly id: string;
  readonly secret: string;
  readonly state: string;
  readonly told: string;
  readonly lastSequence: number;
  readonly sentSequence: number;
  readonly failures: number;
};

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
});
after(() => world[Symbol.asyncDispose]());

const hook = (url: string, more: Record<string, unknown> = {}, secret?: string): Promise<Made> =>
  world.ok<Made>('POST', '/webhooks', {
    body: { name: 'h', url, ...more },
    ...(secret === undefined ? {} : { secret }),
  });
const read = (id: string): Promise<Made> => world.ok<Made>('GET', `/webhooks/${id}`);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** Waits until everything that has a number was taken, at least `least` of them. */
const caughtUp = (id: string, least: number): Promise<Made> =>
  world.until(
    () => read(id),
    ({ lastSequence, sentSequence }) => lastSequence >= least && sentSequence === lastSequence,
  );

test('a subscriber gets every event of a message once, numbered from 1, signed by Standard Webhooks', async () => {
  await using receiver = await WebhookReceiver.start();
  const kinds = ['message.accepted', 'message.delivered', 'message.bounced', 'suppression.added'];
  const made = await hook(receiver.url, { kinds });
  const [id] = await world.send('you@inbox.test', { tags: ['welcome'], metadata: { order: 7 } });
  const [bounced] = await world.send('hard@inbox.test');
  await caughtUp(made.id, 5);
  const events = receiver.taken();
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    upTo(5),
  );
  const mine = events.filter(({ messageId }) => messageId === id);
  assert.deepEqual(
    mine.map(({ kind, recipient, tags, metadata }) => ({ kind, recipient, tags, metadata })),
    ['message.accepted', 'message.delivered'].map((kind) => {
      return { kind, recipient: 'you@inbox.test', tags: ['welcome'], metadata: { order: 7 } };
    }),
  );
  assert.deepEqual(
    events.filter(({ messageId }) => messageId === bounced).map(({ kind, data }) => [kind, data['class']]),
    [
      ['message.accepted', undefined],
      ['message.bounced', 'hard'],
      ['suppression.added', undefined],
    ],
  );
  const verifier = new Webhook(made.secret);
  for (const { body, headers } of receiver.received) {
    verifier.verify(body, headers as Record<string, string>);
    assert.throws(() => verifier.verify(`${body} `, headers as Record<string, string>));
  }
});
