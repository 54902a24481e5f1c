import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder `<name>-xxxxxx` for what a test keeps: in memory, where the command that runs the tests found room for it. */
export function newFolder(name: string): string {
  return mkdtempSync(join(process.env['TEST_FOLDER'] ?? tmpdir(), `${name}-`));
}
