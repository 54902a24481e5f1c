import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { readConfig } from '../../src/base/config.ts';
import { runCommand } from '../../src/cli/index.ts';
import { createAccount } from '../../src/features/accounts/index.ts';
import { databaseUrl, startWorld, testKey } from '../world.ts';
import type { Settled, World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Switches = {
  readonly responseSummary: boolean;
  readonly ownHtml: boolean;
  readonly blankTemplate: boolean;
};
type Subaccount = {
  readonly id: number;
  readonly trial: boolean;
  readonly switches: Switches;
  readonly key: { readonly secret: string };
};

const make = (name: string, more: Record<string, unknown> = {}): Promise<Subaccount> =>
  world.ok('POST', '/subaccounts', { body: { name, key: { name }, ...more } });

test('an account on trial makes subaccounts on trial whatever is asked, until the operator ends it', async () => {
  const before = await make('before');
  assert.equal(before.trial, false);
  const { id } = await world.ok<{ id: number; trial: boolean }>('PATCH', '/account', {
    body: { trial: true },
  });
  const asked = await make('asked', { trial: false });
  assert.deepEqual([asked.trial, (await make('not asked')).trial], [true, true]);
  const bundle = await world.api('POST', `/subaccounts/${before.id}/export`, { body: {} });
  assert.equal(bundle.status, 200);
  const landed = await world.ok<{ id: number }>('POST', '/subaccounts/import', {
    body: { bundle: String(bundle.body) },
  });
  const moved = await world.ok<Subaccount>('GET', `/subaccounts/${landed.id}`);
  assert.equal(moved.trial, true, 'one that moves in is no way round it');
  const freed = await world.api('PATCH', `/subaccounts/${asked.id}`, { body: { trial: false } });
  assert.equal(freed.status, 409);
  assert.equal((await world.api('PATCH', '/account', { body: { trial: false } })).status, 409);
  const config = readConfig({ DATABASE_URL: databaseUrl(world.database), LETTERSHOP_DATA_DIR: tmpdir() });
  assert.equal(await runCommand(['accounts', 'trial', String(id), 'off'], config), 0);
  assert.equal((await world.ok<{ trial: boolean }>('GET', '/account')).trial, false);
  assert.equal((await make('after')).trial, false);
  const ended = await world.ok<Subaccount>('PATCH', `/subaccounts/${asked.id}`, { body: { trial: false } });
  assert.equal(ended.trial, false);
});

test('only the operator gives an account more turns; it may ask for fewer', async () => {
  const { id, turnWeight } = await world.ok<{ id: number; turnWeight: number }>('GET', '/account');
  assert.equal(turnWeight, 1);
  const set = (weight: number): Promise<number> =>
    world.api('PATCH', '/account', { body: { turnWeight: weight } }).then(({ status }) => status);
  assert.equal(await set(2), 409);
  const config = readConfig({ DATABASE_URL: databaseUrl(world.database), LETTERSHOP_DATA_DIR: tmpdir() });
  for (const words of [['0'], ['101'], ['many'], []])
    assert.equal(await runCommand(['accounts', 'turns', String(id), ...words], config), 1);
  assert.equal(await runCommand(['accounts', 'turns', String(id), '4'], config), 0);
  const heard = (): Promise<number> => Promise.resolve(world.program.delivery.standing.weightOf(id));
  await world.until(heard, (weight) => weight === 4);
  assert.deepEqual([await set(5), await set(3), await set(4)], [409, 200, 409]);
  await world.until(heard, (weight) => weight === 3);
});

test('what the account switches off in the editor its subaccount does not do, and the account still does', async () => {
  const free = await make('free');
  assert.deepEqual(free.switches, { responseSummary: false, ownHtml: true, blankTemplate: true });
  const { id, key } = await make('bound', { switches: { ownHtml: false, responseSummary: true } });
  const { secret } = key;
  const write = (body: Record<string, unknown>, by = secret): Promise<number> =>
    world.api('POST', '/templates', { body, secret: by }).then(({ status }) => status);
  assert.equal(await write({ name: 'With HTML', html: '<p>Hi.</p>' }), 409);
  assert.equal(
    await write({ name: 'With HTML', html: '<p>Hi.</p>' }, free.key.secret),
    201,
    'others are not bound',
  );
  assert.equal(
    (await world.api('POST', '/snippets', { body: { name: 'S', html: '<p>Hi.</p>' }, secret })).status,
    409,
  );
  const made = await world.ok<{ id: string }>('POST', '/templates', {
    body: { name: 'Plain', text: 'Hi.' },
    secret,
  });
  const changed = await world.api('PATCH', `/templates/${made.id}`, { body: { html: '<p>Hi.</p>' }, secret });
  assert.equal(changed.status, 409);
  const { status } = await world.api('PATCH', `/subaccounts/${id}`, {
    body: { switches: { ownHtml: true } },
    secret,
  });
  assert.ok(status === 403, 'it lifts nothing itself');

  await world.ok('PATCH', `/subaccounts/${id}`, { body: { switches: { blankTemplate: false } } });
  assert.equal(await write({ name: 'Blank', text: 'Hi.' }), 409);
  const shared = await world.ok<{ id: string }>('POST', '/templates', {
    body: { name: 'House', html: '<p>{{ name }}</p>', share: 'use' },
  });
  await world.ok('POST', `/templates/${shared.id}/publish`, { body: {} });
  const copy = await world.ok<{ id: string }>('POST', `/templates/${shared.id}/copy`, { body: {}, secret });
  await world.ok('PATCH', `/templates/${copy.id}`, { body: { subject: 'Ours', text: 'Hi.' }, secret });
  const given = await world.ok<{ subaccountId: number }>('POST', `/templates/${shared.id}/copy`, {
    body: { slug: 'given', subaccount: String(id) },
  });
  assert.equal(given.subaccountId, id);
  const now = await world.ok<Subaccount>('GET', `/subaccounts/${id}`, { secret });
  assert.deepEqual(now.switches, { responseSummary: true, ownHtml: false, blankTemplate: false });
});

test('a new subaccount has the switches of the account’s own one', async () => {
  const { ownSubaccountId } = await world.ok<{ ownSubaccountId: number }>('GET', '/account');
  await world.ok('PATCH', `/subaccounts/${ownSubaccountId}`, { body: { switches: { ownHtml: false } } });
  const { switches } = await make('like the account', { switches: { blankTemplate: false } });
  assert.deepEqual(switches, { responseSummary: false, ownHtml: false, blankTemplate: false });
  await world.ok('PATCH', `/subaccounts/${ownSubaccountId}`, { body: { switches: { ownHtml: true } } });
});

test('a key narrowed to named templates knows, writes and sends with these only, and hands out no more', async () => {
  const { id, key } = await make('narrowed');
  const { secret } = key;
  const template = (name: string): Promise<{ id: string; slug: string }> =>
    world.ok('POST', '/templates', { body: { name, subject: name, text: 'Hi.' }, secret });
  const [one, two] = [await template('One'), await template('Two')];
  for (const each of [one, two])
    await world.ok('POST', `/templates/${each.id}/publish`, { body: {}, secret });
  const wide = await world.ok<{ id: string; templates: unknown }>('POST', '/keys', {
    body: { name: 'wide' },
    secret,
  });
  assert.equal(wide.templates, null);
  const made = await world.ok<{ id: string; secret: string; templates: string[] }>('POST', '/keys', {
    body: { name: 'one template', templates: [one.id] },
    secret,
  });
  assert.deepEqual(made.templates, [one.id]);
  const narrow = { secret: made.secret };
  const listed = await world.ok<{ items: { id: string }[] }>('GET', '/templates', narrow);
  assert.deepEqual(
    listed.items.map((item) => item.id),
    [one.id],
  );
  const statusOf = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await world.api(method, path, { ...narrow, ...(body === undefined ? {} : { body }) })).status;
  assert.deepEqual(
    [
      await statusOf('GET', `/templates/${one.id}`),
      await statusOf('GET', `/templates/${two.id}`),
      await statusOf('PATCH', `/templates/${two.id}`, { text: 'Mine.' }),
      await statusOf('POST', `/templates/${two.id}/preview`, { data: {} }),
      await statusOf('POST', '/templates', { name: 'Three', text: 'Hi.' }),
      await statusOf('POST', `/templates/${one.id}/copy`, { slug: 'four' }),
    ],
    [200, 404, 404, 404, 403, 403],
  );
  const mail = (slug: string): unknown => ({
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'you@inbox.test' }],
    template: { slug },
  });
  await world.ok('PATCH', `/domains/${await lettershopDomain()}`, { body: { share: 'use' } });
  assert.deepEqual(
    [
      await statusOf('POST', '/messages', mail(one.slug)),
      await statusOf('POST', '/messages', mail(two.slug)),
    ],
    [202, 404],
  );
  for (const body of [{ name: 'x' }, { name: 'x', templates: [one.id] }, { name: 'x', templates: [] }])
    assert.equal(await statusOf('POST', '/keys', body), 201, 'what is left out is its own bound');
  for (const body of [
    { name: 'x', templates: [two.id] },
    { name: 'x', templates: [one.id, two.id] },
  ])
    assert.equal(await statusOf('POST', '/keys', body), 400);
  assert.equal(await statusOf('PATCH', `/keys/${wide.id}`, { templates: [two.id] }), 400);
  assert.equal(await statusOf('PATCH', `/keys/${made.id}`, { templates: [one.id, two.id] }), 400);
  const rotated = await world.ok<{ templates: string[] }>('POST', `/keys/${made.id}/rotate`, {
    body: {},
    secret,
  });
  assert.deepEqual(rotated.templates, [one.id]);
  const bundle = await world.api('POST', `/subaccounts/${id}/export`, { body: {} });
  assert.match(String(bundle.body), /"name":"wide"/);
  assert.doesNotMatch(String(bundle.body), /"name":"one template"/, 'elsewhere its templates have other ids');
  const widened = await world.ok<{ templates: unknown }>('PATCH', `/keys/${made.id}`, {
    body: { templates: null },
    secret,
  });
  assert.equal(widened.templates, null);
});

async function lettershopDomain(): Promise<string> {
  const { items } = await world.ok<{ items: { id: string; name: string }[] }>('GET', '/domains');
  return items.find(({ name }) => name === 'lettershop.test')?.id ?? '';
}

test('mail over SMTP for a subaccount that is not there is refused at the login, unless the account asks to see it rejected', async () => {
  const other = await make('there', { externalId: 'there' });
  await world.ok('PATCH', `/domains/${await lettershopDomain()}`, { body: { share: 'use' } });
  const gone = await make('gone', { externalId: 'gone' });
  await world.ok('DELETE', `/subaccounts/${gone.id}`);
  const stranger = await createAccount(world.database.db, 'Stranger', new Date());
  const foreign = String(stranger.ownSubaccountId);
  const named = ['external:nobody', 'external:gone', foreign, 'no reference'];
  for (const name of named) await assert.rejects(mailAs(`lettershop:${name}`), /Invalid login|550/);
  await world.ok('PATCH', '/account', { body: { unknownSubaccountMail: 'rejected' } });
  // A key that nobody remembers from before.
  const { secret } = await world.ok<{ secret: string }>('POST', '/keys', { body: { name: 'fresh' } });
  for (const name of named) assert.match(await mailAs(`lettershop:${name}`, secret), /^250 2\.0\.0 /);
  assert.match(await mailAs('SMTP_Injection:X-MSYS-SUBACCOUNT=external:nobody', secret), /^250 /);
  assert.match(await mailAs('lettershop:external:there', secret), /^250 /);
  const { items } = await world.ok<Page<{ id: string; state: string; subaccountId: number }>>(
    'GET',
    '/messages?state=rejected',
  );
  const { ownSubaccountId } = await world.ok<{ ownSubaccountId: number }>('GET', '/account');
  assert.equal(items.length, 5);
  assert.deepEqual([...new Set(items.map(({ subaccountId }) => subaccountId))], [ownSubaccountId]);
  const { timeline, attempts } = await world.ok<Settled>('GET', `/messages/${items[0]?.id}`);
  assert.deepEqual(
    timeline.map(({ kind, data }) => [kind, data]),
    [
      ['message.accepted', { recipient: 'you@inbox.test' }],
      [
        'message.rejected',
        { recipient: 'you@inbox.test', reason: 'unknown-subaccount', named: 'external:nobody' },
      ],
    ],
  );
  assert.equal(attempts, 0);
  const told = async (secret?: string): Promise<number> => {
    const given = secret === undefined ? {} : { secret };
    return (await world.ok<Page<unknown>>('GET', '/events?kind=message.rejected', given)).items.length;
  };
  assert.deepEqual([await told(), await told(other.key.secret)], [5, 0]);
  // What may leave has left; the rejected ones are nowhere.
  await world.until(
    () => world.ok<Page<unknown>>('GET', '/captures', { secret: other.key.secret }),
    (page) => page.items.length === 1,
  );
  const waiting = await sql<{ n: number }>`select count(*)::int as n from queue`.execute(
    world.database.db.engine,
  );
  assert.equal(waiting.rows[0]?.n, 0);
  const own = await mailAs('lettershop:external:nobody', other.key.secret);
  assert.match(own, /^250 /, 'a subaccount key is itself, whatever it names');
  assert.equal(await told(), 5);
});

type Page<T> = { readonly items: readonly T[] };

async function mailAs(user: string, pass: string = testKey.secret): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port: world.smtpPort, auth: { user, pass } });
  try {
    const { response } = await transport.sendMail({
      from: 'a@lettershop.test',
      to: 'you@inbox.test',
      subject: 'Hello',
      text: 'Hi.',
    });
    return response;
  } finally {
    transport.close();
  }
}
