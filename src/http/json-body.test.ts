import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isRefusal } from '../features/refusals/index.ts';
import { parseJsonBody } from './json-body.ts';
import { scanJson } from './json-scan.ts';

/** `field: rule` of the refusal. */
function refusalOf(body: string | Buffer): string {
  try {
    parseJsonBody(Buffer.from(body));
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    const [first] = error.details.errors ?? [];
    return `${first?.field}: ${first?.rule}`;
  }
  return 'none';
}

test('any JSON value without poison comes back as JSON.parse would give it', () => {
  const clean = fc.jsonValue().map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(clean, (text) => {
      if (/__proto__|constructor|\\u0000|\\ud/i.test(text)) return;
      assert.deepEqual(parseJsonBody(Buffer.from(text)), JSON.parse(text));
      assert.equal(scanJson(text).kind, 'whole');
    }),
    { numRuns: 300 },
  );
});

test('the scanner finds a fault exactly where JSON.parse refuses, over any damaged text', () => {
  const damaged = fc
    .tuple(
      fc.jsonValue(),
      fc.nat(),
      fc.constantFrom('', '"', ',', '}', ']', '\\', 'x', '1', '\n', '\0', '{', '[', ':'),
    )
    .map(([value, spot, char]) => {
      const text = JSON.stringify(value);
      const at = spot % (text.length + 1);
      return text.slice(0, at) + char + text.slice(at + (spot % 2));
    });
  fc.assert(
    fc.property(damaged, (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      const { kind } = scanJson(text);
      assert.equal(kind !== 'broken', isJson, `${kind}: ${text}`);
    }),
    { numRuns: 500 },
  );
});

test('what neither the store nor an object can hold is refused by its path', () => {
  const cases: [string | Buffer, string][] = [
    ['{"a":{"b":["x","\\u0000"]}}', 'a.b[1]: text'],
    ['{"a":"\\ud800"}', 'a: text'],
    ['{"a":"\\udc00\\ud800"}', 'a: text'],
    ['{"a":"\\ud83d\\ude00"}', 'none'],
    ['{"a":"\\\\u0000"}', 'none'],
    ['{"a":{"\\ud800":1}}', 'a["\ufffd"]: text'],
    ['{"a":1,"b":{"c":1,"c":2}}', 'b.c: duplicate'],
    ['{"a":1,"\\u0061":2}', 'a: duplicate'],
    ['{"a":"x\\":","b":":"}', 'none'],
    ['{"a" : 1 , "b"\n:\t2}', 'none'],
    ['["a","b:",{"a":1}]', 'none'],
    ['{"__proto__":1}', '__proto__: key'],
    ['{"a":[{"\\u005f_proto__":{}}]}', 'a[0].__proto__: key'],
    ['{"constructor":{"prototype":{}}}', 'constructor: key'],
    ['{"constructor":"Smith"}', 'none'],
    [Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]), 'a: utf8'],
    [
      Buffer.concat([Buffer.from('{"a":"\ufffd","b":["'), Buffer.from([0xc3]), Buffer.from('"]}')]),
      'b[0]: utf8',
    ],
    [
      Buffer.concat([Buffer.from('{"a":1,"b'), Buffer.from([0xff]), Buffer.from('":2}')]),
      '["b\ufffd"]: utf8',
    ],
    ['', 'body: json'],
    ['{"a":1,}', 'a: json'],
    ['{"a":[1,01]}', 'a[1]: json'],
    ['nul', 'body: json'],
    [`${'['.repeat(64)}${']'.repeat(64)}`, 'none'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, `${'[0]'.repeat(64)}: depth`],
  ];
  for (const [body, expected] of cases) assert.equal(refusalOf(body), expected, String(body).slice(0, 60));
});

test('a million brackets neither overflow the stack nor take long', () => {
  assert.match(refusalOf('['.repeat(1_000_000)), /depth$/);
  assert.match(refusalOf(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`), /depth$/);
  assert.match(refusalOf('{"a":'.repeat(200_000)), /depth$/);
  assert.match(refusalOf('"'.repeat(1_000_001)), /json$/);
  assert.match(refusalOf(`{"a":"${'\\\\'.repeat(500_000)}`), /json$/);
});
