// Postfix, with opendkim as a milter when it signs: instances of our own in a temporary folder, Debian's defaults (fsync on).
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Peer } from './peer.ts';
import { freePort } from './ports.ts';

const has = (path: string): boolean => existsSync(path);

/** Why it cannot be measured here, null when it can. */
export function postfixMissing(signs: boolean): string | null {
  if (process.getuid?.() !== 0) return 'needs root';
  if (!has('/usr/sbin/postfix')) return 'postfix is not installed';
  return signs && !has('/usr/sbin/opendkim') ? 'opendkim is not installed' : null;
}

export async function postfixPeer(signs: boolean): Promise<Peer> {
  const base = mkdtempSync(join(tmpdir(), 'postfix-bench-'));
  chmodSync(base, 0o755);
  const port = await freePort();
  const milterPort = await freePort();
  for (const name of ['config', 'queue', 'data']) mkdirSync(join(base, name));
  cpSync('/etc/postfix/master.cf', join(base, 'config', 'master.cf'));
  const master = readFileSync(join(base, 'config', 'master.cf'), 'utf8')
    .replace(/^smtp\s+inet\b.*$/m, `127.0.0.1:${port} inet n - n - - smtpd`)
    .replaceAll(/^(\S+\s+\S+\s+\S+\s+\S+\s+)y(\s)/gm, '$1n$2');
  writeFileSync(join(base, 'config', 'master.cf'), master);
  chownSync(join(base, 'data'), ...userIds('postfix'));
  let milter: ChildProcess | null = null;
  const postfix = (verb: string): void => {
    execFileSync('/usr/sbin/postfix', ['-c', join(base, 'config'), verb], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  };
  const masterPid = (): number =>
    Number(readFileSync(join(base, 'queue', 'pid', 'master.pid'), 'utf8').trim());
  const stop = async (): Promise<void> => {
    try {
      postfix('stop');
    } catch {
      // It was not running.
    }
    milter?.kill('SIGTERM');
    milter = null;
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  return {
    name: signs ? 'postfix + opendkim RSA-2048' : 'postfix',
    from: 'a@sender.test',
    auth: '',
    start: async (sinkPort) => {
      writeFileSync(join(base, 'config', 'main.cf'), mainConfig(base, sinkPort, signs ? milterPort : null));
      if (signs) milter = startMilter(base, milterPort);
      postfix('start');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return { port, pids: [masterPid(), ...(milter?.pid === undefined ? [] : [milter.pid])] };
    },
    stop,
    remove: async () => {
      await stop();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function userIds(name: string): [number, number] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const fields = line?.split(':') ?? [];
  return [Number(fields[2] ?? 0), Number(fields[3] ?? 0)];
}

function mainConfig(base: string, sinkPort: number, milterPort: number | null): string {
  const lines = [
    'compatibility_level = 3.6',
    `queue_directory = ${join(base, 'queue')}`,
    `data_directory = ${join(base, 'data')}`,
    'daemon_directory = /usr/lib/postfix/sbin',
    'command_directory = /usr/sbin',
    'mail_owner = postfix',
    'setgid_group = postdrop',
    'myhostname = postfix.bench.test',
    'mydestination =',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'mynetworks = 127.0.0.0/8',
    'smtpd_relay_restrictions = permit_mynetworks, reject',
    `relayhost = [127.0.0.1]:${sinkPort}`,
    'smtp_destination_concurrency_limit = 50',
    'disable_dns_lookups = yes',
    'alias_maps =',
    'alias_database =',
    `maillog_file = ${join(base, 'data', 'mail.log')}`,
    `maillog_file_prefixes = ${base}`,
    ...(milterPort === null
      ? []
      : [`smtpd_milters = inet:127.0.0.1:${milterPort}`, 'milter_default_action = tempfail']),
  ];
  return `${lines.join('\n')}\n`;
}

function startMilter(base: string, port: number): ChildProcess {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = join(base, 'dkim.pem');
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const config = join(base, 'opendkim.conf');
  writeFileSync(
    config,
    `Syslog no\nCanonicalization relaxed/relaxed\nMode s\nDomain sender.test\nSelector s1\nKeyFile ${key}\nSocket inet:${port}@127.0.0.1\nInternalHosts 127.0.0.1\nUserID root\nRequireSafeKeys no\n`,
  );
  return spawn('/usr/sbin/opendkim', ['-f', '-x', config], { stdio: ['ignore', 'ignore', 'inherit'] });
}
