// `npm run test:browser`: our pages in a real Chromium, light and dark, wide and narrow. Prints "not run" when there is none.
// Arguments are file patterns; without any, everything.
import { globSync } from 'node:fs';
import { ensureProgram, notRun } from './apt.ts';
import { runFiles, withPostgres } from './test-files.ts';

const patterns = process.argv.slice(2);
const files = globSync(patterns.length > 0 ? patterns : ['test/browser/pages/*.ts']).sort();

if (!ensureProgram('/usr/bin/chromium', ['chromium']))
  notRun('pages in Chromium', 'chromium is not installed');
else
  await withPostgres(async () => {
    const { hasPassed } = await runFiles(files, true, { TEST_SHARE: 'yes' });
    process.exitCode = hasPassed ? 0 : 1;
  });
