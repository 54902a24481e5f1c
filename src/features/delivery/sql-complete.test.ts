import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'pg';
import { clientConfig } from '../../base/database/database.ts';
import { openTestDatabase } from '../../../test/database.ts';
import { completeText } from './sql-complete.ts';

type Parts = Parameters<typeof completeText>[0];

const names = ['ends', 'again', 'hard', 'soft', 'perhaps'] as const satisfies readonly (keyof Parts)[];

/** Each set of parts that a batch can need: something ends or is due again in every one. */
const every = Array.from(
  { length: 2 ** names.length },
  (_, bits) => Object.fromEntries(names.map((name, at) => [name, (bits & (2 ** at)) !== 0])) as Parts,
).filter(({ ends, again }) => ends || again);

async function explain(client: Client, statement: string): Promise<string> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(statement);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

test('whatever parts a batch needs, its statement finds what it changes by keys', async () => {
  await using database = await openTestDatabase();
  const client = new Client(clientConfig(database.target, 'engine', 'test'));
  await client.connect();
  try {
    assert.equal(every.length, 24);
    for (const parts of every) {
      const plan = await explain(client, `explain (generic_plan, costs off) ${completeText(parts)}`);
      assert.ok(!plan.includes('Seq Scan'), JSON.stringify(parts));
      assert.equal(plan.includes('Delete on queue'), parts.ends);
      assert.equal(plan.includes('Update on queue'), parts.again);
      assert.equal(plan.includes('Insert on soft_bounces'), parts.soft);
      assert.equal(plan.includes('Insert on suppressions'), parts.hard || parts.soft);
      assert.equal(plan.includes('Insert on perhaps_delivered'), parts.perhaps);
    }
  } finally {
    await client.end();
  }
});

test('only the partitions are opened in which messages of the batch can be', async () => {
  await using database = await openTestDatabase();
  const client = new Client(clientConfig(database.target, 'engine', 'test'));
  await client.connect();
  try {
    const parts: Parts = { ends: true, again: false, hard: false, soft: false, perhaps: false };
    await client.query(`prepare done as ${completeText(parts)}`);
    const none = Array.from({ length: 13 }, () => `'{}'`).join(', ');
    const leavesOf = async (range: string): Promise<readonly string[]> => {
      const plan = await explain(client, `explain (costs off) execute done (1, ${none}, ${range})`);
      return [...new Set([...plan.matchAll(/ on (messages_\d+_\d+) /g)].map(([, leaf = '']) => leaf))];
    };
    const all = await leavesOf('0, 9223372036854775807, 0, 32767');
    const ofMonth = await leavesOf('0, 9223372036854775807, 30, 30');
    assert.deepEqual(
      ofMonth,
      all.filter((leaf) => leaf.startsWith('messages_30_')),
    );
    assert.ok(ofMonth.length > 1 && all.length > ofMonth.length, all.join(' '));
    const now = (BigInt(Date.now()) << 21n).toString();
    assert.equal((await leavesOf(`${now}, ${now}, 30, 30`)).length, 1);
  } finally {
    await client.end();
  }
});
