import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { hastenErasure } from './erasing.ts';
import { ask, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
});
after(() => world[Symbol.asyncDispose]());

type Span = { readonly start: string; readonly end: string; readonly used: number };
type Usage = {
  readonly results: {
    readonly messaging: {
      readonly day: Span;
      readonly month: Span;
      readonly last_usage_date: string | null;
      readonly timestamp: string;
    };
    readonly recipient_validation: { readonly day: Span; readonly month: Span; readonly timestamp: string };
  };
};

test('what was sent in the day and in the month is told to the primary account', async () => {
  const { id, key } = await makeSubaccount(world, 'usage');
  const before = (await ask(world, 'GET', '/api/v1/usage')).body as Usage;
  assert.deepEqual([before.results.messaging.day.used, before.results.messaging.last_usage_date], [0, null]);
  const recipients = [{ address: 'a@inbox.test' }, { address: 'b@inbox.test' }];
  await transmit(world, { recipients });
  await transmit(world, { recipients }, { subaccount: id });
  const { results } = await world.until(
    async () => (await ask(world, 'GET', '/api/v1/usage')).body as Usage,
    (told) => told.results.messaging.last_usage_date !== null,
  );
  const { messaging, recipient_validation: validation } = results;
  assert.deepEqual([messaging.day.used, messaging.month.used], [4, 4], 'of its subaccounts as well');
  assert.deepEqual([validation.day.used, validation.month.used], [0, 0]);
  assert.equal(messaging.last_usage_date, new Date(world.clock.now()).toISOString().slice(0, 10));
  assert.equal(Date.parse(messaging.day.end) - Date.parse(messaging.day.start), 86_400_000);
  assert.match(messaging.month.start, /^\d{4}-\d\d-01T00:00:00\.000Z$/);
  assert.equal((await ask(world, 'GET', '/api/v1/usage', { key })).status, 403);
});

const forget = '/api/v1/data-privacy/rtbf-request';
const optOut = '/api/v1/data-privacy/opt-out-request';

type Erasure = { readonly id: string; readonly subaccountId: number; readonly reach: string; state: string };

test('a person asks to be forgotten: erased for whoever asks, in all subaccounts when they are meant', async () => {
  const { id, key } = await makeSubaccount(world, 'forgets');
  const recipients = [{ address: 'ada@inbox.test' }];
  await transmit(world, { recipients });
  await transmit(world, { recipients }, { subaccount: id });
  const mails = async (): Promise<number> => {
    const { items } = await world.ok<{ items: { to: string | null }[] }>('GET', '/messages?limit=500');
    return items.filter(({ to }) => to === 'ada@inbox.test').length;
  };
  assert.equal(await mails(), 2);
  const newest = async (): Promise<Erasure> => {
    const { items } = await world.ok<{ items: Erasure[] }>('GET', '/erasures?limit=1');
    return items[0] ?? assert.fail('nothing was asked');
  };
  const done = async ({ id: erasure }: Erasure): Promise<void> => {
    await world.until(
      async () => {
        await hastenErasure(world, erasure);
        return world.ok<Erasure>('GET', `/erasures/${erasure}`);
      },
      ({ state }) => state === 'done',
    );
  };
  const asked = await ask(world, 'POST', forget, {
    body: { recipients: ['Ada@inbox.test'] },
    subaccount: id,
  });
  assert.deepEqual([asked.status, asked.body], [200, { results: { message: 'Request saved.' } }]);
  const first = await newest();
  assert.deepEqual([first.subaccountId, first.reach], [id, 'subaccount']);
  await done(first);
  assert.equal(await mails(), 1, 'the mail of the account is left');
  const all = { recipients: ['ada@inbox.test', 'ADA@inbox.test'], include_subaccounts: true };
  assert.equal((await ask(world, 'POST', forget, { body: all })).status, 200);
  const second = await newest();
  assert.equal(second.reach, 'account');
  await done(second);
  assert.equal(await mails(), 0);
  const { items } = await world.ok<{ items: Erasure[] }>('GET', '/erasures');
  assert.equal(items.length, 2, 'named twice is asked once');
  assert.equal((await ask(world, 'POST', forget, { body: all, key })).status, 403);
  const own = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'erases', grants: ['erasures:write'] },
    headers: { 'lettershop-subaccount': String(id) },
  });
  assert.equal((await ask(world, 'POST', forget, { body: all, key: own.secret })).status, 200);
  assert.equal((await newest()).reach, 'subaccount', 'a key of one subaccount means that one');
});

test('a person opts out: both types stop for whoever asks, in all subaccounts when they are meant', async () => {
  const [a, b] = [await makeSubaccount(world, 'a'), await makeSubaccount(world, 'b')];
  type Allowed = { readonly transactional: { allowed: boolean }; readonly bulk: { allowed: boolean } };
  const stopped = async (address: string, subaccount: number): Promise<readonly boolean[]> => {
    const headers = { 'lettershop-subaccount': String(subaccount) };
    const told = await world.ok<Allowed>('GET', `/suppressions/check?address=${address}`, { headers });
    return [!told.transactional.allowed, !told.bulk.allowed];
  };
  const own = { recipients: ['own@inbox.test'], include_subaccounts: true };
  const asked = await ask(world, 'POST', optOut, { body: own, key: a.key });
  assert.deepEqual(asked.body, { results: { message: 'Request saved.' } });
  assert.deepEqual(await stopped('own@inbox.test', a.id), [true, true]);
  assert.deepEqual(await stopped('own@inbox.test', b.id), [false, false], 'a key stays within its own');
  const { results } = (await sdk(world, a.key).suppressionList.get('own@inbox.test')) as {
    results: { type: string; source: string }[];
  };
  assert.deepEqual(results.map(({ type, source }) => `${type} ${source}`).toSorted(), [
    'non_transactional Manually Added',
    'transactional Manually Added',
  ]);
  await ask(world, 'POST', optOut, { body: { recipients: ['one@inbox.test'] }, subaccount: b.id });
  assert.deepEqual(
    [await stopped('one@inbox.test', a.id), await stopped('one@inbox.test', b.id)],
    [
      [false, false],
      [true, true],
    ],
  );
  const all = { recipients: ['all@inbox.test'], include_subaccounts: true };
  assert.equal((await ask(world, 'POST', optOut, { body: all })).status, 200);
  const later = await makeSubaccount(world, 'later');
  for (const { id } of [a, b, later]) assert.deepEqual(await stopped('all@inbox.test', id), [true, true]);
  assert.equal((await ask(world, 'GET', '/api/v1/suppression-list/all@inbox.test')).status, 200);
});

test('a request of privacy names its bad recipients, and takes up to a thousand', async () => {
  const many = (n: number): string[] => Array.from({ length: n }, (_, at) => `many${at}@inbox.test`);
  for (const path of [forget, optOut]) {
    const told = async (body: unknown): Promise<unknown> => {
      const reply = await ask(world, 'POST', path, { body });
      return [reply.status, (reply.body as { errors: { message: string }[] }).errors[0]?.message];
    };
    const nobody = [400, 'Must supply an array of recipients'];
    assert.deepEqual(await told({}), nobody);
    assert.deepEqual(await told({ recipients: [] }), nobody);
    assert.deepEqual(await told({ recipients: ['ok@inbox.test', 'bad', 7] }), [
      400,
      'POST body contains 2 invalid or malformed recipient(s): bad, 7',
    ]);
    assert.deepEqual(await told({ recipients: many(1001) }), [
      400,
      'recipients must hold at most 1000 addresses',
    ]);
    assert.deepEqual(await told({ recipients: many(1), include_subaccounts: 'yes' }), [
      400,
      'include_subaccounts must be a boolean',
    ]);
  }
  assert.equal((await ask(world, 'POST', optOut, { body: { recipients: many(1000) } })).status, 200);
  const { body } = await ask(world, 'GET', '/api/v1/suppression-list/many999@inbox.test');
  assert.equal((body as { results: unknown[] }).results.length, 2);
});
