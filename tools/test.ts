// `npm test`: all tests in one process (60 files in 0.3 s instead of 10), after one embedded PostgreSQL was started.
// Arguments are file patterns; without any, everything.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

const patterns = process.argv.slice(2);
const files = (patterns.length > 0 ? patterns : ['src/**/*.test.ts', 'test/**/*.test.ts']).flatMap(
  (pattern) => globSync(pattern),
);
if (files.length === 0) {
  console.error(`No test file matches ${patterns.join(' ')}`);
  process.exit(1);
}
const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-isolation=none',
    '--test-global-setup=test/setup.ts',
    '--test-force-exit',
    ...files.sort(),
  ],
  { stdio: 'inherit' },
);
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
