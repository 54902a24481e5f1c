import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { failure, sdk, transmit } from './sparkpost-calls.ts';

let sink: SmtpSink;
let world: World;
before(async () => {
  sink = await SmtpSink.start();
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'relay',
    LETTERSHOP_RELAY_URL: `smtp://127.0.0.1:${sink.port}`,
    LETTERSHOP_TRACKING_URL: 'https://track.lettershop.test',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

const html =
  '<html><head><style>p { color: red }</style></head><body><p>Hi</p><a href="https://shop.example/">Shop</a></body></html>';

async function arrived(to: string, options: Readonly<Record<string, unknown>>): Promise<string> {
  await transmit(world, {
    recipients: [{ address: to }],
    content: { from: 'hi@lettershop.test', subject: 'Hi', html },
    options,
  });
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  return (await PostalMime.parse(kept?.bytes ?? Buffer.alloc(0))).html ?? '';
}

test('a transmission says what of it is tracked; its styles go into the elements', async () => {
  const tracked = await arrived('both@inbox.test', { open_tracking: true, click_tracking: true });
  assert.doesNotMatch(tracked, /href="https:\/\/shop\.example/);
  assert.match(tracked, /<img[^>]+track\.lettershop\.test/);
  const plain = await arrived('none@inbox.test', {
    open_tracking: false,
    initial_open: false,
    click_tracking: false,
    inline_css: true,
  });
  assert.match(plain, /href="https:\/\/shop\.example\/"/);
  assert.doesNotMatch(plain, /<img/);
  assert.match(plain, /<p style="color: ?red;?">/);
  const wrong = sdk(world).transmissions.send({
    recipients: [{ address: 'a@inbox.test' }],
    content: { from: 'hi@lettershop.test', subject: 'Hi', html },
    options: { open_tracking: 'yes' },
  });
  const [status, errors] = (await failure(wrong)) as [number, { code: string }[]];
  assert.deepEqual([status, errors[0]?.code], [422, '1300']);
});
