/** The operator's commands beside a running program. */
import { mock } from 'node:test';
import { readConfig } from '../../src/base/config.ts';
import { runCommand } from '../../src/cli/index.ts';
import { databaseUrl } from '../world.ts';
import type { World } from '../world.ts';

/** Its exit code, and what it says. */
export async function command(
  world: World,
  folder: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const mocks = [mock.method(console, 'log', say), mock.method(console, 'error', say)];
  try {
    const config = readConfig({ DATABASE_URL: databaseUrl(world.database), LETTERSHOP_DATA_DIR: folder });
    const code = await runCommand(words, config);
    return [String(code), ...said];
  } finally {
    for (const each of mocks) each.mock.restore();
  }
}
