// `npm test`: all tests, a few dozen files in one process (60 files in 0.3 s instead of 10), each group after its own embedded
// PostgreSQL was started. Groups, because the programs of all files of a process run beside each other to its end.
// Arguments are file patterns; without any, everything.
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';

/** Files that start a program of their own; of all others any number go together. */
const programsPerGroup = 10;

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

function groupsOf(all: readonly string[]): string[][] {
  const [programs, others] = [all.filter(startsProgram), all.filter((file) => !startsProgram(file))];
  const groups = others.length === 0 ? [] : [others];
  for (let at = 0; at < programs.length; at += programsPerGroup)
    groups.push(programs.slice(at, at + programsPerGroup));
  return groups;
}

/** The exit code of one group; one that was ended by a signal has failed. */
function run(group: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--test', '--test-isolation=none', '--test-global-setup=test/setup.ts', '--test-force-exit', ...group],
    { stdio: 'inherit' },
  );
  return new Promise((resolve) =>
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 1)),
  );
}

let failed = 0;
const groups = groupsOf(files);
for (const [index, group] of groups.entries()) {
  if (groups.length > 1) console.log(`\n# group ${index + 1} of ${groups.length}: ${group.length} files`);
  if ((await run(group)) !== 0) failed += 1;
}
if (groups.length > 1) console.log(`\n# ${groups.length - failed} of ${groups.length} groups passed`);
process.exitCode = failed === 0 ? 0 : 1;
