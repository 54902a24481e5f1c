import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { eraseWhatIsAsked } from '../../src/features/erasure/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { hastenErasure } from './erasing.ts';

let world: World;
before(async () => {
  world = await startWorld();
  await world.ok('PATCH', '/account', { body: { logRequests: true } });
});
after(() => world[Symbol.asyncDispose]());

type Client = { readonly id: number; readonly key: { readonly secret: string } };
const client = (name: string): Promise<Client> =>
  world.ok<Client>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });

type Erasure = {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
};

async function erased(address: string, secret?: string): Promise<Erasure> {
  const by = secret === undefined ? {} : { secret };
  const asked = await world.ok<Erasure>('POST', '/erasures', { body: { address }, ...by });
  return world.until(
    async () => {
      await hastenErasure(world, asked.id);
      return world.ok<Erasure>('GET', `/erasures/${asked.id}`, by);
    },
    ({ state }) => state === 'done',
  );
}

/** Every place of the whole database where a text stands, as `table.column: rows of subaccount`. */
async function places(text: string): Promise<readonly string[]> {
  const { engine, owner } = world.database.db;
  const columns = await sql<{ table: string; column: string; is_bytes: boolean; is_tenant: boolean }>`
    select c.relname as table, a.attname as column, a.atttypid = 'bytea'::regtype as is_bytes,
      exists (select from pg_attribute s where s.attrelid = c.oid and s.attname = 'subaccount_id') as is_tenant
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'lettershop'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by 1, 2`.execute(owner);
  assert.ok(columns.rows.length > 150);
  const found: string[] = [];
  for (const { table, column, is_bytes, is_tenant } of columns.rows) {
    if (table === 'schema_migrations') continue;
    const value = is_bytes ? sql`encode(${sql.id(column)}, 'escape')` : sql`${sql.id(column)}::text`;
    const whose = is_tenant ? sql`subaccount_id` : sql`0`;
    const rows = await sql<{ whose: number }>`
      select distinct ${whose} as whose from ${sql.id(table)} where lower(${value}) like ${`%${text}%`} order by 1`.execute(
      engine,
    );
    for (const row of rows.rows) found.push(`${table}.${column} of ${row.whose}`);
  }
  return found;
}

/** Leaves every trace there is: alone and among others, delivered, waiting, bounced, over SMTP, with a key, in logs. */
async function leaveTraces(secret: string, address: string): Promise<Record<string, string>> {
  const name = 'Ada Quillfeather';
  const from = { email: 'a@lettershop.test' };
  const send = async (body: Record<string, unknown>, headers = {}): Promise<string> => {
    const call = { body: { from, subject: 's', text: 't', ...body }, secret, headers };
    return (await world.ok<{ messages: { id: string }[] }>('POST', '/messages', call)).messages[0]?.id ?? '';
  };
  const later = await send({
    to: [{ email: address, name }],
    sendAt: new Date(world.clock.now() + 3_600_000).toISOString(),
  });
  const alone = await send({
    to: [{ email: address, name }],
    subject: `For ${name}`,
    text: `Dear ${name}`,
    metadata: { who: name },
  });
  const shared = await send(
    {
      to: [{ email: address, name }, { email: 'bob@inbox.test' }],
      cc: [{ email: 'c@inbox.test' }],
      text: `Ask ${address}`,
    },
    { 'idempotency-key': '"once"' },
  );
  const separate = await send({
    recipients: [
      { to: { email: address, name }, data: { name } },
      { to: { email: 'bob@inbox.test' }, data: { friend: address } },
    ],
    text: 'Dear {{ name }}',
  });
  const transport = createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'lettershop', pass: secret },
    tls: { rejectUnauthorized: false },
  });
  await transport.sendMail({ from: from.email, to: [address, 'bob@inbox.test'], subject: 's', text: 't' });
  transport.close();
  for (const id of [alone, shared, separate]) await world.settled(id, ['delivered', 'suppressed']);
  type Listed = { items: { address: string }[] };
  await world.until(
    () => world.ok<Listed>('GET', '/suppressions', { secret }),
    ({ items }) => items.some((item) => item.address === address),
  );
  await world.api('GET', `/messages?to=${encodeURIComponent(address)}`, { secret });
  return { alone, shared, separate, later };
}

test('an erased person is in no column of any table any more, others keep their mail, and nobody writes to them again', async () => {
  const [one, other] = [await client('one'), await client('other')];
  const address = 'complain+ada.q@inbox.test';
  const ids = await leaveTraces(one.key.secret, address);
  await leaveTraces(other.key.secret, address);
  const before = (await places('ada.q')).filter((place) => place.endsWith(` of ${one.id}`));
  for (const place of [
    'messages.recipient',
    'messages.data',
    'submissions.content',
    'events.data',
    'captures.recipient',
    'captures.content',
    'suppressions.address',
    'idempotency_keys.answer',
    'request_logs.request',
    'request_logs.path',
  ])
    assert.ok(before.includes(`${place} of ${one.id}`), `${place} before: ${before.join(', ')}`);
  const report = await erased(address, one.key.secret);
  const left = await places('ada.q');
  assert.deepEqual(
    left.filter((place) => place.endsWith(` of ${one.id}`)),
    [],
  );
  assert.ok(
    left.some((place) => place === `messages.recipient of ${other.id}`),
    'another subaccount keeps its own',
  );
  assert.deepEqual(
    (await places('quillfeather')).filter((place) => place.endsWith(` of ${one.id}`)),
    [],
  );
  assert.equal(JSON.stringify(report).includes('ada'), false);
  assert.equal(report.counts['messages'], 5);
  assert.equal(report.counts['cancelled'], 1);
  const cancelled = await world.settled(ids['later'] ?? '', ['cancelled']);
  assert.equal(cancelled.timeline.at(-1)?.kind, 'message.cancelled');
  const bob = await world.ok<{ items: { id: string; state: string }[] }>(
    'GET',
    '/messages?to=bob@inbox.test',
    one.key,
  );
  assert.equal(bob.items.length, 3);
  for (const { id, state } of bob.items) {
    assert.equal(state, 'delivered');
    const raw = await world.ok<string>('GET', `/messages/${id}/content`, one.key);
    assert.match(raw, /^From: a@lettershop\.test\r$/m);
    assert.equal(/ada/i.test(raw), false, raw);
  }
  const outcome = await world.ok<{ messages: { state: string; why?: { code: string } }[] }>(
    'POST',
    '/messages',
    {
      body: {
        from: { email: 'a@lettershop.test' },
        to: [{ email: address.toUpperCase() }],
        subject: 's',
        text: 't',
      },
      ...one.key,
    },
  );
  assert.deepEqual(
    outcome.messages.map(({ state, why }) => [state, why?.code]),
    [['suppressed', 'suppressed']],
  );
});

test('the account erases a person from all of its subaccounts, and a later subaccount does not write to them either', async () => {
  const [one, two] = [await client('first'), await client('second')];
  const address = 'eve@inbox.test';
  for (const { key } of [one, two])
    await world.settled((await world.send(address, {}, key.secret))[0] ?? '', ['delivered']);
  const report = await erased(address);
  assert.equal(report.counts['messages'], 2);
  assert.deepEqual(await places(address), []);
  const late = await client('third');
  const [id = ''] = await world.send(address, {}, late.key.secret);
  assert.equal((await world.settled(id, ['suppressed'])).state, 'suppressed');
  const foreign = await world.api('GET', `/erasures/${report.id}`, one.key);
  assert.equal(foreign.status, 404, "the account's erasure is not a subaccount's business");
});

test('held mail to an erased person is cancelled, and what is held for others leaves on resume', async () => {
  const { id, key } = await client('stopped');
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'paused' } });
  const held = await world.send(['mallory@inbox.test', 'bob@inbox.test'], {}, key.secret);
  for (const message of held) await world.settled(message, ['held']);
  const report = await erased('mallory@inbox.test', key.secret);
  assert.equal(report.counts['cancelled'], 1);
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'active' } });
  await world.settled(held[1] ?? '', ['delivered']);
  assert.equal((await world.settled(held[0] ?? '', ['cancelled'])).attempts, 0);
  const ring = world.program.store.ring;
  assert.equal(
    await eraseWhatIsAsked({ db: world.database.db, clock: world.clock, ring }),
    0,
    'nothing is left to do',
  );
});

test('an erased person is in no note of others and no trail of it, however long, and no room is made for more mail', async () => {
  const { id, key } = await client('with notes');
  const { secret } = key;
  const address = 'v@client.example';
  const post = (path: string, body: unknown) => world.ok<{ id: string }>('POST', path, { body, secret });
  const asked = async (): Promise<number> => {
    const made = await world.api('POST', '/senders', { body: { email: address }, secret });
    if (made.status === 201)
      await world.ok('DELETE', `/senders/${(made.body as { id: string }).id}`, { secret });
    return made.status;
  };
  assert.equal(await asked(), 201);
  await post('/suppressions', { entries: [{ address: 'second@inbox.test', reason: `as ${address}` }] });
  // As long as a reason may be, and longer with what takes the place of the address.
  const reason = `${address} `.repeat(Math.floor(500 / (address.length + 1)));
  await post('/suspensions', { kind: 'domain', value: 'slow.test', reason });
  const mine = async (): Promise<readonly string[]> =>
    (await places(address)).filter(
      (place) => place.endsWith(` of ${id}`) && !place.startsWith('request_logs'),
    );
  // Our own mail to the address is under way until it is captured.
  const before = await world.until(mine, (found) => found.includes(`captures.recipient of ${id}`));
  for (const place of [
    'asked_mails.recipient',
    'suppressions.reason',
    'suspensions.reason',
    'audit_entries.changes',
  ])
    assert.ok(before.includes(`${place} of ${id}`), `${place} before: ${before.join(', ')}`);
  await erased(address, secret);
  assert.deepEqual(await mine(), []);
  const answers: number[] = [];
  for (let n = 0; n < 5; n += 1) answers.push(await asked());
  assert.deepEqual(answers, [201, 201, 201, 201, 409], 'the mail before the erasure still counts');
});
