import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { seeded } from '../doubles/receivers.ts';
import { killKey, NodeProcess } from '../kills/node.ts';
import { newFolder } from '../folder.ts';

const copies = 10_000;
const kills = 2;

/** The same in each call: a call that is made again must be the same call. */
const sendAt = new Date(Date.now() + 86_400_000).toISOString();

/** The id of the submission; null when no answer came. */
async function send(node: NodeProcess, key: string): Promise<string | null> {
  const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${killKey.secret}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({
      from: { email: 'a@lettershop.test' },
      recipients: Array.from({ length: copies }, (_, n) => ({
        to: { email: `r${n}@inbox.test` },
        data: { n },
      })),
      subject: 's',
      text: 'No {{ n }}',
      campaign: key,
      sendAt,
    }),
  }).catch(() => null);
  if (response === null) return null;
  const text = await response.text().catch(() => null);
  if (text === null) return null;
  assert.equal(response.status, 202, text.slice(0, 300));
  return (JSON.parse(text) as { id: string }).id;
}

/** By campaign: copies of each of its submissions. */
async function stored(node: NodeProcess): Promise<ReadonlyMap<string, readonly number[]>> {
  const db = await node.database();
  try {
    const { rows } = await db.query<{ campaign: string; copies: number }>(
      `select s.options ->> 'campaign' as campaign, (select count(*)::int from messages m join queue q on q.message_id = m.id
         where m.submission_id = s.id and m.state = 'held') as copies from submissions s`,
    );
    const by = Map.groupBy(rows, ({ campaign }) => campaign);
    return new Map([...by].map(([campaign, all]) => [campaign, all.map((row) => row.copies)]));
  } finally {
    await db.end();
  }
}

test('a kill at any instant leaves ten thousand copies of one call whole or unknown, and its key brings them once', async (t) => {
  const seed = Math.floor(Math.random() * 1e9);
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const folder = newFolder('lettershop-batch');
  chmodSync(folder, 0o711);
  const node = new NodeProcess(folder, {});
  try {
    await node.start();
    await send(node, 'warm');
    const began = performance.now();
    await send(node, 'measured');
    const takes = performance.now() - began;
    for (let kill = 0; kill < kills; kill++) {
      const key = `killed-${kill}`;
      const sending = send(node, key);
      await new Promise((resolve) => setTimeout(resolve, random() * 1.2 * takes));
      await node.kill();
      const answered = await sending;
      await node.start();
      const [left, ...more] = (await stored(node)).get(key) ?? [];
      assert.ok(left === undefined || (left === copies && more.length === 0), `seed ${seed}: ${left} stored`);
      assert.ok(answered === null || left === copies, `seed ${seed}: answered, and not stored`);
      const again = await send(node, key);
      assert.ok(again !== null && (answered === null || answered === again));
      assert.deepEqual((await stored(node)).get(key), [copies], `seed ${seed}`);
    }
  } finally {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
