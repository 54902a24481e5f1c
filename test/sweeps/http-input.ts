/**
 * Attacks one route's input: from the route's own example it makes every bad call that its schema knows, and a few that
 * no schema knows, and asserts that each gets a clean 4xx that names the field, and that the server still stands.
 */
import assert from 'node:assert/strict';
import { Compile } from 'typebox/compile';
import type { RawBody, Route } from '../../src/base/route.ts';
import { Problem, problemType } from '../../src/http/problem.ts';
import { breakages } from './http-input-breakages.ts';
import type { Breakage } from './http-input-breakages.ts';
import { rawCall, rawHead } from './http-input-raw.ts';
import type { RawReply } from './http-input-raw.ts';

const problem = Compile(Problem);

/** How many bad calls were tried; a sweep that tried none looked at nothing. */
export type SweepResult = { readonly calls: number };

/** `credential` is the value of the `Authorization` header and must hold the route's grant. `baseUrl` ends in /api/v1. */
export async function sweepRoute(baseUrl: string, route: Route, credential: string): Promise<SweepResult> {
  const url = new URL(baseUrl);
  const list = [...breakages(route)];
  for (const breakage of list) {
    const reply = await rawCall(url, requestBytes(url, route, breakage, credential));
    assertRefused(`${route.method} ${route.path}, ${breakage.what}`, reply, breakage.field);
  }
  let calls = list.length;
  if (route.body !== undefined) calls += await sweepTransport(url, route, credential);
  if (route.rawBody !== undefined) calls += await sweepRaw(url, route, route.rawBody, credential);
  assert.ok(calls > 0, `${route.method} ${route.path}: nothing was tried`);
  await assertHealthy(url);
  return { calls };
}

function requestBytes(url: URL, route: Route, breakage: Breakage, credential: string): Buffer {
  const { pathAndQuery, body, headers } = breakage.request;
  const all = { authorization: credential, ...headers, connection: 'close' };
  return Buffer.concat([
    rawHead(route.method, `${url.pathname}${pathAndQuery}`, url.host, {
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(body.length),
      }),
      ...all,
    }),
    body ?? Buffer.alloc(0),
  ]);
}

function assertRefused(what: string, reply: RawReply, field: string | null): void {
  assert.ok(
    reply.status >= 400 && reply.status < 500,
    `${what}: got ${reply.status} ${reply.body.slice(0, 300)}`,
  );
  assert.equal(reply.headers['content-type'], problemType, what);
  const body: unknown = JSON.parse(reply.body);
  assert.ok(problem.Check(body), `${what}: not a problem: ${reply.body}`);
  assert.equal(body.status, reply.status, what);
  assert.equal(body.requestId, reply.headers['lettershop-request-id'], what);
  if (field === null) return;
  const named = body.errors.map((error) => error.field);
  assert.ok(named.includes(field), `${what}: should name ${field}, named ${named.join(', ') || 'nothing'}`);
}

/** What is wrong with the body as a stream of bytes, whatever its schema. */
async function sweepTransport(url: URL, route: Route, credential: string): Promise<number> {
  const path = `${url.pathname}${examplePath(route)}`;
  const head = (headers: Record<string, string>): Buffer =>
    rawHead(route.method, path, url.host, {
      authorization: credential,
      'content-type': 'application/json',
      ...headers,
    });
  const gigabyte = String(1024 ** 3);
  const announced = await rawCall(url, head({ 'content-length': gigabyte }));
  assert.equal(announced.status, 413, 'a body announced with 1 GiB is cut before it comes');
  assertRefused('1 GiB announced', announced, null);

  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0x20), Buffer.from('\r\n')]);
  const endless = await rawCall(url, head({ 'transfer-encoding': 'chunked' }), { endless: chunk });
  assert.equal(endless.status, 413, 'an endless chunked body is cut');
  assert.ok(endless.sentBytes < 64 * 1024 * 1024, `cut only after ${endless.sentBytes} bytes`);
  assertRefused('endless chunked body', endless, null);

  const texts = { 'content-type': 'text/plain', 'content-length': '2', connection: 'close' };
  const wrongType = await rawCall(url, Buffer.concat([head(texts), Buffer.from('{}')]));
  assert.equal(wrongType.status, 415, 'a body that is not called JSON');
  assertRefused('text/plain', wrongType, null);

  const noType = rawHead(route.method, path, url.host, { authorization: credential, 'content-length': '2' });
  const untyped = await rawCall(url, Buffer.concat([noType, Buffer.from('{}')]));
  assert.equal(untyped.status, 415, 'a body without a type');
  return 4;
}

/** The same for a body that is read as it comes. */
async function sweepRaw(url: URL, route: Route, rawBody: RawBody, credential: string): Promise<number> {
  const path = `${url.pathname}${examplePath(route)}`;
  const [type = ''] = rawBody.types;
  const call = (headers: Record<string, string>, body: string): Promise<RawReply> => {
    const head = rawHead(route.method, path, url.host, { authorization: credential, ...headers });
    return rawCall(url, Buffer.concat([head, Buffer.from(body)]));
  };
  const length = { 'content-length': '2', connection: 'close' };
  const cases: [string, number, string | null, Record<string, string>, string][] = [
    ['no body', 400, 'body', { 'content-type': type, connection: 'close' }, ''],
    ['JSON', 415, null, { 'content-type': 'application/json', ...length }, '{}'],
    ['a body without a type', 415, null, length, 'xx'],
    ['compressed', 415, null, { 'content-type': type, 'content-encoding': 'gzip', ...length }, 'xx'],
    [
      'too large',
      413,
      null,
      { 'content-type': type, 'content-length': String(rawBody.sizeBytesMax + 1) },
      '',
    ],
  ];
  for (const [what, status, field, headers, body] of cases) {
    const reply = await call(headers, body);
    assert.equal(reply.status, status, `${route.method} ${route.path}: ${what}`);
    assertRefused(what, reply, field);
  }
  return cases.length;
}

export function examplePath(route: Route): string {
  return route.path.replace(/:(\w+)/g, (_all, name: string) =>
    encodeURIComponent(String(route.example.params?.[name])),
  );
}

async function assertHealthy(url: URL): Promise<void> {
  const response = await fetch(new URL('/health', url));
  assert.equal(response.status, 200, 'the server no longer stands');
  await response.arrayBuffer();
}

/**
 * Opens a request whose body trickles and never ends; resolves with the server's answer, which must come within the
 * server's own request timeout (`boundMs` is a little more).
 */
export async function assertSlowClientBounded(
  baseUrl: string,
  route: Route,
  credential: string,
  boundMs: number,
): Promise<void> {
  const url = new URL(baseUrl);
  const head = rawHead(route.method, `${url.pathname}${examplePath(route)}`, url.host, {
    authorization: credential,
    'content-type': 'application/json',
    'content-length': '1000',
  });
  const started = performance.now();
  const reply = await rawCall(url, Buffer.concat([head, Buffer.from('{"a')]));
  assert.ok(performance.now() - started < boundMs, 'a slow client was not cut in time');
  assert.equal(reply.status, 408);
  assertRefused('slow body', reply, null);
  await assertHealthy(url);
}
