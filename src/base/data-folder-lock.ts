// One program per data folder. Two guards together: the kernel's flock, taken through the flock program on a
// descriptor that we keep (it ends with us however we die, and holds between containers that share a volume), and
// the owner's pid with its start time in the file, for the message and for systems without that program.
import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { assert } from './assert.ts';
import { type ProcessMark, isStillRunning, markOf } from './process-table.ts';
import { StartFault } from './start-fault.ts';

export type FolderLock = { readonly release: () => void };

type KernelAnswer = 'held' | 'busy' | 'unknown';

/** `unknown` where there is no flock program, or the file system knows no locks. */
async function kernelLock(fd: number): Promise<KernelAnswer> {
  const child = spawn('flock', ['-n', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/bin:/bin` },
  });
  // A lock request on a network volume may hang; then the pid alone decides.
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  return new Promise<KernelAnswer>((resolve) => {
    child.once('error', () => resolve('unknown'));
    child.once('exit', (code) => resolve(code === 0 ? 'held' : code === 1 ? 'busy' : 'unknown'));
  }).finally(() => clearTimeout(timer));
}

function readMark(fd: number): ProcessMark | null {
  const buffer = Buffer.alloc(Math.min(fstatSync(fd).size, 1_024));
  readSync(fd, buffer, 0, buffer.length, 0);
  const [pid, started, boot] = buffer.toString('utf8').split('\n');
  if (!pid || !/^\d+$/.test(pid) || started === undefined || boot === undefined) return null;
  return { pid: Number(pid), started, boot };
}

function writeMark(fd: number, mark: ProcessMark): void {
  ftruncateSync(fd);
  writeSync(fd, `${mark.pid}\n${mark.started}\n${mark.boot}\n`, 0);
}

function refuse(folder: string, owner: ProcessMark | null): never {
  const who = owner === null ? 'another process' : `process ${owner.pid}`;
  throw new StartFault(`data folder ${folder} is already in use by ${who}: stop it first`);
}

async function take(fd: number, folder: string): Promise<void> {
  const answer = await kernelLock(fd);
  const owner = readMark(fd);
  if (answer === 'busy') refuse(folder, owner);
  if (owner !== null && isStillRunning(owner)) refuse(folder, owner);
  const own = markOf(process.pid);
  assert(own !== null, 'this process is not in the process table');
  writeMark(fd, own);
  if (answer === 'held') return;
  // Without the kernel two starts in the same instant may both get here: the one that wrote last stays.
  await wait(50);
  const last = readMark(fd);
  if (last?.pid !== own.pid) refuse(folder, last);
}

/**
 * Takes the lock file of a folder for this process, or throws a StartFault that names the owner's pid. The file stays
 * when released (removing a lock file lets two owners in). System errors of opening it are the caller's to word.
 */
export async function lockFolder(folder: string, file: string): Promise<FolderLock> {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    await take(fd, folder);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    release: () => {
      ftruncateSync(fd);
      closeSync(fd);
    },
  };
}
