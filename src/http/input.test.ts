import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { fields, record, text, word } from '../base/route.ts';
import { compileChecker } from './input.ts';

const Source = Type.Union([
  fields({ kind: Type.Literal('inline'), html: word(5) }),
  fields({
    kind: Type.Literal('template'),
    id: word(5),
    data: Type.Optional(record(text(3), { nameLengthMax: 4, entriesMax: 2 })),
  }),
]);
const checker = compileChecker(
  'body',
  fields({
    source: Source,
    name: Type.Optional(Type.Union([word(3), Type.Null()])),
    lane: Type.Optional(Type.Union([Type.Literal('bulk'), Type.Literal('transactional')])),
    mode: Type.Optional(Type.Enum(['a', 'b'])),
    size: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: 9 }), Type.String({ maxLength: 2 })]),
    ),
  }),
);

const good = { kind: 'inline', html: 'x' };

test('a fault is worded for the branch that the caller meant', () => {
  const cases: [object, string[]][] = [
    [{ source: good, name: 'long' }, ['name must not be longer than 3 characters']],
    [{ source: good, name: 5 }, ['name must be one of a string, a null']],
    [{ source: good, lane: 'fast' }, ['lane must be one of "bulk", "transactional"']],
    [{ source: good, mode: 'c' }, ['mode must be one of "a", "b"']],
    [{ source: good, size: 'abc' }, ['size must not be longer than 2 characters']],
    [{ source: { kind: 'template' } }, ['source.id is missing']],
    [{ source: { ...good, id: 'x' } }, ['source.id is not a field of this request']],
    [{ source: { kind: 'other', html: 'x' } }, ['source.kind must be one of "inline", "template"']],
    [{ source: 'x' }, ['source must be an object']],
    [{ source: { kind: 'template', id: 'x', data: { a: 1 } } }, ['source.data.a must be a string']],
    [
      { source: { kind: 'template', id: 'x', data: { 'a\n': 'b' } } },
      ['source.data["a\\n"] is a name that must match ^[^\\u0000-\\u001f\\u007f\\u2028\\u2029]*$'],
    ],
    [
      { source: { kind: 'template', id: 'x', data: { abcde: 'b' } } },
      ['source.data.abcde is a name that must not be longer than 4 characters'],
    ],
    [
      { source: { kind: 'template', id: 'x', data: { a: '', b: '', c: '' } } },
      ['source.data must not have more than 2 entries'],
    ],
    [[], ['body must be an object']],
  ];
  for (const [value, expected] of cases) {
    assert.equal(checker.check(value), false);
    const words = checker.errors(value).map(({ field, message }) => `${field} ${message}`);
    assert.deepEqual(words, expected, JSON.stringify(value));
  }
  assert.equal(checker.check({ source: good, name: null, lane: 'bulk', mode: 'a', size: 9 }), true);
});

test('at most 20 faults are listed, whatever came', () => {
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`n${index}`, index]));
  assert.equal(checker.errors(many).length, 20);
});
