import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Reach, SubaccountId } from '../../src/base/scope.ts';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { countedQuery, miscountedQuery } from '../kills/recount.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import type { FigureAnswer as Answer } from './figure-answer.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Client = { readonly id: number; readonly key: { readonly secret: string } };
const client = (name: string): Promise<Client> =>
  world.ok<Client>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });

/** When the counters have come to the end of the log. */
async function counted(): Promise<void> {
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
}

async function figures(query: string, secret?: string): Promise<Answer> {
  await counted();
  return world.ok<Answer>('GET', `/figures?${query}`, secret === undefined ? {} : { secret });
}

const values = (answer: Answer): unknown[] =>
  answer.items.map(({ value, figures: { accepted } }) => [value, accepted]);

async function settleAll(ids: readonly string[]): Promise<void> {
  for (const id of ids) await world.settled(id, ['delivered', 'bounced', 'deferred', 'suppressed']);
}

test('figures by every dimension, with filters that hold together, are those of the log', async () => {
  const { id, key } = await client('dimensions');
  const { secret } = key;
  const send = (to: string | string[], more: Record<string, unknown>) => world.send(to, more, secret);
  const sent = [
    ...(await send(['a@one.test', 'b@one.test', 'hard@one.test'], {
      tags: ['news', 'may'],
      campaign: 'spring',
    })),
    ...(await send(['a@two.test', 'soft@two.test'], { tags: ['news'] })),
    ...(await send('c@two.test', { campaign: 'summer' })),
  ];
  await settleAll(sent);
  await settleAll(await send('hard@one.test', { tags: ['may'] }));
  const tags = await figures(`by=tag&subaccount=${id}`, secret);
  assert.deepEqual(values(tags), [
    ['news', 5],
    ['may', 4],
    [null, 1],
  ]);
  assert.equal(tags.total.accepted, 7, 'a mail with two tags counts once');
  const both = await figures('by=recipientDomain&tag=news&campaign=spring', secret);
  assert.deepEqual(values(both), [['one.test', 3]]);
  assert.deepEqual(both.total.bounced, {
    total: 1,
    hard: 1,
    soft: 0,
    block: 0,
    policy: 0,
    admin: 0,
    undetermined: 0,
  });
  const { total } = await figures('', secret);
  assert.deepEqual(
    [total.deliveredFirst, total.rejected, total.delayed, Object.keys(total.deferred)],
    [4, { 'suppressed:hard_bounce': 1 }, 1, ['soft']],
  );
  assert.ok(total.deliveryMs !== null && total.deliveryMs.p50 <= total.deliveryMs.p99);
  assert.deepEqual([total.rates['delivery'], total.cohorts], [0.8, { new: 4 }]);
  assert.deepEqual(values(await figures('by=campaign', secret)), [
    [null, 3],
    ['spring', 3],
    ['summer', 1],
  ]);
  assert.deepEqual(values(await figures('by=sendingDomain', secret)), [['lettershop.test', 7]]);
  assert.ok((await figures('by=site', secret)).items.some(({ value }) => value !== null));
});

test('mail written from a template, and from a pool, is counted under them', async () => {
  const { id, key } = await client('written');
  const { secret } = key;
  const template = await world.ok<{ id: string }>('POST', '/templates', {
    body: { name: 't', slug: 'figures', subject: 's', text: 't' },
    secret,
  });
  await world.ok('POST', `/templates/${template.id}/publish`, { body: {}, secret });
  const pool = await world.ok<{ id: string }>('POST', '/pools', { body: { name: 'figures' } });
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { poolId: pool.id } });
  const body = {
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'a@x.test' }],
    template: { slug: 'figures' },
  };
  await world.ok('POST', '/messages', { body, secret });
  assert.deepEqual(values(await figures('by=template', secret)), [[template.id, 1]]);
  assert.deepEqual(values(await figures(`by=pool&template=${template.id}`)), [[pool.id, 1]]);
  assert.equal((await figures(`pool=${pool.id}`, secret)).total.accepted, 0, 'pools are the account’s');
  assert.equal((await world.api('GET', '/figures?by=pool', { secret })).status, 400);
  assert.equal((await figures('template=1', secret)).total.accepted, 0);
});

test('mail is counted under the address in From, in lower case, among those of one domain', async () => {
  const { key } = await client('senders');
  const { secret } = key;
  const from = (email: string): Record<string, unknown> => ({ from: { email, name: 'Somebody' } });
  const sent = [
    ...(await world.send(['a@x.test', 'hard@x.test'], from('News@Lettershop.test'), secret)),
    ...(await world.send('b@x.test', { ...from('news@lettershop.test'), tags: ['may'] }, secret)),
    ...(await world.send('c@x.test', from('billing@lettershop.test'), secret)),
  ];
  await settleAll(sent);
  const senders = await figures('by=senderAddress', secret);
  assert.deepEqual(values(senders), [
    ['news@lettershop.test', 3],
    ['billing@lettershop.test', 1],
  ]);
  assert.equal(senders.items[0]?.figures.bounced['hard'], 1);
  const one = await figures('by=tag&step=hour&senderAddress=NEWS@lettershop.test', secret);
  assert.deepEqual([one.total.accepted, new Set(values(one).map(String))], [3, new Set([',2', 'may,1'])]);
  assert.deepEqual(values(await figures('by=sendingDomain', secret)), [['lettershop.test', 4]]);
});

test('a subaccount sees its own figures only, whatever it names; the account sees each and all', async () => {
  const [one, other] = [await client('one'), await client('other')];
  await settleAll(await world.send(['a@x.test', 'b@x.test'], { tags: ['shared'] }, one.key.secret));
  await settleAll(await world.send('c@x.test', { tags: ['shared', 'secret'] }, other.key.secret));
  assert.deepEqual(values(await figures('by=tag', one.key.secret)), [['shared', 2]]);
  const foreign = await figures(`subaccount=${other.id}`, one.key.secret);
  const nobody = await figures('subaccount=2147483000', one.key.secret);
  assert.deepEqual([foreign.total, foreign.items], [nobody.total, []]);
  assert.deepEqual(values(await figures(`by=subaccount&subaccount=${one.id}&subaccount=${other.id}`)), [
    [String(one.id), 2],
    [String(other.id), 1],
  ]);
  assert.equal(
    (await world.api('GET', `/subaccounts/${other.id}/health`, { secret: one.key.secret })).status,
    404,
  );
});

/** Events as they might have happened, some of them long ago. */
async function happened(
  subaccountId: number,
  events: readonly { readonly kind: string; readonly at: Date; readonly data: Record<string, unknown> }[],
): Promise<void> {
  for (const { at } of events) await sql`call make_partitions(${at})`.execute(world.database.db.owner);
  await sql`insert into events (seq, at, retention_days, account_id, subaccount_id, kind, data)
    select nextval('event_numbers'), e.at, 400, s.account_id, s.id, e.kind, e.data
    from unnest(${events.map(({ at }) => at)}::timestamptz[], ${events.map(({ kind }) => kind)}::text[],
      ${events.map(({ data }) => JSON.stringify(data))}::jsonb[]) e (at, kind, data) join subaccounts s on s.id = ${subaccountId}`.execute(
    world.database.db.engine,
  );
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const hour = 3_600_000;
const day = 24 * hour;

test('what the whole account did is what its subaccounts did together, by the hour, and nobody below it reads it', async () => {
  const [one, other] = [await client('part-one'), await client('part-other')];
  await settleAll(await world.send(['a@x.test', 'b@x.test', 'hard@inbox.test'], {}, one.key.secret));
  await settleAll(await world.send('c@x.test', {}, other.key.secret));
  const everyone = (await world.ok<{ items: { id: number }[] }>('GET', '/subaccounts?limit=500')).items;
  const named = everyone.map(({ id }) => `subaccount=${id}`).join('&');
  for (const step of ['', 'step=hour&', 'step=day&timeZone=America/New_York&compare=previous&']) {
    const [whole, together] = [await figures(step), await figures(`${step}${named}`)];
    assert.deepEqual(whole, together, step);
    assert.ok(whole.total.accepted >= 4);
  }
  const seen = (await figures('', other.key.secret)).total;
  assert.deepEqual([seen.accepted, seen.delivered], [1, 1]);
  const { db } = world.database;
  const [account] = await allAccounts(db);
  assert.ok(account !== undefined);
  const scope = world.program.access.operatorScope(account);
  const subaccountId = other.id as SubaccountId;
  const rowsOf = async (reach: Reach): Promise<number> => {
    const asked = { ...scope, reach, subaccountId };
    const { rows } = await db.scoped(asked, (tx) => sql`select from account_figures`.execute(tx));
    return rows.length;
  };
  assert.ok((await rowsOf('account')) > 0);
  assert.deepEqual([await rowsOf(subaccountId), await rowsOf([subaccountId])], [0, 0]);
});

test('steps follow a time zone, weeks begin on Monday, and a period is compared with the one before it', async () => {
  const { id } = await client('steps');
  const now = Date.now();
  // 23:30 UTC is the next day in Vienna, in winter and in summer.
  const evening = Math.floor(now / day) * day - 10 * day + 23.5 * hour;
  await happened(
    id,
    [evening, evening, evening - 3 * hour, evening - 8 * day].map((ms) => ({
      kind: 'message.accepted',
      at: new Date(ms),
      data: { recipient: 'a@x.test' },
    })),
  );
  const range = `from=${new Date(evening - 2 * day).toISOString()}&until=${new Date(evening + 2 * day).toISOString()}`;
  const days = async (zone: string): Promise<unknown[]> => {
    const { items } = await figures(`subaccount=${id}&step=day&timeZone=${zone}&${range}`);
    return items.map(({ at, figures: { accepted } }) => [at, accepted]);
  };
  const midnight = new Date(evening - 23.5 * hour).toISOString();
  assert.deepEqual(await days('UTC'), [[midnight, 3]]);
  const vienna = await days('Europe/Vienna');
  assert.deepEqual(
    vienna.map((row) => (row as unknown[])[1]),
    [1, 2],
  );
  const week = await figures(`subaccount=${id}&step=week&${range}`);
  assert.equal(new Date(week.items[0]?.at ?? 0).getUTCDay(), 1);
  const compared = await figures(
    `subaccount=${id}&compare=previous&by=recipientDomain&from=${new Date(evening - 6 * day).toISOString()}&until=${new Date(evening + day).toISOString()}`,
  );
  assert.deepEqual(
    [compared.total.accepted, compared.previous?.total.accepted, compared.items[0]?.previous?.accepted],
    [3, 1, 1],
  );
  const old = await figures(`subaccount=${id}&step=month&from=${new Date(now - 200 * day).toISOString()}`);
  assert.deepEqual([old.counted, old.total.accepted], ['days', 4]);
  const late = await world.api('GET', `/figures?step=hour&from=${new Date(now - 200 * day).toISOString()}`);
  assert.equal(late.status, 400);
});

test('machines open nothing, cohorts follow what people did, and health says what it costs', async () => {
  const { id, key } = await client('engaged');
  const now = Date.now();
  const at = (days: number): Date => new Date(now - days * day);
  const to = (recipient: string, data: Record<string, unknown> = {}) => ({ recipient, ...data });
  await happened(id, [
    { kind: 'message.delivered', at: at(60), data: to('fan@x.test', { attempt: 1, waitedMs: 300 }) },
    { kind: 'message.delivered', at: at(60), data: to('mute@x.test') },
    { kind: 'message.delivered', at: at(60), data: to('robot@x.test') },
  ]);
  await counted();
  await happened(id, [
    { kind: 'message.opened', at: at(20), data: to('fan@x.test', { isFirst: true, isMachine: false }) },
    { kind: 'message.opened', at: at(19), data: to('fan@x.test', { isFirst: false, isMachine: false }) },
    { kind: 'message.opened', at: at(19), data: to('robot@x.test', { isFirst: false, isMachine: true }) },
  ]);
  await counted();
  await happened(
    id,
    ['fan@x.test', 'mute@x.test', 'robot@x.test', 'fresh@x.test'].map((recipient) => ({
      kind: 'message.delivered',
      at: at(1),
      data: to(recipient),
    })),
  );
  const { total } = await figures(`subaccount=${id}`);
  assert.deepEqual(
    [total.opened, total.openers, total.openedByMachines, total.cohorts],
    [2, 1, 1, { engaged_90: 1, new: 1, unengaged: 2 }],
  );
  type Health = { score: number; costs: { signal: string }[]; cohorts: { cohort: string; share: number }[] };
  const health = await world.ok<Health>('GET', `/subaccounts/${id}/health`, { secret: key.secret });
  assert.deepEqual(
    [health.score, health.cohorts.find(({ cohort }) => cohort === 'unengaged')?.share],
    [100, 0.5],
  );
});

test('figures by answer, link, attempt and subject are those of the log, without what tells mails apart', async () => {
  const { id, key } = await client('reasons');
  const { secret } = key;
  const sent = [
    ...(await world.send(['hard@one.test', 'ann@one.test'], { subject: 'Order 1234567 came' }, secret)),
    ...(await world.send(['hard@two.test', 'soft@two.test'], { subject: 'Order 7654321 came' }, secret)),
  ];
  await settleAll(sent);
  const reply = (text: string) => ({ reply: { code: 550, enhanced: '5.7.1', text }, class: 'block' });
  const at = new Date();
  await happened(id, [
    {
      kind: 'message.bounced',
      at,
      data: { recipient: 'x@one.test', ...reply('<x@one.test> blocked, 192.0.2.1') },
    },
    {
      kind: 'message.bounced',
      at,
      data: { recipient: 'y@one.test', ...reply('<y@one.test> blocked, 192.0.2.9') },
    },
    { kind: 'message.bounced_later', at, data: { recipient: 'y@one.test', ...reply('late') } },
    ...['hero', 'hero', undefined].map((name) => ({
      kind: 'message.clicked',
      at,
      data: { recipient: 'a@x.test', isFirst: false, isMachine: false, url: 'https://x.test', name },
    })),
    { kind: 'message.delivered', at, data: { recipient: 'z@one.test', attempt: 3 } },
  ]);
  const pairs = await figures('by=reason&and=recipientDomain', secret);
  const failed = pairs.items
    .map(({ value, and, figures: { bounced, deferred } }) => [
      value,
      and?.value,
      bounced['total'],
      deferred['soft'] ?? 0,
    ])
    .filter(([value]) => value !== null);
  assert.deepEqual(failed.map(String).toSorted(byText), [
    '452 4.2.2 mailbox full (soft@ is always deferred),two.test,0,1',
    '550 5.1.1 no such mailbox (hard@ always bounces),one.test,1,0',
    '550 5.1.1 no such mailbox (hard@ always bounces),two.test,1,0',
    '550 5.7.1 <address> blocked, <ip>,one.test,2,0',
    '550 5.7.1 late,one.test,0,0',
  ]);
  assert.deepEqual((await figures('reason=550%205.7.1%20late', secret)).total.bouncedLaterBy, { block: 1 });
  const told = async (by: string, of: 'clicked' | 'delivered' | 'accepted') =>
    (await figures(`by=${by}`, secret)).items
      .map(({ value, figures: row }) => [value, row[of]])
      .filter(([, n]) => n !== 0);
  assert.deepEqual(await told('link', 'clicked'), [
    [null, 1],
    ['hero', 2],
  ]);
  assert.deepEqual((await told('attempt', 'delivered')).map(String).toSorted(byText), ['1,1', '3,1']);
  assert.deepEqual(await told('subject', 'accepted'), [['Order <id> came', 4]]);
  for (const query of ['and=reason', 'by=tag&and=tag', 'by=tag&and=pool'])
    assert.equal((await world.api('GET', `/figures?${query}`, { secret })).status, 400, query);
});

test('the figures as CSV are the same, with one line for each value', async () => {
  const { key } = await client('csv');
  await settleAll(await world.send('a@x.test', { tags: ['=1+1'] }, key.secret));
  await counted();
  const { body, headers } = await world.api('GET', '/figures/export?by=tag', { secret: key.secret });
  assert.match(headers.get('content-type') ?? '', /^text\/csv/);
  const [head = '', line = '', end] = String(body).split('\r\n');
  assert.deepEqual([end, head.split(',').slice(0, 4)], ['', ['at', 'value', 'accepted', 'delivered']]);
  assert.deepEqual(line.split(',').slice(0, 4), ['', `'=1+1`, '1', '1']);
});

test('too many new tags on a day are counted as other, and that is told once', async () => {
  const { key } = await client('many tags');
  for (let tens = 0; tens < 51; tens++) {
    const tags = Array.from({ length: 10 }, (_, n) => `order-${tens * 10 + n}`);
    await world.send('a@x.test', { tags }, key.secret);
  }
  const many = await figures('by=tag&limit=1000', key.secret);
  assert.equal(many.items.filter(({ isOther }) => isOther).length, 1);
  assert.equal(many.items.filter(({ isOther }) => !isOther).length, 500);
  assert.equal(many.total.accepted, 51, 'the total loses nothing');
  const told = await world.ok<{ items: { data: unknown }[] }>('GET', '/events?kind=figures.limited', {
    secret: key.secret,
  });
  assert.deepEqual(
    told.items.map(({ data }) => data),
    [{ day: new Date(world.clock.now()).toISOString().slice(0, 10), dimension: 'tag' }],
  );
});

test('all of it agrees with a recount of the log', async () => {
  await counted();
  const { rows } = await sql
    .raw<{ n: number; looked: number }>(miscountedQuery)
    .execute(world.database.db.engine);
  assert.equal(rows[0]?.n, 0);
  assert.ok((rows[0]?.looked ?? 0) > 50);
});
