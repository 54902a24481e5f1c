import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, content, failure, makeSubaccount, sdk } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const missing = (name: string): unknown => [
  404,
  [{ message: 'resource not found', description: `Domain '${name}' does not exist`, code: '1600' }],
];

test('a sending domain is added with its key, listed, shared, checked and deleted', async () => {
  const { sendingDomains: domains } = sdk(world);
  const made = (await domains.create({ domain: 'news.kite.test' })).results as {
    message: string;
    domain: string;
    dkim: { public: string; selector: string; signing_domain: string };
  };
  assert.deepEqual([made.message, made.domain], ['Successfully Created domain.', 'news.kite.test']);
  assert.match(made.dkim.public, /^[A-Za-z0-9+/=]{200,}$/);
  type Shown = {
    domain?: string;
    shared_with_subaccounts: boolean;
    status: Record<string, unknown>;
    dkim: unknown;
    creation_time: string;
  };
  const shown = (await domains.get('news.kite.test')).results as Shown;
  assert.deepEqual([shown.domain, shown.shared_with_subaccounts, shown.dkim], [undefined, false, made.dkim]);
  assert.partialDeepStrictEqual(shown.status, {
    ownership_verified: false,
    dkim_status: 'unverified',
    compliance_status: 'valid',
  });
  assert.match(shown.creation_time, /\+00:00$/);
  assert.deepEqual((await domains.update('news.kite.test', { shared_with_subaccounts: true })).results, {
    message: 'Successfully Updated Domain.',
    domain: 'news.kite.test',
  });
  const listed = (await domains.list()).results as { domain: string; shared_with_subaccounts: boolean }[];
  assert.equal(listed.find(({ domain }) => domain === 'news.kite.test')?.shared_with_subaccounts, true);
  const checked = (await domains.verify('news.kite.test', { dkim_verify: true })).results as {
    ownership_verified: boolean;
    dns: { dkim_error: string };
  };
  assert.deepEqual([checked.ownership_verified, typeof checked.dns.dkim_error], [false, 'string']);
  const told = async (call: Promise<unknown>): Promise<unknown> => {
    const [status, errors] = (await failure(call)) as [number, { code: string; description: string }[]];
    return [status, errors[0]?.code, errors[0]?.description];
  };
  assert.deepEqual(await told(domains.verify('news.kite.test', {})), [
    422,
    '1400',
    'Error no fields specified for verification',
  ]);
  assert.deepEqual(await told(domains.create({ domain: 'news.kite.test' })), [
    409,
    '1602',
    'Sending Domain news.kite.test already registered',
  ]);
  assert.deepEqual(await told(domains.create({ domain: 'hello' })), [
    422,
    '1300',
    "Error domain name contains no '.'(s) for domain: 'hello'",
  ]);
  await domains.delete('news.kite.test');
  assert.deepEqual(await failure(domains.get('news.kite.test')), missing('news.kite.test'));
});

test('a subaccount has its own domains; the account finds them, and sends through a shared one only', async () => {
  const { id, key } = await makeSubaccount(world, 'domains');
  const theirs = sdk(world, key).sendingDomains;
  await theirs.create({ domain: 'own.kite.test' });
  assert.equal(
    ((await sdk(world).sendingDomains.get('own.kite.test')).results as { subaccount_id: number })
      .subaccount_id,
    id,
  );
  assert.deepEqual(await failure(theirs.get('lettershop.test')), missing('lettershop.test'));
  assert.deepEqual(
    ((await theirs.list()).results as { domain: string }[]).map(({ domain }) => domain),
    ['own.kite.test'],
  );
  // Without the header the account reads it and does not touch it.
  assert.deepEqual(
    ((await ask(world, 'DELETE', '/api/v1/sending-domains/own.kite.test')) as { status: number }).status,
    404,
  );
  const recipients = [{ address: 'a@ok.test' }];
  await sdk(world).sendingDomains.update('lettershop.test', { shared_with_subaccounts: false });
  const body = { recipients, content };
  const refused = await world.until(
    () => ask(world, 'POST', '/api/v1/transmissions', { key, body }),
    ({ status }) => status === 400,
  );
  assert.equal((refused.body as { errors: { code: string }[] }).errors[0]?.code, '7001');
  await sdk(world).sendingDomains.update('lettershop.test', { shared_with_subaccounts: true });
  await world.until(
    () => ask(world, 'POST', '/api/v1/transmissions', { key, body }),
    ({ status }) => status === 200,
  );
});

test('tracking domains are added, read, changed, checked and deleted, each with one owner', async () => {
  const path = '/api/v1/tracking-domains';
  const { id, key } = await makeSubaccount(world, 'tracking');
  assert.deepEqual((await ask(world, 'POST', path, { key, body: { domain: 'click.kite.test' } })).body, {
    results: { domain: 'click.kite.test' },
  });
  assert.deepEqual((await ask(world, 'POST', path, { key, body: { domain: 'click.kite.test' } })).body, {
    errors: [{ message: 'The tracking domain already exists' }],
  });
  assert.deepEqual((await ask(world, 'POST', path, { body: { domain: 'x' } })).status, 422);
  const shown = {
    domain: 'click.kite.test',
    port: 80,
    secure: false,
    default: false,
    status: { verified: false, cname_status: 'unverified', compliance_status: 'valid' },
  };
  assert.deepEqual((await ask(world, 'GET', `${path}/click.kite.test`, { key })).body, { results: shown });
  assert.deepEqual((await ask(world, 'GET', path)).body, { results: [{ ...shown, subaccount_id: id }] });
  assert.deepEqual(
    (await ask(world, 'PUT', `${path}/click.kite.test`, { key, body: { secure: true } })).body,
    { results: { domain: 'click.kite.test' } },
  );
  assert.deepEqual(
    (await ask(world, 'PUT', `${path}/click.kite.test`, { key, body: { default: true } })).body,
    { errors: [{ message: "Tracking domain 'click.kite.test' unverified." }] },
  );
  assert.partialDeepStrictEqual((await ask(world, 'POST', `${path}/click.kite.test/verify`, { key })).body, {
    results: { verified: false },
  });
  assert.equal((await ask(world, 'DELETE', `${path}/click.kite.test`, { key })).status, 204);
  assert.deepEqual((await ask(world, 'GET', `${path}/click.kite.test`, { key })).body, {
    errors: [{ message: 'resource not found' }],
  });
});
