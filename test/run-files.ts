/**
 * Several test files in one process (tools/test.ts), a suite each: what a file starts before its tests ends after them, not
 * with the process. `TEST_FILES` names them, one a line, from the folder of the project. With `TEST_SHARE=yes` they are no
 * suites, for files that share what they start.
 */
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';

const load = async (file: string): Promise<void> => {
  await import(pathToFileURL(file).href);
};
for (const file of (process.env['TEST_FILES'] ?? '').split('\n'))
  if (process.env['TEST_SHARE'] === 'yes') await load(file);
  else describe(file, () => load(file));
