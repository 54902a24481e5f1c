import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  callThing,
  demoRoutes,
  demoSecret,
  oneRoute,
  problem,
  startDemo,
} from '../../test/sweeps/http-input-demo.ts';

const bearer = { authorization: `Bearer ${demoSecret}` };
const json = { ...bearer, 'content-type': 'application/json' };
const letter = demoRoutes[0]?.example.body;

test('a valid call answers with its declared reply, a request id and the security headers', async () => {
  await using demo = await startDemo();
  const response = await fetch(`${demo.url}/letters`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(letter),
  });
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), {
    id: 'l1',
    to: ['a@example.test'],
    sendAt: '2030-01-01T08:00:00.000Z',
  });
  assert.match(response.headers.get('lettershop-request-id') ?? '', /^req_\w+$/);
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('access-control-allow-origin'), null);
});

test('a list page has its default limit, and query values come as numbers, booleans and lists', async () => {
  await using demo = await startDemo();
  const pages = ['', '?limit=3&isSent=false&tags=a&tags=b%20c', '?tags=one'].map(async (query) =>
    (await fetch(`${demo.url}/letters${query}`, { headers: bearer })).json(),
  );
  assert.deepEqual(await Promise.all(pages), [
    { items: [{ limit: 50, tags: [] }], next: null },
    { items: [{ limit: 3, tags: ['a', 'b c'] }], next: null },
    { items: [{ limit: 50, tags: ['one'] }], next: null },
  ]);
});

test('raw replies keep their bytes and type, empty replies have no body', async () => {
  await using demo = await startDemo();
  const csv = await fetch(`${demo.url}/letters-export`, { headers: bearer });
  assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.equal(await csv.text(), 'id\r\n1\r\n');
  const dropped = await fetch(`${demo.url}/letters/7`, { method: 'DELETE', headers: bearer });
  assert.equal(dropped.status, 204);
  assert.equal(await dropped.text(), '');
  const head = await fetch(`${demo.url}/letters/7`, { method: 'HEAD', headers: bearer });
  assert.equal(head.status, 200);
});

test('every broken field of body and query is listed in one refusal', async () => {
  await using demo = await startDemo();
  const body = JSON.stringify({ to: [{ email: 'nobody', x: 1 }, 5], lane: 'fast', priority: 1.5 });
  const response = await fetch(`${demo.url}/letters?a=1`, { method: 'POST', headers: json, body });
  const { errors, detail, code } = await problem(response);
  assert.equal(response.status, 400);
  assert.equal(code, 'request.invalid');
  assert.deepEqual(errors.map(({ field }) => field).sort(), [
    'a',
    'lane',
    'priority',
    'subject',
    'to[0].email',
    'to[0].x',
    'to[1]',
  ]);
  assert.match(detail, /and 6 more/);
});

test('broken JSON is refused with its position', async () => {
  await using demo = await startDemo();
  const response = await fetch(`${demo.url}/letters`, { method: 'POST', headers: json, body: '{"to": [}' });
  assert.match((await problem(response)).detail, /to\[0\] is not valid JSON at position 8/);
});

test('bodies that are not plain UTF-8 JSON are 415', async () => {
  await using demo = await startDemo();
  const types: Record<string, string>[] = [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    { 'content-type': 'not a type' },
  ];
  for (const headers of types) {
    const response = await fetch(`${demo.url}/letters`, {
      method: 'POST',
      headers: { ...bearer, ...headers },
      body: JSON.stringify(letter),
    });
    assert.equal((await problem(response)).code, 'request.unsupported_type', JSON.stringify(headers));
  }
  const utf8 = { ...bearer, 'content-type': 'application/json; charset=UTF-8' };
  const fine = await fetch(`${demo.url}/letters`, {
    method: 'POST',
    headers: utf8,
    body: JSON.stringify(letter),
  });
  assert.equal(fine.status, 202);
});

test('unknown routes are 404, known ones with another method 405 with Allow, both as problems', async () => {
  await using demo = await startDemo();
  const missing = await fetch(`${demo.url}/nothing`, { headers: bearer });
  assert.equal((await problem(missing)).code, 'not_found');
  assert.equal(missing.status, 404);
  const wrong = await fetch(`${demo.url}/letters/7`, { method: 'PUT', headers: bearer });
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'DELETE, GET, HEAD');
  await problem(wrong);
  const preflight = await fetch(`${demo.url}/letters`, { method: 'OPTIONS' });
  assert.equal(preflight.status, 405);
  const outside = await fetch(demo.url.replace('/api/v1', '/elsewhere'));
  assert.equal(outside.status, 404);
  await problem(outside);
});

test('a foreign id and a random id give the same bytes but for the request id', async () => {
  await using demo = await startDemo();
  const response = await fetch(`${demo.url}/letters/404`, { headers: bearer });
  const { requestId, ...rest } = await problem(response);
  assert.equal(requestId, response.headers.get('lettershop-request-id'));
  assert.deepEqual(rest, {
    type: '/api/v1/reference#not_found',
    title: 'Not found',
    status: 404,
    detail: 'Not found',
    code: 'not_found',
    errors: [],
  });
});

test('429 and 503 say when to come back', async () => {
  await using demo = await startDemo();
  const quota = await fetch(`${demo.url}/letters/429`, { headers: bearer });
  assert.equal(quota.headers.get('retry-after'), '8');
  const busy = await fetch(`${demo.url}/letters/503`, { headers: bearer });
  assert.equal(busy.headers.get('retry-after'), '5');
});

test('a bug answers 500 with the request id, keeps its words to itself and is logged once', async () => {
  await using demo = await startDemo();
  const response = await fetch(`${demo.url}/letters/500`, { headers: bearer });
  const text = await response.text();
  assert.equal(response.status, 500);
  assert.doesNotMatch(text, /secret|\.ts/);
  const logged = demo.lines.filter(({ level }) => level === 'error');
  assert.equal(logged.length, 1);
  assert.partialDeepStrictEqual(logged[0]?.fields, {
    requestId: response.headers.get('lettershop-request-id'),
  });
});

test('a reply that breaks its declared schema fails in tests and is only logged in production', async () => {
  const broken = oneRoute({ run: async () => ({ status: 201, body: { name: 'x', secret: 'y' } }) });
  {
    await using demo = await startDemo({ routes: [broken] });
    assert.equal((await callThing(demo.url)).status, 500);
  }
  await using demo = await startDemo({ routes: [broken], checkReplies: 'log' });
  const response = await callThing(demo.url);
  assert.deepEqual(await response.json(), { name: 'x' });
  assert.match(demo.lines.find(({ level }) => level === 'error')?.message ?? '', /secret is not a field/);
  const undeclared = oneRoute({ run: async () => ({ status: 200, body: {} }) });
  await using other = await startDemo({ routes: [undeclared] });
  assert.equal((await callThing(other.url)).status, 500);
});

test('the access log has the pattern and never a path, query, body or credential', async () => {
  await using demo = await startDemo();
  await fetch(`${demo.url}/letters/7?token=hush`, { headers: bearer });
  await fetch(`${demo.url}/letters`, { method: 'POST', headers: json, body: JSON.stringify(letter) });
  // The line is written when the reply has left, which the caller may see first.
  await demo.server.stop(1_000);
  const lines = demo.lines.filter(({ message }) => message === 'http');
  assert.equal(lines.length, 2);
  assert.partialDeepStrictEqual(lines[1]?.fields, {
    method: 'POST',
    route: '/api/v1/letters',
    status: 202,
    actor: 'key-1',
  });
  assert.doesNotMatch(JSON.stringify(demo.lines), /hush|demo-secret|Hello|letters\/7/);
});
