import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { Sdk } from './mandrill-client.ts';

let world: World;
let sdk: Sdk;
before(async () => {
  world = await startWorld();
  sdk = new Sdk(world);
  await sdk.call('subaccounts.add', { id: 'cust-9', name: 'Nine Ltd' });
  // Domains of the account are for all its subaccounts in this provider.
  const { items } = await world.ok<{ items: { id: string }[] }>('GET', '/domains');
  await world.ok('PATCH', `/domains/${items[0]?.id}`, { body: { share: 'use' } });
});
after(() => world[Symbol.asyncDispose]());

type Sent = {
  readonly email: string;
  readonly status: string;
  readonly reject_reason: string | null;
  readonly queued_reason: string | null;
  readonly _id: string;
};
type Message = Readonly<Record<string, unknown>> & {
  readonly _id: string;
  readonly state: string;
  readonly smtp_events: readonly { readonly type: string; readonly diag: string }[];
};

const mail = (to: readonly unknown[], more: Record<string, unknown> = {}): Record<string, unknown> => ({
  from_email: 'news@lettershop.test',
  from_name: 'News',
  subject: 'Hi',
  text: 'It works.',
  to,
  ...more,
});
const ann = { email: 'ann@inbox.test', name: 'Ann' };

async function send(
  message: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<readonly Sent[]> {
  return sdk.call<Sent[]>('messages.send', { message, ...more });
}

async function settled(id: string, state: string): Promise<Message> {
  return world.until(
    () => sdk.call<Message>('messages.info', { id }),
    (message) => message.state === state && (state !== 'sent' || message.smtp_events.length > 0),
  );
}

const content = (id: string) =>
  sdk.call<Record<string, unknown> & { headers: Record<string, string>; attachments: unknown[] }>(
    'messages.content',
    { id },
  );

test('a mail to two is two mails, each with an id of its own and only its own recipient', async () => {
  const sent = await send(
    mail([ann, { email: 'bob@inbox.test', type: 'cc' }], { tags: ['t1'], metadata: { order: '77' } }),
  );
  assert.deepEqual(
    sent.map(({ _id, ...rest }) => rest),
    [
      { email: 'ann@inbox.test', status: 'sent', reject_reason: null, queued_reason: null },
      { email: 'bob@inbox.test', status: 'sent', reject_reason: null, queued_reason: null },
    ],
  );
  const [first, second] = sent;
  assert.match(first?._id ?? '', /^[0-9a-f]{32}$/);
  const message = await settled(first?._id ?? '', 'sent');
  assert.deepEqual(
    [
      message['sender'],
      message['email'],
      message['subject'],
      message['tags'],
      message['metadata'],
      message['subaccount'],
    ],
    ['news@lettershop.test', 'ann@inbox.test', 'Hi', ['t1'], { order: '77' }, null],
  );
  assert.equal(message.smtp_events[0]?.type, 'sent');
  assert.match((await content(first?._id ?? '')).headers['To'] ?? '', /ann@inbox\.test/);
  const other = await content(second?._id ?? '');
  assert.deepEqual([other.headers['To'], other['text']], ['bob@inbox.test', 'It works.\n']);
});

test('preserve_recipients shows everybody of type to and cc, never bcc', async () => {
  const to = [ann, { email: 'bob@inbox.test', type: 'cc' }, { email: 'eve@inbox.test', type: 'bcc' }];
  const sent = await send(mail(to, { preserve_recipients: true, bcc_address: 'archive@inbox.test' }));
  assert.deepEqual(
    sent.map(({ email, status }) => [email, status]),
    [
      ['ann@inbox.test', 'sent'],
      ['bob@inbox.test', 'sent'],
      ['eve@inbox.test', 'sent'],
    ],
  );
  const { headers } = await content(sent[2]?._id ?? '');
  assert.deepEqual(
    [headers['To'], headers['Cc'], headers['Bcc']],
    ['Ann <ann@inbox.test>', 'bob@inbox.test', undefined],
  );
});

test('merge variables are filled in, those of a recipient before the global ones, in both languages', async () => {
  const vars = {
    global_merge_vars: [{ name: 'PLAN', content: 'free' }],
    merge_vars: [{ rcpt: 'ANN@inbox.test', vars: [{ name: 'plan', content: 'gold' }] }],
    recipient_metadata: [{ rcpt: 'ann@inbox.test', values: { user: 7 } }],
    metadata: { user: 0 },
  };
  const said = ({ subject, html }: Record<string, unknown>): unknown => [subject, String(html).trim()];
  const sent = await send(
    mail([ann, { email: 'bob@inbox.test' }], {
      ...vars,
      subject: 'You are *|PLAN|*',
      html: '<p>*|UPPER:PLAN|*</p>',
    }),
  );
  const [toAnn, toBob] = await Promise.all(sent.map(({ _id }) => content(_id)));
  assert.deepEqual(said(toBob ?? {}), ['You are free', '<p>FREE</p>']);
  assert.deepEqual(said(toAnn ?? {}), ['You are gold', '<p>GOLD</p>']);
  assert.deepEqual((await settled(sent[0]?._id ?? '', 'sent'))['metadata'], { user: 7 });
  const list = {
    global_merge_vars: [{ name: 'items', content: [{ n: 2 }, { n: 3 }] }],
    merge_language: 'handlebars',
  };
  const [other] = await send(mail([ann], { ...list, text: '{{#each items}}{{n}};{{/each}}' }));
  assert.equal((await content(other?._id ?? ''))['text'], '2;3;\n');
  const [plain] = await send(mail([ann], { text: '*|PLAN|* {{x}}' }));
  assert.equal((await content(plain?._id ?? ''))['text'], '*|PLAN|* {{x}}\n');
});

test('merge variables are filled into the name of the sender, and into no header', async () => {
  const vars = {
    global_merge_vars: [{ name: 'SHOP', content: 'Main "shop"' }],
    merge_vars: [{ rcpt: ann.email, vars: [{ name: 'SHOP', content: 'Shöp, Ltd' }] }],
  };
  const from_name = '*|SHOP|* desk';
  const named = async (to: readonly Record<string, unknown>[], more: Record<string, unknown>) => {
    const sent = await send(mail(to, { ...vars, ...more }));
    return Promise.all(sent.map(async ({ _id }) => content(_id)));
  };
  const both = await named([ann, { email: 'bob@inbox.test' }], { from_name });
  assert.deepEqual(
    both.map((each) => each['from_name']),
    ['Shöp, Ltd desk', 'Main "shop" desk'],
  );
  const [kept] = await named([ann], { headers: { 'X-Shop': '*|SHOP|*' } });
  assert.equal(kept?.headers['X-Shop'], '*|SHOP|*');
  const [beside] = await named([ann], { from_name, headers: { 'X-Shop': '*|SHOP|*' } });
  assert.deepEqual([beside?.['from_name'], beside?.headers['X-Shop']], [from_name, '*|SHOP|*']);
});

test('attachments, images, headers and Reply-To arrive; headers of ours are left alone', async () => {
  const file = { type: 'text/plain', name: 'a.txt', content: btoa('hello') };
  const image = { type: 'image/png', name: 'logo', content: btoa('png') };
  const headers = {
    'Reply-To': 'Desk <desk@lettershop.test>',
    'X-Shop': '1',
    'Message-ID': '<x@y>',
    To: 'x@y.test',
  };
  const [sent] = await send(
    mail([ann], { html: '<img src="cid:logo">', attachments: [file], images: [image], headers }),
  );
  const seen = await content(sent?._id ?? '');
  assert.deepEqual([seen.headers['Reply-To'], seen.headers['X-Shop']], ['Desk <desk@lettershop.test>', '1']);
  assert.match(seen.headers['To'] ?? '', /ann@inbox\.test/);
  assert.deepEqual(seen.attachments.length, 2);
});

test('a malformed recipient is invalid, a denied one rejected, an unproven sender unsigned, and the others are sent', async () => {
  await sdk.call('rejects.add', { email: 'never@inbox.test', comment: 'asked by phone' });
  const sent = await send(mail([{ email: 'nobody' }, { email: 'never@inbox.test' }, ann]));
  assert.deepEqual(
    sent.map(({ email, status, reject_reason }) => [email, status, reject_reason]),
    [
      ['nobody', 'invalid', null],
      ['never@inbox.test', 'rejected', 'custom'],
      ['ann@inbox.test', 'sent', null],
    ],
  );
  const rejected = await settled(sent[1]?._id ?? '', 'rejected');
  assert.equal((rejected['reject'] as { reason: string }).reason, 'custom');
  const unsigned = await send(mail([{ email: 'nobody' }, ann], { from_email: 'a@unproven.test' }));
  assert.deepEqual(
    unsigned.map(({ status, reject_reason }) => [status, reject_reason]),
    [
      ['invalid', null],
      ['rejected', 'unsigned'],
    ],
  );
  const broken = await send(mail([ann], { merge: true, text: '*|IF:A|*never ended' }));
  assert.deepEqual([broken[0]?.status, broken[0]?.reject_reason], ['rejected', 'rule']);
});

test('more than ten recipients, and async, are answered queued', async () => {
  const many = Array.from({ length: 11 }, (_, n) => ({ email: `r${n}@inbox.test` }));
  const sent = await send(mail(many));
  assert.deepEqual(
    new Set(sent.map(({ status, queued_reason }) => `${status} ${queued_reason}`)),
    new Set(['queued multiple-recipients']),
  );
  const [later] = await send(mail([ann]), { async: true });
  assert.deepEqual([later?.status, later?.queued_reason], ['queued', null]);
});

test('wrong fields are told by their names, those of the message beneath it', async () => {
  const wrong = async (message: unknown, more = {}): Promise<unknown> =>
    (await sdk.refused('messages.send', { message, ...more })).at(-1);
  assert.equal(await wrong(null), 'Validation error: {"message":"Please enter a value"}');
  assert.equal(
    await wrong(mail([ann], { from_email: 'nobody' })),
    'Validation error: {"message":{"from_email":"An email address must contain a single @"}}',
  );
  assert.equal(
    await wrong(mail([], { to: undefined })),
    'Validation error: {"message":{"to":"Please enter an array"}}',
  );
  assert.equal(
    await wrong(mail([{ ...ann, type: 'x' }])),
    'Validation error: {"message":{"to":"Please enter to, cc or bcc as type"}}',
  );
  assert.equal(
    await wrong(mail([ann], { merge_language: 'x' })),
    'Validation error: {"message":{"merge_language":"Please enter mailchimp or handlebars"}}',
  );
  assert.equal(
    await wrong(mail([ann]), { send_at: 'soon' }),
    'Validation error: {"send_at":"Please enter a valid date\\/time"}',
  );
  assert.equal(
    await wrong(mail([ann], { tags: ['_x'] })),
    'Validation error: {"message":{"tags":"Tags may not begin with an underscore"}}',
  );
});

test('mail for a subaccount is that one’s; an unknown one fails the whole call; denylists are apart', async () => {
  assert.deepEqual(
    await sdk.refused('messages.send', { message: mail([{ email: 'nobody' }], { subaccount: 'nope' }) }),
    [404, 12, 'Unknown_Subaccount', "No subaccount exists with the id 'nope'"],
  );
  await sdk.call('rejects.add', { email: 'only-nine@inbox.test', subaccount: 'cust-9' });
  const to = [{ email: 'only-nine@inbox.test' }];
  const [own] = await send(mail(to));
  const [nine] = await send(mail(to, { subaccount: 'cust-9' }));
  assert.deepEqual([own?.status, nine?.status, nine?.reject_reason], ['sent', 'rejected', 'custom']);
  const [sent] = await send(mail([ann], { subaccount: 'cust-9' }));
  assert.equal((await settled(sent?._id ?? '', 'sent'))['subaccount'], 'cust-9');
});

test('mail of a paused subaccount is queued, shows in the backlog and leaves on resume', async () => {
  await sdk.call('subaccounts.pause', { id: 'cust-9' });
  const [sent] = await send(mail([ann], { subaccount: 'cust-9' }));
  assert.deepEqual([sent?.status, sent?.queued_reason], ['queued', 'sending-paused']);
  assert.equal((await sdk.call<Message>('messages.info', { id: sent?._id })).state, 'queued');
  assert.equal((await sdk.call<{ backlog: number }>('users.info')).backlog, 1);
  const [other] = await send(mail([ann]));
  assert.equal(other?.status, 'sent');
  await sdk.call('subaccounts.resume', { id: 'cust-9' });
  await settled(sent?._id ?? '', 'sent');
});

test('mail over the quota of a subaccount waits in the backlog and holds up nobody else', async () => {
  await sdk.call('subaccounts.add', { id: 'small', custom_quota: 1 });
  const first = await send(mail([ann], { subaccount: 'small' }));
  const second = await send(mail([ann], { subaccount: 'small' }));
  assert.deepEqual(
    [first[0]?.status, second[0]?.status, second[0]?.queued_reason],
    ['sent', 'queued', 'hourly-quota-exhausted'],
  );
  assert.equal((await send(mail([ann])))[0]?.status, 'sent');
});

test('scheduled mail is listed, given another time and cancelled', async () => {
  const at = '2027-01-02 03:04:05';
  const [sent] = await send(mail([{ email: 'later@inbox.test' }]), { send_at: at });
  assert.equal(sent?.status, 'scheduled');
  type Scheduled = { _id: string; send_at: string; to: string };
  const listed = await sdk.call<Scheduled[]>('messages.listScheduled', { to: 'later@inbox.test' });
  assert.deepEqual(
    listed.map(({ _id, send_at, to }) => [_id, send_at, to]),
    [[sent?._id, at, 'later@inbox.test']],
  );
  const id = sent?._id;
  assert.equal(
    (await sdk.refused('messages.reschedule', { id, send_at: 'x' })).at(-1),
    'Validation error: {"send_at":"Please enter a valid date\\/time"}',
  );
  const moved = await sdk.call<Scheduled>('messages.reschedule', { id, send_at: '2027-02-03' });
  assert.equal(moved.send_at, '2027-02-03 00:00:00');
  assert.equal((await sdk.call<Scheduled>('messages.cancelScheduled', { id }))._id, id);
  assert.equal((await sdk.call<Message>('messages.info', { id })).state, 'canceled');
  const unknown = [404, 11, 'Unknown_Message', `No message exists with the id '${id}'`];
  assert.deepEqual(await sdk.refused('messages.cancelScheduled', { id }), unknown);
  assert.deepEqual(await sdk.refused('messages.reschedule', { id, send_at: at }), unknown);
  const [again] = await send(mail([{ email: 'later@inbox.test' }]), { send_at: at });
  await sdk.call('messages.reschedule', { id: again?._id, send_at: '2020-01-01 00:00:00' });
  await settled(again?._id ?? '', 'sent');
});

test('a search finds by words, fields, tags, senders and days; what is not there is unknown', async () => {
  const [sent] = await send(
    mail([{ email: 'zoe@inbox.test' }], { subject: 'Blue moon', tags: ['night'], subaccount: 'cust-9' }),
  );
  await settled(sent?._id ?? '', 'sent');
  const found = async (more: Record<string, unknown>): Promise<readonly string[]> =>
    (await sdk.call<Message[]>('messages.search', more)).map(({ _id }) => _id);
  const only = [sent?._id];
  for (const query of [
    'moon',
    '"blue moon"',
    'email:zoe',
    'full_email:zoe@inbox.test',
    'subaccount:cust-9 AND moo*',
    'tags:night',
    'nothing OR moon',
    'moon NOT state:rejected',
  ])
    assert.deepEqual(await found({ query }), only, query);
  assert.deepEqual(
    await found({ query: 'moon', tags: ['night'], senders: ['NEWS@lettershop.test'], limit: 1 }),
    only,
  );
  for (const more of [
    { query: 'sun' },
    { query: 'moon', date_to: '2020-01-01', date_from: '2019-01-01' },
    { query: 'moon', senders: ['x@y.test'] },
  ])
    assert.deepEqual(await found(more), []);
  assert.deepEqual(await sdk.refused('messages.info', { id: 'f'.repeat(32) }), [
    404,
    11,
    'Unknown_Message',
    `No message exists with the id '${'f'.repeat(32)}'`,
  ]);
  assert.equal((await sdk.refused('messages.content', { id: 'f'.repeat(32) }))[2], 'Unknown_Message');
});

test('a raw message is taken apart', async () => {
  const parsed = await sdk.call<Record<string, unknown>>('messages.parse', {
    raw_message:
      'From: A <a@primary.test>\r\nTo: b@ok.test\r\nReceived: one\r\nReceived: two\r\nSubject: =?UTF-8?Q?H=C3=A9?=\r\n\r\nIt works.',
  });
  const { from_email: from, from_name: name, subject, text, to, headers } = parsed;
  assert.deepEqual(
    [from, name, subject, text, to],
    ['a@primary.test', 'A', 'Hé', 'It works.\n', [{ email: 'b@ok.test', name: '' }]],
  );
  assert.deepEqual((headers as Record<string, unknown>)['Received'], ['one', 'two']);
});
