import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { purgeWhatIsDue } from '../../src/features/erasure/index.ts';
import { tenantTables } from '../../src/features/erasure/sql.ts';
import { startWorld } from '../world.ts';

test('thirty days after a retirement no row of the subaccount is left but its number and its usage', async () => {
  await using world = await startWorld();
  const { engine } = world.database.db;
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'Leaving Ltd', externalId: 'leaving', key: { name: 'k' } },
  });
  const secret = made.key.secret;
  const neighbour = await world.send('stays@inbox.test');
  const sent = await world.send(['you@inbox.test', 'hard@inbox.test'], {}, secret);
  await world.settled(sent[0] ?? '', ['delivered']);
  await world.settled(sent[1] ?? '', ['bounced']);
  const { id: domainId } = await world.ok<{ id: string }>('POST', '/domains', {
    body: { name: 'leaving.example.com' },
    secret,
  });
  const tracking = await world.ok<{ id: string }>('POST', '/tracking-domains', {
    body: { name: 'click.leaving.example.com' },
    secret,
  });
  await world.ok('PUT', `/domains/${domainId}/tracking`, { body: { trackingDomainId: tracking.id }, secret });
  await world.ok('POST', '/senders', { body: { email: 'ada@leaving.example.org' }, secret });
  await world.ok('PUT', '/sender-letter', { body: { subject: 's', body: 'b' }, secret });
  await world.api('POST', '/messages', {
    secret,
    headers: { 'idempotency-key': 'once' },
    body: { from: { email: 'a@lettershop.test' }, to: [{ email: 'x@inbox.test' }], subject: 's', text: 't' },
  });
  const count = async (): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    for (const { name } of await tenantTables(engine)) {
      const rows = await sql<{ n: number }>`
        select count(*)::int as n from ${sql.id(name)} where subaccount_id = ${made.id}`.execute(engine);
      if ((rows.rows[0]?.n ?? 0) > 0) found[name] = rows.rows[0]?.n ?? 0;
    }
    return found;
  };
  // All its mail has come to its end, the confirmation of its sender included, which is ours.
  const before = await world.until(
    count,
    (found) => found['captures'] === 3 && found['queue'] === undefined && found['outbox'] === undefined,
  );
  for (const name of [
    'messages',
    'submissions',
    'events',
    'keys',
    'domains',
    'domain_keys',
    'tracking_domains',
    'tracking_links',
    'senders',
    'sender_letters',
    'asked_mails',
    'suppressions',
    'captures',
    'idempotency_keys',
    'quotas',
    'audit_entries',
  ])
    assert.ok((before[name] ?? 0) > 0, `something in ${name}: ${JSON.stringify(before)}`);
  await world.ok('POST', `/subaccounts/${made.id}/retire`, { body: {} });
  assert.equal(await purgeWhatIsDue(world.database.db, world.clock), 0, 'not before its time');
  await world.move(30 * 86_400_000 + 1000);
  await world.until(count, (left) => left['queue'] === undefined);
  assert.ok((await purgeWhatIsDue(world.database.db, world.clock)) <= 1);
  await world.until(count, (left) => Object.keys(left).length === 0);
  // Its numbers have left those of its account, too.
  const from = new Date(world.clock.now() - 40 * 86_400_000).toISOString();
  const figures = async (more: string): Promise<unknown> =>
    (await world.ok<{ total: unknown }>('GET', `/figures?from=${from}${more}`)).total;
  const { items } = await world.ok<{ items: { id: number }[] }>('GET', '/subaccounts');
  const whole = await figures('');
  assert.deepEqual(whole, await figures(items.map(({ id }) => `&subaccount=${id}`).join('')));
  assert.equal((whole as { accepted: number }).accepted, 1, "the neighbour's");
  const month = new Date().toISOString().slice(0, 7);
  assert.match(
    await world.ok<string>('GET', `/usage/statement?month=${month}`),
    new RegExp(`^${made.id},,purged,`, 'm'),
  );
  assert.equal((await world.settled(neighbour[0] ?? '', ['delivered'])).state, 'delivered');
  assert.equal((await world.api('GET', `/subaccounts/${made.id}`)).status, 404);
});
