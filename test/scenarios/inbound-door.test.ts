import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { selfSigned } from '../doubles/certificate.ts';
import { plainMail } from '../doubles/reports.ts';
import { startWorld } from '../world.ts';
import { newFolder } from '../folder.ts';

const postmaster = 'postmaster@mail.lettershop.test';

test('with a certificate mail that comes back is taken over STARTTLS', async () => {
  const folder = newFolder('lettershop-certificate');
  const { cert, key } = selfSigned('mx.sender.test');
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  try {
    await using world = await startWorld({
      LETTERSHOP_TLS_CERT: join(folder, 'cert.pem'),
      LETTERSHOP_TLS_KEY: join(folder, 'key.pem'),
    });
    const transport = createTransport({
      host: '127.0.0.1',
      port: world.inboundPort,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
    });
    const envelope = { from: 'x@y.test', to: [postmaster] };
    const info = await transport.sendMail({ envelope, raw: plainMail('x@y.test', 'Hello') });
    assert.match(info.response, /^250 2\.0\.0 /);
    transport.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a stop tells who is idle, and lets a report that is on its way come to its end', async () => {
  await using world = await startWorld();
  const socket = connect(world.inboundPort, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  const said = async (wanted: RegExp): Promise<void> => {
    while (!wanted.test(text)) await once(socket, 'data');
  };
  socket.write(`EHLO c.test\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<${postmaster}>\r\nDATA\r\nSubject: half\r\n`);
  await said(/^354 /m);
  const idle = connect(world.inboundPort, '127.0.0.1');
  await once(idle, 'data');
  const stopping = world.program.doors.stop(20_000);
  const [goodbye] = (await once(idle, 'data')) as [Buffer];
  assert.match(goodbye.toString(), /^421 4\.3\.2 /);
  socket.write('\r\nThe rest.\r\n.\r\n');
  await said(/^250 2\.0\.0 taken\r\n421 4\.3\.2 /m);
  await stopping;
  const kept = await sql<{ n: number }>`select count(*)::int as n from inbound_unread`.execute(
    world.database.db.engine,
  );
  assert.equal(kept.rows[0]?.n, 1);
});

test('the door relays nothing, knows no login, and shows no difference between strangers', async () => {
  await using world = await startWorld();
  const socket = connect(world.inboundPort, '127.0.0.1');
  const lines: string[] = [];
  let rest = '';
  const ended = once(socket, 'close');
  socket.on('data', (chunk: Buffer) => {
    rest += chunk.toString('latin1');
    const parts = rest.split('\r\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.filter((line) => line[3] === ' '));
  });
  const unknown = [
    'b+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@bounce.lettershop.test',
    'you@inbox.test',
    'a@lettershop.test',
  ];
  socket.write(
    [
      'EHLO c.test',
      'AUTH PLAIN AHUAcA==',
      'MAIL FROM:<>',
      ...unknown.map((to) => `RCPT TO:<${to}>`),
      'DATA',
      'RCPT TO:<Postmaster>',
      'QUIT',
      '',
    ].join('\r\n'),
  );
  await ended;
  assert.deepEqual(
    lines.map((line) => line.slice(0, 9)),
    [
      '220 mx.se',
      '250 LIMIT',
      '502 5.5.1',
      '250 2.1.0',
      '550 5.1.1',
      '550 5.1.1',
      '550 5.1.1',
      '503 5.5.1',
      '250 2.1.5',
      '221 2.0.0',
    ],
  );
  assert.equal(new Set(lines.filter((line) => line.startsWith('550'))).size, 1);
});
