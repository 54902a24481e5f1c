// What the system says of its processes: through /proc on Linux, through `ps` elsewhere. No native module.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** A process that can be told from a later one with the same pid. `boot` changes with each start of the machine. */
export type ProcessMark = { readonly pid: number; readonly started: string; readonly boot: string };

export type ListedProcess = {
  readonly pid: number;
  /** Its arguments, or the title that it gave itself, parts separated by blanks. */
  readonly command: string;
  /** Null where this user may not see it: another uid's, for a root without the right to trace. */
  readonly workingFolder: string | null;
};

const hasProc = process.platform === 'linux' && existsSync('/proc/self/stat');

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function ps(...args: readonly string[]): string {
  return spawnSync('ps', args, { encoding: 'utf8', timeout: 5_000 }).stdout ?? '';
}

/** State letter and start time (clock ticks after boot). The name, in brackets, may itself hold brackets. */
function procStat(pid: number): { readonly state: string; readonly started: string } | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}

/** Null when there is no such process, or only its unreaped remains. */
export function markOf(pid: number): ProcessMark | null {
  if (!isAlive(pid)) return null;
  if (!hasProc) return { pid, started: ps('-o', 'lstart=', '-p', String(pid)).trim(), boot: '' };
  const stat = procStat(pid);
  const boot = readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return stat === null ? null : { pid, started: stat.started, boot };
}

/** True while this very process lives: a later one that took over its pid does not count. */
export function isStillRunning(mark: ProcessMark): boolean {
  const now = markOf(mark.pid);
  return now !== null && now.started === mark.started && now.boot === mark.boot;
}

/** A zombie (dead, not yet reaped by its parent) does not count as alive, although signals still reach it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (!hasProc) return !ps('-o', 'state=', '-p', String(pid)).trim().startsWith('Z');
  const state = procStat(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function workingFolderOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** Every process with a command line that this user may see; zombies and kernel threads have none. */
export function listProcesses(): readonly ListedProcess[] {
  if (!hasProc) {
    return ps('-axww', '-o', 'pid=,command=')
      .split('\n')
      .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => ({ pid: Number(match[1]), command: match[2] ?? '', workingFolder: null }));
  }
  const found: ListedProcess[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = readOrNull(`/proc/${name}/cmdline`)?.replaceAll('\0', ' ').trim();
    if (command === undefined || command === '') continue;
    found.push({ pid: Number(name), command, workingFolder: workingFolderOf(Number(name)) });
  }
  return found;
}
