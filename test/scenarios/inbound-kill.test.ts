import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import type { Client } from 'pg';
import { bounce, bring } from '../doubles/reports.ts';
import { killKey, NodeProcess } from '../kills/node.ts';
import { seeded } from '../doubles/receivers.ts';
import { newFolder } from '../folder.ts';

const mails = 120;
const kills = 2;

type Sent = { readonly id: string; readonly path: string; readonly recipient: string };

/** Delivers mail and reads back the return paths, as the recipients' servers know them. */
async function sendAll(node: NodeProcess): Promise<Sent[]> {
  const recipients = Array.from({ length: mails }, (_, index) => ({ to: { email: `k${index}@inbox.test` } }));
  const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${killKey.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ from: { email: 'a@lettershop.test' }, recipients, subject: 's', text: 't' }),
  });
  assert.equal(response.status, 202);
  const db = await node.database();
  try {
    const endsAt = performance.now() + 60_000;
    for (;;) {
      assert.ok(performance.now() < endsAt, 'the mail is not delivered');
      const { rows } = await db.query<Sent & { state: string }>(
        `select m.id, c.mail_from as path, m.recipient, m.state from captures c join messages m on m.id = c.message_id`,
      );
      if (rows.length === mails && rows.every(({ state }) => state === 'delivered')) return rows;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await db.end();
  }
}

/** How often each of our messages was reported on, by the four places that tell of it. */
async function places(db: Client): Promise<{ id: string; told: string }[]> {
  const { rows } = await db.query<{ id: string; told: string }>(`
    select m.id, concat_ws(' ', m.state,
      (select count(*) from inbound_reports r where r.subaccount_id = m.subaccount_id and r.message_id = m.id),
      (select count(*) from events e where e.message_id = m.id and e.kind = 'message.bounced_later'),
      (select count(*) from events e where e.message_id = m.id and e.kind = 'suppression.added'),
      (select count(*) from suppressions s where s.subaccount_id = m.subaccount_id and s.address = m.recipient)) as told
    from messages m where m.recipient ~ '^k[0-9]+@inbox'`);
  return rows;
}

const untouched = 'delivered 0 0 0 0';
const whole = 'bounced 1 1 1 1';

test('a kill at any instant leaves each report whole or undone, and none that was answered for is lost', async (t) => {
  const seed = Math.floor(Math.random() * 1e9);
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const folder = newFolder('lettershop-inbound');
  chmodSync(folder, 0o711);
  const node = new NodeProcess(folder, {});
  try {
    await node.start();
    const sent = await sendAll(node);
    const answered = new Set<string>();
    const bringAll = async (some: readonly Sent[]): Promise<void> => {
      const waiting = [...some];
      const worker = async (): Promise<void> => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
          const answer = await bring(node.ports.inbound, next.path, bounce({ recipient: next.recipient }));
          if (answer.startsWith('250 ')) answered.add(next.id);
        }
      };
      await Promise.all(Array.from({ length: 8 }, worker));
    };
    const check = async (): Promise<number> => {
      const db = await node.database();
      const seen = await places(db);
      await db.end();
      const half = seen.filter(({ told }) => told !== untouched && told !== whole);
      assert.deepEqual(half, [], `seed ${seed}`);
      const lost = seen.filter(({ id, told }) => answered.has(id) && told !== whole);
      assert.deepEqual(lost, [], `seed ${seed}`);
      return seen.filter(({ told }) => told === whole).length;
    };
    for (let kill = 0; kill < kills; kill++) {
      // Those answered for come again, too: their senders may not have read the answer.
      const some = sent.slice(kill * 20, kill * 20 + 40);
      const progress = { isOver: false };
      const bringing = bringAll(some).finally(() => (progress.isOver = true));
      const before = answered.size;
      const wanted = before + 1 + Math.floor(random() * 12);
      while (answered.size < wanted && !progress.isOver)
        await new Promise((resolve) => setImmediate(resolve));
      await node.kill();
      await bringing;
      await node.start();
      await check();
    }
    await bringAll(sent);
    assert.equal(answered.size, mails);
    assert.equal(await check(), mails);
  } finally {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
