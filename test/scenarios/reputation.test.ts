import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { readConfig } from '../../src/base/config.ts';
import { standings } from '../../src/features/metrics/index.ts';
import { followReputation } from '../../src/features/quotas/index.ts';
import { reputationCommand } from '../../src/cli/reputation.ts';
import { databaseUrl, startWorld } from '../world.ts';
import type { World } from '../world.ts';

const hourMs = 3_600_000;
let world: World;
before(async () => {
  world = await startWorld();
  const strict = {
    windowHours: 24,
    volumeMin: 10,
    harmMin: 2,
    warn: 0.2,
    slow: 0.4,
    review: 0.6,
    pause: 0.9,
  };
  const off = { ...strict, warn: null, slow: null, review: null, pause: null };
  await world.ok('PUT', '/reputation/limits', {
    body: {
      hard_bounces: strict,
      unknown_users: off,
      complaints: { ...strict, warn: 0.1 },
      trap_blocks: off,
    },
  });
});
after(() => world[Symbol.asyncDispose]());

type Client = { readonly id: number; readonly secret: string };
type Finding = {
  measure: string;
  harm: number;
  volume: number;
  rate: number;
  step: string;
  limit: number | null;
};
type State = {
  readonly step: string;
  readonly setBy: string;
  readonly until: string | null;
  readonly evidence: readonly Finding[];
  readonly exemptUntil: string | null;
  readonly figures: readonly Finding[];
};
type Outcome = { readonly id: string; readonly state: string; readonly why?: { code: string } };

async function client(externalId: string): Promise<Client> {
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: externalId, externalId, key: { name: 'k' } },
  });
  return { id: made.id, secret: made.key.secret };
}

let sent = 0;
async function send(secret: string, who: string, count: number): Promise<readonly Outcome[]> {
  const recipients = Array.from({ length: count }, () => ({
    to: { email: `${who}+${(sent += 1)}@inbox.test` },
  }));
  const body = { from: { email: 'a@lettershop.test' }, recipients, subject: 's', text: 't' };
  return (await world.ok<{ messages: Outcome[] }>('POST', '/messages', { body, secret })).messages;
}

async function settle(secret: string, who: string, count: number): Promise<void> {
  const wanted = who === 'hard' ? ['bounced'] : ['delivered'];
  for (const { id } of await send(secret, who, count))
    await world.until(
      () => world.ok<{ state: string }>('GET', `/messages/${id}`, { secret }),
      ({ state }) => wanted.includes(state),
    );
}

const read = (id: number, secret?: string): Promise<State> =>
  world.ok<State>('GET', `/subaccounts/${id}/reputation`, secret === undefined ? {} : { secret });
const reached = (id: number, step: string): Promise<State> =>
  world.until(
    () => read(id),
    (state) => state.step === step,
    () => move(61_000),
  );
/** Until all outcomes are counted, so that the next look judges the whole of them. */
async function counted(id: number, harm: number, volume: number): Promise<void> {
  await world.until(
    () => read(id),
    ({ figures }) =>
      figures.some((each) => each.measure === 'hard_bounces' && each.harm === harm && each.volume === volume),
  );
}
/** Until it was looked at since its figures moved. */
async function looked(id: number): Promise<void> {
  await world.until(
    async () => {
      const now = new Date(world.clock.now());
      const due =
        await sql`select from reputations where subaccount_id = ${id} and judge_at <= ${now}`.execute(
          world.database.db.engine,
        );
      return due.rows.length;
    },
    (count) => count === 0,
  );
}
let movedMs = 0;
/** The next look is a minute after the last. The windows of quotas follow the clock. */
async function move(ms: number): Promise<void> {
  await world.move(ms);
  movedMs += ms;
  await sql`create or replace function lettershop.quota_clock() returns timestamptz language sql stable
    as ${sql.lit(`select now() + interval '${movedMs} milliseconds'`)}`.execute(world.database.db.owner);
}

test('what the operator has raised the account does not undo, and the operator does', async () => {
  const { id } = await client('watched');
  const config = readConfig({ DATABASE_URL: databaseUrl(world.database) });
  const command = (words: string): Promise<number> =>
    reputationCommand.run([String(id), ...words.split(' ')], config);
  assert.equal(await command('review 3 looks bought'), 0);
  const raised = await read(id);
  assert.deepEqual([raised.step, raised.setBy], ['review', 'operator']);
  const denied = await world.api('POST', `/subaccounts/${id}/reputation/reset`, { body: {} });
  assert.equal(denied.status, 409);
  assert.equal((await world.ok<{ underReview: boolean }>('GET', `/subaccounts/${id}`)).underReview, true);
  assert.equal(await command('exempt 5'), 0);
  assert.equal(await command('reset'), 0);
  const after = await read(id);
  assert.deepEqual([after.step, after.exemptUntil !== null], ['none', true]);
  assert.equal(await command('unheard of'), 1);
});

test('a review holds what waits as well, and lets it go when it is over', async () => {
  const { id, secret } = await client('reviewed');
  const [deferred] = await send(secret, 'soft', 1);
  await world.settled(deferred?.id ?? '', ['deferred']);
  await world.ok('POST', `/subaccounts/${id}/reputation/raise`, {
    body: { step: 'review', reason: 'let us see' },
  });
  const held = await world.settled(deferred?.id ?? '', ['held']);
  assert.equal(held.timeline.at(-1)?.data['hold'], 'review');
  await world.ok('POST', `/subaccounts/${id}/reputation/reset`, { body: {} });
  const free = await world.settled(deferred?.id ?? '', ['queued', 'deferred']);
  assert.ok(free.timeline.some(({ kind, data }) => kind === 'message.released' && data['hold'] === 'review'));
});

test('an automatic limit grows with a good month, not while a step holds, and again after it', async () => {
  const { id } = await client('grows');
  await world.ok('PUT', `/subaccounts/${id}/quota`, { body: { automatic: true } });
  const follow = async (delivered: number): Promise<number | null> => {
    await sql`insert into outcome_hours (account_id, subaccount_id, hour, delivered)
      select account_id, id, date_trunc('hour', now() - interval '1 day', 'UTC'), ${delivered} from subaccounts where id = ${id}
      on conflict (subaccount_id, hour) do update set delivered = excluded.delivered`.execute(
      world.database.db.engine,
    );
    await followReputation(world.database.db, (tx, ids) => standings(tx, ids, Date.now()));
    return (await world.ok<{ hour: { max: number | null } }>('GET', `/subaccounts/${id}/quota`)).hour.max;
  };
  const [little, much] = [await follow(1000), await follow(400_000)];
  assert.ok(little !== null && much !== null && much > 4 * little, `${little} then ${much}`);
  await world.ok('POST', `/subaccounts/${id}/reputation/raise`, { body: { step: 'slow' } });
  assert.equal(await follow(4_000_000), much);
  await world.ok('POST', `/subaccounts/${id}/reputation/reset`, { body: {} });
  assert.ok(((await follow(4_000_000)) ?? 0) > much);
});

test('harm leads from step to step, each with its evidence, and nobody else is touched', async () => {
  const [bad, fine] = [await client('bad'), await client('fine')];
  await settle(fine.secret, 'you', 12);
  await settle(bad.secret, 'you', 8);
  await settle(bad.secret, 'hard', 1);
  await counted(bad.id, 1, 9);
  await looked(bad.id);
  assert.equal((await read(bad.id)).step, 'none');
  await settle(bad.secret, 'hard', 2);
  await counted(bad.id, 3, 11);
  await move(61_000);
  const warned = await reached(bad.id, 'warn');
  assert.deepEqual(
    warned.evidence.map(({ measure, harm, volume, limit }) => [measure, harm, volume, limit]),
    [['hard_bounces', 3, 11, 0.2]],
  );
  await settle(bad.secret, 'hard', 4);
  await counted(bad.id, 7, 15);
  await move(61_000);
  await reached(bad.id, 'slow');
  const quota = await world.ok<{ hourCap: number | null }>('GET', '/quota', { secret: bad.secret });
  assert.equal(quota.hourCap, 20);
  await settle(bad.secret, 'hard', 5);
  await counted(bad.id, 12, 20);
  await move(61_000);
  await reached(bad.id, 'review');
  const [held] = await send(bad.secret, 'you', 1);
  assert.deepEqual([held?.state, held?.why?.code], ['held', 'review']);
  const why = await world.ok<{ reasons: { code: string; owner: string }[] }>(
    'GET',
    `/messages/${held?.id}/why`,
    {
      secret: bad.secret,
    },
  );
  assert.deepEqual(
    why.reasons.map(({ code, owner }) => [code, owner]),
    [['review', 'system']],
  );
  // Neighbours: no step, no figure, no hold; the mail flows.
  await counted(fine.id, 0, 12);
  const neighbour = await read(fine.id);
  assert.deepEqual([neighbour.step, neighbour.evidence], ['none', []]);
  assert.deepEqual(
    neighbour.figures.map(({ measure, harm, volume }) => [measure, harm, volume]),
    [
      ['hard_bounces', 0, 12],
      ['unknown_users', 0, 12],
      ['complaints', 0, 12],
      ['trap_blocks', 0, 12],
    ],
  );
  await settle(fine.secret, 'you', 1);
  assert.equal(
    (await world.ok<{ hourCap: number | null }>('GET', '/quota', { secret: fine.secret })).hourCap,
    null,
  );
  const events = await world.ok<{ items: { kind: string; data: { step: string; from: string } }[] }>(
    'GET',
    '/events?kind=reputation.step',
    { secret: bad.secret },
  );
  assert.deepEqual(
    events.items.map(({ data }) => [data.from, data.step]),
    [
      ['none', 'warn'],
      ['warn', 'slow'],
      ['slow', 'review'],
    ],
  );
  const foreign = await world.api('GET', `/subaccounts/${bad.id}/reputation`, { secret: fine.secret });
  assert.equal(foreign.status, 404);
  assert.deepEqual(
    (await world.ok<{ items: unknown[] }>('GET', '/reputation', { secret: fine.secret })).items,
    [],
  );
  // By itself: the day passes, what was held leaves at last, slower, and then all is well.
  await move(25 * hourMs);
  await reached(bad.id, 'slow');
  await world.settled(held?.id ?? '', ['delivered']);
  await move(25 * hourMs);
  await reached(bad.id, 'none');
  const history = await world.ok<{ items: { step: string; cause: string; evidence: unknown[] }[] }>(
    'GET',
    `/subaccounts/${bad.id}/reputation/steps`,
    { secret: bad.secret },
  );
  assert.deepEqual(
    history.items.map(({ step, cause, evidence }) => [step, cause, evidence.length > 0]),
    [
      ['none', 'ended', false],
      ['slow', 'ended', false],
      ['review', 'figures', true],
      ['slow', 'figures', true],
      ['warn', 'figures', true],
    ],
  );
  assert.equal(
    (await world.ok<{ hourCap: number | null }>('GET', '/quota', { secret: bad.secret })).hourCap,
    null,
  );
});

test('a pause is the stop of the system: the parent resumes nothing, but may reset, and figures count anew', async () => {
  const worst = await client('worst');
  await settle(worst.secret, 'hard', 12);
  await move(61_000);
  await send(worst.secret, 'hard', 1);
  await reached(worst.id, 'pause');
  type Sub = { status: string; stops: { authority: string; stop: string }[] };
  const resumed = await world.ok<Sub>('PATCH', `/subaccounts/${worst.id}`, { body: { status: 'active' } });
  assert.deepEqual([resumed.status, resumed.stops.map(({ authority }) => authority)], ['paused', ['system']]);
  const [held] = await send(worst.secret, 'you', 1);
  assert.deepEqual([held?.state, held?.why?.code], ['held', 'paused']);
  const denied = await world.api('POST', `/subaccounts/${worst.id}/reputation/reset`, {
    body: {},
    secret: worst.secret,
  });
  assert.equal(denied.status, 403);
  const after = await world.ok<State>('POST', `/subaccounts/${worst.id}/reputation/reset`, {
    body: { reason: 'list cleaned' },
  });
  assert.deepEqual([after.step, after.figures.map(({ volume }) => volume)], ['none', [0, 0, 0, 0]]);
  await world.settled(held?.id ?? '', ['delivered']);
  assert.equal((await world.ok<Sub>('GET', `/subaccounts/${worst.id}`)).status, 'active');
});

test('complaints count, an exemption makes them lead to nothing, and a step by hand stays', async () => {
  const loud = await client('loud');
  await world.ok('PUT', `/subaccounts/${loud.id}/reputation/exemption`, {
    body: { until: new Date(world.clock.now() + 2 * hourMs).toISOString(), reason: 'a known campaign' },
  });
  await settle(loud.secret, 'you', 10);
  await settle(loud.secret, 'complain', 4);
  const seen = await world.until(
    () => read(loud.id),
    ({ figures }) => figures.some(({ measure, harm }) => measure === 'complaints' && harm === 4),
  );
  assert.equal(seen.step, 'none');
  await move(2 * hourMs + 61_000);
  const warned = await reached(loud.id, 'warn');
  assert.deepEqual(
    warned.evidence.map(({ measure, harm, volume }) => [measure, harm, volume]),
    [['complaints', 4, 14]],
  );
  const until = new Date(world.clock.now() + 72 * hourMs).toISOString();
  const raised = await world.ok<State>('POST', `/subaccounts/${loud.id}/reputation/raise`, {
    body: { step: 'slow', until, reason: 'talk to us' },
  });
  assert.deepEqual([raised.step, raised.setBy, raised.until], ['slow', 'parent', until]);
  const foreign = await client('stranger');
  const hidden = await world.api('POST', `/subaccounts/${loud.id}/reputation/raise`, {
    body: { step: 'slow' },
    secret: foreign.secret,
  });
  assert.equal(hidden.status, 403);
  await move(30 * hourMs);
  await settle(loud.secret, 'you', 1);
  assert.equal((await read(loud.id)).step, 'slow');
  await move(43 * hourMs);
  await reached(loud.id, 'none');
});
