import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callThing, demoSecret, oneRoute, problem, startDemo } from '../../test/sweeps/http-input-demo.ts';
import { rawCall, rawHead } from '../../test/sweeps/http-input-raw.ts';

const bearer = { authorization: `Bearer ${demoSecret}` };

function basic(pair: string): Record<string, string> {
  return { authorization: `Basic ${btoa(pair)}` };
}

test('credentials: bearer, basic and session work, all else is 401 with a challenge', async () => {
  await using demo = await startDemo();
  const status = async (headers: Record<string, string>): Promise<number> => {
    const response = await fetch(`${demo.url}/letters/7`, { headers });
    if (response.status === 401) {
      assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="lettershop"');
      await problem(response);
    }
    return response.status;
  };
  assert.equal(await status(bearer), 200);
  assert.equal(await status({ authorization: `bearer ${demoSecret}` }), 200);
  assert.equal(await status(basic(`pub:${demoSecret}`)), 200);
  assert.equal(await status({ cookie: 'a=b; lettershop_session=login' }), 200);
  assert.equal(await status({}), 401);
  for (const authorization of [
    'Bearer',
    'Bearer ',
    'Digest x',
    'Basic !!',
    `Basic ${btoa('pub:')}`,
    'x',
    `Bearer ${'y'.repeat(600)}`,
  ]) {
    assert.equal(await status({ authorization }), 401, authorization);
  }
  assert.equal(await status(basic('other:demo-secret')), 401);
  assert.equal(await status({ cookie: 'lettershop_session=' }), 401);
  assert.equal(await status({ cookie: 'lettershop_session=login', authorization: 'Bearer wrong' }), 401);
});

test("another site's page cannot use a login session to change anything", async () => {
  await using demo = await startDemo();
  const drop = async (headers: Record<string, string>): Promise<number> => {
    const head = rawHead('DELETE', '/api/v1/letters/7', `127.0.0.1:${demo.server.port}`, {
      cookie: 'lettershop_session=login',
      connection: 'close',
      ...headers,
    });
    return (await rawCall(new URL(demo.url), head)).status;
  };
  assert.equal(await drop({ 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await drop({ 'sec-fetch-site': 'same-site' }), 403);
  assert.equal(await drop({ origin: 'https://evil.test' }), 403);
  assert.equal(await drop({ origin: 'null' }), 403);
  assert.equal(
    await drop({ origin: `http://127.0.0.1:${demo.server.port}`, 'sec-fetch-site': 'same-origin' }),
    204,
  );
  assert.equal(await drop({ authorization: `Bearer ${demoSecret}`, origin: 'https://evil.test' }), 204);
});

test('a missing grant is named, before the body is looked at', async () => {
  await using demo = await startDemo();
  const headers = { authorization: 'Bearer reader', 'content-type': 'application/json' };
  const response = await fetch(`${demo.url}/letters`, { method: 'POST', headers, body: 'no json' });
  const { code, detail } = await problem(response);
  assert.equal(code, 'auth.grant_missing');
  assert.match(detail, /messages:send/);
});

test('the subaccount header is handed to authentication in UTF-8, and refused when it is none', async () => {
  await using demo = await startDemo();
  const acting = async (value: string): Promise<Response> =>
    await fetch(`${demo.url}/letters/7`, { headers: { ...bearer, 'lettershop-subaccount': value } });
  const external = Buffer.from('external:Zürich').toString('latin1');
  assert.partialDeepStrictEqual(await (await acting('12')).json(), { subaccount: '12' });
  assert.partialDeepStrictEqual(await (await acting(external)).json(), { subaccount: 'external:Zürich' });
  const { errors } = await problem(await acting('-1'));
  assert.equal(errors[0]?.field, 'Lettershop-Subaccount');
});

test('Idempotency-Key comes unquoted, a malformed one is 400', async () => {
  const seen: (string | undefined)[] = [];
  const route = oneRoute({
    run: async ({ request, body }) => {
      seen.push(request.idempotencyKey);
      return { status: 201, body };
    },
  });
  await using demo = await startDemo({ routes: [route] });
  const send = async (key?: string): Promise<number> => {
    return (await callThing(demo.url, key === undefined ? {} : { 'idempotency-key': key })).status;
  };
  assert.equal(await send(), 201);
  assert.equal(await send('"a \\"b\\""'), 201);
  assert.equal(await send('3fa85f64-5717'), 201);
  assert.deepEqual(seen, [undefined, 'a "b"', '3fa85f64-5717']);
  for (const key of ['"open', '', '""', 'a"b', 'é', 'x'.repeat(256)]) assert.equal(await send(key), 400, key);
});
