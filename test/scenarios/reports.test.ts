import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { AccountId } from '../../src/base/scope.ts';
import { addPerson } from '../../src/features/users/index.ts';
import { countedQuery } from '../kills/recount.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Client = { readonly id: number; readonly key: { readonly secret: string } };
const client = (name: string): Promise<Client> =>
  world.ok<Client>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });

type Report = { readonly id: string; readonly nextAt: string | null; readonly people: readonly string[] };
type Answer = { readonly items: readonly { value: string | null; figures: { accepted: number } }[] };
const values = ({ items }: Answer): unknown[] => items.map(({ value, figures }) => [value, figures.accepted]);

const question = { query: { by: 'tag' }, period: 'this_month' } as const;

function save(body: Record<string, unknown>, secret?: string): Promise<Report> {
  const all = { name: 'Tags', ...question, ...body };
  return world.ok<Report>('POST', '/reports', { body: all, ...(secret === undefined ? {} : { secret }) });
}

async function sent(tags: readonly string[], { key }: Client): Promise<void> {
  for (const tag of tags) await world.send('you@inbox.test', { tags: [tag] }, key.secret);
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
}

test('a saved report is run and exported over the figures of whoever runs it, and shared with subaccounts only by the account', async () => {
  const [one, other] = [await client('one'), await client('other')];
  await sent(['a', 'a', 'b'], one);
  await sent(['c'], other);
  const [mine, kept, shared] = [
    await save({}, one.key.secret),
    await save({}),
    await save({ name: 'For all', share: 'use', schedule: { every: 'daily', hour: 3 } }),
  ];
  const as = (secret: string, id: string): Promise<Answer> =>
    world.ok<Answer>('GET', `/reports/${id}/run`, { secret });
  const status = async (secret: string, method: string, path: string, body?: unknown): Promise<number> =>
    (await world.api(method, path, { secret, ...(body === undefined ? {} : { body }) })).status;
  assert.deepEqual(values(await as(one.key.secret, mine.id)), [
    ['a', 2],
    ['b', 1],
  ]);
  assert.deepEqual(values(await as(other.key.secret, shared.id)), [['c', 1]]);
  for (const id of [mine.id, kept.id])
    assert.equal(await status(other.key.secret, 'GET', `/reports/${id}/run`), 404);
  const [secret, path] = [other.key.secret, `/reports/${shared.id}`];
  assert.deepEqual(
    [
      await status(secret, 'PATCH', path, { name: 'Mine' }),
      await status(secret, 'DELETE', path),
      await status(secret, 'POST', `${path}/links`, {}),
    ],
    [404, 404, 404],
  );
  assert.equal(await status(secret, 'POST', '/reports', { name: 'x', share: 'use', ...question }), 400);
  const seen = await world.ok<{ items: (Report & { schedule: unknown })[] }>('GET', '/reports', { secret });
  assert.deepEqual(
    seen.items.map(({ id, schedule, nextAt }) => [id, schedule, nextAt]),
    [[shared.id, null, null]],
  );
  const csv = await world.api('GET', `/reports/${mine.id}/export`, { secret: one.key.secret });
  assert.deepEqual(
    String(csv.body)
      .split('\r\n')
      .map((line) => line.split(',').slice(1, 3).join(' ')),
    ['value accepted', 'a 2', 'b 1', ''],
  );
  await world.ok('PATCH', `/reports/${mine.id}`, {
    body: { query: { by: 'campaign' } },
    secret: one.key.secret,
  });
  assert.deepEqual(values(await as(one.key.secret, mine.id)), [[null, 3]]);
  // The account changes it, and it stays the subaccount's.
  await world.ok('PATCH', `/reports/${mine.id}`, { body: { query: { by: 'tag' } } });
  assert.deepEqual(values(await as(one.key.secret, mine.id)), [
    ['a', 2],
    ['b', 1],
  ]);
  const toAll = { body: { share: 'use' } };
  assert.equal(
    (await world.api('PATCH', `/reports/${mine.id}`, toAll)).status,
    400,
    'is not the account’s to share',
  );
  await world.ok('DELETE', `/reports/${mine.id}`, { secret: one.key.secret });
  assert.equal(await status(one.key.secret, 'GET', `/reports/${mine.id}`), 404);
});

test("a key of the account's own subaccount alone sees and shows that one's figures, never those of the whole account", async () => {
  const below = await client('below the own one');
  await sent(['hidden'], below);
  const { secret } = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'own one only', reach: 'subaccount' },
  });
  const whole = await save({ name: 'Of all' });
  const shared = await save({ name: 'Of all, for all', share: 'use' });
  const path = `/reports/${whole.id}`;
  for (const [method, to, body] of [
    ['GET', path],
    ['GET', `${path}/run`],
    ['GET', `${path}/export`],
    ['PATCH', path, { name: 'Mine' }],
    ['DELETE', path],
    ['POST', `${path}/links`, {}],
    ['PATCH', `/reports/${shared.id}`, { name: 'Mine' }],
    ['DELETE', `/reports/${shared.id}`],
    ['POST', `/reports/${shared.id}/links`, {}],
  ] as const)
    assert.equal(
      (await world.api(method, to, { secret, ...(body === undefined ? {} : { body }) })).status,
      404,
      `${method} ${to}`,
    );
  const listed = await world.ok<{ items: Report[] }>('GET', '/reports?limit=500', { secret });
  assert.ok(listed.items.every(({ id }) => id !== whole.id));
  const own = await save({ name: 'Of the own one' }, secret);
  for (const each of [own, shared]) {
    const answer = await world.ok<Answer>('GET', `/reports/${each.id}/run`, { secret });
    assert.ok(answer.items.every(({ value }) => value !== 'hidden'));
  }
  const { url } = await world.ok<{ url: string }>('POST', `/reports/${own.id}/links`, { body: {}, secret });
  const page = await fetch(url);
  assert.equal(page.status, 200);
  assert.doesNotMatch(await page.text(), /hidden/);
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/users?limit=1');
  const named = { name: 'x', ...question, people: [items[0]?.id ?? ''] };
  assert.equal((await world.api('POST', '/reports', { body: named, secret })).status, 400);
});

test('a report is mailed once at each time of its schedule, to named people who may still read', async () => {
  const { id } = await client('mailed');
  const account = await sql<{
    account_id: AccountId;
  }>`select account_id from subaccounts where id = ${id}`.execute(world.database.db.engine);
  const accountId = account.rows[0]?.account_id ?? (0 as AccountId);
  const person = (
    email: string,
    role: 'reporting' | 'designer',
    subaccountId: string | null,
  ): Promise<string> => addPerson(world.database.db, { accountId, subaccountId, role, email });
  const [reader, gone, foreign] = [
    await person('reader@inbox.test', 'reporting', String(id)),
    await person('gone@inbox.test', 'reporting', String(id)),
    await person('account@inbox.test', 'reporting', null),
  ];
  const headers = { 'lettershop-subaccount': String(id) };
  const body = { name: 'Weekly letters', ...question, schedule: { every: 'weekly', hour: 7 } };
  const refused = async (people: readonly string[]): Promise<unknown> => {
    const { body: problem, status } = await world.api('POST', '/reports', {
      body: { ...body, people },
      headers,
    });
    return [status, (problem as { detail: string }).detail.replace(/\d+/, 'N')];
  };
  assert.deepEqual(
    await refused([foreign]),
    await refused(['99']),
    'who reaches all of the account is not known here',
  );
  const report = await world.ok<Report>('POST', '/reports', {
    body: { ...body, people: [reader, gone] },
    headers,
  });
  await sql`delete from memberships where user_id = ${gone}`.execute(world.database.db.engine);
  assert.equal(new Date(report.nextAt ?? 0).getUTCDay(), 1);
  await world.move(Date.parse(report.nextAt ?? '') - world.clock.now() + 1000);
  type Events = { items: { data: Record<string, unknown> }[] };
  const told = await world.until(
    () => world.ok<Events>('GET', `/events?kind=report.sent`, { headers }),
    ({ items }) => items.length > 0,
  );
  assert.deepEqual(
    told.items.map(({ data }) => data),
    [{ reportId: report.id, name: 'Weekly letters', people: 1 }],
  );
  const mails = await world.until(
    () =>
      sql<{
        recipient: string;
        subject: string;
        text: string;
      }>`select recipient, subject, encode(content, 'escape') as text
        from captures where subject = 'Weekly letters'`.execute(world.database.db.engine),
    ({ rows }) => rows.length > 0,
  );
  assert.deepEqual(
    mails.rows.map(({ recipient, subject }) => [recipient, subject]),
    [['reader@inbox.test', 'Weekly letters']],
  );
  const later = await world.ok<Report>('GET', `/reports/${report.id}`, { headers });
  assert.equal(Date.parse(later.nextAt ?? '') - Date.parse(report.nextAt ?? ''), 7 * 86_400_000);
});

test('a link shows a report by tag without a login, escaped, until it expires or the report goes', async () => {
  const one = await client('linked');
  await sent(['<b>client</b>', 'another'], one);
  const report = await save({ name: '<i>Figures</i>' }, one.key.secret);
  const link = async (body: Record<string, unknown>): Promise<string> => {
    const { url } = await world.ok<{ url: string }>('POST', `/reports/${report.id}/links`, {
      body,
      secret: one.key.secret,
    });
    return `${world.url}${new URL(url).pathname}`;
  };
  const [all, tagged] = [await link({}), await link({ tag: '<b>client</b>', days: 1 })];
  const page = async (url: string): Promise<{ status: number; text: string; cache: string | null }> => {
    const response = await fetch(url);
    return {
      status: response.status,
      text: await response.text(),
      cache: response.headers.get('cache-control'),
    };
  };
  const shown = await page(tagged);
  assert.deepEqual([shown.status, shown.cache], [200, 'no-store']);
  assert.ok(shown.text.includes('&lt;i&gt;Figures') && shown.text.includes('&lt;b&gt;client'));
  assert.ok(!shown.text.includes('<b>client') && !shown.text.includes('another'));
  assert.ok((await page(all)).text.includes('another'));
  const csv = await page(`${tagged}/csv`);
  assert.deepEqual(
    csv.text.split('\r\n').map((line) => line.split(',')[1]),
    ['value', '<b>client</b>', undefined],
  );
  assert.equal((await page(`${all.slice(0, -1)}${all.endsWith('A') ? 'B' : 'A'}x`)).status, 404);
  await world.move(2 * 86_400_000);
  assert.deepEqual([(await page(tagged)).status, (await page(all)).status], [404, 200]);
  await world.ok('DELETE', `/reports/${report.id}`, { secret: one.key.secret });
  assert.equal((await page(all)).status, 404);
});

test('a link is mailed to a sender who has agreed, and to nobody else', async () => {
  const one = await client('senders');
  const { secret } = one.key;
  const sender = await world.ok<{ id: string }>('POST', '/senders', {
    body: { email: 'shop@inbox.example', name: 'Shop' },
    secret,
  });
  const report = await save({ name: 'For the shop' }, secret);
  const body = { senderId: sender.id };
  const early = await world.api('POST', `/reports/${report.id}/links`, { body, secret });
  assert.equal(early.status, 409);
  await sql`update senders set proven_at = now(), state = 'proven' where id = ${sender.id}`.execute(
    world.database.db.engine,
  );
  await world.ok('POST', `/reports/${report.id}/links`, { body, secret });
  const mails = await world.until(
    () =>
      sql<{ recipient: string }>`select recipient from captures where subject = 'For the shop'`.execute(
        world.database.db.engine,
      ),
    ({ rows }) => rows.length > 0,
  );
  assert.deepEqual(mails.rows, [{ recipient: 'shop@inbox.example' }]);
  const other = await client('other sender');
  const foreign = await save({}, other.key.secret);
  assert.equal(
    (await world.api('POST', `/reports/${foreign.id}/links`, { body, secret: other.key.secret })).status,
    404,
  );
});
