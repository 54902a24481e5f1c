import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Statements whose proof is still owed: lower it when a row gets its test, never raise it. */
const openRows = 0;

type Row = { readonly statement: string; readonly proof: string };

function rowsOf(page: string): readonly Row[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| statement'))
    .map((line) => {
      const [, statement = '', , proof = ''] = line
        .split(' | ')
        .flatMap((cell, at) => (at === 0 ? ['', cell.slice(2)] : [cell]));
      return { statement, proof: proof.replace(/ \|$/, '') };
    });
}

test('each statement of the five documents names a test that is there, or is counted as open', () => {
  const rows = rowsOf(readFileSync('docs/seeds.md', 'utf8'));
  assert.ok(rows.length > 100, `${rows.length} statements`);
  const faults: string[] = [];
  let open = 0;
  for (const { statement, proof } of rows) {
    if (proof.startsWith('(open) ')) {
      open += 1;
      continue;
    }
    const [, file = '', name = ''] = /^`([^`]+)`: (.+)$/.exec(proof) ?? [];
    const tests = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const isThere = ["'", '"', '`'].some(
      (quote) =>
        tests.includes(`test(${quote}${name}${quote}`) || tests.includes(`test(\n  ${quote}${name}${quote}`),
    );
    if (name === '' || !isThere) faults.push(`${statement}: ${proof}`);
  }
  assert.deepEqual(faults, []);
  assert.equal(open, openRows, 'open rows: they only become fewer, and the number here with them');
});
