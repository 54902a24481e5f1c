/** What the commands that test share: one PostgreSQL for all, and processes that run files one after the other. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { globalSetup, globalTeardown } from '../test/setup.ts';

export type Ended = { readonly hasPassed: boolean; readonly output: string };

const children = new Set<ChildProcess>();

/** The tests' PostgreSQL for as long as `run` takes; a signal ends both. */
export async function withPostgres(run: () => Promise<unknown>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      for (const child of children) child.kill('SIGKILL');
      void globalTeardown().finally(() => process.exit(1));
    });
  await globalSetup();
  try {
    await run();
  } finally {
    await globalTeardown();
  }
}

/** One that was ended by a signal has failed. `isAlone`: it prints as it goes, and its output is empty here. */
export function runFiles(
  files: readonly string[],
  isAlone: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--test-force-exit', '--test-reporter=spec', 'test/run-files.ts'], {
    // Each process loads the same thousand sources: half a second of work that the first leaves to the others.
    env: {
      ...process.env,
      ...env,
      TEST_FILES: files.join('\n'),
      NODE_COMPILE_CACHE: 'node_modules/.cache/tests',
    },
    stdio: isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output.push(chunk);
    });
  return new Promise((resolve) => {
    const end = (): void => {
      children.delete(child);
      resolve({ hasPassed: child.exitCode === 0, output: Buffer.concat(output).toString() });
    };
    child.on('close', end);
    // Whatever a test left running holds the pipe open, and must not hold up the suite.
    child.on('exit', () => setTimeout(end, 2000));
  });
}
