// `npm test`: all tests, a few dozen files in one process (60 files in 0.3 s instead of 10), each group after its own embedded
// PostgreSQL was started. Groups, because the programs of all files of a process run beside each other to its end; as many
// groups at a time as there are cores, at most two, since tests of waiting leave a core idle; each prints when it has ended.
// Arguments are file patterns; without any, everything.
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Files that start a program of their own; of all others any number go together. */
const programsPerGroup = 10;
/** Of files that kill programs: their waiting is to lie beside the work of others, not at the end. */
const killRunsPerGroup = 3;

const patterns = process.argv.slice(2);
const files = (patterns.length > 0 ? patterns : ['src/**/*.test.ts', 'test/**/*.test.ts'])
  .flatMap((pattern) => globSync(pattern))
  .sort();
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`);
  process.exit(1);
}

function startsProgram(file: string): boolean {
  return /startWorld|startProgram|TransportGround/.test(readFileSync(file, 'utf8'));
}

/** Files that kill programs and wait for what becomes of their mail: minutes, little of them work. */
const killRuns = /kill|day|soak/;

function groupsOf(all: readonly string[]): string[][] {
  // The sweeps first: they take longest, and would run alone at the end.
  const programs = all
    .filter(startsProgram)
    .toSorted((one, other) => Number(other.includes('/sweeps/')) - Number(one.includes('/sweeps/')));
  const rest = all.filter((file) => !startsProgram(file));
  const kills = parts(
    rest.filter((file) => killRuns.test(file)),
    killRunsPerGroup,
  );
  const groups = [
    ...kills.slice(0, 1),
    ...parts(programs.slice(0, programsPerGroup), programsPerGroup),
    ...kills.slice(1),
    ...parts(programs.slice(programsPerGroup), programsPerGroup),
    rest.filter((file) => !killRuns.test(file)),
  ];
  return groups.filter((group) => group.length > 0);
}

function parts(all: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  );
}

type Ended = { readonly hasPassed: boolean; readonly output: string };

/** One that was ended by a signal has failed. A group that is alone prints as it goes. */
function run(group: readonly string[], isAlone: boolean): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ['--test', '--test-isolation=none', '--test-global-setup=test/setup.ts', '--test-force-exit', ...group],
    { stdio: isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'] },
  );
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output.push(chunk);
    });
  return new Promise((resolve) => {
    const end = (): void =>
      resolve({ hasPassed: child.exitCode === 0, output: Buffer.concat(output).toString() });
    child.on('close', end);
    // Whatever a test left running holds the pipe open, and must not hold up the suite.
    child.on('exit', () => setTimeout(end, 2000));
  });
}

const groups = groupsOf(files);
const waiting = [...groups.entries()];
let failed = 0;

async function runWaiting(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [index, group] = next;
    const { hasPassed, output } = await run(group, groups.length === 1);
    if (!hasPassed) failed += 1;
    if (groups.length > 1)
      console.log(`\n# group ${index + 1} of ${groups.length}: ${group.length} files\n${output}`);
  }
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, runWaiting));
if (groups.length > 1) console.log(`\n# ${groups.length - failed} of ${groups.length} groups passed`);
process.exitCode = failed === 0 ? 0 : 1;
