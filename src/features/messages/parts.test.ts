import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeParts, encodeParts } from './parts.ts';
import type { Parts } from './parts.ts';

const parts: Parts = {
  fields: [['To', 'a@lettershop.test']],
  fieldSources: [
    {
      name: 'From',
      part: 'from',
      boxes: [{ name: '{{ n }}', email: 'a@lettershop.test', isAddressed: true }],
    },
  ],
  subject: 's',
  text: 'Hi {{ name }}',
  amp: '<html amp4email>',
  html: null,
  language: 'sparkpost',
  data: { name: 'Ada' },
  snippets: { greeting: { text: 'Hello', html: null } },
  date: 1,
  messageIdDomain: 'lettershop.test',
  attachments: [
    {
      filename: 'a.bin',
      contentType: 'application/octet-stream',
      disposition: 'attachment',
      bytes: Buffer.from('abc'),
    },
  ],
};

test('parts are read back as they were stored', () => {
  assert.deepEqual(decodeParts(encodeParts(parts)), parts);
});

test('mail that was stored before there were languages is still rendered as it was meant', () => {
  const { language: _language, data: _data, snippets: _snippets, fieldSources: _sources, ...older } = parts;
  for (const [isTemplate, language] of [
    [true, 'liquid'],
    [false, 'plain'],
  ] as const) {
    const stored = encodeParts({ ...older, isTemplate } as unknown as Parts);
    const read = decodeParts(stored);
    assert.deepEqual([read.language, read.data, read.snippets, read.fieldSources], [language, null, {}, []]);
  }
});
