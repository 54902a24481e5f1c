import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { before, test } from 'node:test';
import { assert as check, array, constantFrom, property } from 'fast-check';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { bodyHash, generateKeyPair, Signer } from './index.ts';
import type { DkimKey } from './index.ts';

const keys: DkimKey[] = [];
const records = new Map<string, string>();
const signer = new Signer();

before(async () => {
  for (const [selector, algorithm] of [
    ['r', 'rsa-sha256'],
    ['e', 'ed25519-sha256'],
  ] as const) {
    const pair = await generateKeyPair(algorithm);
    records.set(`${selector}._domainkey.b.test`, pair.record);
    keys.push({
      selector,
      algorithm,
      key: createPrivateKey({ key: pair.privateDer, format: 'der', type: 'pkcs8' }),
    });
  }
});

const header = Buffer.from(
  'From: A <a@b.test>\r\nTo: c@d.test\r\nSubject: x\r\n  folded\t text \r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nX-Other: 1\r\nTo: second@x.test\r\n',
);

async function signed(body: Buffer, head = header): Promise<Buffer> {
  const timeSeconds = Math.floor(Date.now() / 1000);
  return Buffer.concat([
    await signer.sign({ header: head, bodyHash: bodyHash([body]), domain: 'b.test', keys, timeSeconds }),
    head,
    Buffer.from('\r\n'),
    body,
  ]);
}

async function verdicts(message: Buffer): Promise<string[]> {
  const resolver = (name: string): Promise<string[][]> => Promise.resolve([[records.get(name) ?? '']]);
  return (await dkimVerify(message, { resolver })).results.map(({ status }) => status.result);
}

test('both signatures verify for every shape of body', async () => {
  for (const body of [
    '',
    '\r\n',
    '\r\n\r\n',
    'hello\r\n',
    'hello',
    'a  b\t c \r\n\r\n\r\n',
    ' \r\n \r\nx',
    'ü\r\n.\r\n',
    ' ',
  ]) {
    assert.deepEqual(await verdicts(await signed(Buffer.from(body))), ['pass', 'pass'], JSON.stringify(body));
  }
});

test('what relaxed allows still passes, a changed letter or an added header fails', async () => {
  const message = (await signed(Buffer.from('one two\r\nthree\r\n'))).toString('latin1');
  assert.deepEqual(
    await verdicts(
      Buffer.from(message.replace('one two\r\n', 'one   two \t\r\n').replace('Subject: x', 'subject:   x')),
    ),
    ['pass', 'pass'],
  );
  assert.deepEqual(await verdicts(Buffer.from(message.replace('three', 'threE'))), ['neutral', 'neutral']);
  assert.deepEqual(
    await verdicts(Buffer.from(message.replace('\r\nSubject:', '\r\nSubject: y\r\nSubject:'))),
    ['fail', 'fail'],
  );
});

test('the hash of a body does not depend on how it is cut', () => {
  const piece = constantFrom('a', ' ', '  ', '\t', '\r\n', 'ü', '.', ' \r\n');
  check(
    property(array(piece, { maxLength: 40 }), (pieces) => {
      const chunks = pieces.map((text) => Buffer.from(text));
      return bodyHash(chunks).equals(bodyHash([Buffer.concat(chunks)]));
    }),
  );
});

test('more signatures than may be in flight are all made', async () => {
  const all = await Promise.all(Array.from({ length: 50 }, (_, at) => signed(Buffer.from(`${at}\r\n`))));
  assert.equal(all.length, 50);
});

test('raw UTF-8 values that end in the byte of a no-break space are signed as they are', async () => {
  for (const value of ['voilà', 'à', 'Р', '\u00a0', 'a\u00a0 ']) {
    const head = Buffer.concat([header, Buffer.from(`Reply-To: ${value}\r\nFeedback-ID:\t${value}\r\n`)]);
    assert.deepEqual(await verdicts(await signed(Buffer.from('x\r\n'), head)), ['pass', 'pass'], value);
  }
});
