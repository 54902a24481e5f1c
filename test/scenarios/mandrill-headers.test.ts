import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
  await sdk.call('subaccounts.add', { id: 'cust-9' });
  await sdk.call('templates.add', {
    name: 'Frame',
    subject: 'Framed',
    code: '<h1 mc:edit="head">head</h1><div mc:edit="main">main</div>',
  });
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
type Mail = Fields & { readonly headers?: Readonly<Record<string, string | readonly string[]>> };

let count = 0;

/** Handed in over SMTP; its messages by recipient, once all are there. */
async function handIn(mail: Mail, copies = 1): Promise<ReadonlyMap<string, Fields>> {
  const subject = `mail${++count}x`;
  const transport = createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'owner@primary.test', pass: testKey.secret },
    ignoreTLS: true,
  });
  try {
    await transport.sendMail({
      from: 'news@lettershop.test',
      to: 'ann@inbox.test',
      subject,
      text: 'x',
      ...mail,
    } as Parameters<typeof transport.sendMail>[0]);
  } finally {
    transport.close();
  }
  const all = await world.until(
    () => sdk.call<Fields[]>('messages.search', { query: `subject:${subject}` }),
    (found) => found.length === copies,
  );
  return new Map(all.map((each) => [String(each['email']), each]));
}

async function first(mail: Mail): Promise<Fields> {
  return (await handIn(mail)).get('ann@inbox.test') ?? {};
}

async function said(message: Fields | undefined): Promise<{
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}> {
  const content = await sdk.call<Fields>('messages.content', { id: message?.['_id'] });
  return {
    text: String(content['text']).trim(),
    html: String(content['html']).trim(),
    headers: content['headers'] as Record<string, string>,
  };
}

const two = { to: ['ann@inbox.test', 'bob@inbox.test'] };

test('X-MC-Subaccount says whose mail it is, in any case of its letters', async () => {
  assert.equal((await first({ headers: { 'x-mc-SUBACCOUNT': 'cust-9' } }))['subaccount'], 'cust-9');
  assert.equal((await first({}))['subaccount'], null);
});

test('X-MC-Tags are separated by commas, blanks around them do not count', async () => {
  assert.deepEqual((await first({ headers: { 'X-MC-Tags': ' one,two words ,, three' } }))['tags'], [
    'one',
    'two words',
    'three',
  ]);
});

test('X-MC-Metadata may come again, and for single recipients, whose values go first; broken JSON is not there', async () => {
  const headers = {
    'X-MC-Metadata': ['{"order":"7","shop":"n"}', '{"_rcpt":"bob@inbox.test","order":"8"}', '{broken'],
  };
  const found = await handIn({ ...two, headers }, 2);
  assert.deepEqual(
    [found.get('ann@inbox.test')?.['metadata'], found.get('bob@inbox.test')?.['metadata']],
    [
      { order: '7', shop: 'n' },
      { order: '8', shop: 'n' },
    ],
  );
});

test('X-MC-MergeVars are filled in, folded and encoded as they come, those of a recipient before the global ones', async () => {
  const long = 'a "quoted" value that is long enough to be folded over several words of a header, Zoë';
  const headers = {
    'X-MC-MergeVars': [JSON.stringify({ name: 'you', long }), '{"_rcpt":"BOB@inbox.test","NAME":"Bob"}'],
  };
  const found = await handIn({ ...two, text: 'Hi *|NAME|*: *|LONG|*', headers }, 2);
  assert.deepEqual(
    [(await said(found.get('ann@inbox.test'))).text, (await said(found.get('bob@inbox.test'))).text],
    [`Hi you: ${long}`, `Hi Bob: ${long}`],
  );
});

test('X-MC-MergeLanguage chooses the language of the variables', async () => {
  const text = '{{#each list}}{{this}};{{/each}}';
  const headers = { 'X-MC-MergeVars': '{"list":["a","b"]}', 'X-MC-MergeLanguage': 'handlebars' };
  assert.equal((await said(await first({ text, headers }))).text, 'a;b;');
  await assert.rejects(
    first({ text, headers: { 'X-MC-MergeVars': '{"a":1}', 'X-MC-MergeLanguage': 'other' } }),
    /550.*merge_language/s,
  );
});

test('X-MC-Template puts the mail into its region, main or the one that is named', async () => {
  const html = '<b>in</b>';
  const main = await said(await first({ html, headers: { 'X-MC-Template': 'frame' } }));
  assert.match(main.html, /<h1>head<\/h1><div><b>in<\/b>\s*<\/div>/);
  const head = await said(await first({ html, headers: { 'X-MC-Template': 'frame|head' } }));
  assert.match(head.html, /<h1><b>in<\/b>\s*<\/h1><div>main<\/div>/);
  await assert.rejects(first({ headers: { 'X-MC-Template': 'none' } }), /550.*No such template "none"/s);
});

test('X-MC-SendAt lets it leave later', async () => {
  assert.equal((await first({ headers: { 'X-MC-SendAt': '2027-01-02 03:04:05' } }))['state'], 'scheduled');
  await assert.rejects(first({ headers: { 'X-MC-SendAt': 'soon' } }), /550.*valid date/s);
});

test('X-MC-PreserveRecipients shows everybody, its absence only each himself', async () => {
  const to = async (headers: Readonly<Record<string, string>>): Promise<string> => {
    const found = await handIn({ ...two, headers }, 2);
    return (await said(found.get('ann@inbox.test'))).headers['To'] ?? '';
  };
  assert.match(await to({ 'X-MC-PreserveRecipients': 'on' }), /ann@inbox\.test, ?bob@inbox\.test/);
  for (const value of ['off', 'false'])
    assert.equal(await to({ 'X-MC-PreserveRecipients': value }), 'ann@inbox.test');
});

test('X-MC-BccAddress gets a copy that nobody sees', async () => {
  const found = await handIn({ headers: { 'X-MC-BccAddress': 'archive@inbox.test' } }, 2);
  assert.ok(found.has('archive@inbox.test'));
  const { headers } = await said(found.get('ann@inbox.test'));
  assert.ok(!JSON.stringify(headers).includes('archive'));
});

test('X-MC-IpPool names a pool; one that is not there is the default one', async () => {
  await world.ok('POST', '/pools', { body: { name: 'fast' } });
  assert.equal((await first({ headers: { 'X-MC-IpPool': 'fast' } }))['state'], 'sent');
  assert.equal((await first({ headers: { 'X-MC-IpPool': 'nowhere' } }))['state'], 'sent');
});

test('X-MC-Important is taken, and no X-MC header leaves with any mail', async () => {
  const names = ['Important', 'Tags', 'AutoHtml', 'Track', 'SigningDomain', 'Unheard-Of', 'IpPool'];
  const headers = Object.fromEntries(names.map((name) => [`X-MC-${name}`, 'true']));
  const message = await first({ headers: { ...headers, 'X-Own': 'stays' } });
  const { items } = await world.until(
    () => world.ok<{ items: { id: string; subject: string }[] }>('GET', '/captures?limit=100'),
    (page) => page.items.some(({ subject }) => subject === message['subject']),
  );
  const id = items.find(({ subject }) => subject === message['subject'])?.id;
  const bytes = await world.ok<string>('GET', `/captures/${id}/content`);
  assert.ok(!/^x-mc-/im.test(bytes) && /^x-own: stays/im.test(bytes), bytes);
});
