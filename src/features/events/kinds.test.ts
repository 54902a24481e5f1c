import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventKinds } from './kinds.ts';

/** Metrics names kinds that it counts; what it writes is in `count.ts` and `operations.ts`. */
const sources = globSync('src/features/**/*.ts')
  .filter((path) => !path.endsWith('.test.ts') && !path.endsWith('events/kinds.ts'))
  .filter((path) => !/features\/metrics\/(?!count|operations)/.test(path))
  .map((path) => readFileSync(path, 'utf8'));

/** A kind stands in a source as itself, or is made from its noun: `webhook.${news}`. */
function isWritten(kind: string): boolean {
  const [noun = '', verb = ''] = kind.split('.');
  const made = new RegExp(`\`${noun}\\.\\$\\{`);
  return sources.some(
    (text) =>
      text.includes(`'${kind}'`) || (made.test(text) && sources.some((each) => each.includes(`'${verb}'`))),
  );
}

test('every kind of event is written somewhere', () => {
  assert.ok(sources.length > 100 && eventKinds.length > 40);
  assert.deepEqual(
    eventKinds.filter((kind) => !isWritten(kind)),
    [],
  );
});
