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
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
});
after(() => world[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;
type Content = Fields & { readonly headers: Readonly<Record<string, string>> };

const raw = (headers: readonly string[], body = 'It works.'): string =>
  ['From: News <news@lettershop.test>', 'To: ann@inbox.test', 'Subject: Hi', ...headers, '', body].join(
    '\r\n',
  );

const contentOf = (id: unknown): Promise<Content> => sdk.call<Content>('messages.content', { id });

/** The newest message with that word in its subject, once it is there. */
async function found(query: string, count: number): Promise<readonly Fields[]> {
  return world.until(
    () => sdk.call<Fields[]>('messages.search', { query }),
    (all) => all.length === count,
  );
}

async function smtp(mail: Fields, user = 'owner@primary.test'): Promise<void> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user, pass: testKey.secret },
    ignoreTLS: true,
  });
  try {
    await transport.sendMail({ from: 'news@lettershop.test', to: 'ann@inbox.test', text: 'x', ...mail });
  } finally {
    transport.close();
  }
}

test('a raw message goes as it stands, its control headers are obeyed and taken out', async () => {
  const [sent] = await sdk.call<Fields[]>('messages.sendRaw', {
    raw_message: raw([
      'X-MC-Subaccount: cust-9',
      'X-MC-Tags: one, two',
      'X-MC-Metadata: {"order":"77"}',
      'X-Shop: 1',
    ]),
  });
  assert.deepEqual([sent?.['email'], sent?.['status']], ['ann@inbox.test', 'sent']);
  const message = await sdk.call<Fields>('messages.info', { id: sent?.['_id'] });
  assert.deepEqual(
    [message['subaccount'], message['tags'], message['metadata']],
    ['cust-9', ['one', 'two'], { order: '77' }],
  );
  const { headers, text } = await contentOf(sent?.['_id']);
  assert.deepEqual([headers['X-Shop'], String(text).trim()], ['1', 'It works.']);
  assert.deepEqual(
    Object.keys(headers).filter((name) => /^x-mc-/i.test(name)),
    [],
  );
  assert.deepEqual(await sdk.refused('messages.sendRaw', { raw_message: raw(['X-MC-Subaccount: nope']) }), [
    404,
    12,
    'Unknown_Subaccount',
    "No subaccount exists with the id 'nope'",
  ]);
});

test('the recipients of a raw message are those of the call, each sees only himself, and variables are filled in', async () => {
  const sent = await sdk.call<Fields[]>('messages.sendRaw', {
    raw_message: raw(
      ['X-MC-MergeVars: {"name":"you"}', 'X-MC-MergeVars: {"_rcpt":"bob@inbox.test","NAME":"Bob"}'],
      'Hi *|NAME|*',
    ),
    to: ['ann@inbox.test', 'bob@inbox.test'],
  });
  const [ann, bob] = await Promise.all(sent.map(({ _id }) => contentOf(_id)));
  assert.deepEqual([ann?.headers['To'], String(ann?.['text']).trim()], ['ann@inbox.test', 'Hi you']);
  assert.deepEqual([bob?.headers['To'], String(bob?.['text']).trim()], ['bob@inbox.test', 'Hi Bob']);
  const [other] = await sdk.call<Fields[]>('messages.sendRaw', {
    raw_message: raw([]),
    from_email: 'shop@lettershop.test',
    from_name: 'Shop',
  });
  assert.equal((await contentOf(other?.['_id']))['from_email'], 'shop@lettershop.test');
});

test('over SMTP the control headers of a mail are obeyed, encoded words decoded, and taken out', async () => {
  await sdk.call('templates.add', {
    name: 'Frame',
    subject: 'x',
    code: '<h1 mc:edit="main">no</h1><p>*|WHO|*</p>',
  });
  const vars = JSON.stringify({ who: 'Zoë "Z" Long enough to be folded over several words of the header' });
  await smtp({
    subject: 'By wire',
    to: ['ann@inbox.test', 'bob@inbox.test'],
    html: '<b>in</b>',
    headers: {
      'X-MC-Subaccount': 'cust-9',
      'X-MC-Tags': 'wire',
      'X-MC-Template': 'frame',
      'X-MC-MergeVars': vars,
    },
  });
  const all = await found('subject:"by wire"', 2);
  assert.deepEqual(
    all
      .map(({ email, subaccount, tags }) => [email, subaccount, tags])
      .toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    [
      ['ann@inbox.test', 'cust-9', ['wire']],
      ['bob@inbox.test', 'cust-9', ['wire']],
    ],
  );
  const { html, headers } = await contentOf(all[0]?.['_id']);
  assert.match(String(html), /<h1><b>in<\/b>\s*<\/h1><p>Zoë "Z" Long enough to be folded/);
  assert.deepEqual(
    Object.keys(headers).filter((name) => /^x-mc-/i.test(name)),
    [],
  );
  await smtp({ subject: 'Later by wire', headers: { 'X-MC-SendAt': '2027-01-02 03:04:05' } });
  assert.equal((await found('subject:"later by wire"', 1))[0]?.['state'], 'scheduled');
});

test('over SMTP a mail for an unknown subaccount is taken and fails afterwards: it is rejected, and told', async () => {
  await smtp({ subject: 'Nowhere', headers: { 'X-MC-Subaccount': 'nope', 'X-MC-Tags': 'lost' } });
  const [message] = await found('subject:nowhere', 1);
  const reject = message?.['reject'] as { readonly reason: string } | null | undefined;
  assert.deepEqual(
    [message?.['state'], message?.['subaccount'], reject?.reason, message?.['diag']],
    ['rejected', null, 'rule', "No subaccount exists with the id 'nope'"],
  );
  const { items } = await world.ok<{ items: unknown[] }>('GET', '/captures?limit=100');
  assert.ok(!JSON.stringify(items).includes('Nowhere'));
});

test('over SMTP an unproven sender is refused, and another login obeys no X-MC header', async () => {
  await assert.rejects(smtp({ from: 'a@unproven.test', headers: { 'X-MC-Tags': 'x' } }), /550/);
  await smtp({ subject: 'Native', headers: { 'X-MC-Subaccount': 'nope' } }, 'lettershop');
  const [native] = await found('subject:native', 1);
  assert.equal(native?.['subaccount'], null);
});

test('mail whose parts lie in each other deeper than anybody writes it is refused in words, over HTTP and SMTP', async () => {
  const depth = 30;
  const body = Array.from({ length: depth }, (_, n) =>
    ['', `--b${n}`, `Content-Type: multipart/mixed; boundary=b${n + 1}`, ''].join('\r\n'),
  ).join('');
  const deep = raw(
    ['X-MC-Tags: deep', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b0'],
    body,
  );
  for (const method of ['messages.sendRaw', 'messages.parse']) {
    const refused = await sdk.refused(method, { raw_message: deep });
    assert.match(JSON.stringify(refused), /ValidationError.*raw_message.*deeper than 20 levels/, method);
  }
  await assert.rejects(smtp({ raw: deep }), /550.*deeper than 20 levels/);
});
