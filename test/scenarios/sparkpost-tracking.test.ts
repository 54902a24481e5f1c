import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import type { SmtpSink } from '../doubles/smtp-sink.ts';
import type { World } from '../world.ts';
import { openRelayGround } from './relay-ground.ts';
import type { RelayGround } from './relay-ground.ts';
import { ask, failure, sdk, transmit } from './sparkpost-calls.ts';

let ground: RelayGround;
let world: World;
let sink: SmtpSink;
before(async () => {
  ground = await openRelayGround();
  ({ world, sink } = ground);
});
after(() => ground[Symbol.asyncDispose]());

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

test('what arrived at once or later and what was shown first is told by half days', async () => {
  const html = await arrived('first@inbox.test', { open_tracking: true, initial_open: true });
  const [, pixel = ''] = /<img[^>]+src="([^"]+)"/.exec(html) ?? [];
  const link = new URL(pixel.replaceAll('&amp;', '&'));
  const headers = { host: link.host, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
  await new Promise((resolve, reject) => {
    const { pathname: path, search } = link;
    const { httpPort: port } = world.program.doors;
    get({ host: '127.0.0.1', port, path: `${path}${search}`, headers }, (answer) =>
      resolve(answer.resume()),
    ).on('error', reject);
  });
  const metrics =
    'count_delivered,count_delivered_first,count_delivered_subsequent,count_initial_rendered,count_unique_initial_rendered';
  const from = new Date(world.clock.now() - 3_600_000).toISOString().slice(0, 16);
  const query = new URLSearchParams({ from, metrics, precision: '12hr', timezone: 'Asia/Calcutta' });
  type Row = Readonly<Record<string, string | number>>;
  const rows = await world.until(
    async () => {
      const path = `/api/v1/metrics/deliverability/time-series?${query.toString()}`;
      return ((await ask(world, 'GET', path)).body as { results: readonly Row[] }).results;
    },
    (found) => found.some((row) => row['count_initial_rendered'] === 1),
  );
  const sum = (name: string): number => rows.reduce((all, row) => all + Number(row[name]), 0);
  assert.equal(sum('count_delivered_first'), sum('count_delivered'));
  assert.ok(sum('count_delivered') > 0);
  assert.deepEqual([sum('count_delivered_subsequent'), sum('count_unique_initial_rendered')], [0, 1]);
  // Midnight and noon there.
  for (const { ts } of rows) assert.match(String(ts), /T(?:06|18):30:00\+00:00$/);
});
