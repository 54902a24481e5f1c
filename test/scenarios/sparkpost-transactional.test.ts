import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { ask, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;

/** Of each event of a recipient's mail: its type, and what it says. */
async function said(recipient: string): Promise<readonly string[]> {
  const found = await world.until(
    async () => (await sdk(world).events.searchMessage({ recipients: recipient })).results as Fields[],
    (events) => events.some(({ type }) => type === 'delivery'),
  );
  return found.map((event) => `${String(event['type'])} ${String(event['transactional'])}`).toSorted();
}

const events = (value: unknown): string[] => [`delivery ${String(value)}`, `injection ${String(value)}`];

async function inject(to: string, options: Fields | null): Promise<void> {
  const auth = { user: 'SMTP_Injection', pass: testKey.secret };
  const transport = createTransport({ host: '127.0.0.1', port: world.smtpPort, auth, ignoreTLS: true });
  const headers = options === null ? {} : { 'X-MSYS-API': JSON.stringify({ options }) };
  try {
    await transport.sendMail({ from: 'hi@lettershop.test', to, subject: 'Hi', text: 'x', headers });
  } finally {
    transport.close();
  }
}

test('events and webhooks say whether the mail was transactional, however that was said', async () => {
  await using target = await WebhookReceiver.start();
  target.react = () => 200;
  await sdk(world).webhooks.create({
    name: 'Told',
    target: target.url,
    events: ['injection', 'delivery'],
  });
  const rest = (to: string, options: Fields): Promise<unknown> =>
    transmit(world, { recipients: [{ address: to }], options });
  await rest('yes@inbox.test', { transactional: true });
  await rest('no@inbox.test', { transactional: false });
  await rest('unsaid@inbox.test', {});
  await inject('smtp-yes@inbox.test', { transactional: true });
  await inject('smtp-unsaid@inbox.test', null);
  const account = { body: { options: { transactional_default: true } } };
  assert.equal((await ask(world, 'PUT', '/api/v1/account', account)).status, 200);
  await world.until(
    async () => {
      await inject('default@inbox.test', null);
      return said('default@inbox.test');
    },
    (found) => found.includes('delivery 1'),
  );
  for (const [to, value] of [
    ['yes', '1'],
    ['no', '0'],
    ['unsaid', '0'],
    ['smtp-yes', '1'],
    ['smtp-unsaid', '0'],
  ])
    assert.deepEqual(await said(`${to}@inbox.test`), events(value), to);
  const posted = (to: string): readonly Fields[] =>
    target.received.flatMap(({ body }) =>
      (JSON.parse(body) as { msys: { message_event?: Fields } }[]).flatMap(
        ({ msys: { message_event: event } }) => (event?.['rcpt_to'] === to ? [event] : []),
      ),
    );
  for (const [to, value] of [
    ['yes@inbox.test', '1'],
    ['no@inbox.test', '0'],
  ] as const) {
    const found = await world.until(
      () => Promise.resolve(posted(to)),
      ({ length }) => length === 2,
    );
    assert.deepEqual(
      found.map(({ transactional }) => transactional),
      [value, value],
    );
  }
});

test('an event says natively in which lane its mail was, and of mail from before that was kept nothing', async () => {
  type Native = { items: { mail: { lane: string | null } }[] };
  const lanes = async (to: string): Promise<unknown> =>
    (await world.ok<Native>('GET', `/events?recipient=${to}`)).items.map(({ mail }) => mail.lane);
  const [bulk = ''] = await world.send('bulk@inbox.test', { lane: 'bulk' });
  const [plain = ''] = await world.send('plain@inbox.test');
  for (const id of [bulk, plain]) await world.settled(id, ['delivered']);
  assert.deepEqual(await lanes('bulk@inbox.test'), ['bulk', 'bulk']);
  // The account's words of the test before.
  assert.deepEqual(await lanes('plain@inbox.test'), ['transactional', 'transactional']);
  await sql`update submissions set options = options - 'lane' where id = (select submission_id from messages where id = ${bulk})`.execute(
    world.database.db.engine,
  );
  assert.deepEqual(await lanes('bulk@inbox.test'), [null, null]);
  assert.deepEqual(await said('bulk@inbox.test'), events(undefined));
});

test('the documentation of events names the field, with a sample', async () => {
  const { body } = await ask(world, 'GET', '/api/v1/events/message/documentation');
  for (const documented of (body as { results: Record<string, { sampleValue: unknown }>[] }).results)
    assert.match(String(documented['transactional']?.sampleValue), /^[01]$/);
});
