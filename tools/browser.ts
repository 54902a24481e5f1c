// `npm run test:browser`: our pages in a real Chromium, light and dark, wide and narrow. Prints "not run" when there is none.
// Arguments are file patterns; without any, everything.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { ensureProgram, notRun } from './apt.ts';

const patterns = process.argv.slice(2);
const files = globSync(patterns.length > 0 ? patterns : ['test/browser/pages/*.ts']).sort();

if (!ensureProgram('/usr/bin/chromium', ['chromium']))
  notRun('pages in Chromium', 'chromium is not installed');
else {
  const child = spawn(
    process.execPath,
    ['--test', '--test-isolation=none', '--test-global-setup=test/setup.ts', '--test-force-exit', ...files],
    { stdio: 'inherit' },
  );
  process.exitCode = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}
