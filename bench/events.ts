// `npm run bench:events [-- --events 10000000]`: searches of a log filled by SQL, with a PostgreSQL of its own, as keys ask them.
// Three events per message, 1,000 subaccounts of which the first has a third of all mail, over 30 days; a second account with as
// much mail of the first's rare words. Prints p50, p99 and max per search over 100 pages, what postings cost, and the overview.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { systemClock } from '../src/base/clock.ts';
import { Database } from '../src/base/database/database.ts';
import { migrate } from '../src/base/database/migrate.ts';
import { silentLog } from '../src/base/log.ts';
import { startPostgres } from '../src/base/postgres/postgres.ts';
import { makeAccess } from '../src/features/access/index.ts';
import { createAccount } from '../src/features/accounts/index.ts';
import { eventRoutes, Poster, Tails } from '../src/features/events/index.ts';
import type { Scope, SubaccountId } from '../src/base/scope.ts';
import { cpuSeconds } from './proc.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '10000000' } } });
const messages = Math.floor(Number(values.events) / 3);
const folder = mkdtempSync(join(tmpdir(), 'lettershop-events-'));
chmodSync(folder, 0o711);
const postgres = await startPostgres({ folder, log: silentLog });
const now = Date.now();
for (let days = 30; days >= 0; days -= 5)
  await migrate(postgres.connection, 'migrations', new Date(now - days * 86_400_000));
const db = new Database(postgres.connection, silentLog, { tenant: 2, engine: 2 });
for (let days = 30; days >= 0; days -= 5)
  await sql`select make_partitions(${new Date(now - days * 86_400_000)})`.execute(db.owner);
const [account, other] = [
  await createAccount(db, 'Bench', new Date()),
  await createAccount(db, 'Other', new Date()),
];
await sql`insert into subaccounts (account_id, name) select ${account.id}, 'tenant ' || g from generate_series(1, 1000) g`.execute(
  db.engine,
);

/** Of the first account but one in ten; of a message's tags: one that is rare, old, common, or common elsewhere only. */
const chunk = 200_000;
const started = performance.now();
for (let first = 0; first < messages; first += chunk) {
  const n = Math.min(chunk, messages - first);
  const fill = sql`with sub as materialized (select id, (row_number() over (order by id) - 1)::int as k from subaccounts where account_id = ${account.id} and not is_own),
      own as materialized (select id from subaccounts where account_id = ${other.id} and is_own),
      n as materialized (select g, g % 10 = 9 as is_other, ${now}::bigint - 2592000000 + (g::bigint * 2592000000 / ${messages}::int) as ms,
          case when g % 3 = 0 then 0 else floor(1000 * power(((g::bigint * 7919) % 10007) / 10007.0, 3))::int end as k
        from generate_series(${first}::int, ${first + n - 1}::int) g),
      m as materialized (select n.*, (ms << 21) + g as id, case when is_other then ${other.id}::int else ${account.id}::int end as account,
          case when is_other then own.id else sub.id end as tenant from n cross join own join sub on sub.k = n.k),
      subs as (insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address, domain_id,
          subject, options, size_bytes, content)
        select account, tenant, id, 30, 1, 'api', 'raw', 'a@b.test', 'a@b.test', 1, 'Order ' || g || ' of today for customer c' || g % 5000,
          jsonb_build_object('metadata', '{}'::jsonb, 'campaign', 'c' || (g / 50000), 'tags', case when is_other then '["elsewhere"]'::jsonb
            when g % 100003 = 0 then '["rare", "common"]' when g < ${Math.floor(messages / 20)}::int then '["old", "common"]'
            when k = 7 then '["seventh"]' else '["common"]' end), 1, 'x' from m),
      copies as (insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
        select account, tenant, id, 30, id, 'user' || g % 1000000 || '@d' || g * 31::bigint % 300 || '.test', 'delivered', to_timestamp(ms / 1000.0) from m)
    insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select nextval('event_numbers'), to_timestamp(ms / 1000.0), 30, account, tenant, id, id, kind,
      jsonb_build_object('recipient', 'user' || g % 1000000 || '@d' || g * 31::bigint % 300 || '.test')
        || case kind when 'message.bounced' then '{"class": "hard"}'::jsonb else '{}'::jsonb end
    from (select m.*, s, case when s = 1 then 'message.accepted' when s = 3 and g % 50021 = 0 then 'message.complained'
        when s = 3 and g % 100 = 1 then 'message.bounced' when s = 2 then 'message.deferred' else 'message.delivered' end as kind
      from m cross join generate_series(1, 3) s) e order by g, s`;
  await db.asEngine(async (tx) => {
    await sql`set local statement_timeout = 0`.execute(tx);
    await fill.execute(tx);
  });
}
const filled = performance.now();
const poster = new Poster(db);
const cpu = cpuSeconds([process.pid]);
let posted = 0;
for (let more = 1; more > 0; posted += more) more = await poster.post(now);
const cost = cpuSeconds([process.pid]) - cpu;
for (const table of ['events', 'messages', 'submissions', 'postings', 'event_spans'])
  await sql`analyze ${sql.table(table)}`.execute(db.owner);
const sizes = await sql<{ rows: string; bytes: string }>`select (select count(*) from postings) as rows,
  (select sum(pg_total_relation_size(relid)) from pg_partition_tree('postings')) as bytes`.execute(db.engine);
console.log(
  JSON.stringify({
    filledS: Math.round((filled - started) / 1000),
    posted,
    postS: Math.round((performance.now() - filled) / 1000),
    postCpuUsPerMessage: Math.round((cost * 1e6) / (posted / 3)),
    ...sizes.rows[0],
  }),
);

await using access = makeAccess({ db, clock: systemClock, log: silentLog });
const ids = (
  await sql<{
    id: SubaccountId;
  }>`select id from subaccounts where account_id = ${account.id} and not is_own order by id`.execute(
    db.engine,
  )
).rows;
const all = access.operatorScope(account);
const large: Scope = {
  ...all,
  reach: ids[0]?.id ?? all.subaccountId,
  subaccountId: ids[0]?.id ?? all.subaccountId,
};
const small: Scope = {
  ...all,
  reach: ids[900]?.id ?? all.subaccountId,
  subaccountId: ids[900]?.id ?? all.subaccountId,
};
const [list] = eventRoutes({ db, tails: new Tails(db), again: () => Promise.resolve(all) });
type Page = { readonly body: { readonly items: readonly unknown[]; readonly next: string | null } };
type Run = (call: { readonly scope: Scope; readonly query: Record<string, unknown> }) => Promise<Page>;
const run = list?.run as unknown as Run;
const messageIds = (
  await sql<{
    id: string;
  }>`select id from messages where subaccount_id = ${large.subaccountId} limit 100`.execute(db.engine)
).rows;
const day = (ago: number): string => new Date(now - ago * 86_400_000).toISOString();

const questions: Readonly<Record<string, (n: number) => Record<string, unknown>>> = {
  'no filter': () => ({}),
  'rare tag': () => ({ tag: 'rare' }),
  'old tag': () => ({ tag: 'old' }),
  'common tag': () => ({ tag: 'common' }),
  'tag of another subaccount': () => ({ tag: 'seventh' }),
  'tag of another account': () => ({ tag: 'elsewhere' }),
  'no such tag': (n) => ({ tag: `none${n}` }),
  'rare word': (n) => ({ subject: String(n * 300) }),
  'common word': () => ({ subject: 'order' }),
  'two words': (n) => ({ subject: `customer c${n * 3}` }),
  'no such word': (n) => ({ subject: `w${n}` }),
  'rare kind': () => ({ kind: ['message.complained'] }),
  'common kind': () => ({ kind: ['message.delivered'] }),
  domain: (n) => ({ domain: `d${n * 3}.test` }),
  campaign: (n) => ({ campaign: `c${n % 60}` }),
  template: () => ({ template: '77' }),
  class: () => ({ class: 'hard' }),
  recipient: (n) => ({ recipient: `user${n * 3}@d${(n * 93) % 300}.test` }),
  message: (n) => ({ message: messageIds[n]?.id }),
  'a day long ago': (n) => ({ from: day(20 + (n % 5)), until: day(19 + (n % 5)) }),
  'rare tag and common kind': () => ({ tag: 'rare', kind: ['message.delivered'] }),
  'common tag and rare kind': () => ({ tag: 'common', kind: ['message.complained'] }),
  'two common ones that never meet': () => ({ tag: 'seventh', campaign: 'c3', kind: ['message.delivered'] }),
  'old tag, word, domain, time': (n) => ({
    tag: 'old',
    subject: 'today',
    domain: `d${n}.test`,
    from: day(30),
    until: day(28),
  }),
};
for (const [whose, scope] of [
  ['account', all],
  ['large', large],
  ['small', small],
] as const)
  for (const [name, question] of Object.entries(questions)) {
    const times: number[] = [];
    let items = 0;
    let unfinished = 0;
    for (let n = 0; n < 100; n++) {
      const from = performance.now();
      const { body } = await run({
        scope,
        query: { order: n % 2 === 0 ? 'newest' : 'oldest', limit: 50, ...question(n) },
      });
      times.push(performance.now() - from);
      items += body.items.length;
      if (n % 2 === 0 && body.items.length < 50 && body.next !== null) unfinished += 1;
    }
    times.sort((left, right) => left - right);
    const [p50, p99, max] = [times[50], times[98], times[99]].map((ms) => Number((ms ?? 0).toFixed(1)));
    console.log(JSON.stringify({ whose, search: name, p50, p99, max, items: items / 100, unfinished }));
  }
await db[Symbol.asyncDispose]();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
