import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, render } from '../../mail/template/index.ts';
import type { Data, Part } from '../../mail/template/index.ts';
import { starters } from './starters.ts';

function rendered(source: string, part: Part, data: Data): string {
  const compiled = compile('liquid', source, { part });
  assert.ok(compiled.ok, JSON.stringify(compiled));
  const result = render(compiled.template, data);
  assert.ok(result.ok, JSON.stringify(result));
  return result.text;
}

/** Texts of the example, however deep. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

test('every starter shows all of its example in HTML and text, and stands without any data', () => {
  assert.ok(starters.length >= 6);
  for (const { slug, subject, html, text, example } of starters) {
    const all = rendered(subject, 'subject', example) + rendered(html, 'html', example);
    const plain = rendered(subject, 'subject', example) + rendered(text, 'text', example);
    for (const shown of textsIn(example)) {
      assert.ok(all.includes(shown.replaceAll("'", '&#39;')), `${slug}, html: ${shown}`);
      if (!/jpg$|window$/.test(shown)) assert.ok(plain.includes(shown), `${slug}, text: ${shown}`);
    }
    for (const [source, part] of [
      [html, 'html'],
      [text, 'text'],
      [subject, 'subject'],
    ] as const)
      assert.doesNotMatch(rendered(source, part, {}), /\{[{%]|undefined/, slug);
  }
});

test('every starter says its language and both colour schemes, has one heading, and images with words', () => {
  for (const { slug, html } of starters) {
    assert.match(html, /<html lang="en"/, slug);
    assert.match(html, /name="color-scheme" content="light dark"/, slug);
    assert.match(html, /prefers-color-scheme: dark/, slug);
    assert.equal(html.match(/<h1>/g)?.length, 1, slug);
    for (const [table] of html.matchAll(/<table[^>]*>/g))
      assert.match(table, /role="presentation"|class="lines"/, slug);
    for (const [image] of html.matchAll(/<img[^>]*>/g)) assert.match(image, /alt="/, slug);
  }
});

/** Relative luminance and contrast as WCAG 2.2 has them. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('text, links and buttons of the starters have a contrast of 4.5 in light and in dark', () => {
  const pairs = [
    ['#1f2933', '#ffffff'],
    ['#52606d', '#f3f4f6'],
    ['#1a56b0', '#ffffff'],
    ['#e4e7eb', '#1f252c'],
    ['#b0bac5', '#14181d'],
    ['#8ab8ff', '#1f252c'],
    ['#10151a', '#8ab8ff'],
  ] as const;
  const [html = ''] = starters.map((starter) => starter.html);
  for (const [text, ground] of pairs) {
    assert.ok(html.includes(text) && html.includes(ground), `${text} on ${ground} is no longer used`);
    assert.ok(contrast(text, ground) >= 4.5, `${text} on ${ground}: ${contrast(text, ground)}`);
  }
});
