// `npm test`: all tests, on one embedded PostgreSQL with a database for each file that needs one. Files that start a program
// go a few to a process, one after the other (test/run-files.ts): loading the sources takes as long as the tests of a file, and a
// program that idles beside nine others more than both. All other files go together (a hundred in the time of ten). Each
// process prints when it has ended. Arguments are file patterns; without any, everything.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { inParts, runFiles, withPostgres } from './test-files.ts';

const patterns = process.argv.slice(2);
const files = (patterns.length > 0 ? patterns : ['src/**/*.test.ts', 'test/**/*.test.ts'])
  .flatMap((pattern) => globSync(pattern))
  .sort();
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`);
  process.exit(1);
}

/** Two keep two cores busy; kills and what starts databases wait for minutes and work little, so that they run beside these. */
const processesAtOnce = Math.min(2, availableParallelism());
const kills = /kill|day|soak/;
const startsDatabases = /^src\/base\/postgres\//;
/** Take as long as ten others: nothing of them is left to do when all else is done. */
const longest = [
  'test/sweeps/isolation.test.ts',
  'test/scenarios/kill.test.ts',
  'test/scenarios/webhook-soak.test.ts',
  'test/scenarios/day.test.ts',
  'test/scenarios/quota-kill.test.ts',
];

/** What one process runs. `isAside`: beside the others. */
type Group = { readonly name: string; readonly files: readonly string[]; readonly isAside?: true };

/** By itself, or by what it imports of the tests' own: a program that idles among a hundred files costs all of them. */
function startsProgram(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  if (/startWorld|startProgram/.test(text)) return true;
  const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => join(dirname(file), path));
  return imported.some((path) => path.startsWith('test/') && existsSync(path) && startsProgram(path));
}

function groupsOf(all: readonly string[]): Group[] {
  const alone = [...longest.filter((file) => all.includes(file)), ...all.filter((file) => kills.test(file))];
  const databases = all.filter((file) => startsDatabases.test(file));
  const others = all.filter((file) => !alone.includes(file) && !databases.includes(file));
  const programs = others.filter(startsProgram);
  const rest = others.filter((file) => !startsProgram(file));
  const parts = inParts(programs);
  return [
    ...[...new Set(alone)].map((file) => ({
      name: file,
      files: [file],
      ...(kills.test(file) ? { isAside: true as const } : {}),
    })),
    ...(databases.length > 0
      ? [{ name: databases.join(', '), files: databases, isAside: true as const }]
      : []),
    ...(rest.length > 0 ? [{ name: `${rest.length} files without a program`, files: rest }] : []),
    ...parts.map((some) => ({ name: some.join(', '), files: some })),
  ];
}

const groups = groupsOf(files);
const aside = groups.filter(({ isAside }) => isAside === true);
const others = groups.filter(({ isAside }) => isAside !== true);
const failed: string[] = [];

async function runAll(queues: readonly Group[][]): Promise<void> {
  for (const queue of queues)
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      const startedAt = performance.now();
      const { hasPassed, output } = await runFiles(group.files, groups.length === 1);
      if (!hasPassed) failed.push(group.name);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (groups.length > 1) console.log(`\n# ${group.name}: ${seconds} s\n${output}`);
    }
}

await withPostgres(async () => {
  const lanes = Array.from({ length: processesAtOnce }, () => runAll([others, aside]));
  await Promise.all([...lanes, runAll([aside])]);
});
if (groups.length > 1) console.log(`\n# ${groups.length - failed.length} of ${groups.length} passed`);
if (failed.length > 0) console.log(`# failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
