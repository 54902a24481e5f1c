/** What the commands that test share: one PostgreSQL for all, and processes that run files one after the other. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { globalSetup, globalTeardown } from '../test/setup.ts';
import { useMemoryFolder } from './memory-folder.ts';

export type Ended = { readonly hasPassed: boolean; readonly output: string };

/** With the smaller default, collecting what is short-lived took 6 to 13 % of a process's time. */
const nodeOptions = ['--max-semi-space-size=64'];

const children = new Set<ChildProcess>();

/** The tests' PostgreSQL for as long as `run` takes; a signal ends both. */
export async function withPostgres(run: () => Promise<unknown>): Promise<void> {
  using folder = useMemoryFolder();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      for (const child of children) child.kill('SIGKILL');
      void globalTeardown().finally(() => {
        folder[Symbol.dispose]();
        process.exit(1);
      });
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
  const child = spawn(
    process.execPath,
    [...nodeOptions, '--test-force-exit', '--test-reporter=spec', 'test/run-files.ts'],
    {
      // Each process loads the same thousand sources: half a second of work that the first leaves to the others.
      env: {
        ...process.env,
        ...env,
        TEST_FILES: files.join('\n'),
        NODE_COMPILE_CACHE: 'node_modules/.cache/tests',
      },
      stdio: isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    },
  );
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

/** Ten files in a process, then fewer and fewer, so that all processes end at about the same time. */
export function inParts(all: readonly string[]): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  for (let at = 0, size = 0; at < all.length; at += size) {
    size = Math.min(10, Math.max(3, Math.ceil((all.length - at) / 5)));
    parts.push(all.slice(at, at + size));
  }
  return parts;
}
