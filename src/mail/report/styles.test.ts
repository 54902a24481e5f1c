import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styleBytes, styles } from '../../../test/doubles/bounce-styles.ts';
import { classify } from '../bounce/classify.ts';
import { readReport } from './index.ts';

async function told(bytes: Buffer): Promise<readonly string[] | string> {
  const found = await readReport(bytes);
  if (found.kind !== 'delivery') return found.kind;
  assert.equal(found.isStandard, false);
  return found.entries.map(({ recipient, action, reply }) => {
    return `${recipient ?? '?'} ${action} ${classify(reply, 'report').class}`;
  });
}

for (const each of styles) {
  test(`mail that comes back without a standard: ${each[0]}`, async () => {
    assert.deepEqual(await told(styleBytes(each)), each[3]);
    assert.deepEqual(await told(styleBytes(each, '\n')), each[3], 'with bare line ends');
  });
}

test('there are as many styles as promised, each told apart', () => {
  const kinds = styles.map(([, , , expected]) => (typeof expected === 'string' ? expected : 'bounce'));
  const count = (kind: string): number => kinds.filter((each) => each === kind).length;
  assert.ok(
    styles.length >= 60 && count('bounce') >= 40 && count('auto_reply') >= 12 && count('challenge') >= 5,
  );
  assert.equal(new Set(styles.map(([name]) => name)).size, styles.length);
});
