// `npm run pictures`: makes the README's pictures of the console anew (docs/pictures). Prints "not run" when there is no Chromium.
import { ensureProgram, notRun } from './apt.ts';
import { runFiles, withPostgres } from './test-files.ts';

if (!ensureProgram('/usr/bin/chromium', ['chromium'])) notRun('pictures', 'chromium is not installed');
else
  await withPostgres(async () => {
    const { hasPassed } = await runFiles(['test/browser/pictures.ts'], true);
    process.exitCode = hasPassed ? 0 : 1;
  });
