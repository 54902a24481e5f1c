import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { Type } from 'typebox';
import { present } from '../base/assert.ts';
import { defineRoute, fields } from '../base/route.ts';
import type { Route } from '../base/route.ts';
import { isRefusal } from '../features/refusals/index.ts';
import { demoRoutes, demoSecret, startDemo } from '../../test/sweeps/http-input-demo.ts';
import { assertSlowClientBounded, sweepRoute } from '../../test/sweeps/http-input.ts';
import { openApiDocument } from './openapi.ts';

const sizeBytesMax = 8 * 1024 * 1024;
const chunk = Buffer.alloc(65_536, 0x61);

type Seen = { bytes: number; buffered: number; broken: unknown; onFirst: () => void };

/** Counts what comes, at its own pace, and what the door keeps for it meanwhile. */
function counting(seen: Seen): Route {
  return defineRoute({
    method: 'POST',
    path: '/counts',
    tag: 'counts',
    grant: 'messages:send',
    summary: 'Count bytes',
    query: fields({ word: Type.Optional(Type.Enum(['a', 'b'])) }),
    rawBody: { types: ['text/csv', 'application/x-ndjson'], sizeBytesMax },
    replies: { 200: fields({ bytes: Type.Integer(), type: Type.String() }) },
    example: { raw: { type: 'text/csv', text: 'a,b\r\n' } },
    run: async ({ stream }) => {
      const { type, bytes } = present(stream);
      try {
        for await (const part of bytes) {
          seen.bytes += (part as Buffer).length;
          seen.buffered = Math.max(seen.buffered, bytes.readableLength);
          seen.onFirst();
          await new Promise((resolve) => setImmediate(resolve));
        }
      } catch (error) {
        seen.broken = error;
        throw error;
      }
      return { status: 200, body: { bytes: seen.bytes, type } };
    },
  });
}

const nothingSeen = (): Seen => ({ bytes: 0, buffered: 0, broken: null, onFirst: () => undefined });
const headers = { authorization: `Bearer ${demoSecret}`, 'content-type': 'Text/CSV; charset=utf-8' };

test('a body is read as it comes, at the pace of its reader, and is nowhere as a whole', async () => {
  const seen = nothingSeen();
  await using demo = await startDemo({ routes: [counting(seen)] });
  const chunks = Array.from({ length: 120 }, () => chunk);
  const sent = request(`${demo.url}/counts`, { method: 'POST', headers });
  Readable.from(chunks).pipe(sent);
  const [reply] = (await once(sent, 'response')) as [Readable];
  const text = Buffer.concat(await reply.toArray()).toString();
  assert.deepEqual(JSON.parse(text), { bytes: 120 * chunk.length, type: 'text/csv' });
  assert.ok(seen.buffered <= 4 * chunk.length, `${seen.buffered} bytes were waiting`);
});

test('a body that grows too large breaks in the hands of its reader, who says so', async () => {
  const seen = nothingSeen();
  await using demo = await startDemo({ routes: [counting(seen)] });
  const sent = request(`${demo.url}/counts`, { method: 'POST', headers });
  sent.on('error', () => undefined);
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield chunk;
  }
  const source = Readable.from(endless());
  source.pipe(sent);
  const [reply] = (await once(sent, 'response')) as [Readable & { statusCode: number }];
  source.destroy();
  assert.equal(reply.statusCode, 413);
  reply.resume();
  assert.ok(isRefusal(seen.broken) && seen.bytes <= sizeBytesMax);
});

test('a body that is cut breaks too, and the server stands', async () => {
  const seen = nothingSeen();
  const { promise: first, resolve } = Promise.withResolvers<void>();
  seen.onFirst = resolve;
  await using demo = await startDemo({ routes: [counting(seen)] });
  const socket: Socket = connect(demo.server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const lines = [
    'POST /api/v1/counts HTTP/1.1',
    'host: x',
    ...Object.entries(headers).map((pair) => pair.join(': ')),
  ];
  socket.write(`${[...lines, 'content-length: 100000'].join('\r\n')}\r\n\r\nabc`);
  await first;
  socket.destroy();
  while (seen.broken === null) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(seen.broken instanceof Error);
  assert.equal((await fetch(new URL('/health', demo.url))).status, 200);
});

test('its input is refused by name like any other, and JSON is no media type of it', async () => {
  await using demo = await startDemo({ routes: [counting(nothingSeen())] });
  const { calls } = await sweepRoute(demo.url, counting(nothingSeen()), `Bearer ${demoSecret}`);
  assert.ok(calls > 8, `${calls} calls`);
});

test('beside it a body that is collected must still have come in its time', async () => {
  const [route] = demoRoutes;
  assert.ok(route);
  await using demo = await startDemo({
    routes: [...demoRoutes, counting(nothingSeen())],
    timeouts: { requestMs: 200, headersMs: 200, checkMs: 50 },
  });
  await assertSlowClientBounded(demo.url, route, `Bearer ${demoSecret}`, 5_000);
});

test('OpenAPI tells its media types with an example', () => {
  const document = openApiDocument([counting(nothingSeen())]);
  assert.deepEqual(document.paths['/counts']?.['post']?.requestBody, {
    required: true,
    content: {
      'text/csv': { schema: { type: 'string', format: 'binary' }, example: 'a,b\r\n' },
      'application/x-ndjson': { schema: { type: 'string', format: 'binary' } },
    },
  });
});
