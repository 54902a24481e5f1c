// `node bench/events.ts [--events 1000000]`: searches of a log filled by SQL, over HTTP, as a key of the account asks them.
// Three events per message, 1,000 subaccounts' worth of recipients in one subaccount. Prints p50 and p99 per search.
import { parseArgs } from 'node:util';
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killKey, NodeProcess } from '../test/kills/node.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } });
const events = Number(values.events);
const folder = mkdtempSync(join(tmpdir(), 'lettershop-bench-'));
chmodSync(folder, 0o711);
const node = new NodeProcess(folder, {});
await node.start();
const db = await node.database();
await db.query('set statement_timeout = 0');
const fill = Date.now();
// Ids of this minute: 42 bits of milliseconds, then 21 that count.
await db.query(
  `with me as (select s.account_id, s.id, (extract(epoch from now()) * 1000)::bigint as ms from subaccounts s join accounts a on a.id = s.account_id
     where s.is_own and not a.is_system limit 1),
   n as (select g, ((me.ms << 21) + g) as id, me.account_id, me.id as sub from me, generate_series(1, $1::int) g),
   subs as (insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address, domain_id,
       subject, options, size_bytes, content)
     select account_id, sub, id, 30, 1, 'api', 'raw', 'a@b.test', 'a@b.test', 1, 'Letter ' || g % 5000,
       jsonb_build_object('tags', jsonb_build_array('tag' || g % 1000), 'metadata', '{}'::jsonb), 1, 'x' from n),
   copies as (insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
     select account_id, sub, id, 30, id, 'user' || g % 100000 || '@rcpt.test', 'delivered', now() from n)
   insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
   select nextval('event_numbers'), now(), 30, account_id, sub, id, id, k, jsonb_build_object('recipient', 'user' || g % 100000 || '@rcpt.test')
   from n, unnest(array['message.accepted', 'message.deferred', 'message.delivered']) k`,
  [Math.floor(events / 3)],
);
const owner = await node.database();
// Only an owner of a table may; `reset` would lead back to the engine, whose analyze is skipped with a warning.
await owner.query('set role none');
await owner.query('analyze events');
await owner.query('analyze messages');
await owner.query('analyze submissions');
await owner.end();
console.log(JSON.stringify({ events, filledMs: Date.now() - fill }));
const ids = await db.query<{ id: string }>('select id from messages order by id limit 1000');
await db.end();

async function measure(name: string, query: (n: number) => string): Promise<void> {
  const times: number[] = [];
  let items = 0;
  for (let n = 0; n < 200; n++) {
    const started = performance.now();
    const response = await fetch(`http://127.0.0.1:${node.ports.http}/api/v1/events?limit=50&${query(n)}`, {
      headers: { authorization: `Bearer ${killKey.secret}` },
    });
    items += ((await response.json()) as { items: unknown[] }).items.length;
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const [p50, p99] = [times[100], times[198]].map((ms) => Number((ms ?? 0).toFixed(1)));
  console.log(JSON.stringify({ search: name, p50, p99, itemsPerPage: items / 200 }));
}

await measure('recipient', (n) => `recipient=user${n * 37}@rcpt.test`);
await measure('message', (n) => `message=${ids.rows[n]?.id}`);
await measure('submission', (n) => `submission=${ids.rows[n]?.id}`);
await measure('newest', () => 'order=newest');
await measure('tag, newest', (n) => `order=newest&tag=tag${n}`);
await measure('subject, newest', (n) => `order=newest&subject=letter%20${n}`);
await measure('kind, deep page', (n) => `kind=message.deferred&cursor=${n * 1000}`);
await node.stop();
rmSync(folder, { recursive: true, force: true });
