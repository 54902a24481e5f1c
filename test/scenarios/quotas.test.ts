import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

/** Windows turn by the database's clock: the test moves that one. */
async function moveWindows(hours: number): Promise<void> {
  await sql`create or replace function lettershop.quota_clock() returns timestamptz language sql stable
    as ${sql.lit(`select now() + interval '${hours} hours'`)}`.execute(world.database.db.owner);
}

type Made = { readonly id: number; readonly key: { readonly secret: string } };

async function subaccount(externalId: string, quota: Record<string, number> = {}): Promise<Made> {
  return world.ok<Made>('POST', '/subaccounts', {
    body: { name: externalId, externalId, quota, key: { name: 'k' } },
  });
}

type Outcome = {
  readonly id: string;
  readonly state: string;
  readonly why?: { code: string; layer?: string };
};

async function send(secret: string, count: number, more: Record<string, unknown> = {}): Promise<Outcome[]> {
  const to = Array.from({ length: count }, (_, index) => ({ to: { email: `r${index}@inbox.test` } }));
  const body = { from: { email: 'a@lettershop.test' }, recipients: to, subject: 's', text: 't', ...more };
  return (await world.ok<{ messages: Outcome[] }>('POST', '/messages', { body, secret })).messages;
}

type Window = { readonly used: number; readonly max: number | null };
type Quota = { readonly hour: Window; readonly day: Window; readonly month: Window };

const states = async (secret: string, state: string): Promise<number> =>
  (await world.ok<{ items: unknown[] }>('GET', `/messages?state=${state}&limit=500`, { secret })).items
    .length;

test('over an hourly quota mail waits, others flow on, and it leaves by itself when the window turns', async () => {
  const [full, other] = [await subaccount('full', { hour: 10 }), await subaccount('other')];
  const outcomes = await send(full.key.secret, 14);
  assert.deepEqual(
    outcomes.map(({ state, why }) => (why === undefined ? state : `${state} ${why.code} ${why.layer}`)),
    [
      ...Array.from({ length: 10 }, () => 'queued'),
      ...Array.from({ length: 4 }, () => 'held quota subaccount'),
    ],
  );
  const why = await world.ok<{ reasons: { code: string }[] }>('GET', `/messages/${outcomes[13]?.id}/why`, {
    secret: full.key.secret,
  });
  assert.deepEqual(
    why.reasons.map(({ code }) => code),
    ['quota'],
  );
  const [free] = await send(other.key.secret, 1);
  await world.settled(free?.id ?? '', ['delivered']);
  await world.until(
    () => states(full.key.secret, 'delivered'),
    (n) => n === 10,
  );
  assert.equal(await states(full.key.secret, 'held'), 4);
  const quota = await world.ok<Quota>('GET', '/quota', { secret: full.key.secret });
  assert.deepEqual([quota.hour.used, quota.hour.max], [10, 10]);
  // In the last hour of a day the window of the day turns with that of the hour.
  const dayTurns = new Date().getUTCHours() === 23;
  await moveWindows(1);
  await world.until(
    () => states(full.key.secret, 'delivered'),
    (n) => n === 14,
  );
  const next = await world.ok<Quota>('GET', '/quota', { secret: full.key.secret });
  assert.deepEqual([next.hour.used, next.day.used], [4, dayTurns ? 4 : 14]);
  const events = await world.ok<{ items: { data: { hold?: string } }[] }>(
    'GET',
    '/events?kind=message.released',
    { secret: full.key.secret },
  );
  assert.deepEqual(
    events.items.map(({ data }) => data.hold),
    ['quota', 'quota', 'quota', 'quota'],
  );
});

test('with refuse as its terms a call over quota stores nothing and takes no unit', async () => {
  const { key } = await subaccount('strict', { hour: 5 });
  const refuse = { overQuota: 'refuse' };
  const body = (count: number) => ({
    from: { email: 'a@lettershop.test' },
    recipients: Array.from({ length: count }, (_, index) => ({ to: { email: `r${index}@inbox.test` } })),
    subject: 's',
    text: 't',
    ...refuse,
  });
  const answer = await world.api('POST', '/messages', { body: body(6), secret: key.secret });
  assert.deepEqual(
    [answer.status, (answer.body as { code: string }).code, answer.headers.get('retry-after') !== null],
    [429, 'quota.exceeded', true],
  );
  // Side by side: what is refused must not take the place of what fits.
  const answers = await Promise.all(
    [4, 6, 1, 7, 1].map((count) => world.api('POST', '/messages', { body: body(count), secret: key.secret })),
  );
  const admitted = answers.filter(({ status }) => status === 202).length;
  const quota = await world.ok<Quota>('GET', '/quota', { secret: key.secret });
  assert.ok(admitted >= 2, `${admitted} calls`);
  assert.ok(quota.hour.used === 5 || quota.hour.used === 2, `${quota.hour.used} units`);
  const listed = await world.ok<{ items: unknown[] }>('GET', '/messages', { secret: key.secret });
  assert.equal(listed.items.length, quota.hour.used);
});

test("the account's month is one pot: whoever comes first draws, and a subaccount learns only that the account limits it", async () => {
  const before = await world.ok<Quota>('GET', '/quota');
  const [one, two] = [await subaccount('pot-one'), await subaccount('pot-two')];
  await world.ok('PUT', '/quota', { body: { month: before.month.used + 5 } });
  assert.deepEqual(
    (await send(one.key.secret, 4)).map(({ state }) => state),
    ['queued', 'queued', 'queued', 'queued'],
  );
  const [first, second] = await send(two.key.secret, 2);
  assert.deepEqual([first?.state, second?.state, second?.why?.layer], ['queued', 'held', 'account']);
  const mine = await world.ok<Quota>('GET', '/quota', { secret: two.key.secret });
  assert.deepEqual([mine.month.used, mine.month.max], [1, null]);
  const tooMuch = await world.api('PUT', `/subaccounts/${two.id}/quota`, {
    body: { month: before.month.used + 6 },
  });
  assert.equal(tooMuch.status, 400);
  assert.match(JSON.stringify(tooMuch.body), /must not exceed the account's/);
  await world.ok('PUT', '/quota', { body: {} });
  await world.settled(second?.id ?? '', ['delivered']);
});

test('a monthly statement lists what each subaccount used, also of a month that is over', async () => {
  const { id, key } = await subaccount('billed, "Ltd"');
  await send(key.secret, 3);
  const month = new Date().toISOString().slice(0, 7);
  const statement = await world.ok<string>('GET', `/usage/statement?month=${month}`);
  const line = new RegExp(`^${id},"billed, ""Ltd""","billed, ""Ltd""",${month}-01,3\\r$`, 'm');
  assert.match(statement, line);
  await moveWindows(24 * 40);
  await send(key.secret, 2);
  assert.match(await world.ok<string>('GET', `/usage/statement?month=${month}`), line);
  const own = await world.api('GET', `/usage?month=${month}`, { secret: key.secret });
  assert.equal(own.status, 403, 'plan and invoice are the account’s');
  await moveWindows(1);
});

test('scheduled mail is counted when it leaves, not when it is accepted', async () => {
  const { key } = await subaccount('scheduled', { hour: 1 });
  const sendAt = new Date(world.clock.now() + 3_600_000).toISOString();
  const later = await send(key.secret, 2, { sendAt });
  assert.equal((await world.ok<Quota>('GET', '/quota', { secret: key.secret })).hour.used, 0);
  world.clock.move(3_601_000);
  await world.until(
    () => states(key.secret, 'delivered'),
    (n) => n === 1,
  );
  const waiting = await world.settled(later[1]?.id ?? '', ['held']);
  assert.deepEqual(
    waiting.timeline.map(({ kind, data }) => [kind, data['hold']]),
    [
      ['message.accepted', undefined],
      ['message.held', 'scheduled'],
      ['message.held', 'quota'],
    ],
  );
});

test('what a quota holds for three days expires with an event', async () => {
  const { key } = await subaccount('never', { day: 0 });
  const [held] = await send(key.secret, 1);
  assert.equal(held?.state, 'held');
  world.clock.move(72 * 3_600_000 + 1000);
  const expired = await world.settled(held?.id ?? '', ['expired']);
  assert.deepEqual(expired.timeline.at(-1), {
    ...expired.timeline.at(-1),
    kind: 'message.expired',
    data: { hold: 'quota' },
  });
});
