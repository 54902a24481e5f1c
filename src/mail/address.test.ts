import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, property, string } from 'fast-check';
import {
  formatMailbox,
  needsSmtputf8,
  parseAddress,
  parseDomainName,
  parseMailbox,
  parseMailboxList,
} from './address.ts';

test('addresses that are valid keep their local part and get an A-label domain in lower case', () => {
  const cases: Record<string, string> = {
    'a@b.test': 'a@b.test',
    'First.Last+tag@Example.COM': 'First.Last+tag@example.com',
    '"odd \\" one"@b.test': '"odd \\" one"@b.test',
    'δοκ@ok.test': 'δοκ@ok.test',
    'a@bücher.example': 'a@xn--bcher-kva.example',
    [`${'x'.repeat(64)}@b.test`]: `${'x'.repeat(64)}@b.test`,
  };
  for (const [text, wanted] of Object.entries(cases)) assert.equal(parseAddress(text)?.text, wanted, text);
  const wide = parseAddress('δοκ@ok.test');
  assert.ok(wide !== null && needsSmtputf8(wide));
});

test('addresses that are not valid are none', () => {
  const cases = [
    '',
    'a',
    '@b.test',
    'a@',
    'a@b',
    'a@b.test.',
    'a..b@c.test',
    '.a@b.test',
    'a@-b.test',
    'a b@c.test',
    'a@b_c.test',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    `${'x'.repeat(65)}@b.test`,
    'a@b.test\r\nBcc: x@y.test',
    'a\0@b.test',
    'a@b..test',
    '<a@b.test>',
    'a@\ud800.test',
    '"a\r\nb"@c.test',
  ];
  for (const text of cases) assert.equal(parseAddress(text), null, JSON.stringify(text));
  assert.equal(parseDomainName(`${'a.'.repeat(130)}test`), null);
});

test('a mailbox survives being written and read, whatever its name', () => {
  const address = parseAddress('a@b.test');
  assert.ok(address !== null);
  check(
    property(string({ unit: 'grapheme', maxLength: 100 }), (name) => {
      const printed = formatMailbox({ address, name });
      assert.ok(!/[\r\n\0]/.test(printed));
      const read = parseMailbox(printed);
      const wanted = name.replaceAll(/[\r\n\0]+/g, ' ').trim();
      return read?.address.text === 'a@b.test' && (read.name ?? '').trim() === wanted;
    }),
  );
});

test('header lists with quotes, comments and groups are read, broken ones are none', () => {
  const read = (text: string): unknown =>
    parseMailboxList(text)?.map(({ address, name }) => [name ?? '', address.text]);
  assert.deepEqual(read('"A, B" <x@y.test>, c@d.test (comment, with comma), Team: e@f.test, G <g@h.test>;'), [
    ['A, B', 'x@y.test'],
    ['', 'c@d.test'],
    ['', 'e@f.test'],
    ['G', 'g@h.test'],
  ]);
  for (const broken of ['a', '"open <a@b.test>', 'a@b.test (open', 'a@b.test c@d.test', '<a@b.test> x'])
    assert.equal(read(broken) ?? null, null, broken);
});
