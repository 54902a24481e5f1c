// `node bench/figures.ts [--events 200000] [--tenants 1]`: how fast the log is counted, with a PostgreSQL of its own and nothing
// else to do, and how long figures take to be read. One message in three is deferred once; 300 recipient domains, ten tags, over
// 24 hours; `--tenants 1000` spreads the same mail over so many subaccounts. Prints rows a second, CPU and what is stored.
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
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
import { Counter, figures, toQuery } from '../src/features/metrics/index.ts';
import type { What } from '../src/features/metrics/index.ts';
import { cpuSeconds } from './proc.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '200000' }, tenants: { type: 'string', default: '1' } },
});
const tenants = Number(values.tenants);
const messages = Math.floor((Number(values.events) * 3) / 7);
const folder = mkdtempSync(join(tmpdir(), 'lettershop-figures-'));
chmodSync(folder, 0o711);
const postgres = await startPostgres({ folder, log: silentLog });
await migrate(postgres.connection, 'migrations', new Date());
await migrate(postgres.connection, 'migrations', new Date(Date.now() - 86_400_000));
const db = new Database(postgres.connection, silentLog, { tenant: 2, engine: 2 });
const account = await createAccount(db, 'Bench', new Date());

await sql`set statement_timeout = 0`.execute(db.engine);
await sql`insert into subaccounts (account_id, name) select ${account.id}, 'tenant ' || g from generate_series(1, ${tenants}::int) g`.execute(
  db.engine,
);
const filled = await sql<{ n: number }>`
  with sub as materialized (select id, row_number() over (order by id) - 1 as k from subaccounts where account_id = ${account.id} and not is_own),
    n as materialized (select g, ((extract(epoch from now()) * 1000)::bigint << 21) + g as id, s.id as sub
      from generate_series(1, ${messages}::int) g join sub s on s.k = g % ${tenants}::int),
    made as (
      insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address, domain_id,
        subject, options, size_bytes, content)
      select ${account.id}, sub, id, 30, 1, 'api', 'raw', 'a@b.test', 'a@b.test', 1, 's',
        jsonb_build_object('tags', jsonb_build_array('tag' || g % 10), 'metadata', '{}'::jsonb), 1, 'x' from n),
    told as (
      insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
      select nextval('event_numbers'), now() - interval '24 hours' * (1 - g::float / ${messages}::int), 30, ${account.id}, sub, id, id, k,
        jsonb_build_object('recipient', 'user' || g || '@d' || g * 31 % 300 || '.test') || case k when 'message.accepted' then '{}'::jsonb
          else jsonb_build_object('site', 'mx' || g * 31 % 300 / 10 || '.test', 'attempt', case when k = 'message.delivered' and g % 3 = 0 then 2 else 1 end,
            'waitedMs', 100 + (g::bigint * 7919) % 4000) end
          || case k when 'message.deferred' then '{"class": "soft"}'::jsonb else '{}'::jsonb end
      from n cross join unnest(array['message.accepted', 'message.deferred', 'message.delivered']) k where k <> 'message.deferred' or g % 3 = 0
      order by g returning 1)
  select count(*)::int as n from told`.execute(db.engine);
const events = filled.rows[0]?.n ?? 0;

const before = { cpu: cpuSeconds([process.pid]), own: process.cpuUsage() };
const started = performance.now();
const counter = new Counter(db);
let counted = 0;
for (let more = 1; more > 0; counted += more) more = await counter.count(new Date());
const seconds = (performance.now() - started) / 1000;
const own = process.cpuUsage(before.own);
const sizes = await sql<Record<string, number>>`select (select count(*)::int from series) as series,
  (select count(*)::int from hourly_figures) as "hourlyCells", (select count(*)::int from daily_figures) as "dailyCells",
  (select count(*)::int from known_recipients) as recipients,
  (pg_total_relation_size('series') / 1024)::int as "seriesKiB", (pg_total_relation_size('hourly_figures') / 1024)::int as "hourlyKiB",
  (pg_total_relation_size('daily_figures') / 1024)::int as "dailyKiB", (pg_total_relation_size('known_recipients') / 1024)::int as "recipientsKiB"`.execute(
  db.engine,
);
console.log(
  JSON.stringify({
    events,
    counted,
    tenants,
    perSecond: Math.round(counted / seconds),
    cpuUsPerEvent: Math.round(((cpuSeconds([process.pid]) - before.cpu) * 1e6) / counted),
    ownUsPerEvent: Math.round((own.user + own.system) / counted),
    ...sizes.rows[0],
  }),
);

await using access = makeAccess({ db, clock: systemClock, log: silentLog });
const scope = access.operatorScope(account);
const questions: readonly What[] = [
  {},
  { by: 'tag', step: 'hour', timeZone: 'Europe/Vienna' },
  { by: 'recipientDomain', tag: ['tag3'] },
  { by: 'subaccount', compare: 'previous' },
];
for (const what of questions) {
  const times: number[] = [];
  for (let n = 0; n < 20; n++) {
    const from = performance.now();
    await figures({ db, clock: systemClock }, scope, toQuery(what));
    times.push(performance.now() - from);
  }
  times.sort((left, right) => left - right);
  console.log(
    JSON.stringify({ asked: what, p50: Math.round(times[10] ?? 0), max: Math.round(times[19] ?? 0) }),
  );
}
await db[Symbol.asyncDispose]();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
