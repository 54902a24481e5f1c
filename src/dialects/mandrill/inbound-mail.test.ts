import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { IncomingMail } from '../../features/incoming/index.ts';
import { readMail } from '../../mail/mime/index.ts';
import { mandrillMailWording } from './inbound-mail.ts';

const now = new Date('2026-11-27T00:00:00Z');
const mail: IncomingMail = {
  accountId: 1 as AccountId,
  subaccountId: 2 as SubaccountId,
  id: '7',
  contentId: '8',
  domainId: '9',
  routeId: '10',
  recipient: 'help@in.kite.example',
  mailFrom: 'bounce@sender.example',
  remoteAddress: '192.0.2.7',
  helo: 'mx.sender.example',
  from: 'bob@sender.example',
  subject: 'as the envelope has it',
  sizeBytes: 1,
  isAutomatic: false,
  receivedAt: now,
  authentication: {
    spf: { result: 'pass', domain: 'sender.example', detail: 'it may' },
    dkim: [
      { result: 'fail', domain: 'list.example', selector: 'a' },
      { result: 'pass', domain: 'sender.example', selector: 'b' },
    ],
    dmarc: { result: 'pass', domain: 'sender.example', policy: 'reject' },
  },
  state: 'waiting',
  isReplay: false,
  attempts: 1,
  dueAt: now,
  refusedSince: null,
  lastTriedAt: null,
  lastStatus: null,
  lastError: '',
  finishedAt: null,
};

type Message = Readonly<Record<string, unknown>>;

function told(body: string): Message {
  const [event] = JSON.parse(new URLSearchParams(body).get('mandrill_events') ?? '[]') as { msg: Message }[];
  assert.ok(event !== undefined);
  return event.msg;
}

test('a mail is signed and valid when one of its signatures is, and flowed when it says so', async () => {
  const bytes = Buffer.from(
    'Content-Type: text/plain; format=flowed\r\nSubject: a & b\r\n\r\nwords \r\non\r\n',
  );
  const msg = told(mandrillMailWording.body(mail, { read: await readMail(bytes), bytes }));
  assert.deepEqual(
    [msg['dkim'], msg['spf'], msg['text_flowed'], msg['subject'], msg['from_email']],
    [
      { signed: true, valid: true },
      { result: 'pass', detail: 'it may' },
      true,
      'a & b',
      'bounce@sender.example',
    ],
  );
});

test('of a mail that cannot be read there are its bytes and the envelope', () => {
  const bytes = Buffer.from([0xfc, 0x0d, 0x0a]);
  const msg = told(mandrillMailWording.body({ ...mail, authentication: null }, { read: null, bytes }));
  assert.deepEqual(
    [msg['raw_msg'], msg['headers'], msg['subject'], msg['email'], msg['dkim'], 'text' in msg],
    [
      '\u00fc\r\n',
      {},
      'as the envelope has it',
      'help@in.kite.example',
      { signed: false, valid: false },
      false,
    ],
  );
});

test('parts of one name, or of none, are all there', async () => {
  const part = (name: string): string =>
    `--e\r\nContent-Type: application/pdf${name}\r\nContent-Disposition: attachment\r\n\r\nx\r\n`;
  const bytes = Buffer.from(
    `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=e\r\n\r\n${part('; name="a"')}${part('; name="a"')}${part('')}--e--\r\n`,
  );
  const msg = told(mandrillMailWording.body(mail, { read: await readMail(bytes), bytes }));
  assert.equal(Object.keys(msg['attachments'] as object).length, 3);
});
