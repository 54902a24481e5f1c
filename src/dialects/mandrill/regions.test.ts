import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inject } from './regions.ts';

test('regions take what is given, the others keep their own, and the attribute goes', () => {
  const html = '<div mc:edit="a">x<b>y</b></div><p mc:edit=\'b\' title="a>b">z</p><img mc:edit="c">1 < 2';
  assert.equal(
    inject(html, { a: '<i>A</i>', c: 'C', none: 'N' }),
    '<div><i>A</i></div><p title="a>b">z</p><img>1 < 2',
  );
});

test('tags that never end are read once', () => {
  for (const piece of [
    '<a',
    '<a ',
    '</a',
    '<a "',
    "<a '",
    '<a mc:edit ',
    '<a mc:edit="x" ',
    '<a mc:edit="x">',
  ]) {
    const html = piece.repeat(Math.floor(1_000_000 / piece.length));
    const started = process.cpuUsage();
    inject(html, { x: 'X' });
    const { user, system } = process.cpuUsage(started);
    assert.ok((user + system) / 1000 < 3000, `${piece} took ${(user + system) / 1000} ms`);
  }
});
