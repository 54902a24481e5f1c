import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, asyncProperty, string } from 'fast-check';
import PostalMime from 'postal-mime';
import { composeParts, headerBlock, isSevenBit, toSevenBit } from './index.ts';

function whole(parts: { head: Buffer; body: Buffer }): Buffer {
  return Buffer.concat([headerBlock([['From', 'a@b.test']]), parts.head, Buffer.from('\r\n'), parts.body]);
}

function assertWire(bytes: Buffer): void {
  assert.ok(isSevenBit(bytes));
  assert.ok(!/(?:^|[^\r])\n|\r(?!\n)/.test(bytes.toString('latin1')), 'only CRLF');
  for (const line of bytes.toString('latin1').split('\r\n')) assert.ok(line.length <= 998);
}

test('text, HTML, an inline image and an attachment are read back by an independent parser', async () => {
  const bytes = whole(
    composeParts({
      text: 'Grüße\n.dot\n',
      html: '<p>日本 <img src="cid:pic"></p>',
      attachments: [
        {
          filename: 'pic.png',
          contentType: 'image/png',
          contentId: 'pic',
          disposition: 'inline',
          bytes: Buffer.from([1, 2, 3]),
        },
        {
          filename: '../Über "x".pdf',
          contentType: 'application/pdf',
          disposition: 'attachment',
          bytes: Buffer.alloc(1000, 7),
        },
      ],
      boundarySeed: '1',
    }),
  );
  assertWire(bytes);
  const mail = await PostalMime.parse(bytes);
  assert.deepEqual(
    [mail.text?.trimEnd(), mail.html?.trim()],
    ['Grüße\n.dot', '<p>日本 <img src="cid:pic"></p>'],
  );
  assert.deepEqual(
    mail.attachments.map(({ filename, mimeType, contentId }) => [filename, mimeType, contentId ?? null]),
    [
      ['pic.png', 'image/png', '<pic>'],
      ['Über "x".pdf', 'application/pdf', null],
    ],
  );
});

test('any text survives, and one megabyte on one line too', async () => {
  const roundTrip = async (text: string): Promise<void> => {
    const bytes = whole(composeParts({ text, attachments: [], boundarySeed: 's' }));
    assertWire(bytes);
    const mail = await PostalMime.parse(bytes);
    assert.equal(
      (mail.text ?? '').trimEnd(),
      text
        .replaceAll(/\r\n|\r|\n/g, '\n')
        .replaceAll('\0', mail.text?.includes('\0') === true ? '\0' : '')
        .trimEnd(),
    );
  };
  await check(
    asyncProperty(string({ unit: 'grapheme', maxLength: 400 }), async (text) =>
      roundTrip(text.replaceAll('\0', '')),
    ),
    { numRuns: 100 },
  );
  await roundTrip(`<p>${'ein Satz mit ü und = '.repeat(50_000)}</p>`);
});

test('an 8-bit message becomes 7-bit with the same decoded text, through nested multiparts', async () => {
  const raw = Buffer.from(
    'From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="o"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' +
      '--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße äöü\r\n' +
      '--i\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>日本語</p>\r\n--i--\r\n' +
      '--o\r\nContent-Type: application/octet-stream; name=x\r\nContent-Transfer-Encoding: binary\r\n\r\nÿþ\r\n--o--\r\n',
    'utf8',
  );
  const converted = toSevenBit(raw);
  assert.ok(converted !== null);
  assertWire(converted);
  const [before, after] = await Promise.all([PostalMime.parse(raw), PostalMime.parse(converted)]);
  assert.deepEqual([after.text?.trim(), after.html?.trim()], [before.text?.trim(), before.html?.trim()]);
  assert.equal(toSevenBit(Buffer.from('Subject: ü\r\n\r\nx\r\n')), null, 'an 8-bit header needs SMTPUTF8');
});

test('AMP stands between text and HTML, before the text when there is no HTML, and images go with the HTML', () => {
  const seed = { amp: '<html amp4email>', attachments: [], boundarySeed: '1' } as const;
  const typesOf = (content: Parameters<typeof composeParts>[0]): readonly string[] => {
    const bytes = whole(composeParts(content));
    assertWire(bytes);
    return [...bytes.toString('latin1').matchAll(/^Content-Type: ([^;]+);/gm)].map(([, type = '']) => type);
  };
  const [text, amp, html] = ['text/plain', 'text/x-amp-html', 'text/html'];
  const alternative = 'multipart/alternative';
  assert.deepEqual(typesOf({ ...seed, text: 't', html: '<p>' }), [alternative, text, amp, html]);
  assert.deepEqual(typesOf({ ...seed, html: '<p>' }), [alternative, amp, html]);
  assert.deepEqual(typesOf({ ...seed, text: 't' }), [alternative, amp, text]);
  const image = {
    filename: 'i.png',
    contentType: 'image/png',
    contentId: 'i',
    disposition: 'inline',
    bytes: Buffer.from('i'),
  } as const;
  assert.deepEqual(typesOf({ ...seed, text: 't', html: '<p>', attachments: [image] }), [
    alternative,
    text,
    amp,
    'multipart/related',
    html,
    'image/png',
  ]);
});
