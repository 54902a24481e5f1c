import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLiquid, renderLiquid } from './liquid.ts';
import type { LiquidEscape } from './liquid.ts';

function run(source: string, data: Record<string, unknown> = {}, escape: LiquidEscape = 'none'): string {
  const parsed = parseLiquid(source, escape);
  if (!parsed.ok) return `parse: ${parsed.message}`;
  const rendered = renderLiquid(parsed.template, data, { escape });
  return rendered.ok ? rendered.text : rendered.reason;
}

test('values, loops and filters render; what is missing is empty', () => {
  assert.equal(
    run('Dear {{ name | upcase }},{% for x in list %} {{ x }}{% endfor %}{{ nothing.at.all }}', {
      name: 'Ada',
      list: [1, 2],
    }),
    'Dear ADA, 1 2',
  );
});

test('HTML output is escaped unless raw is asked for', () => {
  assert.equal(run('{{ a }} {{ a | raw }}', { a: '<b>"' }, 'html'), '&lt;b&gt;&#34; <b>"');
  assert.equal(run('{{ a }}', { a: '<b>' }, 'none'), '<b>');
});

test('no file is read, and no prototype is reached', () => {
  for (const tag of ['include', 'render', 'layout'])
    assert.match(run(`{% ${tag} "/etc/passwd" %}`), /^parse: .*not available/);
  assert.equal(run('{{ a.constructor }}{{ a.__proto__ }}{{ toString }}', { a: { b: 1 } }), '');
});

test('bombs stop within their budget', () => {
  const nested =
    '{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}{{ c }}{% endfor %}{% endfor %}{% endfor %}';
  const doubling = `{% assign s = "xxxxxxxxxx" %}${'{% assign s = s | append: s %}'.repeat(40)}{{ s }}`;
  const range = '{% for a in (1..100000000000) %}x{% endfor %}';
  const padded =
    '{% assign x = "a" %}{% for i in (1..100000) %}{% assign x = x | append: x | append: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" %}{% endfor %}';
  const split = `{% assign s = "${'a,'.repeat(1000)}" %}{% for i in (1..100000) %}{% assign p = s | split: "," %}{% endfor %}`;
  const sorted =
    '{% assign s = (1..900000) | reverse | join: "," | split: "," | sort | join: "," %}{% for i in (1..1000) %}{{ s | split: "," | sort | size }}{% endfor %}';
  for (const source of [nested, doubling, range, padded, split, sorted]) {
    const started = process.cpuUsage();
    assert.equal(run(source), 'budget', source.slice(0, 60));
    const spent = process.cpuUsage(started);
    assert.ok((spent.user + spent.system) / 1000 < 2000, `took ${(spent.user + spent.system) / 1000} ms`);
  }
});

test('a template that does not parse says where', () => {
  const parsed = parseLiquid('{% if a %}open');
  assert.ok(!parsed.ok);
  assert.match(parsed.message, /not closed/);
  assert.match(run('{{ a | nosuch }}'), /error|parse/);
});
