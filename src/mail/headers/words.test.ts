import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, property, string } from 'fast-check';
import { headerBlock } from '../mime/index.ts';
import { checkCustomHeader } from './rules.ts';
import { decodeWords, encodeUnstructured } from './words.ts';

test('any subject survives encoding, folding and decoding; no line is over 998, no word over 75', () => {
  check(
    property(string({ unit: 'grapheme', maxLength: 300 }), (subject) => {
      const encoded = encodeUnstructured(subject);
      assert.ok(!/[\r\n\0]/.test(encoded));
      for (const word of encoded.match(/=\?\S+\?=/g) ?? []) assert.ok(word.length <= 75, word);
      const block = headerBlock([['Subject', encoded]]).toString('utf8');
      for (const line of block.split('\r\n'))
        assert.ok(Buffer.byteLength(line) <= 998 && (line === '' || line.trim() !== ''), line);
      const unfolded = block.slice('Subject: '.length, -2).replaceAll(/\r\n(?=[ \t])/g, '');
      return decodeWords(unfolded).trim() === subject.replaceAll(/[\r\n\0]+/g, ' ').trim();
    }),
    { numRuns: 300 },
  );
});

test('a Japanese subject of 300 characters round-trips', () => {
  const subject = '日本語の件名'.repeat(50);
  assert.equal(decodeWords(encodeUnstructured(subject)), subject);
});

test('callers cannot set our headers, nor inject one', () => {
  for (const name of [
    'Received',
    'return-path',
    'Bcc',
    'DKIM-Signature',
    'ARC-Seal',
    'Content-Type',
    'MIME-Version',
    'X-Lettershop-Id',
    'From',
    'bad name',
    'x:y',
    '',
    'ü',
  ]) {
    assert.ok(checkCustomHeader(name, 'v') !== null, name);
  }
  for (const value of ['a\r\nBcc: x', 'a\nb', 'a\0'])
    assert.equal(checkCustomHeader('X-Mine', value)?.rule, 'characters');
  assert.equal(checkCustomHeader('X-Mine', 'fine, ü'), null);
});
