/** Text on the colours of the console can be read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ember, luminanceThreshold, primaryShade } from '../../console/shell/accent.ts';
import { whiteOn } from '../../src/features/brands/rules.ts';

/** WCAG 1.4.3. */
const contrastMin = 4.5;

test('text on the accent of both schemes and on any grey has a contrast of 4.5 at least', () => {
  const greys = Array.from({ length: 256 }, (_, at) => `#${at.toString(16).padStart(2, '0').repeat(3)}`);
  for (const color of [ember[primaryShade.light], ember[primaryShade.dark], ...greys]) {
    const white = whiteOn(color) ?? assert.fail(`${color} is no colour`);
    const luminance = 1.05 / white - 0.05;
    const contrast = luminance > luminanceThreshold ? (luminance + 0.05) / 0.05 : white;
    assert.ok(contrast >= contrastMin, `${color}: ${contrast.toFixed(2)}`);
  }
});
