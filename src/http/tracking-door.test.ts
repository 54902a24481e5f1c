import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Keyring } from '../base/seal.ts';
import type { Engagement } from '../features/tracking/index.ts';
import { clickTail, LinkWriter, unsubscribeTail } from '../mail/tracking/index.ts';
import { putBefore } from './connections.ts';
import { makeTrackingDoor } from './tracking-door.ts';
import type { TrackingDoorWorld } from './tracking-door.ts';

const ring = new Keyring([Buffer.alloc(32, 7)]);
const writer = new LinkWriter(
  { subaccountId: 7, messageId: '12345', retentionDays: 90 },
  'http://t.example',
  ring,
);
const pathOf = (link: string): string => link.slice('http://t.example'.length);
const click = pathOf(writer.link('click', clickTail('https://shop.example/', 'hero')));
const out = pathOf(writer.link('unsubscribe', unsubscribeTail('<b>@c.example')));

type Seen = { readonly engagements: Engagement[]; readonly unsubscribed: string[] };
type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: string };
type Ask = (
  path: string,
  options?: { method?: string; headers?: Record<string, string>; body?: string },
) => Promise<Answer>;

/** A server whose own answer is 418. */
async function withDoor(
  more: Partial<TrackingDoorWorld>,
  run: (ask: Ask, seen: Seen) => Promise<void>,
): Promise<void> {
  const seen: Seen = { engagements: [], unsubscribed: [] };
  const server = createServer((_request, response) => response.writeHead(418).end());
  putBefore(
    server,
    makeTrackingDoor({
      ring,
      clock: systemClock,
      log: silentLog,
      engagements: { add: (engagement) => seen.engagements.push(engagement) },
      unsubscribe: ({ recipient }, by) => {
        seen.unsubscribed.push(`${recipient} ${by}`);
        return Promise.resolve();
      },
      isTrackingHost: (host) => host === 't.example',
      trustedProxies: [],
      placeHeader: 'X-Country',
      ...more,
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask: Ask = (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port, path, method, headers: { host: 't.example', ...headers } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
        },
      );
      asking.on('error', reject);
      asking.end(body);
    });
  try {
    await run(ask, seen);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test('a host for links serves links, health for balancers and a word to search engines; other hosts all but links', async () => {
  await withDoor({}, async (ask) => {
    const api = { headers: { host: 'api.example' } };
    assert.deepEqual(
      [await ask('/api/v1/messages'), await ask('/'), await ask('/health'), await ask('/robots.txt')].map(
        ({ status }) => status,
      ),
      [404, 404, 418, 200],
    );
    assert.deepEqual(
      [await ask('/api/v1/messages', api), await ask('/', api), await ask(click, api)].map(
        ({ status }) => status,
      ),
      [418, 418, 404],
    );
    const upper = await ask(`${click}?x=1`, { headers: { host: 'T.example:8080' } });
    assert.deepEqual([upper.status, upper.headers['location']], [302, 'https://shop.example/']);
  });
});

test('host and place of a caller count from a trusted proxy only', async () => {
  const headers = { host: 'inner.example', 'x-forwarded-host': 't.example', 'x-country': 'de' };
  await withDoor({}, async (ask, { engagements }) => {
    assert.equal((await ask(click, { headers })).status, 404);
    await ask(click, { headers: { 'x-country': 'de' } });
    assert.deepEqual(
      engagements.map(({ data }) => data['country']),
      [undefined],
    );
  });
  await withDoor({ trustedProxies: ['127.0.0.0/8'] }, async (ask, { engagements }) => {
    assert.equal((await ask(click, { headers })).status, 302);
    await ask(click, { headers: { 'x-country': 'Germany' } });
    assert.deepEqual(
      engagements.map(({ data }) => data['country']),
      ['DE', undefined],
    );
  });
});

test('HEAD tells nothing, a machine is told as one, a user agent is cut and made readable', async () => {
  await withDoor({}, async (ask, { engagements }) => {
    await ask(click, { method: 'HEAD' });
    await ask(click, { headers: { 'sec-purpose': 'prefetch;prerender', 'user-agent': 'Mozilla/5.0 (X11)' } });
    await ask(click, { headers: { 'user-agent': `a\u0085b${'x'.repeat(1000)}` } });
    const [prefetch, long] = engagements;
    assert.equal(engagements.length, 2);
    assert.deepEqual(prefetch?.data, {
      userAgent: 'Mozilla/5.0 (X11)',
      isMachine: true,
      machine: 'prefetch',
      url: 'https://shop.example/',
      name: 'hero',
    });
    const agent = String(long?.data['userAgent']);
    assert.deepEqual([agent.slice(0, 4), agent.length], ['abxx', 399]);
  });
});

test('an unsubscribe page shows the address as text; only a post that says so does it; an overlong one is not read', async () => {
  await withDoor({}, async (ask, { unsubscribed }) => {
    const page = await ask(out);
    assert.match(page.body, /&lt;b&gt;@c\.example/);
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
    const post = (body: string): Promise<Answer> => ask(out, { method: 'POST', body });
    const refused = [
      '',
      'List-Unsubscribe=No',
      'xList-Unsubscribe=One-Click',
      'confirm=yess',
      `${'x'.repeat(9000)}&confirm=yes`,
    ];
    for (const body of refused) assert.equal((await post(body)).status, 400, body.slice(0, 40));
    assert.deepEqual(unsubscribed, []);
    assert.equal((await post('List-Unsubscribe=One-Click')).status, 200);
    assert.equal((await post('confirm=yes')).status, 200);
    assert.equal((await ask(out, { method: 'DELETE' })).status, 405);
    assert.deepEqual(unsubscribed, ['<b>@c.example one_click', '<b>@c.example link']);
  });
});

test('whoever cannot be unsubscribed now is told to come again', async () => {
  await withDoor({ unsubscribe: () => Promise.reject(new Error('the store is away')) }, async (ask) => {
    const { status, headers } = await ask(out, { method: 'POST', body: 'confirm=yes' });
    assert.deepEqual([status, headers['retry-after']], [503, '30']);
  });
});
