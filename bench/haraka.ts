// Haraka in one process, in a temporary folder, with its defaults; plugins of our own let everyone relay and route to the sink.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Peer } from './peer.ts';
import { freePort } from './ports.ts';

/** The program: `HARAKA`, or `haraka` on the PATH. */
function program(): string | null {
  const named = process.env['HARAKA'];
  if (named !== undefined) return existsSync(named) ? realpathSync(named) : null;
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'haraka'))
    .find((path) => existsSync(path));
  return found === undefined ? null : realpathSync(found);
}

/** Why it cannot be measured here, null when it can. */
export function harakaMissing(): string | null {
  return program() === null ? 'haraka is neither on the PATH nor named by HARAKA' : null;
}

export async function harakaPeer(signs: boolean): Promise<Peer> {
  const bin = program();
  if (bin === null) throw new Error('haraka is not installed');
  const base = mkdtempSync(join(tmpdir(), 'haraka-bench-'));
  const home = dirname(dirname(bin));
  const port = await freePort();
  let child: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  };
  return {
    name: signs ? 'haraka RSA-2048' : 'haraka',
    from: 'a@sender.test',
    auth: '',
    start: async (sinkPort) => {
      writeFolder(base, { home, port, sinkPort, signs });
      child = spawn(process.execPath, [bin, '-c', base], {
        stdio: 'ignore',
        env: { ...process.env, NODE_PATH: dirname(home) },
      });
      await answers(port);
      return { port, pids: child.pid === undefined ? [] : [child.pid] };
    },
    stop,
    remove: async () => {
      await stop();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

type Facts = {
  readonly home: string;
  readonly port: number;
  readonly sinkPort: number;
  readonly signs: boolean;
};

function writeFolder(base: string, { home, port, sinkPort, signs }: Facts): void {
  rmSync(base, { recursive: true, force: true });
  const key = join(base, 'config', 'dkim', 'sender.test');
  for (const folder of [join(base, 'plugins'), join(base, 'queue'), key])
    mkdirSync(folder, { recursive: true });
  const config = (name: string, text: string): void => writeFileSync(join(base, 'config', name), text);
  config('smtp.ini', `listen=127.0.0.1:${port}\nnodes=0\n`);
  // Without its own one it fails at the first connection.
  cpSync(join(home, 'config', 'connection.ini'), join(base, 'config', 'connection.ini'));
  config('log.ini', '[main]\nlevel=crit\n');
  config('me', 'haraka.bench.test\n');
  config('outbound.ini', 'concurrency_max=100\n');
  config('plugins', signs ? 'dkim\nopen\n' : 'open\n');
  if (signs) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    config('dkim.ini', '[sign]\nenabled=true\n[verify]\nenabled=false\n');
    writeFileSync(join(key, 'private'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
    writeFileSync(join(key, 'public'), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(join(key, 'selector'), 's1\n');
  }
  writeFileSync(
    join(base, 'plugins', 'open.js'),
    `exports.hook_lookup_rdns = (next) => next(OK, 'localhost');
exports.hook_connect = (next, connection) => { connection.relaying = true; next(); };
exports.hook_rcpt = (next) => next(OK);
exports.hook_get_mx = (next) => next(OK, { priority: 0, exchange: '127.0.0.1', port: ${sinkPort} });
`,
  );
}

/** Until the port greets, 20 s at most. */
async function answers(port: number): Promise<void> {
  const endsAt = performance.now() + 20_000;
  for (;;) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
      socket.setTimeout(2000, () => {
        socket.destroy();
        resolve(false);
      });
    });
    if (isUp) return;
    if (performance.now() > endsAt) throw new Error('haraka did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
