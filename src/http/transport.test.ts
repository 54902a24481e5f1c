import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Compile } from 'typebox/compile';
import { refusals, refuse } from '../features/refusals/index.ts';
import type { RefusalCode } from '../features/refusals/index.ts';
import {
  callThing,
  demoRoutes,
  demoSecret,
  oneRoute,
  problem as readProblem,
  startDemo,
} from '../../test/sweeps/http-input-demo.ts';
import { selfSigned } from '../../test/doubles/certificate.ts';
import { rawCall, rawHead } from '../../test/sweeps/http-input-raw.ts';
import { Problem, problemOf } from './problem.ts';

const bearer = { authorization: `Bearer ${demoSecret}` };
const json = { ...bearer, 'content-type': 'application/json' };

test('a connection lives on after a refusal', async () => {
  await using demo = await startDemo();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const call = async (
    headers: Record<string, string>,
    body: string,
  ): Promise<[number | undefined, boolean]> => {
    const sent = request(`${demo.url}/letters`, { method: 'POST', agent, headers });
    sent.end(body);
    const [reply] = (await once(sent, 'response')) as [IncomingMessage];
    reply.resume();
    await once(reply, 'end');
    return [reply.statusCode, sent.reusedSocket];
  };
  const good = JSON.stringify(demoRoutes[0]?.example.body);
  assert.deepEqual(await call({ 'content-type': 'application/json' }, good), [401, false]);
  assert.deepEqual(await call(json, '{"broken'), [400, true]);
  assert.deepEqual(await call({ ...bearer, 'content-type': 'text/csv' }, 'a,b'), [415, true]);
  assert.deepEqual(await call(json, good), [202, true]);
  agent.destroy();
});

test('a caller who reads only after having written too much still gets the 413', async () => {
  await using demo = await startDemo();
  const socket = connect(demo.server.port, '127.0.0.1');
  const bytes = 600_000;
  const head = rawHead('POST', '/api/v1/letters', 'x', { ...json, 'content-length': String(bytes) });
  socket.pause();
  await new Promise<void>((resolve) => {
    socket.write(head);
    socket.write(Buffer.alloc(bytes, 0x20), () => resolve());
  });
  socket.setEncoding('latin1');
  socket.resume();
  const [first] = (await once(socket, 'data')) as [string];
  assert.match(first, /^HTTP\/1\.1 413 /);
  socket.destroy();
});

test('whoever asks before sending is told to go on only with a body that may fit', async () => {
  await using demo = await startDemo();
  const ask = async (length: number): Promise<string> => {
    const socket = connect(demo.server.port, '127.0.0.1');
    socket.write(
      rawHead('POST', '/api/v1/letters', 'x', {
        ...json,
        expect: '100-continue',
        'content-length': String(length),
      }),
    );
    socket.setEncoding('latin1');
    const [first] = (await once(socket, 'data')) as [string];
    socket.destroy();
    return first.slice(0, first.indexOf('\r\n'));
  };
  assert.equal(await ask(100), 'HTTP/1.1 100 Continue');
  assert.equal(await ask(5_000_000_000), 'HTTP/1.1 413 Payload Too Large');
});

test('odd requests are refused as problems: no Host, unknown methods, an absolute foreign target', async () => {
  await using demo = await startDemo();
  const url = new URL(demo.url);
  const end = `Authorization: Bearer ${demoSecret}\r\nConnection: close\r\n\r\n`;
  const cases: [string, number][] = [
    [`GET /api/v1/letters HTTP/1.1\r\n${end}`, 400],
    [`PROPFIND /api/v1/letters HTTP/1.1\r\nHost: x\r\n${end}`, 404],
    [`TRACE /api/v1/letters HTTP/1.1\r\nHost: x\r\n${end}`, 404],
    [`QUERY /api/v1/letters HTTP/1.1\r\nHost: x\r\n${end}`, 415],
    [`GET http://elsewhere.test/other HTTP/1.1\r\nHost: x\r\n${end}`, 404],
    [`OPTIONS * HTTP/1.1\r\nHost: x\r\n${end}`, 404],
    [`GET /api/v1/letters?limit=1#x HTTP/1.1\r\nHost: x\r\n${end}`, 400],
  ];
  for (const [text, status] of cases) {
    const reply = await rawCall(url, Buffer.from(text));
    assert.equal(reply.status, status, text);
    assert.equal(reply.headers['content-type'], 'application/problem+json', text);
  }
});

test('a header that a feature got wrong is our 500, not a split reply', async () => {
  const route = oneRoute({
    run: async ({ body }) => ({ status: 201, body, headers: { 'x-a': 'b\r\nset-cookie: c=d' } }),
  });
  await using demo = await startDemo({ routes: [route] });
  const response = await callThing(demo.url);
  assert.equal(response.headers.get('set-cookie'), null);
  assert.equal(response.status, 500);
  assert.equal((await readProblem(response)).code, 'internal');
  assert.equal(demo.lines.filter(({ level }) => level === 'error').length, 1);
});

test('every refusal of the table becomes a valid problem with its own status', () => {
  const problem = Compile(Problem);
  for (const code of Object.keys(refusals) as RefusalCode[]) {
    const answer = problemOf(refuse(code), 'req_1');
    assert.ok(problem.Check(answer.problem), code);
    assert.equal(answer.problem.status, refusals[code].status);
    assert.equal(answer.isBug, false);
    if ([429, 503].includes(answer.problem.status)) assert.ok(answer.headers['retry-after'], code);
  }
});

test('TLS serves new connections with a reloaded certificate and announces itself', async () => {
  await using demo = await startDemo({ tls: selfSigned('first.test') });
  const visit = async (): Promise<[string, string]> => {
    const socket = connectTls({ port: demo.server.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const name = String(socket.getPeerCertificate().subject.CN);
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return [name, text];
  };
  const [name, text] = await visit();
  assert.equal(name, 'first.test');
  assert.match(text, /strict-transport-security: max-age=\d+/);
  demo.server.reloadTls(selfSigned('second.test'));
  assert.equal((await visit())[0], 'second.test');
});

test('a stranger who keeps sending gets the 401 and is cut', async () => {
  await using demo = await startDemo();
  const socket = connect(demo.server.port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 0x20), Buffer.from('\r\n')]);
  socket.setEncoding('latin1');
  let received = '';
  socket.on('data', (text: string) => (received += text));
  const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
  socket.write(rawHead('POST', '/api/v1/letters', 'x', headers));
  const pour = (): void => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', pour);
  pour();
  await closed;
  assert.match(received, /^HTTP\/1\.1 401 /);
  assert.ok(socket.bytesWritten < 64 * 1024 * 1024, `${socket.bytesWritten} bytes were taken`);
});

test('a caller who does not read a large reply is cut', async () => {
  const endless = new Readable({
    read() {
      this.push(Buffer.alloc(65_536));
    },
  });
  const route = oneRoute({
    replies: { 200: { raw: 'application/octet-stream' } },
    run: async () => ({ status: 200, body: endless }),
  });
  await using demo = await startDemo({ routes: [route], timeouts: { idleMs: 200 } });
  const socket = connect(demo.server.port, '127.0.0.1');
  const body = '{"name":"x"}';
  socket.write(rawHead('POST', '/api/v1/things', 'x', { ...json, 'content-length': String(body.length) }));
  socket.write(body);
  await once(endless, 'close');
  socket.destroy();
});
