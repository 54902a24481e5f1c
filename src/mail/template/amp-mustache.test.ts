import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, render } from './index.ts';
import type { Data, Part } from './index.ts';

function table(data: Data, cases: readonly (readonly [source: string, wanted: string, part: Part])[]): void {
  for (const [source, wanted, part] of cases) {
    const compiled = compile('sparkpost', source, { part });
    assert.ok(compiled.ok, source);
    assert.deepEqual(render(compiled.template, data), { ok: true, text: wanted }, source);
  }
}

test("SparkPost's language leaves the braces of AMP's own templates, but for what says that it is SparkPost's", () => {
  const data = { name: '<Ida>', sparkpost_name: '<Bo>', goods: ['Soap', 'Comb'], yes: true };
  const framed = (outer: string, inner: string): string =>
    `${outer}<template type="amp-mustache">${inner}</template>${outer}`;
  const within = (inner: string): string => framed('{{name}}', inner);
  const around = (inner: string): string => framed('&lt;Ida&gt;', inner);
  const literal =
    "{{#cart}}{{{name}}}{{name}}{{/cart}}{{^cart}}{{! it's none }}{{/cart}}{{elseif x}}{{if a}}";
  table(data, [
    [within(literal), around(literal), 'amp'],
    [within('{{sparkpost_name}} {{{sparkpost_name}}}'), around('&lt;Bo&gt; <Bo>'), 'amp'],
    [
      within('{{opening_double_curly()}}{{ closing_triple_curly() }}{{{opening_single_curly()}}}'),
      around('{{}}}{'),
      'amp',
    ],
    [
      '{{each goods}}<template type=amp-mustache><b>{{x}} {{loop_var}}</b></template>{{end}}',
      '<template type=amp-mustache><b>{{x}} Soap</b></template><template type=amp-mustache><b>{{x}} Comb</b></template>',
      'amp',
    ],
    [within('{{if sparkpost_name}}a{{x}}{{else}}b{{end}}'), around('a{{x}}'), 'amp'],
    [within('{{ open'), '&lt;Ida&gt;<template type="amp-mustache">{{ open</template>&lt;Ida&gt;', 'amp'],
    [
      '<TEMPLATE id="a>b" type=\'amp-mustache\'>{{x}}',
      '<TEMPLATE id="a>b" type=\'amp-mustache\'>{{x}}',
      'amp',
    ],
    ['<template type="other">{{name}}</template>', '<template type="other">&lt;Ida&gt;</template>', 'amp'],
    [within('{{name}}'), around('&lt;Ida&gt;'), 'html'],
    ['<a href="https://s.test/?n={{name}}">', '<a href="https://s.test/?n=%3CIda%3E">', 'amp'],
  ]);
  const chunk = '<i>{{name}}</i><template type="amp-mustache">{{name}}</template>';
  table({ ...data, dynamic_amp_html: { chunk } }, [
    [
      '{{ render_dynamic_content(dynamic_amp_html.chunk) }}',
      '<i>&lt;Ida&gt;</i><template type="amp-mustache">{{name}}</template>',
      'amp',
    ],
  ]);
});
