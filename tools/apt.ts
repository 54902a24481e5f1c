// What a check needs beyond Node and npm, installed where that is allowed: root, Debian, and not switched off.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';

/** A mirror that cannot be reached is given up soon: the check is then named as not run. */
const patience = [
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=10',
  '-o',
  'Acquire::https::Timeout=10',
];

function apt(words: readonly string[], timeoutMs: number): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = spawnSync('apt-get', [...patience, '-qq', ...words], {
    stdio: 'ignore',
    env,
    timeout: timeoutMs,
  });
  return run.status === 0;
}

/** True when the program is there, after trying to install its Debian package. */
export function ensureProgram(path: string, packages: readonly string[]): boolean {
  if (existsSync(path)) return true;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const install = ['install', '-y', '--no-install-recommends', ...packages];
  // The lists may be fresh enough already; if not, they are fetched once.
  if (!apt(install, 300_000) && apt(['update'], 60_000)) apt(install, 300_000);
  return existsSync(path);
}

/** Packages that would drive out others, laid out in a folder and not installed; false when they cannot be had. */
export function unpackPackages(folder: string, packages: readonly string[]): boolean {
  if (!existsSync('/usr/bin/apt-get')) return false;
  const fetched = spawnSync('apt-get', [...patience, '-qq', 'download', ...packages], {
    cwd: folder,
    stdio: 'ignore',
    timeout: 120_000,
  });
  const files = globSync('*.deb', { cwd: folder });
  if (fetched.status !== 0 || files.length < packages.length) return false;
  return files.every((file) => spawnSync('dpkg', ['-x', file, '.'], { cwd: folder }).status === 0);
}

export function notRun(name: string, why: string): void {
  console.log(`not run: ${name} (${why})`);
}
