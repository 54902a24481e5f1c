import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeMarkup } from './make.ts';
import type { MarkupJob } from './make.ts';

const nothing: MarkupJob = { mjml: null, html: null, inlinesCss: false, makesText: false };

async function made(job: Partial<MarkupJob>): Promise<{ html: string | null; text: string | null }> {
  const result = await makeMarkup({ ...nothing, ...job });
  assert.ok(result.ok, JSON.stringify(result));
  return result;
}

const body = (inner: string): string => `<mjml>
  <mj-body>
    <mj-section><mj-column>
      ${inner}
    </mj-column></mj-section>
  </mj-body>
</mjml>`;

test('MJML becomes HTML that asks nobody for a font, with the tags of every language as they were', async () => {
  const tags = [
    '{{ name }}',
    '{% if a < b %}',
    '{% endif %}',
    '*|NAME|*',
    '{{#if `a > 1`}}',
    '{{/if}}',
    '[[var:a]]',
  ];
  const { html } = await made({ mjml: body(`<mj-text>${tags.join(' ')}</mj-text>`) });
  for (const tag of tags) assert.ok(html?.includes(tag), tag);
  assert.match(html ?? '', /^<!doctype html>/);
  assert.doesNotMatch(html ?? '', /fonts\.googleapis/);
});

test('what is wrong with MJML is told by line, and an include is refused', async () => {
  const cases: Record<string, [number, RegExp]> = {
    [body('<mj-nonsense />')]: [4, /mj-nonsense/],
    [body('<mj-text colour="red">x</mj-text>')]: [4, /colour/],
    [body('<mj-include path="/etc/passwd" />')]: [4, /mj-include is not available/],
    [body('<mj-text><MJ-INCLUDE path="x" /></mj-text>')]: [4, /mj-include is not available/],
    'no markup': [1, /./],
  };
  for (const [mjml, [line, message]] of Object.entries(cases)) {
    const result = await makeMarkup({ ...nothing, mjml });
    assert.ok(!result.ok, mjml);
    assert.equal(result.faults[0]?.line, line, mjml);
    assert.match(result.faults[0]?.message ?? '', message);
  }
});

test('styles go into their elements; tags between table rows stay there, what cannot be inlined stays as well', async () => {
  const html = `<style>.a { color: red } a:hover { color: blue } @media print { .a { color: black } }</style>
<link rel="stylesheet" href="file:///etc/passwd"><table>{{#each items}}<tr><td class="a">{% if a < b %}&amp; x{% endif %}</td></tr>{{/each}}</table>`;
  const inlined = (await made({ html, inlinesCss: true })).html ?? '';
  assert.match(
    inlined,
    /<table>\{\{#each items\}\}<tr><td class="a" style="color: red;">\{% if a < b %\}&amp; x\{% endif %\}<\/td>/,
  );
  assert.match(inlined, /@media print/);
  assert.match(inlined, /a:hover/);
  assert.doesNotMatch(inlined, /root:/);
});

test('the text part says what the HTML says, with its links and its tags', async () => {
  const html =
    '<h1>Hello {{ name }}</h1><p>One &amp; two.<br>Three</p><img src="x" alt="y"><p><a href="https://a.test/{{id}}">Go</a></p>';
  const { text, html: unchanged } = await made({ html, makesText: true });
  assert.equal(text, 'Hello {{ name }}\n\nOne & two.\nThree\n\nGo [https://a.test/{{id}}]\n');
  assert.equal(unchanged, null);
});
