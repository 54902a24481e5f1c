import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import nodemailer from 'nodemailer';
import PostalMime from 'postal-mime';
import { startWorld, testKey } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Capture = { readonly id: string; readonly to: string; readonly messageId: string };

async function captured(messageId: string): Promise<Buffer> {
  const page = await world.until(
    () => world.ok<{ items: Capture[] }>('GET', `/captures?message=${messageId}`),
    ({ items }) => items.length > 0,
  );
  const response = await fetch(`${world.url}/api/v1/captures/${page.items[0]?.id}/content`, {
    headers: { authorization: `Bearer ${testKey.secret}` },
  });
  return Buffer.from(await response.arrayBuffer());
}

async function signatures(bytes: Buffer): Promise<string[]> {
  const page = await world.ok<{ items: { records: { name: string; value: string }[] }[] }>('GET', '/domains');
  const records = page.items.flatMap((item) => item.records);
  const resolver = (name: string): Promise<string[][]> =>
    Promise.resolve([[records.find((record) => record.name === name)?.value ?? '']]);
  const verified = await dkimVerify(bytes, { resolver });
  return verified.results.map(({ algo, status }) => `${algo} ${status.result}`);
}

const bothPass = ['rsa-sha256 pass', 'ed25519-sha256 pass'];

test('a mail over HTTP arrives in the built-in mailbox, both signatures verify, its story can be read', async () => {
  const [id = ''] = await world.send('you@inbox.test', {
    subject: 'Grüße, 日本',
    html: '<p>Hi</p>',
    tags: ['first'],
  });
  const bytes = await captured(id);
  assert.deepEqual(await signatures(bytes), bothPass);
  const mail = await PostalMime.parse(bytes);
  assert.deepEqual(
    [mail.subject, mail.text?.trim(), mail.html?.trim(), mail.to?.[0]?.address],
    ['Grüße, 日本', 'Hi.', '<p>Hi</p>', 'you@inbox.test'],
  );
  const message = await world.settled(id, ['delivered']);
  assert.deepEqual(
    message.timeline.map(({ kind }) => kind),
    ['message.accepted', 'message.delivered'],
  );
});

test('recipients misbehave on purpose: hard bounces and is suppressed, soft is deferred, complain complains', async () => {
  const [hard = '', soft = '', complain = ''] = await world.send([
    'hard@inbox.test',
    'soft@inbox.test',
    'complain@inbox.test',
  ]);
  const bounced = await world.settled(hard, ['bounced']);
  assert.deepEqual(
    bounced.timeline.map(({ kind }) => kind),
    ['message.accepted', 'message.bounced', 'suppression.added'],
  );
  assert.equal(bounced.timeline[1]?.data['class'], 'hard');
  assert.equal((await world.settled(soft, ['deferred'])).timeline[1]?.data['class'], 'soft');
  await world.until(
    () => world.ok<{ timeline: { kind: string }[] }>('GET', `/messages/${complain}`),
    ({ timeline }) => timeline.some(({ kind }) => kind === 'message.complained'),
  );
  const again = await world.ok<{ messages: { state: string }[] }>('POST', '/messages', {
    body: {
      from: { email: 'a@lettershop.test' },
      to: [{ email: 'HARD@inbox.test' }],
      subject: 's',
      text: 't',
    },
  });
  assert.equal(again.messages[0]?.state, 'suppressed');
});

test('mail over SMTP arrives byte for byte but for what is added on top and removed on purpose', async () => {
  const raw =
    'From: A <a@lettershop.test>\r\nTo: b@inbox.test\r\nBcc: secret@inbox.test\r\nX-MC-Tags: x\r\nSubject: =?utf-8?q?odd?=  spacing \r\n' +
    'Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <own@lettershop.test>\r\nContent-Type: text/plain;\r\n\tcharset=us-ascii\r\n\r\n' +
    '.leading dot\r\n..two\r\ntrailing  \t \r\n\r\n\r\n';
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: world.smtpPort,
    auth: { user: 'lettershop', pass: testKey.secret },
  });
  const info = await transport.sendMail({
    envelope: { from: 'a@lettershop.test', to: ['smtp@inbox.test'] },
    raw,
  });
  const submission = /accepted as (\d+)/.exec(info.response)?.[1] ?? '';
  const page = await world.ok<{ items: { id: string }[] }>('GET', `/messages?submission=${submission}`);
  const bytes = await captured(page.items[0]?.id ?? '');
  assert.deepEqual(await signatures(bytes), bothPass);
  const text = bytes.toString('latin1');
  const kept = raw.replace('Bcc: secret@inbox.test\r\n', '').replace('X-MC-Tags: x\r\n', '');
  assert.ok(text.endsWith(kept), text);
  const added = text.slice(0, text.length - kept.length).replaceAll(/\r\n[ \t]/g, ' ');
  assert.deepEqual(added.match(/^[\w-]+(?=:)/gm), [
    'X-Lettershop-Mark',
    'DKIM-Signature',
    'DKIM-Signature',
    'Received',
  ]);
});

test('a 10 MB attachment arrives whole', async () => {
  const content = Buffer.alloc(10_000_000, 'Lettershop');
  const [id = ''] = await world.send('big@inbox.test', {
    attachments: [
      { filename: 'Über "x".pdf', content: content.toString('base64'), contentType: 'application/pdf' },
    ],
  });
  const bytes = await captured(id);
  assert.deepEqual(await signatures(bytes), bothPass);
  const mail = await PostalMime.parse(bytes, { attachmentEncoding: 'arraybuffer' });
  const [attachment] = mail.attachments;
  assert.equal(attachment?.filename, 'Über "x".pdf');
  assert.ok(Buffer.from(attachment.content as ArrayBuffer).equals(content));
});

test('separate mails carry their own data, and show only their own recipient', async () => {
  const body = {
    from: { email: 'a@lettershop.test' },
    subject: 'Hello {{ name }}',
    html: '<p>{{ name }}</p>',
    recipients: [
      { to: { email: 'ada@inbox.test', name: 'Ada "L", X' }, data: { name: 'Ada <3' } },
      { to: { email: 'bo@inbox.test' }, data: { name: 'Bo\r\nBcc: x@y.test' } },
    ],
  };
  const accepted = await world.ok<{ messages: { id: string }[] }>('POST', '/messages', { body });
  const [ada, bo] = await Promise.all(
    accepted.messages.map(async ({ id }) => PostalMime.parse(await captured(id))),
  );
  assert.deepEqual(
    [ada?.subject, ada?.html?.trim(), ada?.to],
    ['Hello Ada <3', '<p>Ada &lt;3</p>', [{ address: 'ada@inbox.test', name: 'Ada "L", X' }]],
  );
  assert.deepEqual([bo?.subject, bo?.bcc, bo?.to?.length], ['Hello Bo Bcc: x@y.test', undefined, 1]);
});

test('an Idempotency-Key sends once, answers the same, refuses another payload', async () => {
  const body = {
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'once@inbox.test' }],
    subject: 's',
    text: 't',
  };
  const headers = { 'idempotency-key': '"k-1"' };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => world.api('POST', '/messages', { body, headers })),
  );
  const accepted = answers.filter(({ status }) => status === 202);
  assert.ok(accepted.length >= 1);
  assert.equal(new Set(accepted.map((answer) => JSON.stringify(answer.body))).size, 1);
  assert.ok(answers.every(({ status }) => status === 202 || status === 409));
  const other = await world.api('POST', '/messages', { body: { ...body, subject: 'other' }, headers });
  assert.equal(other.status, 422);
  const page = await world.ok<{ items: unknown[] }>('GET', '/messages?to=once@inbox.test');
  assert.equal(page.items.length, 1);
});

test('scheduled mail waits, says why, and is cancelled or leaves when its time comes', async () => {
  const sendAt = new Date(world.clock.now() + 3_600_000).toISOString();
  const [cancelled = ''] = await world.send('later@inbox.test', { sendAt });
  const [leaving = ''] = await world.send('later2@inbox.test', { sendAt });
  const why = await world.ok<{ reasons: { code: string; movesAt: string }[] }>(
    'GET',
    `/messages/${leaving}/why`,
  );
  assert.deepEqual([why.reasons[0]?.code, why.reasons[0]?.movesAt], ['scheduled', sendAt]);
  await world.ok('POST', `/messages/${cancelled}/cancel`, {});
  assert.equal((await world.api('POST', `/messages/${cancelled}/cancel`, {})).status, 409);
  world.clock.move(3_601_000);
  const message = await world.settled(leaving, ['delivered']);
  assert.deepEqual(
    message.timeline.map(({ kind }) => kind),
    ['message.accepted', 'message.held', 'message.released', 'message.delivered'],
  );
  assert.equal((await world.settled(cancelled, ['cancelled'])).state, 'cancelled');
});

test('in a batch each mail has an outcome of its own', async () => {
  const good = {
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'batch@inbox.test' }],
    subject: 's',
    text: 't',
  };
  const foreign = { ...good, from: { email: 'a@not-ours.test' } };
  const broken = { ...good, to: [{ email: 'no address' }] };
  const answer = await world.ok<{
    results: { accepted?: unknown; refused?: { code: string; errors: { field: string }[] } }[];
  }>('POST', '/messages/batch', { body: { messages: [good, foreign, broken] } });
  assert.deepEqual(
    answer.results.map(({ accepted, refused }) =>
      accepted === undefined ? [refused?.code, refused?.errors[0]?.field] : 'accepted',
    ),
    ['accepted', ['sender.domain_unproven', 'from'], ['request.invalid', 'to[0].email']],
  );
});
