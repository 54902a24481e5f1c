/**
 * Several test files in one process (tools/test.ts), a suite each: what a file starts before its tests ends after them, not
 * with the process. `TEST_FILES` names them, one a line, from the folder of the project.
 */
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';

for (const file of (process.env['TEST_FILES'] ?? '').split('\n'))
  describe(file, async () => {
    await import(pathToFileURL(file).href);
  });
