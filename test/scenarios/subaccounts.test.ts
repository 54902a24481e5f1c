import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Made = {
  readonly id: number;
  readonly status: string;
  readonly stops: readonly { authority: string; stop: string; reason: string }[];
  readonly key: { readonly secret: string; readonly publicId: string };
};

function make(externalId: string, more: Record<string, unknown> = {}): Promise<Made> {
  const body = { name: `Client ${externalId}`, externalId, key: { name: 'k' }, ...more };
  return world.ok<Made>('POST', '/subaccounts', { body });
}

test('a subaccount is made with profile, quota and first key, or not at all', async () => {
  const profile = { name: 'Client', city: 'Linz', region: 'OÖ', country: 'AT', timeZone: 'Europe/Vienna' };
  const made = await make('whole', { profile, quota: { hour: 7 }, trial: true, notes: 'pays late' });
  const read = await world.ok<Record<string, unknown>>('GET', '/subaccounts/external:whole');
  assert.deepEqual([read['profile'], read['trial'], read['notes']], [profile, true, 'pays late']);
  const own = await world.ok<Record<string, unknown>>('GET', `/subaccounts/${made.id}`, {
    secret: made.key.secret,
  });
  assert.equal(own['notes'], '', 'the account notes for itself');
  await world.send('you@inbox.test', {}, made.key.secret);
  const bad: readonly Record<string, unknown>[] = [
    { profile: { country: 'AT', city: 'Linz' } },
    { poolId: '999999' },
    { key: { name: 'k', grants: ['billing:read'] } },
    { externalId: 'whole' },
  ];
  for (const more of bad) {
    const name = `half ${JSON.stringify(more)}`;
    const body = { name, key: { name: 'k' }, ...more };
    assert.ok([400, 409].includes((await world.api('POST', '/subaccounts', { body })).status), name);
  }
  const halves = await world.ok<{ items: unknown[] }>('GET', '/subaccounts?search=half');
  assert.deepEqual(halves.items, []);
});

test('pausing holds old and new mail, resuming lets it leave in order', async () => {
  const { id, key } = await make('pausing');
  const soft = await world.send('soft@inbox.test', {}, key.secret);
  await world.settled(soft[0] ?? '', ['deferred']);
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'paused', reason: 'holiday' } });
  const ids: string[] = [];
  for (let index = 0; index < 20; index++) {
    ids.push(...(await world.send(`n${index}@inbox.test`, {}, key.secret)));
  }
  for (const message of ids) await world.settled(message, ['held']);
  await world.settled(soft[0] ?? '', ['held']);
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'active' } });
  for (const message of ids) await world.settled(message, ['delivered']);
  type Page = { items: { messageId: string }[] };
  const released = await world.ok<Page>('GET', '/events?kind=message.released', { secret: key.secret });
  const order = released.items.map(({ messageId }) => messageId).filter((each) => ids.includes(each));
  assert.deepEqual(order, ids);
});

test("the parent's resume does not lift the operator's stop", async () => {
  const { id, key } = await make('two-stops');
  const { access } = world.program;
  const { change } = await import('../../src/features/subaccounts/index.ts');
  const { allAccounts } = await import('../../src/features/accounts/index.ts');
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const tenants = { db: world.database.db, clock: world.clock };
  const byOperator = (status: 'active' | 'suspended') =>
    change(
      tenants,
      access.operatorScope(account),
      String(id),
      { status, reason: 'abuse report' },
      'operator',
    );
  await byOperator('suspended');
  const patched = await world.ok<Made>('PATCH', `/subaccounts/${id}`, { body: { status: 'active' } });
  assert.equal(patched.status, 'suspended');
  assert.deepEqual(
    patched.stops.map(({ authority, reason }) => [authority, reason]),
    [['operator', 'abuse report']],
  );
  const refused = await world.until(
    () => world.api('PATCH', '/messages', { secret: key.secret }).then(() => send(key.secret)),
    (status) => status === 403,
  );
  assert.equal(refused, 403);
  assert.equal((await world.api('GET', '/messages', { secret: key.secret })).status, 200, 'it still reads');
  assert.equal(
    (await world.api('POST', '/keys', { secret: key.secret, body: { name: 'x' } })).status,
    403,
    'it changes nothing',
  );
  await byOperator('active');
  await world.until(
    () => send(key.secret),
    (status) => status === 202,
  );
});

async function send(secret: string): Promise<number> {
  const body = {
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'you@inbox.test' }],
    subject: 's',
    text: 't',
  };
  return (await world.api('POST', '/messages', { secret, body })).status;
}

test('deleting leaves a tombstone: activity by number, a free external id, dead keys, dropped mail', async () => {
  const { id, key } = await make('gone');
  const [sent = ''] = await world.send('you@inbox.test', {}, key.secret);
  await world.settled(sent, ['delivered']);
  const sendAt = new Date(world.clock.now() + 3_600_000).toISOString();
  const [later = ''] = await world.send('you@inbox.test', { sendAt }, key.secret);
  await world.ok('DELETE', `/subaccounts/${id}`);
  assert.equal((await world.api('GET', `/subaccounts/${id}`)).status, 404);
  const found = await world.ok<{ items: unknown[] }>('GET', '/subaccounts?search=gone');
  assert.deepEqual(found.items, []);
  await world.until(
    () => world.api('GET', '/messages', { secret: key.secret }),
    ({ status }) => status === 401,
  );
  const dropped = await world.settled(later, ['cancelled']);
  assert.equal(dropped.timeline.at(-1)?.kind, 'message.dropped');
  assert.equal((await world.settled(sent, ['delivered'])).state, 'delivered', 'activity stays');
  const again = await make('gone');
  assert.notEqual(again.id, id);
});

test('a retirement that is set can be taken back; one that has happened, by the operator only', async () => {
  const { id, key } = await make('retiring');
  const at = new Date(world.clock.now() + 86_400_000).toISOString();
  const pending = await world.ok<Made>('POST', `/subaccounts/${id}/retire`, { body: { at } });
  assert.equal(pending.status, 'pending_retirement');
  assert.equal(await send(key.secret), 202);
  assert.equal((await world.ok<Made>('POST', `/subaccounts/${id}/unretire`)).status, 'active');
  assert.equal((await world.ok<Made>('POST', `/subaccounts/${id}/retire`, { body: {} })).status, 'retired');
  await world.until(
    () => world.api('GET', '/messages', { secret: key.secret }),
    ({ status }) => status === 401,
  );
  const headers = { 'lettershop-subaccount': String(id) };
  assert.equal((await world.api('GET', '/messages', { headers })).status, 200, 'the account reads on');
  assert.equal(
    (await world.api('POST', '/domains', { headers, body: { name: 'x.example.com' } })).status,
    403,
  );
  assert.equal((await world.api('POST', `/subaccounts/${id}/unretire`)).status, 409);
});

test('lists filter by several statuses, counts agree, and everyone sees only their own', async () => {
  const { id, key } = await make('listed');
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'terminated' } });
  type Page = { items: { id: number; status: string }[] };
  const page = await world.ok<Page>('GET', '/subaccounts?status=terminated,retired');
  assert.deepEqual(page.items.map(({ status }) => status).sort(), ['retired', 'terminated']);
  type Counts = { total: number; byStatus: Record<string, number> };
  const counts = await world.ok<Counts>('GET', '/subaccounts/counts');
  assert.equal(
    counts.total,
    Object.values(counts.byStatus).reduce((sum, n) => sum + n, 0),
  );
  assert.equal(counts.byStatus['terminated'], 1);
  const own = await world.ok<Counts>('GET', '/subaccounts/counts', { secret: key.secret });
  assert.deepEqual(own, { total: 1, byStatus: { terminated: 1 } });
});

test('a subaccount bound to a pool may not name another, and a pool that does not exist is refused', async () => {
  const [bound, free] = await Promise.all(
    ['bound-pool', 'free-pool'].map((name) => world.ok<{ id: string }>('POST', '/pools', { body: { name } })),
  );
  const { key } = await make('pooled', { poolId: bound?.id });
  const body = (pool?: string) => ({
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'you@inbox.test' }],
    subject: 's',
    text: 't',
    ...(pool === undefined ? {} : { pool }),
  });
  const status = async (pool: string | undefined, secret: string) =>
    (await world.api('POST', '/messages', { secret, body: body(pool) })).status;
  assert.equal(await status('bound-pool', key.secret), 202);
  assert.equal(await status(bound?.id, key.secret), 202);
  assert.equal(await status('free-pool', key.secret), 400);
  assert.equal(await status('no-such-pool', key.secret), 400);
  const { id: unboundId, key: unbound } = await make('unpooled');
  assert.equal(await status(free?.id, unbound.secret), 202);
  assert.equal((await world.api('DELETE', `/pools/${bound?.id}`)).status, 409);
  // Bound later, to a pool that there is.
  const bind = (poolId: string | undefined) =>
    world.api('PATCH', `/subaccounts/${unboundId}`, { body: { poolId } });
  assert.equal((await bind('999999999')).status, 400);
  assert.equal((await bind(bound?.id)).status, 200);
  assert.deepEqual(
    [await status(free?.id, unbound.secret), await status(undefined, unbound.secret)],
    [400, 202],
  );
});

test('the summary counts what happened, exactly', async () => {
  const { id, key } = await make('summed');
  const sent = await world.send(['you@inbox.test', 'hard@inbox.test'], {}, key.secret);
  await world.settled(sent[0] ?? '', ['delivered']);
  await world.settled(sent[1] ?? '', ['bounced']);
  type Summary = { today: Record<string, number>; reputation: number };
  const summary = await world.until(
    () => world.ok<Summary>('GET', `/subaccounts/${id}/summary`),
    ({ today }) => today['delivered'] === 1 && today['hardBounces'] === 1,
  );
  assert.deepEqual(summary.today, {
    accepted: 2,
    delivered: 1,
    hardBounces: 1,
    otherBounces: 0,
    deferred: 0,
    suppressed: 0,
    complaints: 0,
  });
  assert.ok(summary.reputation > 0 && summary.reputation <= 100);
});

test("the account's own subaccount is called as the account, and cannot be renamed, stopped for good or ended by itself", async () => {
  const { ownSubaccountId } = await world.ok<{ ownSubaccountId: number }>('PATCH', '/account', {
    body: { name: 'Renamed Ltd' },
  });
  const path = `/subaccounts/${ownSubaccountId}`;
  const named = async (): Promise<string> => (await world.ok<{ name: string }>('GET', path)).name;
  assert.equal(await named(), 'Renamed Ltd');
  const refused = await world.api('PATCH', path, { body: { name: 'Something else', notes: 'kept out' } });
  assert.deepEqual(
    [refused.status, (refused.body as { detail: string }).detail],
    [409, "The account's own subaccount is called as the account"],
  );
  const same = await world.ok<{ notes: string }>('PATCH', path, {
    body: { name: 'Renamed Ltd', notes: 'n' },
  });
  assert.equal(same.notes, 'n');
  const attempts = [
    await world.api('PATCH', path, { body: { status: 'terminated' } }),
    await world.api('POST', `${path}/retire`, { body: {} }),
    await world.api('DELETE', path),
  ];
  assert.deepEqual(
    attempts.map(({ status }) => status),
    [400, 409, 409],
  );
  assert.equal(await named(), 'Renamed Ltd');
});
