import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTransport } from 'nodemailer';
import PostalMime from 'postal-mime';
import { testKey } from '../world.ts';
import { openRelayGround } from './relay-ground.ts';
import type { RelayGround } from './relay-ground.ts';
import { ask, makeSubaccount, sdk } from './sparkpost-calls.ts';

let ground: RelayGround;
let world: RelayGround['world'];
let sink: RelayGround['sink'];
before(async () => {
  ground = await openRelayGround();
  ({ world, sink } = ground);
});
after(() => ground[Symbol.asyncDispose]());

type Login = { readonly user?: string; readonly pass?: string };
type Fields = Readonly<Record<string, unknown>>;

async function inject(
  mail: Fields,
  api?: unknown,
  { user = 'SMTP_Injection', pass = testKey.secret }: Login = {},
): Promise<void> {
  const port = world.smtpPort;
  const transport = createTransport({ host: '127.0.0.1', port, auth: { user, pass }, ignoreTLS: true });
  const header = typeof api === 'string' ? api : JSON.stringify(api);
  const headers = api === undefined ? {} : { 'X-MSYS-API': header };
  try {
    await transport.sendMail({ from: 'hi@lettershop.test', text: 'x', ...mail, headers });
  } finally {
    transport.close();
  }
}

const refusalOf = (sending: Promise<void>): Promise<string> =>
  sending.then(
    () => assert.fail('the mail was taken'),
    (error: unknown) => (error as { readonly response: string }).response,
  );

async function arrived(to: string): Promise<Buffer> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  return kept?.bytes ?? Buffer.alloc(0);
}

async function injections(recipient: string, key?: string): Promise<readonly Fields[]> {
  return world.until(
    async () => {
      const query = { events: 'injection', recipients: recipient };
      const answer: { readonly results: readonly Fields[] } = await sdk(world, key).events.searchMessage(
        query,
      );
      return answer.results;
    },
    (found) => found.length > 0,
  );
}

const hrefs = (mail: Buffer): readonly string[] =>
  [
    ...mail
      .toString('latin1')
      .replaceAll('=\r\n', '')
      .matchAll(/href=(?:3D)?"([^"]*)"/g),
  ].map((match) => match[1] ?? '');

const html = '<style>p { color: red }</style><body><p>Hi</p><a href="https://shop.example/">Shop</a></body>';

test('X-MSYS-API says campaign, metadata, tags, pool and tracking of a mail, and is taken off', async () => {
  await ask(world, 'POST', '/api/v1/ip-pools', { body: { name: 'Fast Lane' } });
  const api = {
    campaign_id: 'wire spring',
    metadata: { order: '77', name: 'Zoë' },
    tags: ['one', 'two'],
    options: {
      open_tracking: true,
      click_tracking: true,
      transactional: true,
      inline_css: true,
      ip_pool: 'FAST_LANE',
    },
    substitution_data: { ignored: 1 },
  };
  const escaped = JSON.stringify(api).replaceAll(/[^ -~]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  await inject({ to: 'full@inbox.test', subject: 'By wire', html }, escaped);
  const mail = await arrived('full@inbox.test');
  assert.doesNotMatch(mail.toString('latin1'), /x-msys-api|^list-unsubscribe/im);
  const { html: shown = '' } = await PostalMime.parse(mail);
  assert.match(shown, /<p style="color: ?red;?">/);
  assert.match(shown, /<img[^>]+track\.lettershop\.test/);
  assert.doesNotMatch(shown, /href="https:\/\/shop\.example/);
  const [injection] = await injections('full@inbox.test');
  assert.deepEqual(
    [injection?.['rcpt_meta'], injection?.['rcpt_tags'], injection?.['subject']],
    [{ order: '77', name: 'Zoë' }, ['one', 'two'], 'By wire'],
  );
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/submissions?campaign=wire%20spring');
  assert.deepEqual(
    items.map(({ id }) => id),
    [injection?.['transmission_id']],
  );
});

test('copies that X-MSYS-API names are messages of their own, an archive one with the same links', async () => {
  await inject(
    { to: 'main@inbox.test', subject: 'Copies', html },
    {
      cc: [{ email: 'cc@inbox.test', name: 'Zoë C' }],
      bcc: ['blind@inbox.test', 'cc@inbox.test'],
      archive: ['kept@inbox.test'],
      options: { click_tracking: true },
    },
  );
  const mails = await Promise.all(
    ['main', 'cc', 'blind', 'kept'].map((each) => arrived(`${each}@inbox.test`)),
  );
  const [main, cc, blind, kept] = await Promise.all(mails.map((mail) => PostalMime.parse(mail)));
  for (const mail of [main, cc, blind, kept])
    assert.deepEqual(mail?.cc, [{ address: 'cc@inbox.test', name: 'Zoë C' }]);
  assert.deepEqual(
    [main, cc, blind, kept].map((mail) => mail?.bcc?.map(({ address }) => address)),
    [undefined, undefined, ['blind@inbox.test'], undefined],
  );
  const [ofMain = [], ofCc = [], , ofKept = []] = mails.map(hrefs);
  assert.deepEqual(ofKept, ofMain);
  assert.notDeepEqual(ofCc, ofMain);
  const told = await Promise.all(
    ['main', 'cc', 'blind', 'kept'].map((each) => injections(`${each}@inbox.test`)),
  );
  const [first, ...others] = told.map(([event]) => event);
  assert.deepEqual(
    [first?.['rcpt_type'], ...others.map((event) => event?.['rcpt_type'])],
    [undefined, 'cc', 'bcc', 'archive'],
  );
  assert.ok(others.every((event) => event?.['transmission_id'] === first?.['transmission_id']));
});

test('without X-MSYS-API a mail is not transactional, nothing is tracked and braces stay', async () => {
  const { id } = await makeSubaccount(world, 'Unsubscribed');
  const subaccount = { user: `SMTP_Injection:X-MSYS-SUBACCOUNT=${id}` };
  await sdk(world, undefined, id).suppressionList.upsert({
    recipient: 'gone@inbox.test',
    type: 'non_transactional',
  });
  await inject(
    { to: ['gone@inbox.test', 'plain@inbox.test'], subject: '{{x}}', html },
    undefined,
    subaccount,
  );
  const mail = await arrived('plain@inbox.test');
  assert.match(mail.toString('latin1'), /^list-unsubscribe: <https:/im);
  const { html: shown = '', subject } = await PostalMime.parse(mail);
  assert.deepEqual([subject, hrefs(mail)], ['{{x}}', ['https://shop.example/']]);
  assert.doesNotMatch(shown, /<img/);
  const options = { transactional: true };
  await inject({ to: 'gone@inbox.test', subject: 'Order' }, { options }, subaccount);
  assert.match((await arrived('gone@inbox.test')).toString('latin1'), /^subject: order/im);
});

test('what is wrong with X-MSYS-API or the sender is told in SparkPost words', async () => {
  const told = (api: unknown, mail: Fields = {}): Promise<string> =>
    refusalOf(inject({ to: 'wrong@inbox.test', ...mail }, api));
  assert.match(await told('{"metadata":'), /^550 5\.6\.0 JSON parsing error in X-MSYS-API /);
  assert.equal(await told('[1]'), "550 5.6.0 X-MSYS-API must be of type 'json object'");
  assert.equal(
    await told({ metadata: 'x' }),
    "550 5.6.0 X-MSYS-API 'metadata' must be of type 'json object'",
  );
  assert.equal(
    await told({ options: { open_tracking: 'yes' } }),
    "550 5.6.0 X-MSYS-API 'options.open_tracking' must be of type 'bool'",
  );
  assert.equal(
    await told({ campaign_id: 'ü'.repeat(33) }),
    '550 5.6.0 smtpapi_campaign_id context is limited to 64 bytes',
  );
  assert.equal(await told({ cc: ['nobody'] }), "550 5.6.0 X-MSYS-API 'cc[0]' is not a valid address");
  assert.match(await told({ options: { ip_pool: 'none' } }), /^550 5\.6\.0 X-MSYS-API 'pool' /);
  assert.equal(
    await told({}, { from: 'a@unproven.test' }),
    '550 5.7.1 Unconfigured Sending Domain <unproven.test>',
  );
  assert.equal(sink.kept.filter(({ to }) => to === 'wrong@inbox.test').length, 0);
});

test('a login that may not send is turned away; the suffix says for whom the mail is', async () => {
  const sorry = '535 5.7.8 Sorry.';
  const { id, key } = await makeSubaccount(world, 'Wire');
  const other = await makeSubaccount(world, 'Other wire', ['transmissions/view']);
  const refused = async (login: Login): Promise<string> =>
    refusalOf(inject({ to: 'nobody@inbox.test' }, undefined, login));
  assert.equal(await refused({ pass: 'f'.repeat(40) }), sorry);
  assert.equal(await refused({ pass: other.key }), sorry);
  assert.equal(await refused({ user: 'SMTP_Injection:X-MSYS-SUBACCOUNT=999999' }), sorry);
  await inject({ to: 'for@inbox.test' }, undefined, { user: `SMTP_Injection:X-MSYS-SUBACCOUNT=${id}` });
  // A key of a subaccount is fixed, whatever the suffix says.
  await inject({ to: 'own@inbox.test' }, undefined, {
    user: `SMTP_Injection:X-MSYS-SUBACCOUNT=${other.id}`,
    pass: key,
  });
  for (const to of ['for@inbox.test', 'own@inbox.test'])
    assert.equal((await injections(to))[0]?.['subaccount_id'], String(id));
  await sdk(world).subaccounts.update(String(id), { status: 'suspended' });
  await world.until(
    () => refused({ pass: key }).catch(() => ''),
    (reply) => reply === sorry,
  );
  // The primary account logs in all the same.
  assert.match(await refused({ user: `SMTP_Injection:X-MSYS-SUBACCOUNT=${id}` }), /^550 5\.7\.1 /);
});
