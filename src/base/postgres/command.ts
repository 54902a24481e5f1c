import { spawn } from 'node:child_process';

/** As whom a child runs, and what is put before its command line so that it does not outlive us. */
export type Runner = {
  readonly uid: number;
  readonly gid: number;
  /** Our own uid is left for another one (we are root). */
  readonly isOther: boolean;
  readonly wrap: readonly string[];
};

export type CommandResult = {
  /** Null when it ended by a signal or never started. */
  readonly code: number | null;
  /** Why it never started (`ENOENT`, `EACCES`, `EPERM`), else null. */
  readonly startError: string | null;
  readonly stdout: string;
  readonly stderr: string;
};

const outputCharactersMax = 64 * 1024;

/**
 * Nothing of the caller's environment but the search path: PGDATA, PGPORT, LD_PRELOAD or a missing LANG must not
 * change what the database does. LC_ALL=C keeps its messages in the form that `log-lines` reads.
 */
export function childEnvironment(): Record<string, string> {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/bin:/bin`, LC_ALL: 'C', LANG: 'C', TZ: 'UTC' };
}

/** How a child of this runner is started; from `/`, because our own folder may be closed to it. */
export function childOptions(runner: Runner): {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly uid?: number;
  readonly gid?: number;
} {
  const base = { cwd: '/', env: childEnvironment() };
  return runner.isOther ? { ...base, uid: runner.uid, gid: runner.gid } : base;
}

/** Runs a short command to its end. Never rejects; past the deadline it is killed. */
export async function run(
  runner: Runner,
  argv: readonly [string, ...string[]],
  timeoutMs = 120_000,
): Promise<CommandResult> {
  const [file, ...args] = [...runner.wrap, ...argv];
  let stdout = '';
  let stderr = '';
  return new Promise((resolve) => {
    const fail = (startError: string): void => resolve({ code: null, startError, stdout, stderr });
    try {
      const child = spawn(file ?? argv[0], args, {
        ...childOptions(runner),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      // Not spawn's own `timeout`: its timer outlives a child that never started and would keep our process alive.
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      child.stdout.on('data', (part: Buffer) => (stdout = (stdout + part).slice(-outputCharactersMax)));
      child.stderr.on('data', (part: Buffer) => (stderr = (stderr + part).slice(-outputCharactersMax)));
      child.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        fail(error.code ?? error.message);
      });
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ code, startError: null, stdout, stderr });
      });
    } catch (error) {
      fail((error as NodeJS.ErrnoException).code ?? String(error));
    }
  });
}

/** The last line with text, without control characters: what a one-line fault can carry. */
export function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').replaceAll(/\p{Cc}+/gu, ' ').trim();
}
