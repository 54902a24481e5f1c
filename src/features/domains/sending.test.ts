import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { silentLog } from '../../base/log.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { Keyring } from '../../base/seal.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { SendingDomains } from './sending.ts';

type Tenant = { readonly accountId: AccountId; readonly own: SubaccountId; readonly clients: SubaccountId[] };

let database: TestDatabase;
let connection: HotConnection;
let acme: Tenant;
let other: Tenant;

async function makeTenant(name: string, clients: number): Promise<Tenant> {
  const rows = await sql<{ account: AccountId; own: SubaccountId; clients: SubaccountId[] }>`
    with a as (insert into accounts (name) values (${name}) returning id),
      o as (insert into subaccounts (account_id, is_own, name) select id, true, 'own' from a returning id),
      c as (insert into subaccounts (account_id, name) select id, 'client ' || n from a, generate_series(1, ${clients}::int) n returning id)
    select a.id as account, o.id as own, (select array_agg(id order by id) from c) as clients from a, o`.execute(
    database.db.engine,
  );
  const { account, own, clients: made } = present(rows.rows[0]);
  return { accountId: account, own, clients: made };
}

async function hold(
  accountId: AccountId,
  subaccountIds: readonly SubaccountId[],
  name: string,
  share: 'none' | 'use' = 'none',
): Promise<void> {
  await sql`insert into domains (account_id, subaccount_id, name, owner_token, share, state, proven_at)
    select ${accountId}, id, ${name}, ${name} || id, ${share}, 'proven', now() from unnest(${subaccountIds}::int[]) id`.execute(
    database.db.engine,
  );
}

/** Fresh for each question: nothing is remembered from the one before. */
function asking(): SendingDomains {
  const ring = new Keyring([Buffer.alloc(32, 1)]);
  return new SendingDomains({ db: database.db.engine, connection, clock: systemClock, ring });
}

async function holderOf(
  { accountId }: Tenant,
  subaccountId: SubaccountId,
  fromDomain: string,
  domains = asking(),
): Promise<SubaccountId | null> {
  const found = await domains.find(accountId, subaccountId, fromDomain);
  if (found === null) return null;
  const rows = await sql<{
    subaccount_id: SubaccountId;
  }>`select subaccount_id from domains where id = ${found.id}`.execute(database.db.engine);
  return present(rows.rows[0]).subaccount_id;
}

before(async () => {
  database = await openTestDatabase();
  connection = new HotConnection(database.target, 'test', silentLog);
  acme = await makeTenant('acme', 14);
  other = await makeTenant('other', 1);
});
after(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

for (const [count, title] of [
  [3, 'a few'],
  [12, 'more than are remembered together'],
] as const) {
  test(`of ${title} who hold one name, each sends by its own domain, the others by none, and a shared one serves them all`, async () => {
    const name = `held-by-${count}.example`;
    const [holders, rest] = [acme.clients.slice(0, count), present(acme.clients[count])];
    await hold(acme.accountId, holders, name);
    const domains = asking();
    for (const id of holders) assert.equal(await holderOf(acme, id, `news.${name}`, domains), id);
    assert.equal(await holderOf(acme, rest, name, domains), null);
    assert.equal(await holderOf(acme, acme.own, name, domains), null);
    assert.equal(await domains.isProven(acme.accountId, name), true);
    await hold(acme.accountId, [acme.own], name, 'use');
    assert.equal(await holderOf(acme, rest, name), acme.own);
    for (const id of holders) assert.equal(await holderOf(acme, id, name), id);
  });
}

test('a domain that another account shares with its own subaccounts serves nobody else, and is known as proven', async () => {
  await hold(other.accountId, [other.own], 'theirs.example', 'use');
  const [client] = acme.clients;
  const domains = asking();
  assert.equal(await holderOf(other, present(other.clients[0]), 'theirs.example', domains), other.own);
  assert.equal(await holderOf(acme, present(client), 'theirs.example', domains), null);
  assert.equal(await domains.isProven(acme.accountId, 'theirs.example'), true);
  assert.equal(await domains.isProven(acme.accountId, 'nobodys.example'), false);
});

test('the most specific proven name counts, whoever has it, until its holder is no more', async () => {
  const [client] = other.clients;
  await hold(acme.accountId, [acme.own], 'parent.example', 'use');
  await hold(other.accountId, [present(client)], 'sub.parent.example');
  const [mine] = acme.clients;
  assert.equal(await holderOf(acme, present(mine), 'parent.example'), acme.own);
  assert.equal(await holderOf(acme, present(mine), 'a.sub.parent.example'), null);
  await sql`update subaccounts set stage = 'retired' where id = ${present(client)}`.execute(
    database.db.engine,
  );
  assert.equal(await holderOf(acme, present(mine), 'a.sub.parent.example'), acme.own);
});
