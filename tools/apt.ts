// What a check needs beyond Node and npm, installed where that is allowed: root, Debian, and not switched off.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** True when the program is there, after trying to install its Debian package. */
export function ensureProgram(path: string, packages: readonly string[]): boolean {
  if (existsSync(path)) return true;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env, timeout: 120_000 });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    stdio: 'ignore',
    env,
    timeout: 300_000,
  });
  return existsSync(path);
}

export function notRun(name: string, why: string): void {
  console.log(`not run: ${name} (${why})`);
}
