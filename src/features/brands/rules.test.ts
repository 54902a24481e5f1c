import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { colorProblem, shadesOf, whiteOn } from './rules.ts';

test('a colour is let through when white text on it can be read', () => {
  assert.equal(colorProblem('#1d4ed8'), null);
  assert.equal(colorProblem('#000000'), null);
  assert.match(colorProblem('#ffcc00') ?? '', /contrast of 1\.5 to 1/);
  assert.match(colorProblem('red') ?? '', /#rrggbb/);
  assert.equal(whiteOn('#ffffff'), 1);
});

test('what is filled on light and dark pages bears white text, whatever the colour', () => {
  const part = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(part, part, part, (...rgb) => {
      const color = `#${rgb.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
      fc.pre(colorProblem(color) === null);
      const shades = shadesOf(color);
      assert.equal(shades.length, 10);
      assert.equal(shades[7], color);
      for (const filled of [5, 6, 7, 8, 9]) assert.ok((whiteOn(shades[filled] ?? '') ?? 0) >= 4.45, color);
      // Text on a dark page, whose luminance is about 0.009.
      assert.ok(1.05 / (whiteOn(shades[4] ?? '') ?? 21) / 0.059 >= 4.5, color);
    }),
  );
});
