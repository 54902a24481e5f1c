// A log of any size by SQL, as a month of many accounts leaves it: the tables without their indexes filled by insert ... select in
// two connections, indexes and keys after, then statistics; the partitions of a program that has run for more than a year.
// Half of all is one account's with 1,000 subaccounts, of which the first has a third; a tenth is another's with 100; the rest
// is of 298 accounts by Zipf. Three events a message. Tags, domains and words by Zipf, numbers that no other subject has.
import { sql } from 'kysely';
import type { Database, Db } from '../../src/base/database/database.ts';
import { createAccount } from '../../src/features/accounts/index.ts';
import type { Account } from '../../src/features/accounts/index.ts';

export type Accounts = { readonly half: Account; readonly tenth: Account };
const others = 298;
const subaccounts = { half: 1000, tenth: 100, other: 10 };
const tables = ['events', 'messages', 'submissions'] as const;
export const spanDays = 30;

/** Accounts, and `bench.tenants`: whose mail a draw is. A tenth of the others keep their events 90 days, a tenth 400. */
async function tenants(db: Database, now: number): Promise<Accounts> {
  const began = new Date(now - spanDays * 86_400_000);
  const half = await createAccount(db, 'Half', began);
  const tenth = await createAccount(db, 'Tenth', began);
  await sql`with made as (insert into accounts (name, retention_days)
      select 'Other ' || g, case g % 10 when 3 then 90 when 7 then 400 else 30 end from generate_series(1, ${others}::int) g returning id)
    insert into subaccounts (account_id, is_own, name) select id, true, 'own' from made`.execute(db.engine);
  await sql`insert into subaccounts (account_id, name) select id, 'tenant ' || g from accounts a
      cross join lateral generate_series(1, case id when ${half.id}::int then ${subaccounts.half}::int when ${tenth.id}::int
        then ${subaccounts.tenth}::int else ${subaccounts.other}::int end) g where not a.is_system order by id, g`.execute(
    db.engine,
  );
  await sql`create schema bench`.execute(db.owner);
  await sql`create table bench.tenants as select a.id as account_id, s.id as subaccount_id, retention_days, k, case a.id
        when ${half.id}::int then -2 when ${tenth.id}::int then -1 else dense_rank() over (order by a.id) - 3 end::int as n
      from accounts a join lateral (select id, (row_number() over (order by id) - 1)::int as k from subaccounts
        where account_id = a.id and not is_own) s on true where not a.is_system`.execute(db.owner);
  await sql`analyze bench.tenants`.execute(db.owner);
  return { half, tenth };
}

/** `bench.mail(first, last)`: mails by number; the same number is the same mail for whoever asks. */
async function draws(db: Db, messages: number, now: number): Promise<void> {
  await sql`create function bench.unit(g bigint, seed int) returns float8 language sql immutable parallel safe
    return ((hashint8extended(g, seed) >> 11) & 4503599627370495) / 4503599627370496.0`.execute(db);
  await sql
    .raw(
      `create function bench.mail(first bigint, last bigint) returns table (g bigint, ms bigint, id bigint, account int, tenant int,
      retention smallint, k int, n int, address text) language sql stable as $$
    select g, ms, (ms << 21) + (g & 2097151), t.account_id, t.subaccount_id, t.retention_days, t.k, t.n,
      case when bench.unit(g, 8) < 0.001 then 'ops@d1.test'
        else 'user' || u || '@d' || floor(power(5000, bench.unit(u, 9)))::int || '.test' end
    from (select g, ${now - spanDays * 86_400_000}::bigint + g * ${spanDays * 86_400_000}::bigint / ${messages}::bigint as ms,
        floor(1000000 * bench.unit(g, 1))::bigint as u, bench.unit(g, 2) as whose, bench.unit(g, 3) as which
      from generate_series(first, last) g) d
    join bench.tenants t on t.n = case when whose < 0.5 then -2 when whose < 0.6 then -1
          else floor(power(${others + 1}, bench.unit(g, 4)))::int - 1 end
      and t.k = case when whose < 0.5 then case when which < 0.333 then 0 else floor(${subaccounts.half} * power(bench.unit(g, 5), 3)) end
        when whose < 0.6 then floor(${subaccounts.tenth} * power(which, 2)) else floor(${subaccounts.other} * power(which, 2)) end $$`,
    )
    .execute(db);
}

/** Special tags besides Zipf's: one that is rare, one of the oldest twentieth, one subaccount's, one of other accounts only. */
async function mails(db: Db, messages: number, [first, last]: readonly [number, number]): Promise<void> {
  await sql`insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address, domain_id,
      subject, options, size_bytes, content)
    select account, tenant, id, retention, 1, 'api', 'parts', 'bounce@b.test', 'shop@b.test', 1,
      'Order ' || g || ' of today for customer c' || floor(5000 * bench.unit(g, 10))::int || ': w' || floor(power(20000, bench.unit(g, 11)))::int,
      jsonb_build_object('metadata', jsonb_build_object('order', g), 'campaign', 'c' || g / 50000, 'tags', jsonb_build_array(
        't' || floor(power(2000, bench.unit(g, 12)))::int, case when g % 50021 = 0 then 'rare' when n >= 0 then 'elsewhere'
          when g < ${Math.floor(messages / 20)}::int then 'old' when k = 7 then 'seventh' else 'common' end)), 2048, 'x'
    from bench.mail(${first}, ${last}) order by id`.execute(db);
  await sql`insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at, attempts)
    select account, tenant, id, retention, id, address, 'delivered', to_timestamp(ms / 1000.0), 2 from bench.mail(${first}, ${last}) order by id`.execute(
    db,
  );
}

async function facts(db: Db, [first, last]: readonly [number, number]): Promise<void> {
  await sql`insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select g * 3 + s, to_timestamp(ms / 1000.0), retention, account, tenant, id, id, kind, jsonb_build_object('recipient', address) || case
      when s = 1 then '{}'::jsonb else jsonb_build_object('attempt', s - 1, 'waitedMs', (s - 2) * 60000 + g % 4000, 'site', 'mx' || g % 300 || '.test',
        'host', 'mail.mx' || g % 300 || '.test', 'address', '192.0.2.' || g % 250, 'tls', 'TLSv1.3', 'reply', case
          when kind in ('message.deferred', 'message.bounced') then '450 4.2.1 try again later' else '250 2.0.0 Ok: queued as ' || to_hex(g * 7919) end) end
        || case kind when 'message.bounced' then '{"class": "hard"}'::jsonb when 'message.deferred' then '{"class": "soft"}'::jsonb else '{}'::jsonb end
    from (select m.*, s, case when s = 1 then 'message.accepted' when s = 2 then 'message.deferred' when g % 50021 = 1 then 'message.complained'
        when g % 100 = 1 then 'message.bounced' else 'message.delivered' end as kind
      from bench.mail(${first}, ${last}) m cross join generate_series(1, 3) s) e order by g, s`.execute(db);
}

type Index = { readonly drop: string; readonly make: string };

async function indexes(db: Db): Promise<readonly Index[]> {
  const rows =
    await sql<Index>`select case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
      else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as drop,
    case when c.oid is null then replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
      else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) end as make
    from pg_index i left join pg_constraint c on c.conindid = i.indexrelid
    where i.indrelid = any(${tables}::regclass[]) order by i.indrelid::regclass::text <> 'events', i.indexrelid`.execute(
      db,
    );
  return rows.rows;
}

/** Two connections at a time: as many as this machine has cores. */
async function both(db: Db, statements: readonly string[]): Promise<void> {
  const left = [...statements];
  const worker = async (): Promise<void> =>
    db.connection().execute(async (connection) => {
      await sql`set maintenance_work_mem = '256MB'`.execute(connection);
      for (let next = left.shift(); next !== undefined; next = left.shift())
        await sql.raw(next).execute(connection);
    });
  await Promise.all([worker(), worker()]);
}

async function partitions(db: Db, now: number): Promise<void> {
  for (let days = 440; days >= 0; days--) {
    const then = new Date(now - days * 86_400_000);
    await sql`call make_partitions(${then})`.execute(db);
    await sql`call drop_old_partitions(${then})`.execute(db);
  }
}

export async function fill(
  db: Database,
  { messages, now }: { readonly messages: number; readonly now: number },
): Promise<Accounts> {
  await partitions(db.owner, now);
  const accounts = await tenants(db, now);
  await draws(db.owner, messages, now);
  const all = await indexes(db.owner);
  for (const { drop } of all) await sql.raw(drop).execute(db.owner);
  const chunk = 200_000;
  const chunks = Array.from({ length: Math.ceil(messages / chunk) }, (_, n) => {
    return [n * chunk, Math.min((n + 1) * chunk, messages) - 1] as const;
  });
  const each = async (insert: (part: readonly [number, number]) => Promise<void>): Promise<void> => {
    for (const part of chunks) await insert(part);
  };
  await Promise.all([each((part) => mails(db.owner, messages, part)), each((part) => facts(db.owner, part))]);
  await sql`select setval('event_numbers', ${messages * 3 + 3}::bigint)`.execute(db.owner);
  await both(
    db.owner,
    all.map(({ make }) => make),
  );
  await sql`drop schema bench cascade`.execute(db.owner);
  await sql`vacuum analyze events, messages, submissions, accounts, subaccounts`.execute(db.owner);
  return accounts;
}
