import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { CompiledQuery, LogEvent } from 'kysely';
import { Pool } from 'pg';
import { present } from '../../base/assert.ts';
import { clientConfig } from '../../base/database/database.ts';
import type { DB } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { Poster } from './postings.ts';
import { search } from './search.ts';
import { everything } from './sql-search.ts';
import type { EventFilter } from './sql-search.ts';

const all: EventFilter = { ...everything, order: 'newest' };

let database: TestDatabase;
let accountId: AccountId;
let me: SubaccountId;
let foreign: { readonly message: string; readonly own: string };

/** 500 mails of one subaccount beside 6,000 of its sibling and 6,000 of another account, which share every word but its own; most have
 * postings, the rest is walked. */
before(async () => {
  database = await openTestDatabase();
  const { engine } = database.db;
  const accounts = await sql<{
    id: AccountId;
  }>`insert into accounts (name) values ('a'), ('stranger') returning id`.execute(engine);
  accountId = present(accounts.rows[0]).id;
  const made = await sql<{ id: SubaccountId }>`insert into subaccounts (account_id, name)
    values (${accountId}, 'me'), (${accountId}, 'sibling'), (${present(accounts.rows[1]).id}, 'stranger') returning id`.execute(
    engine,
  );
  me = present(made.rows[0]).id;
  await sql`with n as (select g, ((extract(epoch from now()) * 1000)::bigint << 21) + g as id, s.account_id, s.id as sub,
      case when s.id = ${me}::int then 'mine' else 'theirs' end as word from generate_series(1, 12500) g
      join subaccounts s on s.id = (${made.rows.map(({ id }) => id)}::int[])[case when g % 25 = 0 then 1 else 2 + g % 2 end]),
    mails as (insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address,
        domain_id, subject, options, size_bytes, content)
      select account_id, sub, id, 30, 1, 'api', 'raw', 'a@b.test', word || '@b.test', 1, 'Order ' || word,
        jsonb_build_object('tags', jsonb_build_array(word, 'common'), 'campaign', word, 'templateId', case word when 'mine' then '1' else '2' end), 1, 'x'
      from n),
    copies as (insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, state, state_at)
      select account_id, sub, id, 30, id, word || g % 50 || '@' || word || '.test', 'delivered', now() from n)
    insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select nextval('event_numbers'), now(), 30, account_id, sub, id, id, case s when 1 then 'message.accepted' else case
      when word = 'theirs' and g % 9 = 0 then 'message.bounced' else 'message.delivered' end end,
      case when s = 2 and word = 'theirs' and g % 9 = 0 then '{"class": "hard"}'::jsonb else '{}'::jsonb end
        || case s when 2 then jsonb_build_object('site', word || '.example', 'source', '192.0.2.' || length(word)) else '{}'::jsonb end
    from n cross join generate_series(1, 2) s order by g, s`.execute(engine);
  await new Poster(database.db).post(Date.now());
  await sql`analyze`.execute(database.db.owner);
  const ids = await sql<{
    message: string;
    own: string;
  }>`select (select min(id) from messages where subaccount_id = ${
    present(made.rows[1]).id
  })::text as message, (select min(id) from messages where subaccount_id = ${me})::text as own`.execute(
    engine,
  );
  foreign = present(ids.rows[0]);
});
after(() => database[Symbol.asyncDispose]());

type Plan = {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
};
type Explained = {
  readonly Plan: Plan & { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number };
};

/** Rows that were taken from tables, those that a filter then left out included. */
function rowsRead(plan: Plan): number {
  const here =
    plan['Relation Name'] === undefined
      ? 0
      : (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'];
  return here + (plan.Plans ?? []).reduce((sum, inner) => sum + rowsRead(inner), 0);
}

type Cost = { readonly statement: string; readonly rows: number; readonly pages: number };

/** What one page costs this subaccount's key, statement by statement, each run once more to be explained. */
async function costOf(
  filter: Partial<EventFilter>,
): Promise<{ readonly costs: readonly Cost[]; readonly found: number }> {
  const statements: CompiledQuery[] = [];
  const pool = new Pool({ ...clientConfig(database.target, 'tenant', 'test'), max: 1 });
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }: LogEvent) => {
      statements.push(query);
    },
  });
  const scope = { accountId, subaccountId: me, reach: me } as unknown as Scope;
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`select set_config('app.account_id', ${String(accountId)}, true), set_config('app.reach', ${String(me)}, true),
        set_config('app.subaccount', ${String(me)}, true)`.execute(tx);
      statements.length = 0;
      const page = await search(tx, scope, { ...all, ...filter });
      const costs: Cost[] = [];
      for (const { sql: text, parameters, query, queryId } of statements.splice(0)) {
        const explain = `explain (analyze, buffers, format json) ${text}`;
        const told = await tx.executeQuery<{ 'QUERY PLAN': readonly [Explained] }>({
          sql: explain,
          parameters,
          query,
          queryId,
        });
        const { Plan: plan } = present(told.rows[0])['QUERY PLAN'][0];
        costs.push({
          statement: /\/\* (\S+) \*\//.exec(text)?.[1] ?? text,
          rows: rowsRead(plan),
          pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
        });
      }
      return { costs, found: page.events.length };
    });
  } finally {
    await db.destroy();
  }
}

const asked: readonly (readonly [string, Partial<EventFilter>, Partial<EventFilter>])[] = [
  ['tag', { tags: ['theirs'] }, { tags: ['nobody'] }],
  ['campaign', { campaign: 'theirs' }, { campaign: 'nobody' }],
  ['template', { template: '2' }, { template: '3' }],
  ['word', { subjectWords: 'theirs' }, { subjectWords: 'nobody' }],
  ['word beside a common one', { subjectWords: 'order theirs' }, { subjectWords: 'order nobody' }],
  ['domain', { domains: ['theirs.test'] }, { domains: ['nobody.test'] }],
  ['sender', { senders: ['theirs@b.test'] }, { senders: ['nobody@b.test'] }],
  ['site', { sites: ['theirs.example'] }, { sites: ['nobody.example'] }],
  ['region', { regions: ['europe'] }, { regions: ['asia'] }],
  ['source', { sources: ['192.0.2.6'] }, { sources: ['192.0.2.9'] }],
  ['class', { classes: ['hard'] }, { classes: ['block'] }],
  ['kind', { kinds: ['message.bounced'] }, { kinds: ['message.complained'] }],
  [
    'tag with a common kind',
    { tags: ['theirs'], kinds: ['message.delivered'] },
    { tags: ['nobody'], kinds: ['message.delivered'] },
  ],
  ['recipient', { recipients: ['theirs7@theirs.test'] }, { recipients: ['nobody7@nobody.test'] }],
];

async function assertAlike(
  name: string,
  theirs: Partial<EventFilter>,
  nobodys: Partial<EventFilter>,
): Promise<void> {
  for (const order of ['newest', 'oldest'] as const) {
    const [one, other] = [await costOf({ ...theirs, order }), await costOf({ ...nobodys, order })];
    const what = `${name}, ${order}: ${JSON.stringify([one, other])}`;
    assert.deepEqual([one.found, other.found], [0, 0], what);
    const readsOf = ({ costs }: typeof one): unknown =>
      costs.map(({ statement, rows }) => ({ statement, rows }));
    assert.deepEqual(readsOf(one), readsOf(other), what);
    for (const [at, { pages }] of one.costs.entries())
      assert.ok(Math.abs(pages - (other.costs[at]?.pages ?? 0)) <= pagesApart, what);
  }
}

/** Where an entry lies in an index may cost a page more: at the end of a leaf of it, the next is looked at. */
const pagesApart = 4;

test('a value that only another subaccount or account has costs the statements, rows and pages of one that nobody has', async () => {
  for (const [name, theirs, nobodys] of asked) await assertAlike(name, theirs, nobodys);
});

test('another subaccount’s message or submission costs what none costs', async () => {
  const none = String(BigInt(foreign.message) - 1000n);
  await assertAlike('message', { messages: [foreign.message] }, { messages: [none] });
  await assertAlike('submission', { submissions: [foreign.message] }, { submissions: [none] });
});

test('one’s own value costs other statements and rows, so that the comparison is one', async () => {
  const asking = { order: 'oldest', kinds: ['message.delivered'] } as const;
  const mine = await costOf({ ...asking, tags: ['mine'] });
  const nobodys = await costOf({ ...asking, tags: ['nobody'] });
  assert.deepEqual([mine.found, nobodys.found], [50, 0]);
  const names = ({ costs }: typeof mine): readonly string[] => costs.map(({ statement }) => statement);
  assert.ok(names(mine).includes('events.search_places'));
  assert.ok(!names(nobodys).includes('events.search_places'));
});
