import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../../bench/ports.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { Settled, World } from '../world.ts';

/** Exim where `tools/interop.ts` has unpacked it; its user is known to nobody but itself. */
const base = process.env['INTEROP_EXIM'] ?? '';
const userId = 65_533;
const box = join(base, 'mail', 'box');

let world: World;
let dns: DnsServerDouble;
let exim: ChildProcess;

function config(port: number, inboundPort: number): string {
  return `
primary_hostname = mx.exim.test
exim_path = ${base}/exim
spool_directory = ${base}/spool
log_file_path = ${base}/spool/%slog
pid_file_path = ${base}/exim.pid
daemon_smtp_ports = ${port}
local_interfaces = 127.0.0.1
deliver_drop_privilege = true
message_size_limit = 1M
dsn_advertise_hosts = *
tls_advertise_hosts =
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  accept domains = exim.test
         local_parts = you : late
  deny message = 550 5.1.1 nobody of that name lives here
begin routers
late:
  driver = redirect
  domains = exim.test
  local_parts = late
  data = :fail: 550 5.1.1 User unknown
  allow_fail
you:
  driver = accept
  domains = exim.test
  transport = box
back:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = back
begin transports
box:
  driver = appendfile
  file = ${box}
  return_path_add
back:
  driver = smtp
  port = ${inboundPort}
  allow_localhost
begin retry
* * F,1h,1s
`;
}

/** Exim starts itself anew for each delivery with hardly an environment: a script brings what it needs. */
function install(): void {
  for (const [from, line] of [
    ['passwd', `Debian-exim:x:${userId}:${userId}::${base}/spool:/bin/false\n`],
    ['group', `Debian-exim:x:${userId}:\n`],
  ] as const) {
    copyFileSync(`/etc/${from}`, join(base, from));
    appendFileSync(join(base, from), line);
  }
  const [wrapper = ''] = globSync('usr/lib/**/libnss_wrapper.so', { cwd: base });
  const libraries = join(base, wrapper, '..');
  const lines = [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH=${libraries} LD_PRELOAD=${join(base, wrapper)}`,
    `export NSS_WRAPPER_PASSWD=${base}/passwd NSS_WRAPPER_GROUP=${base}/group`,
    `exec ${base}/usr/sbin/exim4 "$@"`,
    '',
  ];
  writeFileSync(join(base, 'exim'), lines.join('\n'));
  chmodSync(join(base, 'exim'), 0o755);
  // With its setuid bit the loader would not look where the libraries were unpacked.
  chmodSync(join(base, 'usr', 'sbin', 'exim4'), 0o755);
  for (const folder of ['spool', 'mail']) {
    mkdirSync(join(base, folder));
    chownSync(join(base, folder), userId, userId);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', () => resolve(socket.destroy() === socket));
    socket.on('error', () => resolve(false));
  });
}

before(async () => {
  install();
  const port = await freePort();
  dns = await DnsServerDouble.start({
    'exim.test': { MX: [[10, 'mx.exim.test']] },
    'mx.exim.test': { A: ['127.0.0.1'] },
  });
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
  writeFileSync(join(base, 'exim.conf'), config(port, world.inboundPort));
  exim = spawn(join(base, 'exim'), ['-C', join(base, 'exim.conf'), '-bdf', '-q2s'], { stdio: 'inherit' });
  await world.until(
    () => answers(port),
    (isUp) => isUp,
  );
});

after(async () => {
  exim.kill();
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

const ended = ['delivered', 'bounced', 'deferred'];

test('Exim takes our mail, in chunks too, refuses an unknown recipient and a message over its size', async () => {
  const [small = ''] = await world.send('you@exim.test', { subject: 'To Exim ü', text: '.dot\nü' });
  const [chunked = ''] = await world.send('you@exim.test', { text: '.a line of many\n'.repeat(20_000) });
  const [unknown = ''] = await world.send('nobody@exim.test');
  const [large = ''] = await world.send('you@exim.test', {
    attachments: [{ filename: 'x', content: Buffer.alloc(1_200_000).toString('base64') }],
  });
  const states: unknown[] = [];
  for (const id of [small, chunked, unknown, large]) {
    const { state, timeline } = await world.settled(id, ended);
    states.push([state, timeline.find(({ kind }) => kind === 'message.bounced')?.data['class']]);
  }
  assert.deepEqual(states, [
    ['delivered', undefined],
    ['delivered', undefined],
    ['bounced', 'hard'],
    ['bounced', 'soft'],
  ]);
  const mail = await world.until(
    () => Promise.resolve(execFileSync('cat', [box]).toString()).catch(() => ''),
    (text) => text.split('Return-path: <b+').length === 3,
  );
  assert.match(mail, /^DKIM-Signature: v=1; a=rsa-sha256;/m);
  assert.equal(mail.match(/^\.a line of many/gm)?.length, 20_000);
  assert.match(readFileSync(join(base, 'spool', 'mainlog'), 'utf8'), / K S=\d+/, 'by CHUNKING');
});

test('what Exim took and could not deliver comes back to its return path, ends the message and suppresses the address', async () => {
  const [late = ''] = await world.send('late@exim.test');
  await world.settled(late, ['bounced']);
  const { timeline } = await world.ok<Settled>('GET', `/messages/${late}`);
  const told = timeline.find(({ kind }) => kind === 'message.bounced_later');
  assert.deepEqual(
    [timeline.map(({ kind }) => kind), told?.data['class'], told?.data['reportedRecipient']],
    [
      ['message.accepted', 'message.delivered', 'message.bounced_later', 'suppression.added'],
      'hard',
      'late@exim.test',
    ],
  );
});
