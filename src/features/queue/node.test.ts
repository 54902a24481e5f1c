import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { silentLog } from '../../base/log.ts';
import { openTestDatabase } from '../../../test/database.ts';
import { Node } from './node.ts';

const termMs = 300;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('after a gap in its own term a node judges nobody until each had the time for a sign of life', async () => {
  await using database = await openTestDatabase();
  let nowMs = 1_000_000;
  let isLost = false;
  await using node = await Node.start({
    db: database.db.engine,
    clock: { now: Date.now, monotonicMs: () => nowMs },
    log: silentLog,
    instance: '5f4e3c7a-6a5b-4f0e-9d38-0c2b6f1f9a10',
    host: 'h',
    termMs,
    onLost: () => {
      isLost = true;
    },
  });
  assert.equal(node.mayJudgeOthers(), false, 'it has just come');
  nowMs += termMs / 2;
  assert.equal(node.mayJudgeOthers(), true);
  nowMs += 10 * termMs;
  assert.equal(node.mayJudgeOthers(), false, 'its own term is over: the store was away');
  await until(() => node.remainingMs() > 0);
  assert.equal(node.mayJudgeOthers(), false, 'others were cut off as well');
  nowMs += termMs / 2;
  assert.equal(node.mayJudgeOthers(), true);
  await sql`update nodes set incarnation = incarnation + 1`.execute(database.db.engine);
  await until(() => isLost);
  assert.deepEqual([node.mayJudgeOthers(), node.maySendDot()], [false, false]);
});
