import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  assert as check,
  constantFrom,
  date,
  integer,
  option,
  property,
  record,
  string,
} from 'fast-check';
import { CsvReader } from '../../base/csv.ts';
import { lineBytesMax, readLines } from '../../base/lines.ts';
import type { Line } from '../../base/lines.ts';
import type { ImportFormat, Suppression } from './model.ts';
import { csvHeader, csvLine, jsonLine, rowReader } from './rows.ts';
import type { ReadRow } from './rows.ts';

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(bytes: Buffer, sizes: readonly number[] = [bytes.length]): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of readLines(chunksOf(bytes, sizes))) lines.push(...some);
  return lines;
}

async function rowsOf(format: ImportFormat, text: string, sizes?: readonly number[]): Promise<ReadRow[]> {
  const reader = rowReader(format, 'manual');
  const rows = (await linesOf(Buffer.from(text), sizes)).flatMap((line) => reader.read(line));
  return [...rows, ...reader.end()];
}

const told = (row: ReadRow): string =>
  'entry' in row
    ? `${row.line} ${row.entry.address} ${row.entry.kind}`
    : `${row.line} ${row.field}: ${row.rule}`;

test('lines are the same in any chunking, whatever the bytes', async () => {
  const { asyncProperty, uint8Array } = await import('fast-check');
  await check(
    asyncProperty(
      uint8Array({ maxLength: 200 }),
      array(integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      async (bytes, sizes) => {
        const text = Buffer.from(bytes.map((byte) => (byte % 7 === 0 ? 0x0a : byte)));
        assert.deepEqual(await linesOf(text, sizes), await linesOf(text));
      },
    ),
  );
});

test('a line that is too long or not UTF-8 is named alone', async () => {
  const long = Buffer.alloc(lineBytesMax * 3, 0x61);
  const bytes = Buffer.concat([
    Buffer.from('\ufeffone\r\n'),
    long,
    Buffer.from('\nthree\n'),
    Buffer.from([0xff, 0x0a]),
    Buffer.from('five'),
  ]);
  for (const sizes of [[bytes.length], [1000], [65_536]]) {
    assert.deepEqual(
      (await linesOf(bytes, sizes)).map(({ number, text }) => `${number} ${text}`),
      ['1 one', '2 null', '3 three', '4 null', '5 five'],
    );
  }
});

test('CSV has quotes, line ends in quotes, and a quote that is never closed costs its own line only', () => {
  const reader = new CsvReader();
  const text = [
    'a,b',
    '"x, ""y""",z',
    '"two',
    'lines",z',
    'q"q,z',
    '"open',
    'next,z',
    ...Array(60).fill('more,z'),
  ];
  const records = text.flatMap((line, index) => reader.push({ number: index + 1, text: String(line) }));
  records.push(...reader.end());
  assert.deepEqual(
    records.slice(0, 7).map(({ line, cells }) => [line, cells]),
    [
      [1, ['a', 'b']],
      [2, ['x, "y"', 'z']],
      [3, ['two\nlines', 'z']],
      [5, null],
      [6, null],
      [7, ['next', 'z']],
      [8, ['more', 'z']],
    ],
  );
  assert.equal(records.length, 66);
});

test('an import reads columns by name, passes over others, and names bad lines by line, field and rule', async () => {
  const rows = await rowsOf(
    'csv',
    [
      'Email,Kind,Stops Bulk,expires_at,reason,colour',
      'Ada@Example.com,unsubscribe,true,2030-01-01T00:00:00Z,left,red',
      'not an address,,,,,',
      'b@example.com,nonsense,,,,',
      '',
      'c@example.com,,perhaps,,,',
      'd@example.com,,,tomorrow,,',
      '*@example.org,pattern,,,,',
      'e@example.com',
      `f@example.com,,,,${'x'.repeat(1001)},`,
      'g@example.com,,false,,,',
    ].join('\r\n'),
  );
  assert.deepEqual(rows.map(told), [
    '2 ada@example.com unsubscribe',
    '3 address: format',
    '4 kind: enum',
    '6 stopsBulk: type',
    '7 expiresAt: format',
    '8 *@example.org pattern',
    '9 e@example.com manual',
    '10 reason: maxLength',
    '11 g@example.com manual',
  ]);
  const [long] = await rowsOf('csv', 'email,reason\r\na@example.com,"550 no\r\nsuch mailbox"\r\n');
  assert.deepEqual(long !== undefined && 'entry' in long ? long.entry.reason : long, '550 no such mailbox');
  const plain = await rowsOf('csv', 'a@example.com\nb@example.com,x\n');
  assert.deepEqual(plain.map(told), ['1 a@example.com manual', '2 b@example.com manual']);
});

test('JSON lines are checked as the API checks entries', async () => {
  const rows = await rowsOf(
    'ndjson',
    [
      '{"address":"a@example.com","kind":"complaint","stopsBulk":true,"unknown":{}}',
      '{"address":"b@example.com"',
      '["c@example.com"]',
      '{"address":7}',
      '{"kind":"manual"}',
      '{"address":"d@example.com","reason":"a\\u0000b"}',
      '{"address":"e@example.com","reason":"\\ud83d"}',
      '{"address":"f@example.com","stopsBulk":"no"}',
      '{"address":"g@example.com","__proto__":{"kind":"nonsense"}}',
    ].join('\n'),
  );
  assert.deepEqual(rows.map(told), [
    '1 a@example.com complaint',
    '2 line: json',
    '3 line: type',
    '4 address: type',
    '5 address: type',
    '6 reason: pattern',
    '7 reason: pattern',
    '8 stopsBulk: type',
    '9 g@example.com manual',
  ]);
});

const instant = date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const line = (maxLength: number) =>
  string({ maxLength, unit: 'grapheme' }).map((text) => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' '));
const anyEntry = record(
  {
    address: constantFrom(
      'a@example.com',
      '=1+1@example.com',
      "'+x@example.com",
      "'@example.com",
      '+49@example.com',
    ),
    kind: constantFrom('hard_bounce', 'manual', 'allow'),
    stopsTransactional: constantFrom(true),
    stopsBulk: constantFrom(true, false),
    expiresAt: option(instant),
    reason: line(30),
    sender: line(20),
    list: line(20).map((text) => `=${text}`),
    onlyList: constantFrom('', 'news.example.com', '=1+1', '-x'),
    onlySender: constantFrom('', 'news@example.com', '=1+1@example.com'),
    createdAt: instant,
  },
  { noNullPrototype: true },
);

const rest = {
  id: '1',
  subaccountId: 2,
  layer: 'account',
  source: 'api',
  messageId: null,
  updatedAt: new Date(0),
};

test('what is exported is read back the same, as CSV and as JSON lines', async () => {
  const { asyncProperty } = await import('fast-check');
  await check(
    asyncProperty(array(anyEntry, { minLength: 1, maxLength: 5 }), async (entries) => {
      const stored = entries.map((entry) => ({ ...entry, ...rest })) as unknown as Suppression[];
      const files = { csv: csvHeader + stored.map(csvLine).join(''), ndjson: stored.map(jsonLine).join('') };
      for (const format of ['csv', 'ndjson'] as const) {
        const read = (await rowsOf(format, files[format], [5, 9])).map((row) =>
          'entry' in row ? row.entry : row,
        );
        assert.deepEqual(read, entries, format);
      }
    }),
  );
});

test('no cell of an export is a formula to a spreadsheet', () => {
  check(
    property(anyEntry, (entry) => {
      const text = csvLine({ ...entry, ...rest } as unknown as Suppression);
      const [record] = new CsvReader().push({ number: 1, text: text.slice(0, -2) });
      for (const cell of record?.cells ?? []) assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
      assert.equal(record?.cells?.length, 14);
    }),
  );
});
