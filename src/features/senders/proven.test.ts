import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { HotConnection } from '../../base/database/hot-connection.ts';
import { silentLog } from '../../base/log.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { ProvenSenders } from './proven.ts';

let database: TestDatabase;
let connection: HotConnection;
before(async () => {
  database = await openTestDatabase();
  connection = new HotConnection(database.target, 'test', silentLog);
});
after(async () => {
  await connection[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

async function makeAccount(clients: number): Promise<{ id: AccountId; clients: readonly SubaccountId[] }> {
  const rows = await sql<{ id: AccountId; clients: SubaccountId[] }>`
    with a as (insert into accounts (name) values ('account') returning id),
      c as (insert into subaccounts (account_id, name) select id, 'client ' || n from a, generate_series(1, ${clients}::int) n returning id)
    select a.id, (select array_agg(id order by id) from c) as clients from a`.execute(database.db.engine);
  return present(rows.rows[0]);
}

/** Named after who has it. */
async function prove(accountId: AccountId, ids: readonly SubaccountId[], address: string): Promise<void> {
  await sql`insert into senders (account_id, subaccount_id, email, address, name, state, token_hash, expires_at, sent_at, created_at, proven_at)
    select ${accountId}, id, ${address}, ${address}, id, 'proven', sha256((${address} || id)::bytea), now(), now(), now(), now()
    from unnest(${ids}::int[]) id`.execute(database.db.engine);
}

for (const count of [3, 12]) {
  test(`of ${count} subaccounts that have proven one address each finds its own sender, and no other subaccount or account finds any`, async () => {
    const [ours, theirs] = [await makeAccount(count + 1), await makeAccount(1)];
    const address = `office@${count}.example`;
    await prove(ours.id, ours.clients.slice(0, count), address);
    const senders = new ProvenSenders(connection, systemClock, 'lettershop.test');
    for (const id of ours.clients.slice(0, count)) {
      const found = await senders.find(ours.id, id, address.toUpperCase());
      assert.equal(found?.name, String(id));
    }
    assert.equal(await senders.find(ours.id, present(ours.clients[count]), address), null);
    assert.equal(await senders.find(theirs.id, present(theirs.clients[0]), address), null);
  });
}
