import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import type { SmtpSink } from '../doubles/smtp-sink.ts';
import type { World } from '../world.ts';
import { openRelayGround } from './relay-ground.ts';
import type { RelayGround } from './relay-ground.ts';

let ground: RelayGround;
let world: World;
let sink: SmtpSink;
before(async () => {
  ground = await openRelayGround();
  ({ world, sink } = ground);
});
after(() => ground[Symbol.asyncDispose]());

async function arrived(to: string): Promise<Buffer> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  return kept?.bytes ?? Buffer.alloc(0);
}

const fieldOf = (mail: Buffer, name: string): string | null =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(mail.toString('latin1'))?.[1] ?? null;

test('copies of a whole message for others show whom they should, and an archive copy has the links of the first', async () => {
  const { id, messages } = await world.ok<{ id: string; messages: readonly { to: string }[] }>(
    'POST',
    '/messages/raw',
    {
      body: {
        raw: [
          'From: hello@lettershop.test',
          'To: ann@inbox.test',
          'Cc: Old <old@inbox.test>',
          'Subject: Hi',
          'Content-Type: text/html; charset=utf-8',
          '',
          '<body><a href="https://shop.example/a">a</a></body>',
        ].join('\r\n'),
        to: ['ann@inbox.test'],
        cc: ['cc@inbox.test', 'ann@inbox.test', 'old@inbox.test'],
        bcc: ['blind@inbox.test'],
        archive: ['archive@inbox.test', 'blind@inbox.test'],
        campaign: 'spring',
        lane: 'bulk',
        tracking: { opens: true, clicks: true },
      },
    },
  );
  assert.deepEqual(
    messages.map(({ to }) => to),
    ['ann@inbox.test', 'cc@inbox.test', 'old@inbox.test', 'blind@inbox.test', 'archive@inbox.test'],
  );
  const [to, cc, bcc, archive] = await Promise.all(
    ['ann', 'cc', 'blind', 'archive'].map((name) => arrived(`${name}@inbox.test`)),
  );
  assert.ok(to && cc && bcc && archive);
  for (const copy of [to, cc, bcc, archive])
    assert.equal(fieldOf(copy, 'Cc'), 'Old <old@inbox.test>,\r\n cc@inbox.test,\r\n ann@inbox.test');
  assert.deepEqual(
    [to, cc, bcc, archive].map((copy) => fieldOf(copy, 'Bcc')),
    [null, null, 'blind@inbox.test', null],
  );
  const bodyOf = (mail: Buffer): string => mail.toString('latin1').split('\r\n\r\n').slice(1).join();
  assert.equal(bodyOf(archive), bodyOf(to));
  assert.equal(fieldOf(archive, 'List-Unsubscribe'), fieldOf(to, 'List-Unsubscribe'));
  assert.notEqual(bodyOf(cc), bodyOf(to));
  assert.match(bodyOf(to), /href="https:\/\/track\.lettershop\.test\//);
  const { items } = await world.ok<{ items: readonly { id: string }[] }>(
    'GET',
    '/submissions?campaign=spring',
  );
  assert.deepEqual(
    items.map((each) => each.id),
    [id],
  );
});

test('styles of a whole message go into its elements, whatever its charset and encoding', async () => {
  const html = '<style>p { color: red }</style><p>gr\u00fcn &euro;</p>';
  const raw = Buffer.concat([
    Buffer.from(
      [
        'From: hello@lettershop.test',
        'Subject: Hi',
        'MIME-Version: 1.0',
        'Content-Type: multipart/alternative; boundary=b',
        '',
        '--b',
        '',
        'plain',
        '--b',
        'Content-Type: text/html; charset=iso-8859-1',
        'Content-Transfer-Encoding: 8bit',
        '',
        '',
      ].join('\r\n'),
    ),
    Buffer.from(html, 'latin1'),
    Buffer.from('\r\n--b--\r\n'),
  ]);
  await world.ok('POST', '/messages/raw', {
    body: {
      raw: raw.toString('base64'),
      encoding: 'base64',
      to: ['styled@inbox.test'],
      inlineCss: true,
      tracking: { opens: false },
    },
  });
  const mail = await PostalMime.parse(await arrived('styled@inbox.test'));
  assert.match(mail.html ?? '', /<p style="color: ?red;?">gr&#252;n &euro;<\/p>/);
  assert.equal(mail.text?.trim(), 'plain');
});

test('a whole message that is no base64, or has too many copies, is refused by name', async () => {
  const raw = 'From: hello@lettershop.test\r\n\r\nx';
  const refused = async (body: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const { status, body: said } = await world.api('POST', '/messages/raw', { body });
    const { errors } = said as { readonly errors?: readonly { field: string; rule: string }[] };
    return [status, errors?.[0]?.field, errors?.[0]?.rule];
  };
  assert.deepEqual(await refused({ raw: 'no base64', encoding: 'base64', to: ['a@inbox.test'] }), [
    400,
    'raw',
    'base64',
  ]);
  const many = Array.from({ length: 600 }, (_, index) => `n${index}@inbox.test`);
  assert.deepEqual(await refused({ raw, to: many, bcc: many }), [400, 'to', 'maxItems']);
  assert.deepEqual(await refused({ raw, to: ['a@inbox.test'], cc: ['nobody'] }), [400, 'cc[0]', 'format']);
});
