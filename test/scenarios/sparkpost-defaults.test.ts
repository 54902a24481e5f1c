/** Options of the account (contract, section 4), as mail over REST and SMTP obeys them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
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

const account = '/api/v1/account';
type Options = Readonly<Record<string, boolean>>;

async function optionsNow(): Promise<Options> {
  const { body } = await ask(world, 'GET', account);
  return (body as { readonly results: { readonly options: Options } }).results.options;
}

/** What the account's options are then. */
async function put(options: Options): Promise<Options> {
  const answer = await ask(world, 'PUT', account, { body: { options } });
  assert.deepEqual([answer.status, answer.body], [200, { results: { message: 'Account has been updated' } }]);
  return optionsNow();
}

const html = '<html><body>Hi<a href="https://shop.example/">Shop</a></body></html>';
let count = 0;
const nobody = (): string => `reader${++count}@inbox.test`;

async function seen(to: string): Promise<string> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  const mail = await PostalMime.parse(kept?.bytes ?? Buffer.alloc(0));
  const shown = mail.html ?? '';
  const pixels = [...shown.matchAll(/<img[^>]+track\.lettershop\.test/g)];
  const isBefore = ({ index }: { readonly index: number }): boolean => index < shown.indexOf('Hi');
  const found = {
    initial: pixels.some(isBefore),
    open: pixels.some((pixel) => !isBefore(pixel)),
    click: !shown.includes('href="https://shop.example/"'),
    unsub: mail.headers.some(({ key }) => key === 'list-unsubscribe'),
  };
  return Object.entries(found)
    .flatMap(([name, isThere]) => (isThere ? [name] : []))
    .join(' ');
}

async function byRest(options: Options = {}, subaccount?: number): Promise<string> {
  const to = nobody();
  await sdk(world, testKey.secret, subaccount).transmissions.send({
    recipients: [{ address: to }],
    content: { from: 'hi@lettershop.test', subject: 'Hi', html },
    options,
  });
  return seen(to);
}

async function bySmtp(options?: Options, subaccount?: number): Promise<string> {
  const to = nobody();
  const user = subaccount === undefined ? 'SMTP_Injection' : `SMTP_Injection:X-MSYS-SUBACCOUNT=${subaccount}`;
  const auth = { user, pass: testKey.secret };
  const transport = createTransport({ host: '127.0.0.1', port: world.smtpPort, auth, ignoreTLS: true });
  const headers: Record<string, string> =
    options === undefined ? {} : { 'X-MSYS-API': JSON.stringify({ options }) };
  try {
    await transport.sendMail({ from: 'hi@lettershop.test', to, subject: 'Hi', html, headers });
  } finally {
    transport.close();
  }
  return seen(to);
}

/** A change counts within 2 s: sent again until it does. */
async function become(rest: string, smtp: string, subaccount?: number): Promise<void> {
  const wanted = [rest, smtp];
  await world.until(
    async () => [await byRest({}, subaccount), await bySmtp(undefined, subaccount)],
    (found) => isDeepStrictEqual(found, wanted),
  );
}

test('options of the account are changed, read again and obeyed over REST and SMTP', async () => {
  const documented = {
    smtp_tracking_default: false,
    rest_tracking_default: true,
    transactional_unsub: false,
    transactional_default: false,
    initial_open_pixel_tracking: true,
    click_tracking: true,
  };
  assert.deepEqual(await optionsNow(), documented);
  await become('initial open click unsub', 'unsub');
  assert.equal(await byRest({ open_tracking: false, click_tracking: false }), 'unsub');
  assert.deepEqual(await put({ click_tracking: false }), { ...documented, click_tracking: false });
  await become('initial open unsub', 'unsub');
  assert.equal(
    await byRest({ click_tracking: true }),
    'initial open click unsub',
    "the call's word goes first",
  );
  await put({ smtp_tracking_default: true, initial_open_pixel_tracking: false });
  await become('open unsub', 'open unsub');
  assert.equal(await bySmtp({ open_tracking: false, click_tracking: true }), 'click unsub');
  await put({ rest_tracking_default: false, smtp_tracking_default: false });
  assert.deepEqual(await put({ transactional_default: true }), {
    ...documented,
    rest_tracking_default: false,
    initial_open_pixel_tracking: false,
    click_tracking: false,
    transactional_default: true,
  });
  await become('', '');
  assert.equal(await bySmtp({ transactional: false }), 'unsub');
  await put({ transactional_unsub: true });
  await become('unsub', 'unsub');
  assert.deepEqual(await put(documented), documented);
  await become('initial open click unsub', 'unsub');
});

test('what a subaccount says natively goes before the options of the account, which it cannot change', async () => {
  const { id, key } = await makeSubaccount(world, 'Own words');
  await put({ smtp_tracking_default: true });
  await become('initial open click unsub', 'initial open click unsub', id);
  await world.ok('PUT', '/tracking-settings', {
    secret: key,
    body: { opens: false, smtp: { clicks: false }, lane: 'transactional' },
  });
  await become('click', '', id);
  await become('initial open click unsub', 'initial open click unsub');
  const theirs = { key, body: { options: { click_tracking: false } } };
  assert.equal((await ask(world, 'GET', account, { key })).status, 403);
  assert.equal((await ask(world, 'PUT', account, theirs)).status, 403);
  assert.equal((await optionsNow())['click_tracking'], true);
  await put({ smtp_tracking_default: false });
});

test('options of a wrong type and a second factor for all are refused, and nothing is changed', async () => {
  const first = await optionsNow();
  const wrong = await ask(world, 'PUT', account, {
    body: { company_name: 'Other', options: { click_tracking: 'no' } },
  });
  assert.equal(wrong.status, 422);
  const tfa = await ask(world, 'PUT', account, {
    body: { tfa_required: true, options: { click_tracking: false } },
  });
  assert.equal(tfa.status, 400);
  const off = await ask(world, 'PUT', account, { body: { tfa_required: false } });
  assert.equal(off.status, 200);
  assert.deepEqual(await optionsNow(), first);
});
