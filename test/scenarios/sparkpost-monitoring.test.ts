import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addAddress } from '../../src/features/pools/index.ts';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, makeSubaccount } from './sparkpost-calls.ts';

let world: World;
let dns: DnsServerDouble;
before(async () => {
  dns = await DnsServerDouble.start({});
  world = await startWorld({
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_BLOCKLISTS: 'one.bl.test, two.bl.test',
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
    LETTERSHOP_ADMIN_PASSWORD: 'correct horse battery staple',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Fields = Readonly<Record<string, unknown>>;

async function listed(path: string, key?: string): Promise<readonly Fields[]> {
  const told = await ask(world, 'GET', path, key === undefined ? {} : { key });
  assert.equal(told.status, 200, told.text);
  return (told.body as { results: readonly Fields[] }).results;
}

test('alerts are listed as they stand, to the primary account alone', async () => {
  const path = '/api/v1/alerts';
  const { id, key } = await makeSubaccount(world, 'alerts');
  assert.deepEqual(await listed(path), []);
  const to = 'http://127.0.0.1:8089/alert';
  const mail = { kind: 'mail', to: 'owner@lettershop.test' };
  const make = (body: Fields) => world.ok<{ id: string }>('POST', '/alerts', { body });
  const made = [
    await make({
      name: 'Bounces',
      measure: 'hard_bounce_rate',
      threshold: 0.07,
      target: { kind: 'slack', to },
    }),
    await make({
      name: 'Too few',
      measure: 'sent',
      comparison: 'below',
      threshold: 10,
      status: 'paused',
      subaccount: String(id),
      target: { kind: 'webhook', to },
    }),
  ];
  const rest = { last_triggered: null, any_subaccount: false, filters: [] };
  assert.deepEqual(await listed(path), [
    {
      id: made[0]?.id,
      name: 'Bounces',
      metric: 'hard_bounce_rate',
      muted: false,
      ...rest,
      subaccounts: [-1],
      threshold_evaluator: { source: 'raw', operator: 'gt', value: 7 },
      channels: { emails: [], slack: { target: to } },
    },
    {
      id: made[1]?.id,
      name: 'Too few',
      metric: 'injection_count',
      muted: true,
      ...rest,
      subaccounts: [id],
      threshold_evaluator: { source: 'raw', operator: 'lt', value: 10 },
      channels: { emails: [], webhook: { target: to } },
    },
  ]);
  assert.equal((await ask(world, 'GET', path, { key })).status, 403);
  await make({ name: 'Lost', measure: 'domains_lost', threshold: 0, target: mail });
  const [, , third] = await listed(path);
  assert.deepEqual([third?.['metric'], third?.['channels']], ['domains_lost', { emails: [mail.to] }]);
});

test('blocklist monitors are the source addresses, with what lists them now', async () => {
  const path = '/api/v1/blocklist-monitors';
  const { key } = await makeSubaccount(world, 'blocklists');
  assert.deepEqual(await listed(path), []);
  dns.zone['10.2.0.192.one.bl.test'] = { A: ['127.0.0.2'], TXT: ['seen spamming'] };
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const scope = world.program.access.operatorScope(account);
  const tenants = { db: world.database.db, clock: world.clock };
  for (const [address, node] of [
    ['192.0.2.10', 'one'],
    ['192.0.2.10', 'two'],
    ['192.0.2.11', 'one'],
  ] as const)
    await addAddress(tenants, scope, { address, ehloName: 'mx.sender.test', node });
  const found = await world.until(
    () => listed(path),
    ([first]) => first?.['active_listing_count'] === 1,
  );
  assert.deepEqual(
    found.map(({ resource, active_listing_count, total_listing_count }) => [
      resource,
      active_listing_count,
      total_listing_count,
    ]),
    [
      ['192.0.2.10', 1, 1],
      ['192.0.2.11', 0, 0],
    ],
    'once for both nodes',
  );
  assert.match(String(found[0]?.['last_listed_at']), /^\d{4}-\d\d-\d\dT/);
  assert.equal(found[1]?.['last_listed_at'], null);
  assert.equal((await ask(world, 'GET', path, { key })).status, 403);
});
