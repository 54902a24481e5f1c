// `npm test`: all tests, on one embedded PostgreSQL with a database for each file that needs one. Files that start a program
// have a process of their own each, a few at a time: a program that idles to the end of its process beside nine others takes
// more of the machine than the tests do. All other files go together in one process (a hundred in the time of ten). Each
// prints when it has ended. Arguments are file patterns; without any, everything.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { globalSetup, globalTeardown } from '../test/setup.ts';

const patterns = process.argv.slice(2);
const files = (patterns.length > 0 ? patterns : ['src/**/*.test.ts', 'test/**/*.test.ts'])
  .flatMap((pattern) => globSync(pattern))
  .sort();
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`);
  process.exit(1);
}

/** Tests of waiting leave a core idle. */
const processesAtOnce = Math.min(3, availableParallelism() + 1);

/** The longest first, or they would run alone at the end: kills wait for minutes, then sweeps. */
const longest: readonly RegExp[] = [/kill|day|soak/, /sweeps\/isolation\.test/, /\/sweeps\//];

function turnOf(file: string): number {
  const at = longest.findIndex((pattern) => pattern.test(file));
  return at === -1 ? longest.length : at;
}

function needsProcess(file: string): boolean {
  return /startWorld|startProgram|TransportGround/.test(readFileSync(file, 'utf8')) || turnOf(file) === 0;
}

function groupsOf(all: readonly string[]): string[][] {
  const alone = all.filter(needsProcess).toSorted((one, other) => turnOf(one) - turnOf(other));
  const together = all.filter((file) => !needsProcess(file));
  return [together, ...alone.map((file) => [file])].filter((group) => group.length > 0);
}

type Ended = { readonly hasPassed: boolean; readonly output: string };
const children = new Set<ChildProcess>();

/** One that was ended by a signal has failed. A group that is alone prints as it goes. */
function run(group: readonly string[], isAlone: boolean): Promise<Ended> {
  const options = ['--test', '--test-isolation=none', '--test-force-exit', '--test-reporter=spec'];
  const child = spawn(process.execPath, [...options, ...group], {
    // Each process loads the same thousand sources: half a second of work that the first leaves to the others.
    env: { ...process.env, NODE_COMPILE_CACHE: 'node_modules/.cache/tests' },
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

const groups = groupsOf(files);
const waiting = [...groups];
const failed: string[] = [];

async function runWaiting(): Promise<void> {
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
    const startedAt = performance.now();
    const { hasPassed, output } = await run(group, groups.length === 1);
    const name = group.length === 1 ? String(group[0]) : `${group.length} files without a program`;
    if (!hasPassed) failed.push(name);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (groups.length > 1) console.log(`\n# ${name}: ${seconds} s\n${output}`);
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const child of children) child.kill('SIGKILL');
    void globalTeardown().finally(() => process.exit(1));
  });
await globalSetup();
try {
  await Promise.all(Array.from({ length: processesAtOnce }, runWaiting));
} finally {
  await globalTeardown();
}
if (groups.length > 1) console.log(`\n# ${groups.length - failed.length} of ${groups.length} passed`);
if (failed.length > 0) console.log(`# failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
