/**
 * Where the tests' clusters and folders lie: in memory where there is enough of it, else where the system keeps temporary
 * files. A database is a thousand small files: a copy of the template costs 0.6 s of CPU on ext4 and 0.04 s in memory, and
 * there are some two hundred. Nothing that is tested depends on it: what a SIGKILL leaves is the same in both.
 */
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../src/base/start-fault.ts';

const memory = '/dev/shm';
const mark = 'lettershop-';
/** Much more than the tests fill: a copy of the template has 17 MB, a new cluster 39 MB, and each goes with its file. */
const bytesMin = 6 * 1024 ** 3;

/** PostgreSQL's programs are copied beside a cluster when its user cannot enter where npm put them; containers often forbid that. */
function takesPrograms(): boolean {
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, place]) => place === memory);
  return mount !== undefined && !(mount[3] ?? '').split(',').includes('noexec');
}

function hasRoom(): boolean {
  const { bavail, bsize } = statfsSync(memory);
  return Math.min(bavail * bsize, process.availableMemory()) >= bytesMin;
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

/** What a run that was killed has left there would stay until the machine starts anew. */
function removeLeftovers(): void {
  for (const name of readdirSync(memory)) {
    const pid = /^lettershop-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || !isGone(Number(pid))) continue;
    const path = join(memory, name);
    if (Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true });
  }
}

/** Names it in TEST_FOLDER (test/folder.ts) for this process and its children. */
export function useMemoryFolder(): Disposable {
  const isTaken = process.env['TEST_FOLDER'] !== undefined || process.platform !== 'linux';
  if (isTaken || !takesPrograms() || !hasRoom()) return { [Symbol.dispose]: () => undefined };
  removeLeftovers();
  const folder = mkdtempSync(join(memory, `${mark}${process.pid}-`));
  // PostgreSQL runs as another uid than root.
  chmodSync(folder, 0o711);
  process.env['TEST_FOLDER'] = folder;
  return {
    [Symbol.dispose]: () => {
      delete process.env['TEST_FOLDER'];
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
