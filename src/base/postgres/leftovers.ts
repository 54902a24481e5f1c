// What an earlier run left behind: a database still running without its program, lock files of a dead one.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ListedProcess, listProcesses } from '../process-table.ts';
import { StartFault, systemCode } from '../start-fault.ts';
import type { Log } from '../log.ts';

const pollMs = 50;
/** A fast shutdown writes a checkpoint first; backends without their postmaster end by themselves, usually at once. */
const phases = { fastMs: 30_000, backendsMs: 5_000, immediateMs: 10_000, killMs: 5_000 };

/**
 * A postgres of this very folder: it bears the folder's tag in arguments or title, or works inside the folder (one
 * that somebody started by hand). Everything else, whatever pid a lock file names, is left alone. Pure.
 */
export function isHolder(process: ListedProcess, cluster: string, tag: string): boolean {
  if (!/(^|\/)postgres(:|\s|$)/.test(process.command)) return false;
  return process.command.includes(tag) || process.workingFolder === cluster;
}

function holdersOf(cluster: string, tag: string): readonly ListedProcess[] {
  return listProcesses().filter((each) => each.pid !== process.pid && isHolder(each, cluster, tag));
}

/** Backends and helpers title themselves `postgres: ...`; the postmaster shows its arguments. */
function isPostmaster(process: ListedProcess): boolean {
  return !process.command.startsWith('postgres:');
}

/**
 * Makes the folder free for a start: stops what still holds it (cleanly, then firmly, each bounded) and removes lock
 * files that nobody holds. `cluster` must have its links resolved. Throws a StartFault when a holder cannot be stopped.
 */
export async function clearLeftovers(
  cluster: string,
  tag: string,
  socketFolder: string,
  log: Log,
): Promise<void> {
  await stopHolders(cluster, tag, log);
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = await readFile(pidFile, 'utf8').then(
    (text) => Number(text.split('\n')[0]),
    () => null,
  );
  if (pid !== null) {
    // PostgreSQL heals this itself unless the pid has gone to somebody else, or to a zombie: then it would refuse.
    log.info({ stalePid: pid }, 'the database was not shut down by its last run; it recovers now');
  }
  const socket = join(socketFolder, '.s.PGSQL.5432');
  for (const path of [pidFile, `${socket}.lock`, socket]) await rm(path, { force: true });
}

async function stopHolders(cluster: string, tag: string, log: Log): Promise<void> {
  const first = holdersOf(cluster, tag);
  if (first.length === 0) return;
  const postmasters = first.filter(isPostmaster);
  const pids = first.map((each) => each.pid);
  log.warn({ pids }, 'the database still runs from an earlier start; stopping it');
  signal(postmasters, 'SIGINT', cluster);
  const patienceMs = postmasters.length > 0 ? phases.fastMs : phases.backendsMs;
  if (await areGone(cluster, tag, patienceMs)) return;
  signal(holdersOf(cluster, tag), 'SIGQUIT', cluster);
  if (await areGone(cluster, tag, phases.immediateMs)) return;
  signal(holdersOf(cluster, tag), 'SIGKILL', cluster);
  if (await areGone(cluster, tag, phases.killMs)) return;
  throw new StartFault(`process ${pids.join(', ')} holds the database in ${cluster} and cannot be stopped`);
}

function signal(processes: readonly ListedProcess[], name: NodeJS.Signals, cluster: string): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if (systemCode(error) === 'ESRCH') continue;
      throw new StartFault(
        `process ${pid}, a PostgreSQL of another user, holds the database in ${cluster}: stop it first`,
      );
    }
  }
}

async function areGone(cluster: string, tag: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (holdersOf(cluster, tag).length === 0) return true;
    await wait(pollMs);
  }
  return false;
}
