import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createAccount } from '../../src/features/accounts/index.ts';
import { create as createKey } from '../../src/features/keys/index.ts';
import { Browser, joinBy } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };

let world: World;
before(async () => {
  world = await startWorld({
    LETTERSHOP_ADMIN_PASSWORD: owner.password,
    LETTERSHOP_TRUSTED_PROXIES: '127.0.0.1',
  });
});
after(() => world[Symbol.asyncDispose]());

type Health = {
  readonly id: number;
  readonly name: string;
  readonly isOwn: boolean;
  readonly status: string;
  readonly step: string;
  readonly troubles: readonly string[];
  readonly recent: { accepted: number; delivered: number; bounced: number; complained: number };
  readonly waiting: number;
};
type Page = { readonly items: readonly Health[]; readonly next: string | null };
type Counts = {
  readonly total: number;
  readonly inTrouble: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byTrouble: Readonly<Record<string, number>>;
};

async function client(name: string): Promise<{ id: number; secret: string }> {
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name, externalId: name, key: { name: 'k' } },
  });
  return { id: made.id, secret: made.key.secret };
}

const list = async (query: string, secret?: string): Promise<readonly Health[]> =>
  (await world.ok<Page>('GET', `/overview/subaccounts?${query}`, secret === undefined ? {} : { secret }))
    .items;

async function one(name: string): Promise<Health> {
  const [found] = await list(`search=${name}`);
  assert.ok(found !== undefined, name);
  return found;
}

async function send(secret: string, who: string, count: number, sendAt?: string): Promise<void> {
  const recipients = Array.from({ length: count }, (_, n) => ({ to: { email: `${who}+${n}@inbox.test` } }));
  const body = { from: { email: 'a@lettershop.test' }, recipients, subject: 's', text: 't' };
  await world.ok('POST', '/messages', {
    body: { ...body, ...(sendAt === undefined ? {} : { sendAt }) },
    secret,
  });
}

async function foreignKey(): Promise<string> {
  const { db } = world.database;
  const account = await createAccount(db, 'Somebody else', new Date(world.clock.now()));
  const key = await createKey({ db, clock: world.clock }, world.program.access.operatorScope(account), {
    kind: 'api',
    name: 'k',
    reach: 'account',
    grants: null,
    domainLimit: null,
    allowedAddresses: [],
    expiresAt: null,
  });
  return key.secret;
}

const later = (): string => new Date(world.clock.now() + 3_600_000).toISOString();

// Before the clock is moved: sessions end with it.
test('a key of a subaccount sees its own row and counts, a person of chosen ones theirs, a foreign account nothing', async () => {
  const [mine, theirs] = [await client('apart-mine'), await client('apart-theirs')];
  const own = await list('limit=500', mine.secret);
  assert.deepEqual(
    own.map(({ id }) => id),
    [mine.id],
  );
  assert.deepEqual(await list(`search=apart-theirs`, mine.secret), []);
  // A cursor of another's row opens nothing.
  assert.deepEqual(await list(`cursor=0-${theirs.id - 1}`, mine.secret), []);
  const counts = await world.ok<Counts>('GET', '/overview', { secret: mine.secret });
  assert.deepEqual([counts.total, counts.byStatus, counts.byTrouble], [1, { active: 1 }, {}]);

  const boss = new Browser(world);
  await boss.logIn(owner.email, owner.password);
  const chosen = [mine.id, theirs.id].map((id) => ({ id, role: 'admin' }));
  const person = await joinBy(world, boss, 'chosen@inbox.test', { subaccounts: chosen });
  const { items } = await person.ok<Page>('GET', '/overview/subaccounts');
  assert.deepEqual(
    items.map(({ id }) => id),
    [mine.id, theirs.id],
  );
  assert.equal((await person.ok<Counts>('GET', '/overview')).total, 2);

  const foreign = await foreignKey();
  assert.deepEqual(
    (await list('limit=500', foreign)).filter(({ isOwn }) => !isOwn),
    [],
  );
  assert.equal((await world.ok<Counts>('GET', '/overview', { secret: foreign })).total, 1);

  const blind = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'blind', grants: ['messages:send'] },
  });
  for (const path of ['/overview', '/overview/subaccounts'])
    assert.equal((await world.api('GET', path, { secret: blind.secret })).status, 403);
});

test('the worst come first, each with its reasons, and pages go on where the last one ended', async () => {
  const [calm, paused, full, slow, watched] = [
    await client('worst-calm'),
    await client('worst-paused'),
    await client('worst-full'),
    await client('worst-slow'),
    await client('worst-watched'),
  ];
  await world.ok('PUT', `/subaccounts/${full.id}/quota`, { body: { hour: 1 } });
  await send(full.secret, 'ok', 3);
  await world.ok('PATCH', `/subaccounts/${paused.id}`, { body: { status: 'paused' } });
  await world.ok('POST', `/subaccounts/${slow.id}/reputation/raise`, { body: { step: 'slow' } });
  await world.ok('POST', `/subaccounts/${watched.id}/reputation/raise`, { body: { step: 'review' } });
  await world.ok('POST', `/subaccounts/${watched.id}/reputation/raise`, { body: { step: 'pause' } });
  const told = (await list('search=worst-')).map(({ id, troubles }) => [id, troubles.join()]);
  assert.deepEqual(told, [
    [watched.id, 'stopped_by_system'],
    [slow.id, 'slowed'],
    [full.id, 'over_quota'],
    [paused.id, 'stopped_by_parent'],
    [calm.id, ''],
  ]);
  const read: number[] = [];
  for (let cursor = ''; ;) {
    const page = await world.ok<Page>('GET', `/overview/subaccounts?search=worst-&limit=2${cursor}`);
    read.push(...page.items.map(({ id }) => id));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  assert.deepEqual(
    read,
    told.map(([id]) => id),
  );
  assert.deepEqual(
    (await list('search=worst-&status=paused')).map(({ id }) => id),
    [watched.id, paused.id],
  );
  assert.deepEqual(
    (await list('search=worst-&trouble=over_quota')).map(({ id }) => id),
    [full.id],
  );
});

test('counts are of all, by status and by trouble', async () => {
  const counts = await world.ok<Counts>('GET', '/overview');
  const all = await list('limit=500');
  assert.equal(counts.total, all.length);
  assert.equal(counts.inTrouble, all.filter(({ troubles }) => troubles.length > 0).length);
  assert.deepEqual(counts.byStatus, { active: counts.total - 2, paused: 2 });
  assert.deepEqual(counts.byTrouble, {
    stopped_by_system: 1,
    slowed: 1,
    over_quota: 1,
    stopped_by_parent: 1,
  });
});

test('what it sent lately and what waits stands beside each', async () => {
  const { secret } = await client('lately');
  await send(secret, 'ok', 2);
  await send(secret, 'hard', 1);
  await send(secret, 'ok', 4, later());
  const health = await world.until(
    () => one('lately'),
    ({ recent }) => recent.delivered === 2 && recent.bounced === 1,
  );
  assert.deepEqual(
    [health.recent, health.waiting, health.troubles],
    [{ accepted: 7, delivered: 2, bounced: 1, complained: 0 }, 4, []],
  );
});

test('bounces over the limit are told also of one that is exempt from steps, until its mail is in the past', async () => {
  const { id, secret } = await client('harmful');
  const off = {
    windowHours: 24,
    volumeMin: 10,
    harmMin: 2,
    warn: null,
    slow: null,
    review: null,
    pause: null,
  };
  await world.ok('PUT', '/reputation/limits', {
    body: { hard_bounces: { ...off, warn: 0.2 }, unknown_users: off, complaints: off, trap_blocks: off },
  });
  await world.ok('PUT', `/subaccounts/${id}/reputation/exemption`, {
    body: { until: new Date(world.clock.now() + 90 * 86_400_000).toISOString() },
  });
  await send(secret, 'hard', 12);
  const over = await world.until(
    () => one('harmful'),
    ({ troubles, recent }) => troubles.length > 0 && recent.bounced === 12,
    () => world.move(61_000),
  );
  assert.deepEqual([over.troubles, over.step], [['bounces_over_limit'], 'none']);
  await world.move(26 * 3_600_000);
  const calm = await world.until(
    () => one('harmful'),
    ({ troubles }) => troubles.length === 0,
    () => world.move(61_000),
  );
  assert.equal(calm.recent.bounced, 0);
});

test('a thousand that nothing holds are many, a thousand for later are not', async () => {
  const { id, secret } = await client('crowded');
  await send(secret, 'ok', 1, later());
  const db = world.database.db.engine;
  const [like] = (
    await sql<{ message_id: string }>`select message_id from queue where subaccount_id = ${id}`.execute(db)
  ).rows;
  assert.ok(like !== undefined);
  // More of the same in the queue than a test sends: what is asked is how they are counted.
  await sql`insert into queue (account_id, subaccount_id, message_id, submission_id, retention_days, lane, domain, due_at, began_at, hold, hold_until, held_at)
    select account_id, subaccount_id, message_id + n, submission_id, retention_days, lane, domain, now() + interval '400 days', began_at,
      hold, now() + interval '400 days', held_at from queue, generate_series(1, 1000) n where message_id = ${like.message_id}`.execute(
    db,
  );
  // They are counted again after ten seconds.
  const tenSecondsLater = async (): Promise<Health> => {
    await world.move(11_000);
    return one('crowded');
  };
  const held = await tenSecondsLater();
  assert.deepEqual([held.waiting, held.troubles], [1001, []]);
  const letGo = sql`update queue set hold = null, hold_until = null, held_at = null where subaccount_id = ${id} and message_id in (
    select message_id from queue where subaccount_id = ${id} and hold is not null and message_id <> ${like.message_id} limit 999)`;
  await letGo.execute(db);
  assert.deepEqual((await tenSecondsLater()).troubles, []);
  await letGo.execute(db);
  assert.deepEqual((await tenSecondsLater()).troubles, ['many_waiting']);
  await sql`delete from queue where subaccount_id = ${id} and message_id <> ${like.message_id}`.execute(db);
});

test('a status, trouble, page or cursor that there is not is refused by its name', async () => {
  for (const [query, field] of [
    ['status=sleepy', 'status'],
    ['trouble=rain', 'trouble'],
    ['cursor=12', 'cursor'],
    ['limit=501', 'limit'],
  ]) {
    const { status, body } = await world.api('GET', `/overview/subaccounts?${query}`);
    assert.equal(status, 400, query);
    assert.match(JSON.stringify(body), new RegExp(`"${field}"`), query);
  }
});
