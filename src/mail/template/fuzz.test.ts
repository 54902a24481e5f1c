import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compile, languages, render } from './index.ts';
import type { CompiledTemplate, Language, Part } from './index.ts';
import { isMarkup } from './model.ts';

const pieces = [
  '{{',
  '}}',
  '{{{',
  '}}}',
  '{%',
  '%}',
  '{#',
  '#}',
  '*|',
  '|*',
  '[[',
  ']]',
  '`',
  '"',
  "'",
  '\\',
  '\n',
  '\r\n',
  ' ',
  'a',
  'b.c',
  'list',
  '{{#if a}}',
  '{{/if}}',
  '{{#each list}}',
  '{{/each}}',
  '{{else}}',
  '{{this}}',
  '../',
  '@index',
  '{{upper a}}',
  '{{if a}}',
  '{{elseif b}}',
  '{{end}}',
  '{{each list}}',
  'loop_var',
  'render_snippet("s")',
  '{{ render_snippet("s") }}',
  '{% render "s", a: b %}',
  'render_dynamic_content(dynamic_html.a)',
  '*|IF:A|*',
  '*|ELSE:|*',
  '*|END:IF|*',
  '*|A|*',
  '*|DATE:Y|*',
  '*|UNSUB:http://x|*',
  '{% if a %}',
  '{% endif %}',
  '{% for x in list %}',
  '{% endfor %}',
  '{% set a = a + a %}',
  '{{ a | upcase }}',
  'var:a',
  '[[var:a]]',
  '{$a}',
  '(',
  ')',
  '[',
  ']',
  '.',
  ',',
  ':',
  '|',
  '+',
  '-',
  '*',
  '/',
  '==',
  '<',
  'and',
  'or',
  'not',
  'is',
  '__proto__',
  'constructor',
  'http://',
  '<b>',
  '<template type="amp-mustache">',
  '</template>',
  'sparkpost',
];
const source = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((list) => list.join(''));
const data = fc.dictionary(
  fc.constantFrom('a', 'b', 'list', '__proto__', 'constructor', 'dynamic_html'),
  fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.jsonValue(), { maxLength: 5 }),
    fc.jsonValue(),
  ),
);
const part = fc.constantFrom<Part>('subject', 'text', 'html', 'amp', 'header');

test('whatever source, snippet and data are, a template neither throws nor leaves its bounds', () => {
  const budget = { stepsMax: 5000, outputBytesMax: 20_000, depthMax: 20 };
  for (const language of languages) {
    let [rendered, asked] = [0, 0];
    fc.assert(
      fc.property(source, source, data, part, (text, inner, values, place) => {
        const compiled = compile(language, text, { part: place });
        if (!compiled.ok) return compiled.faults.every(({ line, column }) => line >= 1 && column >= 1);
        rendered += 1;
        const made = compile(language, inner, { part: place, isSnippet: true });
        const snippet = (): CompiledTemplate | null => {
          asked += 1;
          return made.ok ? made.template : null;
        };
        const result = render(compiled.template, values, { budget, now: 0, snippet });
        if (!result.ok) return result.fault.line >= 1 && result.fault.column >= 1;
        assert.ok(place === 'text' || isMarkup(place) || !/[\r\n\0]/.test(result.text));
        return language === 'plain' || Buffer.byteLength(result.text) <= 20_000;
      }),
      { numRuns: 1500 },
    );
    assert.ok(rendered > 50, `${language}: ${rendered} rendered`);
    assert.equal(
      asked > 0,
      language === 'liquid' || language === 'sparkpost',
      `${language}: ${asked} snippets`,
    );
  }
});

test('whatever is repeated in a source, it is read about once', () => {
  const repeated = [
    '[[data:x:',
    '[[var:x:"',
    '[[data:x',
    '{{x',
    '{{ x or ',
    '{{#if x}}',
    '{{! ',
    '{% if x %}',
    '{%',
    '{{ "',
    '*|IF:X|*',
    '*|X',
    '{$x',
    '(',
  ];
  for (const language of languages)
    for (const piece of repeated) {
      const text = piece.repeat(Math.floor(100_000 / piece.length));
      const started = process.cpuUsage();
      const compiled = compile(language, text, { part: 'html' });
      if (compiled.ok) render(compiled.template, { x: 'v' });
      const { user, system } = process.cpuUsage(started);
      const spentMs = (user + system) / 1000;
      assert.ok(spentMs < 2000, `${language} took ${spentMs} ms for ${piece}`);
    }
});

test('a snippet cannot render a snippet, itself included', () => {
  for (const [language, text] of [
    ['liquid', '{% render "s" %}'],
    ['sparkpost', '{{ render_snippet("s") }}'],
  ] as const) {
    const made = compile(language, text, { part: 'text', isSnippet: true });
    assert.equal(made.ok, false, language);
  }
});

const list = Array.from({ length: 1000 }, (_unused, index) => index);
const bombs: readonly (readonly [Language, string])[] = [
  [
    'liquid',
    '{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}{{ c }}{% endfor %}{% endfor %}{% endfor %}',
  ],
  ['liquid', `{% assign s = "xxxxxxxxxx" %}${'{% assign s = s | append: s %}'.repeat(40)}{{ s }}`],
  ['liquid', '{% for a in (1..100000000000) %}x{% endfor %}'],
  ['liquid', '{% for i in (1..100000) %}{{ big }}{% endfor %}'],
  [
    'liquid',
    `{% assign s = "${'a,'.repeat(1000)}" %}{% for i in (1..100000) %}{% assign p = s | split: "," %}{% endfor %}`,
  ],
  ['handlebars', '{{#each list}}{{#each ../list}}{{#each ../list}}{{this}}{{/each}}{{/each}}{{/each}}'],
  ['handlebars', '{{#each list}}{{{../big}}}{{/each}}'],
  ['sparkpost', '{{each list}}{{each list}}{{each list}}{{loop_var}}{{end}}{{end}}{{end}}'],
  ['sparkpost', '{{each list}}{{{big}}}{{end}}'],
  ['sparkpost', '{{each list}}{{render_dynamic_content(big)}}{{end}}'],
  ['merge_tags', '*|BIG|*'.repeat(100)],
  [
    'mailersend',
    '{% for a in list %}{% for b in list %}{% for c in list %}{{ c }}{% endfor %}{% endfor %}{% endfor %}',
  ],
  [
    'mailjet',
    '{% for a in var:list %}{% for b in var:list %}{% for c in var:list %}{{ c }}{% endfor %}{% endfor %}{% endfor %}',
  ],
  ['mailjet', `{% set s = var:big %}${'{% set s = s + s %}'.repeat(60)}{{s}}`],
];

test('bombs stop within their budget', () => {
  for (const [language, text] of bombs) {
    const started = process.cpuUsage();
    const compiled = compile(language, text, { part: 'text' });
    assert.ok(compiled.ok, text.slice(0, 60));
    const result = render(compiled.template, { list, big: 'x'.repeat(100_000) });
    const spent = process.cpuUsage(started);
    assert.equal(result.ok ? 'rendered' : result.fault.kind, 'budget', `${language}: ${text.slice(0, 60)}`);
    assert.ok(
      (spent.user + spent.system) / 1000 < 3000,
      `${language} took ${(spent.user + spent.system) / 1000} ms`,
    );
  }
});

test('braces of AMP templates are found in one pass, however they are left open', () => {
  const opening = '<template type="amp-mustache">';
  for (const piece of [
    '<template',
    '<template ',
    '<template type ',
    `<template "<template '`,
    opening,
    `${opening}{{`,
    `${opening}{{ x`,
    `${opening}{{x}}</template`,
    `${opening}{{sparkpost}}`,
    `${opening}</template>`,
    '{{sparkpost',
  ]) {
    const source = piece.repeat(Math.floor(1_000_000 / piece.length));
    for (const text of [source, opening + source, `${source}>{{x}}`]) {
      const started = process.cpuUsage();
      compile('sparkpost', text.slice(0, 1_048_576), { part: 'amp' });
      const { user, system } = process.cpuUsage(started);
      assert.ok((user + system) / 1000 < 2000, `${piece} took ${(user + system) / 1000} ms`);
    }
  }
});

test('nesting that would exhaust the stack is a fault', () => {
  const deep: readonly (readonly [Language, string])[] = [
    ['handlebars', `${'{{#a}}'.repeat(20_000)}${'{{/a}}'.repeat(20_000)}`],
    ['handlebars', `{{upper ${'(upper '.repeat(20_000)}a${')'.repeat(20_000)}}}`],
    ['sparkpost', `${'{{if a}}'.repeat(20_000)}${'{{end}}'.repeat(20_000)}`],
    ['sparkpost', `{{ ${'('.repeat(20_000)}a${')'.repeat(20_000)} }}`],
    ['sparkpost', `{{ a${' + 1'.repeat(20_000)} }}`],
    ['merge_tags', '*|IF:A|*'.repeat(20_000)],
    ['mailersend', '{% if a %}'.repeat(20_000)],
    ['mailjet', `{{ ${'not '.repeat(20_000)} var:a }}`],
    ['liquid', '{% if a %}'.repeat(20_000)],
  ];
  for (const [language, text] of deep) {
    const compiled = compile(language, text, { part: 'html' });
    const isFault = !compiled.ok || !render(compiled.template, { a: 1 }).ok;
    assert.ok(isFault, `${language} ${text.slice(0, 30)}`);
  }
});
