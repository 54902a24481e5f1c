import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as tlsConnect, createSecureContext } from 'node:tls';
import nodemailer from 'nodemailer';
import { selfSigned } from '../../test/doubles/certificate.ts';
import { silentLog } from '../base/log.ts';
import { SmtpConnection } from '../features/delivery/connection.ts';
import { defaultDeadlines } from '../features/delivery/transaction.ts';
import { openLane } from '../features/delivery/open-lane.ts';
import { SmtpListener } from './listener.ts';

const certificate = selfSigned('mx.test');
const context = createSecureContext({ ...certificate, minVersion: 'TLSv1.2' });
const senders: string[] = [];
const protocols: string[] = [];
let startTls: SmtpListener<string>;
let implicit: SmtpListener<string>;

function start(isImplicit: boolean, requireAuth: boolean): Promise<SmtpListener<string>> {
  return SmtpListener.start<string>({
    host: '127.0.0.1',
    port: 0,
    hostname: 'mx.test',
    tls: { implicit: isImplicit, context: () => context },
    requireAuth,
    clearAuthFrom: () => false,
    sizeMax: 1_000_000,
    recipientsMax: 10,
    connectionsMax: 50,
    perAddressConnectionsMax: 50,
    loginTimeoutMs: 120_000,
    idleTimeoutMs: 10_000,
    dataTimeoutMs: 10_000,
    bufferedBytesMax: 1_000_000,
    log: silentLog,
    hooks: {
      authenticate: ({ user }) => Promise.resolve({ ok: true, identity: user }),
      mail: (_, from) => {
        senders.push(from.address);
        return null;
      },
      recipient: () => null,
      message: (_, _envelope, _bytes, { protocol }) => {
        protocols.push(protocol);
        return Promise.resolve({ code: 250, enhanced: '2.0.0', text: 'taken' });
      },
    },
  });
}

before(async () => {
  [startTls, implicit] = await Promise.all([start(false, true), start(true, true)]);
});
after(async () => {
  await startTls[Symbol.asyncDispose]();
  await implicit[Symbol.asyncDispose]();
});

test('a real client logs in over STARTTLS and over implicit TLS', async () => {
  for (const [port, secure] of [
    [startTls.port, false],
    [implicit.port, true],
  ] as const) {
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port,
      secure,
      auth: { user: 'u', pass: 's' },
      tls: { rejectUnauthorized: false },
    });
    await transport.sendMail({ from: 'a@b.test', to: 'x@y.test', subject: 's', text: 't' });
  }
  assert.deepEqual(protocols, ['ESMTPSA', 'ESMTPSA']);
});

/** Sends lines one after the other, collecting the last line of each reply. */
function talk(port: number, writes: readonly string[]): Promise<string[]> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const lines: string[] = [];
    let text = '';
    let step = 0;
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(lines));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (line[3] === '-') continue;
        lines.push(line);
        const next = writes[step++];
        if (next === undefined) socket.destroy();
        else socket.write(next, 'latin1');
      }
    });
  });
}

test('AUTH is not offered in clear, and refused when it is tried', async () => {
  const lines = await talk(startTls.port, ['EHLO c.test\r\n', 'AUTH PLAIN AHUAcw==\r\n']);
  assert.match(lines[2] ?? '', /^538 5\.7\.11/);
});

test('what came in clear after STARTTLS has no effect inside TLS', async () => {
  const before = senders.length;
  const replies = await new Promise<string>((resolve) => {
    const socket = connect(startTls.port, '127.0.0.1');
    let phase = 0;
    socket.on('data', (chunk: Buffer) => {
      if (phase === 0) socket.write('EHLO c.test\r\n');
      if (phase === 1) socket.write('STARTTLS\r\nMAIL FROM:<evil@b.test>\r\n');
      if (phase === 2) {
        socket.removeAllListeners('data');
        assert.match(chunk.toString('latin1'), /^220 2\.0\.0[^\r]*\r\n$/);
        const secure = tlsConnect({ socket, rejectUnauthorized: false });
        let text = '';
        secure.on('secureConnect', () => secure.write('MAIL FROM:<early@b.test>\r\nEHLO c.test\r\nQUIT\r\n'));
        secure.on('data', (part: Buffer) => (text += part.toString('latin1')));
        secure.on('close', () => resolve(text));
      }
      phase += 1;
    });
  });
  assert.match(replies, /^503 5\.5\.1/, 'a new EHLO is needed');
  assert.ok(!replies.includes('STARTTLS'), 'not offered again');
  assert.equal(senders.length, before);
});

test('TLS 1.1 is refused', async () => {
  const failure = await new Promise<string>((resolve) => {
    const socket = tlsConnect({
      host: '127.0.0.1',
      port: implicit.port,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    socket.on('secureConnect', () => resolve('connected'));
    socket.on('error', (error) => resolve(error.message));
  });
  assert.notEqual(failure, 'connected');
});

test('our client uses STARTTLS where it works, and goes on in clear where its handshake is broken', async () => {
  await using good = await start(false, false);
  const dial = (target: { address: string; port: number }): ReturnType<typeof connect> =>
    connect({ host: target.address, port: target.port });
  const base = {
    dial,
    address: '127.0.0.1',
    ehloName: 'me.test',
    serverName: 'mx.test',
    verifyCertificate: false,
    deadlines: defaultDeadlines,
  };
  const opened = await SmtpConnection.open({ ...base, port: good.port, tls: 'opportunistic' });
  assert.ok(opened.ok);
  assert.match(opened.connection.tls?.protocol ?? '', /^TLSv1\.[23]$/);
  await opened.connection[Symbol.asyncDispose]();
  const verified = await SmtpConnection.open({
    ...base,
    port: good.port,
    tls: 'required',
    verifyCertificate: true,
  });
  assert.ok(!verified.ok && verified.failure.phase === 'tls');

  let connections = 0;
  const broken = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.write('220 broken ESMTP\r\n');
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      if (text.startsWith('EHLO')) socket.write('250-broken\r\n250 STARTTLS\r\n');
      else if (text.startsWith('STARTTLS')) socket.write('220 go\r\nthis is no handshake\r\n');
      else if (text.startsWith('QUIT')) socket.end('221 bye\r\n');
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const host = { name: 'mx.broken.test', address: '127.0.0.1', port: (broken.address() as AddressInfo).port };
  const lane = await openLane(
    [host],
    { addressId: '0', localAddress: null, ehloName: 'me.test' },
    {
      dial,
      deadlines: defaultDeadlines,
      tls: 'opportunistic',
      verifyCertificate: false,
      world: {} as never,
    },
  );
  assert.ok(lane.ok);
  assert.deepEqual([connections, lane.lane.tls], [2, null]);
  await lane.lane.close();
  await new Promise<void>((resolve) => broken.close(() => resolve()));
});
