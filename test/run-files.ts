/**
 * Several test files in one process (tools/test.ts), a suite each: what a file starts before its tests ends after them, not
 * with the process. `TEST_FILES` names them, one a line, from the folder of the project. With `TEST_SHARE=yes` they are no
 * suites, for files that share what they start.
 */
import { flushCompileCache } from 'node:module';
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';

const load = async (file: string): Promise<void> => {
  await import(pathToFileURL(file).href);
};
const loads: Promise<void>[] = [];
for (const file of (process.env['TEST_FILES'] ?? '').split('\n'))
  if (process.env['TEST_SHARE'] === 'yes') await load(file);
  else
    describe(file, () => {
      const loaded = load(file);
      loads.push(loaded);
      return loaded;
    });
await Promise.allSettled(loads);
// Programs that the tests start, and the processes after this one, have what was compiled here without waiting for its end.
flushCompileCache();
