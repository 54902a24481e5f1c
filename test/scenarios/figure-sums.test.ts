import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { countedQuery, miscountedQuery } from '../kills/recount.ts';
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

type Figures = {
  readonly accepted: number;
  readonly delivered: number;
  readonly deliveredBytes: number;
  readonly deliveryTotalMs: { readonly first: number; readonly later: number };
  readonly deliveryMeanMs: number | null;
};
type Answer = {
  readonly timeZone: string;
  readonly total: Figures;
  readonly items: readonly { readonly value: string | null; readonly figures: Figures }[];
};

async function figures(query: Readonly<Record<string, string>>, secret?: string): Promise<Answer> {
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
  const path = `/figures?${new URLSearchParams(query).toString()}`;
  return world.ok<Answer>('GET', path, secret === undefined ? {} : { secret });
}

type Delivered = { readonly data: { readonly sizeBytes: number; readonly waitedMs: number } };

test('bytes and time of what was delivered are those of the events, whatever they are asked by', async () => {
  const [one, other] = [await client('sums'), await client('sums-other')];
  const { secret } = one.key;
  const long = { text: 'x'.repeat(50_000), tags: ['long'] };
  const sent = [
    ...(await world.send(['a@one.test', 'b@two.test', 'hard@one.test'], { tags: ['short'] }, secret)),
    ...(await world.send('c@one.test', long, secret)),
    ...(await world.send('d@one.test', {}, other.key.secret)),
  ];
  for (const id of sent) await world.settled(id, ['delivered', 'bounced']);
  const { engine } = world.database.db;
  // As if it had arrived at its second attempt, a minute after it was taken.
  await sql`insert into events (seq, at, retention_days, account_id, subaccount_id, kind, data)
    select nextval('event_numbers'), now(), a.retention_days, a.id, s.id, 'message.delivered', '{"attempt": 2, "waitedMs": 60000, "sizeBytes": 700,
      "recipient": "late@two.test"}' from subaccounts s join accounts a on a.id = s.account_id where s.id = ${one.id}`.execute(
    engine,
  );
  const told = (
    await world.ok<{ items: Delivered[] }>('GET', '/events?kind=message.delivered', { secret })
  ).items.map(({ data }) => data);
  assert.equal(told.length, 4);
  const sum = (of: (data: Delivered['data']) => number): number =>
    told.reduce((all, data) => all + of(data), 0);
  const { total } = await figures({}, secret);
  assert.equal(
    total.deliveredBytes,
    sum(({ sizeBytes }) => sizeBytes),
  );
  assert.ok(told.some(({ sizeBytes }) => sizeBytes > 50_000 && sizeBytes < 60_000));
  const waited = sum(({ waitedMs }) => waitedMs);
  assert.deepEqual(total.deliveryTotalMs, { first: waited - 60_000, later: 60_000 });
  assert.equal(total.deliveryMeanMs, Math.round(waited / 4));
  const parts = await figures({ by: 'recipientDomain' }, secret);
  assert.deepEqual(
    parts.items.map(({ value, figures: { deliveryTotalMs } }) => [value, deliveryTotalMs.later]),
    [
      ['one.test', 0],
      ['two.test', 60_000],
    ],
  );
  const bytes = ({ items }: Answer): number =>
    items.reduce((all, { figures: { deliveredBytes } }) => all + deliveredBytes, 0);
  assert.equal(bytes(parts), total.deliveredBytes);
  const [longOnes] = (await figures({ by: 'tag', tag: 'long' }, secret)).items;
  assert.ok((longOnes?.figures.deliveredBytes ?? 0) > 50_000);
  assert.equal(bytes(await figures({ step: 'minute' }, secret)), total.deliveredBytes);
  assert.equal(
    (await figures({ step: 'minute', tag: 'long' }, secret)).total.deliveredBytes,
    longOnes?.figures.deliveredBytes,
  );
  // The whole account's are kept apart, and are its subaccounts' together.
  const everyone = await figures({ by: 'subaccount' });
  assert.deepEqual((await figures({})).total.deliveredBytes, bytes(everyone));
  assert.ok(everyone.total.deliveredBytes > total.deliveredBytes);
  const csv = String((await world.api('GET', '/figures/export', { secret })).body).split('\r\n');
  const column = (csv[0] ?? '').split(',').indexOf('deliveredBytes');
  assert.equal((csv[1] ?? '').split(',')[column], String(total.deliveredBytes));
  assert.match(csv[0] ?? '', /,deliveryMeanMs,deliveryTotalMs_first,deliveryTotalMs_later/);
});

test('cells from before sums were counted are counted on, and are in no sum and no mean', async () => {
  const { id, key } = await client('sums-before');
  const [first = ''] = await world.send('a@one.test', {}, key.secret);
  await world.settled(first, ['delivered']);
  await figures({}, key.secret);
  const { engine } = world.database.db;
  type Cell = { series_id: string; n: string; size_bytes: string; waited_ms: string };
  const cells = await sql<Cell>`with before as (select * from hourly_figures where subaccount_id = ${id})
    update hourly_figures f set size_bytes = null, waited_ms = null from before b
    where f.subaccount_id = b.subaccount_id and f.at = b.at and f.series_id = b.series_id and f.wait = b.wait
    returning b.series_id, b.n, b.size_bytes, b.waited_ms`.execute(engine);
  assert.ok(cells.rows.length >= 2);
  await sql`insert into events (seq, at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data)
    select nextval('event_numbers'), at, retention_days, account_id, subaccount_id, message_id, submission_id, kind, data || more::jsonb
    from events cross join (values ('{}'), ('{"attempt": 3, "waitedMs": 9000, "sizeBytes": 10}')) m (more)
    where subaccount_id = ${id} and kind = 'message.delivered'`.execute(engine);
  const { total } = await figures({}, key.secret);
  assert.deepEqual(
    [total.delivered, total.deliveredBytes, total.deliveryTotalMs, total.deliveryMeanMs],
    [3, 10, { first: 0, later: 9000 }, 9000],
  );
  for (const { series_id: series, n, size_bytes: bytes, waited_ms: ms } of cells.rows)
    await sql`update hourly_figures set size_bytes = n / ${n}::bigint * ${bytes}::bigint, waited_ms = n / ${n}::bigint * ${ms}::bigint
      where subaccount_id = ${id} and series_id = ${series} and waited_ms is null`.execute(engine);
});

type Condition = { readonly of: string; readonly test: string; readonly values: readonly string[] };
const where = (...clauses: readonly (readonly ['all' | 'any', ...Condition[]])[]): string =>
  JSON.stringify(clauses.map(([holds, ...conditions]) => ({ holds, conditions })));
const of = (name: string, asked: string, ...values: string[]): Condition => ({
  of: name,
  test: asked,
  values,
});

test('conditions ask for values, parts of them or none of them, in clauses that hold together', async () => {
  const [one, other] = [await client('where'), await client('where-other')];
  const { secret } = one.key;
  await world.send('a@one.test', { campaign: 'Spring sale', tags: ['news', 'may'] }, secret);
  await world.send('b@one.test', { campaign: 'autumn', tags: ['news'] }, secret);
  await world.send(['c@two.test', 'd@two.test'], {}, secret);
  await world.send('e@three.test', { campaign: 'spring' }, other.key.secret);
  const asked = [
    [[['all', of('campaign', 'is', 'autumn')]], 1],
    [[['all', of('campaign', 'isNot', 'autumn')]], 3],
    [[['all', of('campaign', 'contains', 'SALE', 'nothing')]], 1],
    [[['all', of('campaign', 'containsNot', 'sale', 'aut')]], 2],
    [[['all', of('tag', 'is', 'may')]], 1],
    [[['all', of('tag', 'isNot', 'may'), of('tag', 'contains', 'EW')]], 1],
    [[['any', of('tag', 'is', 'may'), of('recipientDomain', 'is', 'two.test')]], 3],
    [
      [
        ['any', of('tag', 'is', 'may'), of('recipientDomain', 'is', 'two.test')],
        ['all', of('campaign', 'isNot', 'Spring sale')],
      ],
      2,
    ],
    [[['all', of('subaccount', 'is', String(one.id))]], 4],
    [[['all', of('subaccount', 'isNot', String(one.id))]], 0],
    [[['all', of('region', 'isNot', 'europe')]], 4],
  ] as const;
  for (const [clauses, n] of asked) {
    const query = { where: where(...clauses) };
    assert.equal((await figures(query, secret)).total.accepted, n, query.where);
    assert.equal(
      (await figures({ ...query, step: 'minute' }, secret)).total.accepted,
      n,
      `by the minute: ${query.where}`,
    );
  }
  const both = { where: where(['all', of('campaign', 'contains', 'spring')]), by: 'subaccount' };
  assert.deepEqual(
    (await figures(both)).items.map(({ value }) => value),
    [String(one.id), String(other.id)],
  );
  // What another subaccount's mail is like nobody learns by asking for it, or for all but it.
  const named = of('subaccount', 'isNot', String(one.id));
  assert.equal(
    (await figures({ where: where(['any', named, of('campaign', 'is', 'spring')]) }, secret)).total.accepted,
    0,
  );
  for (const wrong of [
    'no json',
    '{}',
    '[{"holds":"some","conditions":[]}]',
    where(['all', of('weather', 'is', 'x')]),
    where(['all', of('pool', 'isNot', '1')]),
  ]) {
    const path = `/figures?${new URLSearchParams({ where: wrong }).toString()}`;
    assert.equal((await world.api('GET', path, { secret })).status, 400, wrong);
  }
  assert.equal(
    (await figures({ where: where(['all', of('pool', 'isNot', '1')]), subaccount: String(one.id) })).total
      .accepted,
    4,
  );
});

test('what was counted as other fits no condition of its dimension, and those of others', async () => {
  const { id, key } = await client('where-folded');
  await world.send('a@one.test', { tags: ['kept'] }, key.secret);
  await figures({}, key.secret);
  await sql`update series set folded = '{tag}', tags = '[]' where subaccount_id = ${id}`.execute(
    world.database.db.engine,
  );
  for (const [asked, n] of [
    [of('tag', 'is', 'kept'), 0],
    [of('tag', 'isNot', 'kept'), 0],
    [of('tag', 'containsNot', 'k'), 0],
    [of('recipientDomain', 'isNot', 'two.test'), 1],
  ] as const)
    assert.equal(
      (await figures({ where: where(['all', asked]) }, key.secret)).total.accepted,
      n,
      JSON.stringify(asked),
    );
  await sql`update series set folded = '{}', tags = '["kept"]' where subaccount_id = ${id}`.execute(
    world.database.db.engine,
  );
});

test('steps are those of any zone that has a name, older names too; a zone that the store does not know is refused', async () => {
  const { key } = await client('zones');
  await world.send('a@one.test', {}, key.secret);
  for (const timeZone of ['Asia/Kolkata', 'US/Eastern', 'Etc/GMT+5']) {
    const told = await figures({ step: 'day', timeZone }, key.secret);
    assert.equal(told.timeZone, timeZone);
  }
  // The last one was taken out of the time zone database; the program still knows it.
  for (const timeZone of ['+01:00', 'CST', 'Europe/Atlantis', 'US/Pacific-New']) {
    const path = `/figures?${new URLSearchParams({ step: 'day', timeZone }).toString()}`;
    assert.equal((await world.api('GET', path, { secret: key.secret })).status, 400, timeZone);
  }
});

test('all of it agrees with a recount of the log, the sums too', async () => {
  await figures({});
  const { rows } = await sql
    .raw<{ n: number; looked: number }>(miscountedQuery)
    .execute(world.database.db.engine);
  assert.deepEqual([rows[0]?.n, (rows[0]?.looked ?? 0) > 30], [0, true]);
});
