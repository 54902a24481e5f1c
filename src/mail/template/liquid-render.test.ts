import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { compile, render } from './index.ts';

const paths = [
  'a',
  'a.b',
  'a.size',
  'a.first',
  'a[0]',
  'a["b"]',
  'a.b.c',
  'missing',
  'a.constructor',
  'a.length',
];
const word = fc.string({ unit: fc.constantFrom('x', '<', '&', '"', "'", 'ä', '😀') });
const plain = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null));
const value = fc.oneof(
  plain,
  fc.record({ b: plain, first: plain }, { noNullPrototype: true }),
  fc.array(word, { maxLength: 3 }),
);

test('a name is printed by the short way as the library prints it, within blocks as well', () => {
  for (const part of ['html', 'text'] as const) {
    const library = new Liquid({
      ownPropertyOnly: true,
      ...(part === 'html' ? { outputEscape: 'escape' as const } : {}),
    });
    for (const path of paths) {
      const source = `<p>{{ ${path} }}{% if a %}{{ ${path} }};{% endif %}</p>{% for x in l %}{{ x }}{% endfor %}`;
      const compiled = compile('liquid', source, { part });
      assert.ok(compiled.ok);
      fc.assert(
        fc.property(value, (a) => {
          const data = { a, l: ['<', 1] };
          const result = render(compiled.template, data);
          assert.ok(result.ok);
          const wanted = library.parseAndRenderSync(source, data) as string;
          // Without escaping an object has no text here, where the library says [object Object].
          const [ours, theirs] = [result.text, wanted].map((text) => text.replaceAll('[object Object]', ''));
          assert.equal(ours, theirs);
        }),
        { numRuns: 50 },
      );
    }
  }
});
