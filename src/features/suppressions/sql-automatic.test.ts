import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { present } from '../../base/assert.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { openTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { putAutomatic } from './sql-automatic.ts';
import type { Added, Automatic } from './sql-automatic.ts';
import { putSoftBounce } from './sql-soft.ts';
import { dropOldExpired, takeExpired } from './sql-work.ts';

let database: TestDatabase;
let account: { id: AccountId; own: SubaccountId; child: SubaccountId };
before(async () => {
  database = await openTestDatabase();
  const rows = await sql<{ id: number; own: number; child: number }>`
    with a as (insert into accounts (name, soft_bounce_count, soft_bounce_span_hours) values ('acme', 2, 0) returning id),
      o as (insert into subaccounts (account_id, is_own, name) select id, true, 'acme' from a returning id),
      c as (insert into subaccounts (account_id, name) select id, 'child' from a returning id)
    select a.id, o.id as own, c.id as child from a, o, c`.execute(database.db.engine);
  account = present(rows.rows[0]) as typeof account;
});
after(() => database[Symbol.asyncDispose]());

const hour = 3_600_000;
const start = Date.parse('2030-01-01T00:00:00Z');
const at = (hours: number): Date => new Date(start + hours * hour);
const hoursOf = (end: Date | null | undefined): number | null | undefined =>
  end === null || end === undefined ? end : (end.getTime() - start) / hour;

function said(subaccountId: SubaccountId, column: string, value: number | string): Promise<unknown> {
  const name = sql.ref(column);
  return sql`insert into suppression_settings (account_id, subaccount_id, ${name}, updated_at)
    values (${account.id}, ${subaccountId}, ${value}, now())
    on conflict (subaccount_id) do update set ${name} = excluded.${name}`.execute(database.db.engine);
}

function happens(address: string, hours: number, more: Partial<Automatic> = {}): Promise<readonly Added[]> {
  const entry: Automatic = {
    accountId: account.id,
    subaccountId: account.child,
    address,
    kind: 'hard_bounce',
    source: 'report',
    messageId: null,
    submissionId: null,
    stopsTransactional: true,
    reason: '',
    sender: '',
    senderKey: '',
    list: '',
    ...more,
  };
  return database.db.asEngine((tx) => putAutomatic(tx, [entry], at(hours)));
}

async function ends(address: string): Promise<unknown> {
  const rows = await sql<{ expires_at: Date | null; renewals: number; is_over: boolean }>`
    select expires_at, renewals, is_over from suppressions where address = ${address}`.execute(
    database.db.engine,
  );
  const [row] = rows.rows;
  return [hoursOf(row?.expires_at), row?.renewals, row?.is_over];
}

test('nobody said anything: what comes by itself stays, and the same again tells nothing', async () => {
  assert.deepEqual(
    (await happens('stays@x.test', 0)).map(({ expiresAt }) => expiresAt),
    [null],
  );
  assert.deepEqual(await happens('stays@x.test', 5), []);
});

test('an entry stands from its last event; the first event after its end doubles the time, up to a year', async () => {
  await said(account.own, 'hard_bounce_hours', 168);
  const told = async (hours: number): Promise<unknown> =>
    (await happens('again@x.test', hours)).map(({ expiresAt }) => hoursOf(expiresAt));
  assert.deepEqual(await told(0), [168]);
  assert.deepEqual(await told(0), [], 'the same event twice is once');
  assert.deepEqual(await told(100), [268], 'within the time it counts anew from there');
  assert.deepEqual(await told(90), [], 'one that is told late changes nothing');
  assert.deepEqual(await told(268), [268 + 336], 'at the very end it has ended');
  assert.deepEqual(await told(300), [300 + 336]);
  assert.deepEqual(await ends('again@x.test'), [636, 1, false]);
  for (let times = 2, now = 636; times < 20; times++) {
    const period = Math.min(8760, 168 * 2 ** times);
    assert.deepEqual(await told(now), [now + period], `time ${times}`);
    now += period;
  }
  assert.deepEqual(((await ends('again@x.test')) as number[])[1], 14, 'what is counted has an end');
});

test('a subaccount says otherwise for itself; what was put to stay is not shortened', async () => {
  await happens('kept@x.test', 0, { kind: 'complaint' });
  await said(account.own, 'complaint_hours', 24);
  await said(account.child, 'hard_bounce_hours', 0);
  assert.deepEqual(
    (await happens('own-word@x.test', 0)).map(({ expiresAt }) => expiresAt),
    [null],
  );
  assert.deepEqual(
    (await happens('own-word@x.test', 0, { kind: 'complaint' })).map(({ expiresAt }) => hoursOf(expiresAt)),
    [24],
  );
  assert.deepEqual(await happens('kept@x.test', 1, { kind: 'complaint' }), []);
  assert.deepEqual(await ends('kept@x.test'), [null, 0, false]);
});

test('an unsubscribe stops its own sender where that is said, and everybody where nobody knows who it was', async () => {
  const leave = (senderKey: string): Promise<readonly Added[]> =>
    happens('left@x.test', 0, { kind: 'unsubscribe', sender: senderKey, senderKey });
  const whose = async (senderKey: string): Promise<unknown> =>
    (await leave(senderKey)).map(({ onlySender }) => onlySender);
  await said(account.child, 'unsubscribe_holds_for', 'one_sender');
  assert.deepEqual(
    [await whose('a@s.test'), await whose('b@s.test'), await whose('a@s.test')],
    [['a@s.test'], ['b@s.test'], []],
  );
  assert.deepEqual(await whose(''), ['']);
  const complaint = await happens('left@x.test', 0, { kind: 'complaint', senderKey: 'a@s.test' });
  assert.deepEqual(
    complaint.map(({ onlySender }) => onlySender),
    [''],
  );
});

test('two of one address in one batch are one entry, which stops what either stops', async () => {
  const entry = { subaccountId: account.child, kind: 'unsubscribe', senderKey: 'a@s.test' } as const;
  const of = (stopsTransactional: boolean): Automatic => ({
    ...entry,
    accountId: account.id,
    address: 'both@x.test',
    source: 'link',
    messageId: null,
    submissionId: null,
    stopsTransactional,
    reason: '',
    sender: '',
    list: '',
  });
  const added = await database.db.asEngine((tx) => putAutomatic(tx, [of(false), of(true)], at(0)));
  assert.equal(added.length, 1);
  const { rows } = await sql<{ stops_transactional: boolean }>`
    select stops_transactional from suppressions where address = 'both@x.test'`.execute(database.db.engine);
  assert.deepEqual(rows, [{ stops_transactional: true }]);
});

test('soft bounces are held as the account says unless the subaccount says otherwise, and longer when they come again', async () => {
  let messageId = 1;
  const soft = async (hours: number): Promise<unknown> =>
    hoursOf(
      await database.db.asEngine((tx) =>
        putSoftBounce(tx, {
          subaccountId: account.child,
          address: 'soft@x.test',
          messageId: String(messageId++),
          at: at(hours),
        }),
      ),
    );
  assert.deepEqual([await soft(0), await soft(1)], [null, 73]);
  assert.deepEqual([await soft(2), await soft(200)], [74, 200 + 144]);
  await said(account.child, 'soft_bounce_hours', 24);
  assert.equal(await soft(400), 400 + 96);
});

test('who is renewed while it expires is told as expired or as renewed, and stands in both orders', async () => {
  await said(account.child, 'hard_bounce_hours', 10);
  for (const address of ['race1@x.test', 'race2@x.test']) await happens(address, 1000);
  const expired = async (hours: number): Promise<readonly unknown[]> =>
    (await database.db.asEngine((tx) => takeExpired(tx, at(hours), 100)))
      .map(({ address }) => address)
      .filter((address) => address?.startsWith('race'));
  // Renewed by a transaction that is still open: the sweep passes it over.
  await database.db.asEngine(async (tx) => {
    const entry = { address: 'race1@x.test', kind: 'hard_bounce', source: 'report' } as const;
    const rest = {
      messageId: null,
      submissionId: null,
      stopsTransactional: true,
      reason: '',
      sender: '',
      senderKey: '',
    };
    const whole = { ...entry, ...rest, accountId: account.id, subaccountId: account.child, list: '' };
    await putAutomatic(tx, [whole], at(1011));
    assert.deepEqual(await expired(1011), ['race2@x.test']);
  });
  assert.deepEqual(await ends('race1@x.test'), [1031, 1, false]);
  assert.deepEqual(await expired(1012), [], 'each is told once');
  await happens('race2@x.test', 1013);
  assert.deepEqual(await ends('race2@x.test'), [1033, 1, false]);
  assert.deepEqual(await expired(1040), ['race1@x.test', 'race2@x.test']);
  await database.db.asEngine((tx) => dropOldExpired(tx, at(1032), 100));
  assert.deepEqual(
    [await ends('race1@x.test'), await ends('race2@x.test')],
    [
      [undefined, undefined, undefined],
      [1033, 1, true],
    ],
  );
});

test('a pattern leaves its list when it ends, as all of a list are tried at each look-up', async () => {
  await sql`insert into suppressions (account_id, subaccount_id, layer, address, kind, source, created_at, expires_at)
    values (${account.id}, ${account.child}, 'subaccount', '*@gone.test', 'pattern', 'api', now(), ${at(0)})`.execute(
    database.db.engine,
  );
  const ended = await database.db.asEngine((tx) => takeExpired(tx, at(1), 100));
  assert.ok(ended.some(({ address }) => address === '*@gone.test'));
  assert.deepEqual(await ends('*@gone.test'), [undefined, undefined, undefined]);
});
