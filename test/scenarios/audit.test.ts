import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { allAccounts, createAccount, stopAccount } from '../../src/features/accounts/index.ts';
import { endOldEntries } from '../../src/features/audit/index.ts';
import { create as createKey } from '../../src/features/keys/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Entry = {
  readonly id: string;
  readonly at: string;
  readonly subaccountId: number;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly requestId: string | null;
  readonly action: string;
  readonly subject: string;
  readonly subjectId: string;
  readonly changes: Readonly<Record<string, unknown>>;
};
type Page = { readonly items: readonly Entry[]; readonly next: string | null };
type Made = { readonly id: number; readonly key: { readonly secret: string; readonly publicId: string } };

async function entries(query: string): Promise<readonly Entry[]> {
  return (await world.ok<Page>('GET', `/audit?${query}`)).items;
}

test('a change is told with who made it, by which request, and each field before and after', async () => {
  const { id } = await world.ok<Made>('POST', '/subaccounts', { body: { name: 'Old name' } });
  const changed = await world.api('PATCH', `/subaccounts/${id}`, { body: { name: 'New name' } });
  const [entry] = await entries(`subject=subaccount&subjectId=${id}&action=changed`);
  assert.ok(entry !== undefined);
  assert.deepEqual(entry.changes, { name: ['Old name', 'New name'] });
  assert.equal(entry.requestId, changed.headers.get('lettershop-request-id'));
  assert.equal(entry.subaccountId, id);
  const keys = await world.ok<{ items: { id: string; publicId: string }[] }>('GET', '/keys');
  const mine = keys.items.find(({ publicId }) => publicId === 'lk_test');
  assert.deepEqual(entry.actor, { kind: 'key', id: mine?.id });
  assert.deepEqual(await world.ok<Entry>('GET', `/audit/${entry.id}`), entry);
  assert.deepEqual(await entries(`requestId=${entry.requestId}`), [entry]);
});

test('making and deleting tell the values, in the words of the API, and never a secret', async () => {
  const made = await world.ok<{ id: string; secret: string; publicId: string }>('POST', '/keys', {
    body: { name: 'Short-lived', grants: ['messages:send'] },
  });
  await world.ok('POST', `/keys/${made.id}/rotate`, { body: {} });
  await world.ok('DELETE', `/keys/${made.id}`);
  const told = await entries(`subject=key&subjectId=${made.id}`);
  const actions = told.map(({ action }) => action);
  assert.deepEqual([actions[0], actions.at(-1)], ['deleted', 'created'], 'newest first');
  const created = told.at(-1)?.changes ?? {};
  assert.equal(created['publicId'], made.publicId);
  assert.deepEqual(created['grants'], ['messages:send']);
  assert.equal(created['secretHash'], '(secret)');
  assert.ok(!JSON.stringify(told).includes(made.secret));
});

test('a long text is cut, and the entry says so', async () => {
  const { id } = await world.ok<Made>('POST', '/subaccounts', { body: { name: 'Noted' } });
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { notes: 'n'.repeat(5000) } });
  const [entry] = await entries(`subjectId=${id}&action=changed`);
  assert.deepEqual(entry?.changes['notes'], ['', `${'n'.repeat(200)}...`]);
});

test('what a subaccount does is in its account’s log under its number, and the subaccount reads no log', async () => {
  const made = await world.ok<Made>('POST', '/subaccounts', { body: { name: 'Doer', key: { name: 'k' } } });
  const { secret } = made.key;
  await world.ok('POST', '/domains', { secret, body: { name: 'doer.example.com' } });
  const done = await entries(`subaccount=${made.id}&subject=domain`);
  assert.deepEqual(
    done.map(({ action, changes }) => [action, changes['name']]),
    [['created', 'doer.example.com']],
  );
  assert.equal((await world.api('GET', '/audit', { secret })).status, 403);
  const headers = { 'lettershop-subaccount': String(made.id) };
  assert.equal((await world.api('GET', '/audit', { headers })).status, 403);
});

test('filters narrow, pages go on where they ended', async () => {
  for (const name of ['one', 'two', 'three']) await world.ok('POST', '/pools', { body: { name } });
  const first = await world.ok<Page>('GET', '/audit?subject=pool&action=created&limit=2');
  const rest = await world.ok<Page>('GET', `/audit?subject=pool&action=created&limit=2&cursor=${first.next}`);
  const names = [...first.items, ...rest.items].map(({ changes }) => changes['name']);
  assert.deepEqual(names, ['three', 'two', 'one']);
  const [newest] = first.items;
  const before = encodeURIComponent(newest?.at ?? '');
  assert.ok((await entries(`subject=pool&before=${before}`)).every(({ id }) => id !== newest?.id));
  assert.ok((await entries(`subject=pool&after=${before}`)).some(({ id }) => id === newest?.id));
  assert.deepEqual(await entries('actorKind=user'), []);
  assert.equal((await world.api('GET', '/audit/1')).status, 404);
});

test('what the operator does at the machine is told as the system’s', async () => {
  const { db } = world.database;
  const { clock } = world;
  const account = await createAccount(db, 'By the operator', new Date(clock.now()));
  const scope = world.program.access.operatorScope(account);
  const bounds = { domainLimit: null, allowedAddresses: [], expiresAt: null };
  const request = {
    kind: 'api',
    name: 'Reader',
    reach: 'account',
    grants: ['audit:read'],
    ...bounds,
  } as const;
  const key = await createKey({ db, clock }, scope, request);
  await stopAccount({ db, clock }, account.id, 'suspended');
  const page = await world.ok<Page>('GET', '/audit', { secret: key.secret });
  const told = page.items.map(({ actor, action, subject }) => `${actor.kind} ${action} ${subject}`);
  assert.deepEqual(
    [...new Set(told)],
    [
      'system changed account',
      'system created key',
      'system created quota',
      'system created subaccount',
      'system created account',
    ],
  );
  const [stop] = page.items;
  assert.deepEqual(stop?.changes['operatorStop'], [null, 'suspended']);
  assert.equal((await allAccounts(db)).find(({ id }) => id === account.id)?.status, 'suspended');
});

test('a tenant can neither change nor delete an entry', async () => {
  const [account] = await allAccounts(world.database.db);
  assert.ok(account !== undefined);
  const scope = world.program.access.operatorScope(account);
  for (const statement of [
    sql`update audit_entries set actor_id = '1'`,
    sql`delete from audit_entries`,
    sql`delete from request_logs`,
  ]) {
    await assert.rejects(
      world.database.db.scoped(scope, (tx) => statement.execute(tx)),
      /permission denied/,
    );
  }
});

test('entries end after 400 days', async () => {
  const { db } = world.database;
  const count = async (): Promise<number> => (await entries('limit=500')).length;
  const all = await count();
  assert.ok(all > 5);
  await sql`update audit_entries set at = now() - interval '399 days' where subject = 'pools'`.execute(
    db.engine,
  );
  await endOldEntries(db, world.clock);
  assert.equal(await count(), all);
  await sql`update audit_entries set at = now() - interval '401 days' where subject = 'pools'`.execute(
    db.engine,
  );
  assert.equal(await endOldEntries(db, world.clock), all - (await count()));
  assert.deepEqual(await entries('subject=pool'), []);
});
