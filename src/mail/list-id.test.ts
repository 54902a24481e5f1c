import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listKey } from './list-id.ts';

test('a list is compared by what stands in the angle brackets, in lower case', () => {
  const names = [
    'News of us <News.Example.com>',
    '<news.example.com>',
    ' news.example.com ',
    '"a <b>" <c.d>',
  ];
  assert.deepEqual(names.map(listKey), ['news.example.com', 'news.example.com', 'news.example.com', 'c.d']);
});

test('what is empty, too long or an address names no list', () => {
  const names = ['', ' ', '<>', 'x'.repeat(201), 'a@b.example', 'a <b', 'a\u0000b'];
  assert.deepEqual(names.map(listKey), Array<null>(names.length).fill(null));
});
