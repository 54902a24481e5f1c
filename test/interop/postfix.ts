import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from '../../bench/ports.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let dns: DnsServerDouble;
const base = mkdtempSync(join(tmpdir(), 'postfix-interop-'));
const mailbox = join(base, 'mail');

function uid(name: string): number {
  return Number(execFileSync('id', ['-u', name]).toString());
}

before(async () => {
  chmodSync(base, 0o755);
  for (const name of ['config', 'queue', 'data', 'mail']) mkdirSync(join(base, name));
  execFileSync('chown', ['postfix', join(base, 'data')]);
  execFileSync('chown', ['nobody', mailbox]);
  const port = await freePort();
  cpSync('/etc/postfix/master.cf', join(base, 'config', 'master.cf'));
  const master = readFileSync(join(base, 'config', 'master.cf'), 'utf8')
    .replace(/^smtp\s+inet\b.*$/m, `127.0.0.1:${port} inet n - n - - smtpd`)
    .replaceAll(/^(\S+\s+\S+\s+\S+\s+\S+\s+)y(\s)/gm, '$1n$2');
  writeFileSync(join(base, 'config', 'master.cf'), master);
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(base, 'queue'),
    data_directory: join(base, 'data'),
    daemon_directory: '/usr/lib/postfix/sbin',
    command_directory: '/usr/sbin',
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    myhostname: 'mx.postfix.test',
    mydestination: '',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    virtual_mailbox_domains: 'postfix.test',
    virtual_mailbox_base: mailbox,
    virtual_mailbox_maps: 'inline:{you@postfix.test=you/}',
    virtual_uid_maps: `static:${uid('nobody')}`,
    virtual_gid_maps: `static:${uid('nobody')}`,
    alias_maps: '',
    alias_database: '',
    message_size_limit: '1000000',
    smtpd_reject_unlisted_recipient: 'yes',
    maillog_file: join(base, 'data', 'mail.log'),
    maillog_file_prefixes: base,
  };
  writeFileSync(
    join(base, 'config', 'main.cf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
  );
  execFileSync('/usr/sbin/postfix', ['-c', join(base, 'config'), 'start'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  dns = await DnsServerDouble.start({
    'postfix.test': { MX: [[10, 'mx.postfix.test']] },
    'mx.postfix.test': { A: ['127.0.0.1'] },
  });
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
});

after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  execFileSync('/usr/sbin/postfix', ['-c', join(base, 'config'), 'stop'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  rmSync(base, { recursive: true, force: true });
});

test('Postfix takes our mail, refuses an unknown recipient and a message over its size, and each story is right', async () => {
  const [good = ''] = await world.send('you@postfix.test', { subject: 'To Postfix ü', text: '.dot\nü' });
  const [unknown = ''] = await world.send('nobody@postfix.test');
  const [large = ''] = await world.send('you@postfix.test', {
    attachments: [{ filename: 'x', content: Buffer.alloc(1_200_000).toString('base64') }],
  });
  const ended = ['delivered', 'bounced', 'deferred'];
  const delivered = await world.settled(good, ended);
  assert.equal(delivered.state, 'delivered');
  assert.match(JSON.stringify(delivered.timeline.at(-1)?.data['reply']), /queued as/);
  const bounced = await world.settled(unknown, ended);
  assert.deepEqual([bounced.state, bounced.timeline[1]?.data['class']], ['bounced', 'hard']);
  const refused = await world.settled(large, ended);
  assert.equal(refused.state, 'bounced');
  const folder = join(mailbox, 'you', 'new');
  const files = await world.until(
    () =>
      Promise.resolve()
        .then(() => readdirSync(folder))
        .catch((): string[] => []),
    (names) => names.length === 1,
  );
  const mail = readFileSync(join(folder, files[0] ?? ''), 'utf8');
  assert.match(mail, /^DKIM-Signature: v=1; a=rsa-sha256;/m);
  assert.match(mail, /Return-Path: <b\+[a-z2-7]{32}@bounce\.lettershop\.test>/);
});
