// `npm run bench:events [-- --events 10000000]`: searches of a log filled by SQL (bench/events/fill.ts), with a PostgreSQL of its
// own as the program starts it, but without fsync. Prints what postings cost behind the log, and p50, p99 and max per search and
// page, with the CPU of it (what its answer takes on a machine of its own): for an account with half of all, its largest and a small
// subaccount, and an account with a tenth. Options: --pages 100 a search; --only 'tag|word' searches by name; --folder PATH keeps
// the log and takes it again.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { systemClock } from '../src/base/clock.ts';
import { Database } from '../src/base/database/database.ts';
import { migrate } from '../src/base/database/migrate.ts';
import { silentLog } from '../src/base/log.ts';
import { startPostgres } from '../src/base/postgres/postgres.ts';
import { makeAccess } from '../src/features/access/index.ts';
import { Counts, eventRoutes, Poster, Tails } from '../src/features/events/index.ts';
import type { Scope, SubaccountId } from '../src/base/scope.ts';
import { fill, spanDays } from './events/fill.ts';
import type { Accounts } from './events/fill.ts';
import { ask, questions } from './events/questions.ts';
import type { Known } from './events/questions.ts';
import { cpuSeconds, onCpuMs } from './proc.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    pages: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    folder: { type: 'string' },
  },
});
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'lettershop-events-'));
mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o711);
const kept = join(folder, 'filled.json');

/** What is not a whole bucket at the end has no postings yet, as in life. */
const bucketSize = 16_384;

type Filled = { readonly now: number; readonly accounts: Accounts };

/** The log and its postings, in the order of life: what is posted at a time stands in that time's partitions. */
async function filled(db: Database): Promise<Filled> {
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Filled;
  const messages = Math.floor(Number(values.events) / 3);
  const now = Date.now();
  const started = performance.now();
  const accounts = await fill(db, { messages, now });
  const filledAt = performance.now();
  const poster = new Poster(db);
  const cpu = cpuSeconds([process.pid]);
  const first = now - spanDays * 86_400_000;
  let posted = 0;
  while (posted + bucketSize <= messages * 3)
    posted += await poster.post(first + ((now - first) * posted) / (messages * 3));
  const cost = cpuSeconds([process.pid]) - cpu;
  await sql`vacuum analyze postings, event_spans`.execute(db.owner);
  const sizes = await sql<Record<string, string>>`select (select count(*) from postings) as postings,
    (select pg_size_pretty(sum(pg_total_relation_size(relid))) from pg_partition_tree('postings')) as "postingsSize",
    (select pg_size_pretty(sum(pg_total_relation_size(relid))) from pg_partition_tree('events')) as "eventsSize",
    pg_size_pretty(pg_database_size(current_database())) as size`.execute(db.owner);
  console.log(
    JSON.stringify({
      filledS: Math.round((filledAt - started) / 1000),
      posted,
      postS: Math.round((performance.now() - filledAt) / 1000),
      postCpuUsPerMessage: Math.round((cost * 1e6) / (posted / 3)),
      ...sizes.rows[0],
    }),
  );
  const done = { now, accounts };
  writeFileSync(kept, JSON.stringify(done));
  return done;
}

async function scopes(db: Database, { accounts }: Filled): Promise<Readonly<Record<string, Scope>>> {
  await using access = makeAccess({ db, clock: systemClock, log: silentLog });
  const [half, tenth] = [access.operatorScope(accounts.half), access.operatorScope(accounts.tenth)];
  const ids = await sql<{ id: SubaccountId }>`select id from subaccounts
    where account_id = ${accounts.half.id} and not is_own order by id`.execute(db.engine);
  const of = (at: number): Scope => {
    const id = ids.rows[at]?.id ?? half.subaccountId;
    return { ...half, reach: id, subaccountId: id };
  };
  return { half, largest: of(0), small: of(900), tenth };
}

function known(db: Database, scope: Scope): Promise<Known> {
  return db.scoped(scope, async (tx) => {
    const rows = await sql<Known[number]>`select m.id, m.recipient, s.subject from messages m
      join submissions s on s.subaccount_id = m.subaccount_id and s.id = m.submission_id and s.retention_days = m.retention_days
      where m.account_id = ${scope.accountId} and m.recipient <> 'ops@d1.test' limit 500`.execute(tx);
    return rows.rows;
  });
}

const postgres = await startPostgres({ folder, log: silentLog, settings: { fsync: false } });
await migrate(postgres.connection, 'migrations', new Date());
const db = new Database(postgres.connection, silentLog, { tenant: 1, engine: 2 });
const log = await filled(db);
const asking = Object.entries(await scopes(db, log));
const backends: number[] = [];
for (const [, scope] of asking.slice(0, 1))
  backends.push(
    ...(await db.scoped(scope, async (tx) => {
      const rows = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      return rows.rows.map(({ pid }) => pid);
    })),
  );
const cpuMs = (): number => onCpuMs([process.pid, ...backends]);
const [list] = eventRoutes({
  db,
  tails: new Tails(db),
  counts: new Counts(db),
  again: () => Promise.reject(new Error('no stream')),
});
console.log(JSON.stringify({ load: loadavg().map((n) => Math.round(n * 10) / 10) }));
for (const [whose, scope] of asking) {
  const asked = Object.entries(questions(log.now, await known(db, scope))).filter(([name]) =>
    new RegExp(values.only).test(name),
  );
  for (const [search, question] of asked) {
    const answer = await ask({ route: list, scope, pages: Number(values.pages), cpuMs }, question);
    console.log(JSON.stringify({ whose, search, ...answer }));
  }
}
console.log(JSON.stringify({ load: loadavg().map((n) => Math.round(n * 10) / 10) }));
await db[Symbol.asyncDispose]();
await postgres.stop();
if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
