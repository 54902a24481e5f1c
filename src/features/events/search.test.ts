import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { Counts } from './counts.ts';
import { Poster, postedTo } from './postings.ts';
import { search } from './search.ts';
import type { EventPage } from './search.ts';
import { everything } from './sql-search.ts';
import { placesOf } from './stretches.ts';
import type { EventFilter } from './sql-search.ts';

let database: TestDatabase;
let accountId: AccountId;
let subaccounts: readonly SubaccountId[];
const began = Date.now();

/** Of 12,000 messages those that a walk of all is tried with: it takes two pages, and each question that finds any finds some. */
const some = 'g % 20 in (1, 2, 3, 12, 16)';

before(async () => {
  database = await openTestDatabase();
  const { engine } = database.db;
  const accounts = await sql<{
    id: AccountId;
  }>`insert into accounts (name) values ('a'), ('stranger') returning id`.execute(engine);
  accountId = present(accounts.rows[0]).id;
  const made = await sql<{ id: SubaccountId }>`insert into subaccounts (account_id, name)
    values (${accountId}, 'one'), (${accountId}, 'two'), (${present(accounts.rows[1]).id}, 'stranger') returning id`.execute(
    engine,
  );
  subaccounts = made.rows.map(({ id }) => id);
  await log(some);
});

/** The messages with three events each, of two subaccounts and a stranger: with all two buckets that are full, and a rest. */
async function log(which: string): Promise<void> {
  await sql`with n as (select g, (${began}::bigint << 21) + g as id, s.account_id, s.id as sub from generate_series(1, 12000) g
      join subaccounts s on s.id = (${subaccounts}::int[])[case when g % 10 = 0 then 3 when g % 4 = 0 then 2 else 1 end]
      where ${sql.raw(which)}),
    mails as (insert into submissions (account_id, subaccount_id, id, retention_days, key_id, door, format, mail_from, from_address,
        domain_id, subject, options, size_bytes, content)
      select account_id, sub, id, 30, 1, 'api', 'raw', 'a@b.test', case when g % 2999 = 5 then 'Rare@b.test' else 'a@b.test' end, 1, 'Your Order, no. ' || g || ' (today)',
        jsonb_build_object('tags', case when g % 2999 = 1 then '["rare", "common"]'::jsonb when g < 600 then '["old"]' else '["common"]' end,
          'campaign', 'c' || g / 1000, 'templateId', (g % 3)::text), 1, 'x' from n),
    copies as (insert into messages (account_id, subaccount_id, id, retention_days, submission_id, recipient, data, state, state_at)
      select account_id, sub, id, 30, id, 'u' || g || '@D' || g % 7 || '.test',
        case g % 1500 when 2 then '{"tags": ["own"]}'::jsonb when 3 then '{"from": "Own@b.test"}' end, 'delivered', now() from n)
    insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select nextval('event_numbers'), ${new Date(began)}::timestamptz + g * interval '1 ms', 30, account_id, sub, id, id,
      case s when 1 then 'message.accepted' when 2 then 'message.deferred' else case when g % 997 = 0 then 'message.bounced' else 'message.delivered' end end,
      case when s = 3 and g % 997 = 0 then '{"class": "hard"}'::jsonb else '{}'::jsonb end || case
        when s = 1 then '{}'::jsonb when g % 1777 = 0 then '{"site": "web.de", "source": "192.0.2.7"}'
        else jsonb_build_object('site', 'mx' || g % 3 || '.example') end
    from n cross join generate_series(1, 3) s order by g, s`.execute(database.db.engine);
}

after(() => database[Symbol.asyncDispose]());

function scopeOf(reach: Scope['reach']): Scope {
  return {
    accountId,
    subaccountId: present(subaccounts[0]),
    reach,
    actor: { kind: 'key', id: '1' },
    grants: new Set(),
    requestId: 'test',
  } as unknown as Scope;
}

async function everyPage(scope: Scope, filter: Partial<EventFilter>): Promise<readonly string[]> {
  const seqs: string[] = [];
  for (let cursor: string | null = null, pages = 0; pages < 400; pages++) {
    const asked: EventFilter = { ...everything, ...filter, cursor };
    const page: EventPage = await database.db.scoped(scope, (tx) => search(tx, scope, asked));
    seqs.push(...page.events.map(({ seq }) => seq));
    if (page.isEnd) return seqs;
    assert.notEqual(page.lookedTo, cursor, 'a page that is not the last goes on');
    cursor = page.lookedTo;
  }
  return assert.fail('pages without an end');
}

const when = (ms: number): Date => new Date(began + ms);
/** [a filter, the same as SQL over events e, messages m, submissions s]. */
const questions: readonly (readonly [Partial<EventFilter>, string])[] = [
  [{ tags: ['rare'] }, `s.options -> 'tags' ? 'rare'`],
  [{ tags: ['old'] }, `s.options -> 'tags' ? 'old'`],
  [{ tags: ['own'] }, `m.data -> 'tags' ? 'own'`],
  [{ tags: ['none'] }, 'false'],
  [{ tags: ['rare', 'own'] }, `s.options -> 'tags' ? 'rare' or m.data -> 'tags' ? 'own'`],
  [{ recipients: ['U21@d0.test', 'u22@d1.test'] }, `lower(m.recipient) in ('u21@d0.test', 'u22@d1.test')`],
  [
    { phrases: { subject: ['NO 7001', 'order, no-7002'] } },
    `s.subject like '% no. 7001 (%' or s.subject like '% no. 7002 (%'`,
  ],
  [{ phrases: { campaign: ['C12'] } }, `s.options ->> 'campaign' = 'c12'`],
  [{ phrases: { senderDomain: ['b test'] }, tags: ['rare'] }, `s.options -> 'tags' ? 'rare'`],
  [{ kinds: ['message.bounced'] }, `e.kind = 'message.bounced'`],
  [{ kinds: ['message.bounced', 'message.complained'], classes: ['hard'] }, `e.data ->> 'class' = 'hard'`],
  [{ domains: ['d3.test'], tags: ['old'] }, `m.recipient like '%@D3.test' and s.options -> 'tags' ? 'old'`],
  [{ campaign: 'c5', template: '2' }, `s.options ->> 'campaign' = 'c5' and s.options ->> 'templateId' = '2'`],
  [{ subjectWords: 'ORDER 7001' }, `s.subject like '% 7001 %'`],
  [{ subjectWords: '70' }, `s.subject like '% 70 %'`],
  [
    { tags: ['rare'], campaign: 'c0', kinds: ['message.deferred'] },
    `e.kind = 'message.deferred' and s.options -> 'tags' ? 'rare' and s.options ->> 'campaign' = 'c0'`,
  ],
  [{ senders: ['rare@B.test'] }, `s.from_address = 'Rare@b.test' and coalesce(m.data ->> 'from', '') = ''`],
  [{ senders: ['own@b.test', 'nobody@b.test'] }, `m.data ->> 'from' = 'Own@b.test'`],
  [
    { senders: ['a@b.test'], tags: ['old'] },
    `s.from_address = 'a@b.test' and coalesce(m.data ->> 'from', '') = '' and s.options -> 'tags' ? 'old'`,
  ],
  [{ senders: ['nobody@b.test'] }, 'false'],
  [{ sites: ['web.de'] }, `e.data ->> 'site' = 'web.de'`],
  [
    { sites: ['web.de', 'gone.example'], kinds: ['message.delivered'] },
    `e.data ->> 'site' = 'web.de' and e.kind = 'message.delivered'`,
  ],
  [{ regions: ['europe', 'asia'] }, `e.data ->> 'site' = 'web.de'`],
  [
    { regions: ['unknown'], tags: ['rare'] },
    `e.data ->> 'site' like '%.example' and s.options -> 'tags' ? 'rare'`,
  ],
  [{ sources: ['192.0.2.7'] }, `e.data ->> 'source' = '192.0.2.7'`],
  [{ sources: ['192.0.2.7'], senders: ['a@b.test'], classes: ['hard'] }, 'false'],
  [
    { from: when(2000), until: when(2100) },
    `e.at >= '${when(2000).toISOString()}' and e.at < '${when(2100).toISOString()}'`,
  ],
  [
    { from: when(11_990), tags: ['common'] },
    `e.at >= '${when(11_990).toISOString()}' and s.options -> 'tags' ? 'common'`,
  ],
];

type Right = { readonly seq: string; readonly subaccount_id: SubaccountId };

async function expected(where: string): Promise<readonly Right[]> {
  const rows = await database.db.asEngine(async (tx) => {
    // Row by row, as the engine joins, a condition that many rows meet takes minutes.
    await sql`select set_config('enable_hashjoin', 'on', true), set_config('enable_seqscan', 'on', true)`.execute(
      tx,
    );
    return sql
      .raw<Right>(
        `select e.seq, e.subaccount_id from events e join messages m on m.id = e.message_id join submissions s on s.id = e.submission_id
         where e.account_id = ${accountId} and (${where}) order by e.seq`,
      )
      .execute(tx);
  });
  return rows.rows;
}

/** What is right for each question, while the log stays the same. */
async function answers(): Promise<ReadonlyMap<string, readonly Right[]>> {
  const found = new Map<string, readonly Right[]>();
  for (const [, where] of questions) found.set(where, await expected(where));
  return found;
}

function emptyOf(found: ReadonlyMap<string, readonly Right[]>): readonly string[] {
  return [...found].filter(([, right]) => right.length === 0).map(([where]) => where);
}

const pageLimit = 7;

async function assertSame(all: ReadonlyMap<string, readonly Right[]>): Promise<void> {
  // As long as it takes: how long is no matter here.
  const counts = new Counts(database.db, { ownMs: 600_000, wholeMs: 600_000 });
  const [one, two] = subaccounts;
  for (const reach of ['account', present(one), present(two)] as const)
    for (const [filter, where] of questions) {
      const right = present(all.get(where))
        .filter((row) => reach === 'account' || row.subaccount_id === reach)
        .map(({ seq }) => seq);
      const scope = scopeOf(reach);
      const what = JSON.stringify({ reach, filter });
      const counted = await counts.count(scope, { ...everything, ...filter });
      assert.deepEqual(counted, { count: right.length, isExact: true }, what);
      assert.deepEqual(await everyPage(scope, { ...filter, limit: 500 }), right, what);
      assert.deepEqual(
        await everyPage(scope, { ...filter, order: 'newest', limit: 130 }),
        right.toReversed(),
        what,
      );
      // With less than fills a page it is the first walk once more.
      if (right.length < pageLimit || right.length >= 300) continue;
      assert.deepEqual(await everyPage(scope, { ...filter, limit: pageLimit }), right, what);
    }
}

test('every filter finds and counts what is there, in order and without a gap: before, while and after the log gets its postings', async () => {
  const poster = new Poster(database.db);
  const first = await answers();
  await assertSame(first);
  await log(`not ${some}`);
  const all = await answers();
  assert.deepEqual(emptyOf(first), emptyOf(all));
  assert.equal(await poster.post(began), 2 * 16_384, 'full buckets only, while there is patience');
  await assertSame(all);
  assert.ok((await poster.post(began + 300_000)) > 3000, 'after it the full parts of the rest');
  assert.equal(await poster.post(began + 600_000), 0);
  await assertSame(all);
});

test('where its terms do not stand nothing is looked at: one page finds a rare tag, or that there is none', async () => {
  for (const reach of ['account', present(subaccounts[0])] as const)
    for (const [filter, n] of [
      [{ tags: ['none'] }, 0],
      [{ campaign: 'c0', kinds: ['message.bounced'] }, 0],
      [{ senders: ['nobody@b.test'] }, 0],
      [{ sites: ['gone.example'] }, 0],
    ] as const) {
      const scope = scopeOf(reach);
      const asked: EventFilter = { ...everything, order: 'newest', ...filter };
      const page = await database.db.scoped(scope, (tx) => search(tx, scope, asked));
      assert.deepEqual([page.events.length >= n, page.isEnd], [true, true]);
    }
});

test('what got its postings before they had all terms of now is found as well, by what they had', async () => {
  const { engine } = database.db;
  await sql`update event_spans set terms = 1 where seq_from < 20000`.execute(engine);
  const gone =
    await sql`delete from postings where bucket = 0 and term = any(array[event_term('sender', 'rare@b.test'),
    event_term('sender', 'own@b.test'), event_term('sender', 'a@b.test'), event_term('site', 'web.de'), event_term('source', '192.0.2.7')])`.execute(
      engine,
    );
  assert.ok(Number(gone.numAffectedRows) >= 5);
  await assertSame(await answers());
});

test('postings are written by buckets, and of one that is not full by its full parts', () => {
  const asked = (from: bigint, end: bigint, isPatient: boolean) => postedTo({ from, end, isPatient });
  assert.deepEqual(
    [asked(0n, 20_000n, true), asked(16_384n, 20_000n, true), asked(16_384n, 20_000n, false)],
    [16_384n, null, 19_968n],
  );
  assert.equal(asked(19_968n, 20_000n, false), null);
  assert.equal(asked(19_968n, 40_000n, false), 32_768n);
});

test('marks are places of the log in its order, no further than asked', () => {
  const at = '';
  const found = [
    { bucket: 0, subaccountId: 5, retentionDays: 30, at, marks: 1n | (1n << 3n) },
    { bucket: 0, subaccountId: 6, retentionDays: 7, at, marks: 1n },
    { bucket: 1, subaccountId: 6, retentionDays: 30, at, marks: -(2n ** 63n) },
  ];
  assert.deepEqual(placesOf(found, { from: 10n, until: 800n }), [
    { from: 10n, until: 256n, subaccounts: [5, 6], classes: [30, 7] },
    { from: 768n, until: 800n, subaccounts: [5], classes: [30] },
  ]);
  assert.deepEqual(placesOf(found, { from: 1024n, until: 2n ** 40n }), [
    { from: 32_512n, until: 32_768n, subaccounts: [6], classes: [30] },
  ]);
});
