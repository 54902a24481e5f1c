import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Type } from 'typebox';
import { fields, word } from '../base/route.ts';
import type { Route } from '../base/route.ts';
import { callThing, demoSecret, oneRoute, problem, startDemo } from '../../test/sweeps/http-input-demo.ts';
import { rawCall, rawHead } from '../../test/sweeps/http-input-raw.ts';
import type { Page } from './pages.ts';

const bearer = { authorization: `Bearer ${demoSecret}` };

async function seenFrom(url: string, forwarded: string): Promise<unknown> {
  const headers = { ...bearer, 'x-forwarded-for': forwarded };
  const body: unknown = await (await fetch(`${url}/letters/7`, { headers })).json();
  return Reflect.get(Object(body), 'from');
}

test('X-Forwarded-For counts from trusted proxies only, and never as anything but an address', async () => {
  await using plain = await startDemo();
  assert.equal(await seenFrom(plain.url, '192.0.2.1'), '127.0.0.1');
  await using proxied = await startDemo({ trustedProxies: ['127.0.0.0/8'] });
  assert.equal(await seenFrom(proxied.url, '192.0.2.1'), '192.0.2.1');
  assert.equal(await seenFrom(proxied.url, '203.0.113.9, 192.0.2.1'), '192.0.2.1');
  assert.equal(await seenFrom(proxied.url, 'nonsense'), '127.0.0.1');
});

test('health says that the process lives, readiness why it may not take work', async () => {
  await using demo = await startDemo({ readiness: async () => ({ ready: false, why: 'migrating' }) });
  const at = (path: string): string => demo.url.replace('/api/v1', path);
  assert.deepEqual(await (await fetch(at('/health'))).json(), { alive: true });
  const ready = await fetch(at('/ready'));
  assert.equal(ready.status, 503);
  assert.deepEqual(await ready.json(), { ready: false, why: 'migrating' });
});

test('what is no HTTP, a header that is too large or too slow gets a problem and no more', async () => {
  await using demo = await startDemo({ timeouts: { headersMs: 200, requestMs: 400, checkMs: 50 } });
  const url = new URL(demo.url);
  const cases: [string, Buffer, number][] = [
    ['no HTTP', Buffer.from('EHLO there\r\n\r\n'), 400],
    ['large header', rawHead('GET', '/api/v1/letters', url.host, { 'x-large': 'y'.repeat(20_000) }), 431],
    ['slow header', Buffer.from('GET /api/v1/letters HTTP/1.1\r\nHost: x\r\nX-Slow: '), 408],
    [
      'both lengths',
      Buffer.from(
        'POST /api/v1/letters HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      ),
      400,
    ],
    ['bad escape', rawHead('GET', '/api/v1/letters/%zz', url.host, bearer), 400],
    ['long param', rawHead('GET', `/api/v1/letters/${'1'.repeat(2000)}`, url.host, bearer), 400],
  ];
  for (const [what, bytes, status] of cases) {
    const reply = await rawCall(url, bytes);
    assert.equal(reply.status, status, what);
    assert.equal(reply.headers['content-type'], 'application/problem+json', what);
    assert.ok(reply.headers['lettershop-request-id'], what);
  }
});

test('one address cannot hold more connections than its bound', async () => {
  await using demo = await startDemo({ connectionsPerAddressMax: 2 });
  const sockets = [1, 2, 3].map(() => connect(demo.server.port, '127.0.0.1'));
  await Promise.all(sockets.map(async (socket) => await once(socket, 'connect')));
  await once(sockets[2] ?? assert.fail(), 'close');
  sockets[0]?.destroy();
  await once(sockets[0] ?? assert.fail(), 'close');
  assert.equal(sockets[1]?.destroyed, false);
  for (const socket of sockets) socket.destroy();
});

test('a stop lets a running call finish, and cuts it after the grace', async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const slow = oneRoute({
    run: async ({ body }) => {
      started.resolve();
      await finish.promise;
      return { status: 201, body };
    },
  });
  await using demo = await startDemo({ routes: [slow] });
  const answer = callThing(demo.url);
  await started.promise;
  const stopped = demo.server.stop(10_000);
  finish.resolve();
  assert.equal((await answer).status, 201);
  await stopped;
  await assert.rejects(fetch(demo.url));

  const hanging = Promise.withResolvers<void>();
  const never = oneRoute({
    run: async () => {
      hanging.resolve();
      return await new Promise(() => {});
    },
  });
  const other = await startDemo({ routes: [never] });
  const cut = callThing(other.url);
  await hanging.promise;
  await Promise.all([assert.rejects(cut), other.server.stop(20)]);
});

test('pages beside the API get the raw request and own their bytes; their bugs are 500 and logged', async () => {
  const page: Page = {
    prefix: '/sparkpost',
    handle: async (request, response, { remoteAddress }) => {
      if (request.url === '/sparkpost/boom') throw new Error('boom');
      let bytes = 0;
      for await (const chunk of request) bytes += (chunk as Buffer).length;
      response.end(`${request.method} ${request.url} ${bytes} ${remoteAddress}`);
    },
  };
  await using demo = await startDemo({ pages: [page] });
  const base = demo.url.replace('/api/v1', '/sparkpost');
  const large = await fetch(`${base}/a?b=1`, { method: 'POST', body: Buffer.alloc(3_000_000) });
  assert.equal(await large.text(), 'POST /sparkpost/a?b=1 3000000 127.0.0.1');
  assert.equal(await (await fetch(base)).text(), 'GET /sparkpost 0 127.0.0.1');
  const boom = await fetch(`${base}/boom`);
  assert.equal(boom.status, 500);
  await problem(boom);
  assert.equal(demo.lines.filter(({ level }) => level === 'error').length, 1);
});

test('a route that is open, unbounded, doubled or without a valid example stops the start', async () => {
  const bad: [RegExp, Route[]][] = [
    [/no valid example of body/, [oneRoute({ example: {} })]],
    [/no valid example of body/, [oneRoute({ example: { body: { name: 5 } } })]],
    [/not closed/, [oneRoute({ body: Type.Object({ name: word(5) }) })]],
    [/without maxLength/, [oneRoute({ body: fields({ name: Type.String() }) })]],
    [/without maxItems/, [oneRoute({ body: fields({ name: Type.Array(word(5)) }) })]],
    [/not closed/, [oneRoute({ body: fields({ name: Type.Record(word(5), word(5)) }) })]],
    [/without minimum/, [oneRoute({ body: fields({ name: Type.Integer({ minimum: 1 }) }) })]],
    [/two routes answer/, [oneRoute({}), oneRoute({})]],
    [/params must be exactly id/, [oneRoute({ path: '/things/:id' })]],
    [/no reply/, [oneRoute({ replies: {} })]],
    [/errors are refusals/, [oneRoute({ replies: { 201: null, 404: null } })]],
  ];
  for (const [message, routes] of bad) await assert.rejects(startDemo({ routes }), { message });
});
