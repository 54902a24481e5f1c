import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import mjml2html from 'mjml-browser';
import { attributesOf, withAttribute } from '../../console/pages/template/design/attributes.ts';
import {
  harmlessStyles,
  piecesOf,
  plainOf,
  sourceOfPieces,
  typed,
} from '../../console/pages/template/design/content.ts';
import { blocks, mayStandIn } from '../../console/pages/template/design/kinds.ts';
import { fieldMark, isOutput, marksFor, snippetMark } from '../../console/pages/template/design/marks.ts';
import { Styling } from '../../console/pages/template/design/styling.ts';
import { designSource, newPart, readDesign, sourceOf } from '../../console/pages/template/design/tree.ts';
import type { Design, Part } from '../../console/pages/template/design/tree.ts';
import { compile, languages, render } from '../../src/mail/template/index.ts';

function designOf(source: string): Design {
  const read = readDesign(source);
  assert.ok(read.ok, read.ok ? '' : `line ${read.line}: ${read.message}`);
  return read.design;
}

const mail = `<mjml>
  <mj-head><mj-title>Order {{ id }}</mj-title></mj-head>
  <mj-body background-color="#eeeeee">
    <!-- top -->
    <mj-section padding='0'>
      <mj-column><mj-text  color="{{ "red" | default: "<b>" }}" >Dear {{ name }} &amp; <b>you</b></mj-text
      ></mj-column>
    </mj-section>
    <mj-raw>{% for line in lines %}</mj-raw>
    <mj-section><mj-column><mj-text>{{ line }}</mj-text></mj-column></mj-section>
    <mj-raw>{% endfor %}</mj-raw>
    <mj-section><mj-column>
      <mj-navbar><mj-navbar-link href="/">Home</mj-navbar-link></mj-navbar>
      <mj-image src="https://x.example/a.png?a=1&b=2" alt="A" /><mj-social><mj-social-element name="x" href="#">X</mj-social-element></mj-social>
    </mj-column></mj-section>
  </mj-body>
</mjml>
`;

test('what is read is written again byte for byte', () => {
  assert.equal(designSource(designOf(mail)), mail);
});

test('a loop around sections is one part, and what is not known is kept as it stands', () => {
  const { body } = designOf(mail);
  assert.deepEqual(
    body.children.map((part) => (part.form === 'raw' ? 'raw' : part.name)),
    ['mj-section', 'raw', 'mj-section'],
  );
  const [, loop] = body.children;
  assert.match(sourceOf(loop as Part), /^<mj-raw>\{% for[^]*\{% endfor %\}<\/mj-raw>$/);
  const forms: string[] = [];
  const visit = (part: Part): void => {
    forms.push(part.form === 'raw' ? part.source.slice(0, 11) : part.name);
    if (part.form === 'box') part.children.forEach(visit);
  };
  visit(body.children[2] as Part);
  assert.deepEqual(forms, [
    'mj-section',
    'mj-column',
    '<mj-navbar>',
    'mj-image',
    'mj-social',
    'mj-social-element',
  ]);
});

test('a block that begins in one part and ends in another keeps both together', () => {
  const crossed = '<mj-section><mj-column><mj-text>{% if a %}</mj-text></mj-column></mj-section>';
  const body = `<mj-body>${crossed}<mj-section><mj-column><mj-text>{% endif %}</mj-text></mj-column></mj-section></mj-body>`;
  const [only, ...others] = designOf(body).body.children;
  assert.equal(others.length, 0);
  assert.equal(only?.form, 'raw');
  const read = readDesign(`<mjml>\n<mj-body>\n${crossed}\n</mj-body></mjml>`);
  assert.deepEqual(read.ok ? null : read.line, 2);
});

test('what cannot be read is told by its line', () => {
  const faults = (source: string): unknown => {
    const read = readDesign(source);
    return read.ok ? null : [read.line, read.message];
  };
  assert.deepEqual(faults('<mjml></mjml>'), [1, 'it has no <mj-body>']);
  assert.deepEqual(faults('<mjml>\n<mj-body>\n<mj-section>\n</mj-body></mjml>'), [
    3,
    '<mj-section> is not ended before </mj-body>',
  ]);
  assert.deepEqual(faults('<mj-body>\n<mj-text>a</mj-body>'), [2, '<mj-text> has no end tag']);
  assert.deepEqual(faults('<mj-body>\n\n<mj-section a="'), [3, 'this tag is not ended by >']);
  assert.deepEqual(faults('<mj-body></mj-body>\n</mj-section>'), [2, '</mj-section> ends nothing']);
});

test('a new part gets a line of its own, and nothing else changes', () => {
  const source =
    '<mjml>\n  <mj-body>\n    <mj-section>\n      <mj-column></mj-column>\n    </mj-section>\n  </mj-body>\n</mjml>';
  const design = designOf(source);
  const children = [...design.body.children, newPart(blocks[0]?.source ?? '')];
  const made = designSource({ ...design, body: { ...design.body, children } });
  assert.equal(
    made,
    source.replace(
      '\n  </mj-body>',
      '\n    <mj-section>\n      <mj-column>\n        <mj-text>Text</mj-text>\n      </mj-column>\n    </mj-section>\n  </mj-body>',
    ),
  );
  assert.equal(designSource(designOf(made)), made);
});

test('every block is read as what it is, may stand where mail has room for it, and is MJML', async () => {
  for (const { id, source } of blocks) {
    const part = newPart(source);
    assert.equal(part.form === 'raw', false, id);
    const name = part.form === 'raw' ? '' : part.name;
    const isSection = mayStandIn(name, 'mj-body') && name !== 'mj-raw';
    const whole = isSection ? source : `<mj-section><mj-column>${source}</mj-column></mj-section>`;
    const { errors } = await mjml2html(`<mjml><mj-body>${whole}</mj-body></mjml>`, {
      validationLevel: 'soft',
      fonts: {},
    });
    assert.deepEqual(errors, [], id);
  }
});

const word = fc.stringMatching(/^[a-zA-Z0-9 .,äß\n]{0,12}$/);
const markText = fc.constantFrom(
  '{{ name }}',
  '{{ "a>b" | default: "<i>" }}',
  '{% if a %}x{% endif %}',
  '{% raw %}</mj-text{{{% endraw %}',
  '*|NAME|*',
  '{{{ html }}}',
  '%}',
  // Apart from what follows: `{` and `%}` together begin a mark that the language reads on to the next end.
  '{ ',
  '&nbsp;',
);
const inline = fc.constantFrom(
  '<b>b</b>',
  '<br>',
  '<img onerror="x" src=y>',
  '<script>1<2</script>',
  '<!-- c -->',
  '<p>',
);
const content = fc.array(fc.oneof(word, markText, inline), { maxLength: 5 }).map((all) => all.join(''));
const space = fc.constantFrom('', ' ', '\n', '\n    ', '\n\t<!-- note -->\n  ');
const value = fc
  .array(
    fc.oneof(
      fc.stringMatching(/^[a-zA-Z0-9 #&;<>'=/.-]{0,8}$/),
      fc.constantFrom('{{ c }}', '{{ c | x: "y" }}'),
    ),
    {
      maxLength: 3,
    },
  )
  .map((all) => all.join(''));
const attributes = fc
  .array(fc.tuple(fc.constantFrom('color', 'href', 'padding', 'data-x'), value), { maxLength: 3 })
  .map((all) => all.map(([name, text]) => ` ${name}="${text}"`).join(''));
const leaf = fc
  .tuple(space, fc.constantFrom('mj-text', 'mj-button', 'mj-table'), attributes, content)
  .map(([lead, name, given, text]) => `${lead}<${name}${given}>${text}</${name}>`);
const empty = fc
  .tuple(space, fc.constantFrom('mj-image', 'mj-spacer', 'mj-unknown'), attributes)
  .map(([lead, name, given]) => `${lead}<${name}${given}/>`);
const loop = leaf.map((inner) => `{% for a in b %}${inner}{% endfor %}`);
const column = fc
  .tuple(space, fc.array(fc.oneof(leaf, empty, loop), { maxLength: 4 }), space)
  .map(([lead, children, tail]) => `${lead}<mj-column>${children.join('')}${tail}</mj-column>`);
const section = fc
  .tuple(space, attributes, fc.array(column, { maxLength: 3 }), space)
  .map(
    ([lead, given, children, tail]) => `${lead}<mj-section${given}>${children.join('')}${tail}</mj-section>`,
  );
const whole = fc
  .tuple(space, fc.array(section, { maxLength: 3 }), space)
  .map(
    ([lead, children, tail]) => `<mjml>${lead}<mj-body>${children.join('')}${tail}</mj-body>${lead}</mjml>\n`,
  );

test('any mail is read and written byte for byte, and a part that is taken out leaves all others as they were', () => {
  fc.assert(
    fc.property(whole, fc.nat(), (source, pick) => {
      const design = designOf(source);
      assert.equal(designSource(design), source);
      const { children } = design.body;
      if (children.length === 0) return;
      const at = pick % children.length;
      const gone = children[at] as Part;
      const rest = children.filter((_, index) => index !== at);
      const made = designSource({ ...design, body: { ...design.body, children: rest } });
      const bytes = (parts: readonly Part[]): string =>
        parts.map((part) => (part.lead ?? '') + sourceOf(part)).join('');
      const start = design.before.length + design.body.open.length + bytes(children.slice(0, at)).length;
      assert.equal(made, source.slice(0, start) + source.slice(start + bytes([gone]).length));
      assert.equal(designSource(designOf(made)), made);
    }),
    { numRuns: 300 },
  );
});

test('an attribute is set to any text and read again, beside others that keep their bytes', () => {
  fc.assert(
    fc.property(attributes, value, (given, text) => {
      const open = `<mj-text${given} title='it&apos;s' />`;
      const set = withAttribute(open, 'alt', text);
      assert.equal(attributesOf(set)['alt']?.replaceAll("'", '"'), text.replaceAll("'", '"'));
      assert.equal(withAttribute(set, 'alt', null), open);
      assert.equal(withAttribute(set, 'alt', attributesOf(set)['alt'] ?? ''), set);
      const again = withAttribute(set, 'title', 'b');
      assert.equal(again, set.replace("title='it&apos;s'", 'title="b"'));
    }),
    { numRuns: 300 },
  );
});

test('the wording of a part is written again byte for byte; scripts, images and unpaired tags are one piece each', () => {
  fc.assert(
    fc.property(fc.tuple(content, fc.constantFrom('', '{{', '<', '<b', '</'), content), (texts) => {
      const text = texts.join('');
      assert.equal(sourceOfPieces(piecesOf(text)), text);
    }),
    { numRuns: 500 },
  );
  const kindsOf = (text: string): readonly string[] =>
    piecesOf(text).map((piece) => (piece.kind === 'element' ? piece.name : `${piece.kind} ${piece.source}`));
  assert.deepEqual(kindsOf('Hi {{ a }}<script>x("<b>")</script><img src=x onerror=y><b>b</b></i>'), [
    'text Hi ',
    'mark {{ a }}',
    'opaque <script>x("<b>")</script>',
    'opaque <img src=x onerror=y>',
    'b',
    'opaque </i>',
  ]);
  assert.deepEqual(kindsOf('<p>a<b>b</p>c'), ['p', 'text c']);
  assert.deepEqual(kindsOf('a < b'), ['text a < b']);
});

test('what is typed is text, but for marks', () => {
  assert.equal(typed('<b> & {{ a | x: "<" }}\u00a0'), '&lt;b&gt; &amp; {{ a | x: "<" }}&nbsp;');
});

test('of styles only what asks nobody for anything is shown', () => {
  assert.deepEqual(
    harmlessStyles('color: red; background: url(x); background-color: rgb(1, 2, 3); color: ur\\6c(x)'),
    [
      ['color', 'red'],
      ['background-color', 'rgb(1, 2, 3)'],
    ],
  );
});

/** The browser's own, as far as these tests have entities. */
const entities = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&nbsp;', '\u00a0'],
]);
const decode = (entity: string): string => entities.get(entity) ?? entity;

const styled = (text: string): Styling => new Styling(text, decode);

/** What is not a tag of ours, in order. */
function inkOf(text: string): string {
  const visit = (pieces: ReturnType<typeof piecesOf>): string =>
    pieces
      .map((piece) =>
        piece.kind === 'element'
          ? /^(?:b|strong|i|em|a)$/.test(piece.name)
            ? visit(piece.children)
            : `${piece.name}:${visit(piece.children)}`
          : piece.source,
      )
      .join('');
  return visit(piecesOf(text));
}

test('chosen words become bold, and are so no more the second time', () => {
  const text = 'Dear {{ name }} &amp; <i>all of you</i>, hello';
  const range = { start: 5, end: 27 };
  const bold = styled(text).toggled('bold', range);
  assert.equal(bold, 'Dear <b>{{ name }} &amp; </b><i><b>all of yo</b>u</i>, hello');
  assert.equal(styled(bold).is('bold', range), true);
  assert.equal(styled(bold).is('bold', { start: 0, end: 27 }), false);
  assert.equal(styled(bold).toggled('bold', range), text);
  assert.equal(
    styled('<strong>one two</strong>').toggled('bold', { start: 3, end: 7 }),
    '<strong>one</strong> two',
  );
});

test('each line is made bold by itself, and a condition stays outside of the tags', () => {
  const all = (text: string): string => styled(text).toggled('bold', { start: 0, end: styled(text).length });
  assert.equal(all('<p>one</p>\n<p>two</p>'), '<p><b>one</b></p>\n<p><b>two</b></p>');
  assert.equal(all('a {% if x %}b{% endif %} c'), '<b>a </b>{% if x %}<b>b</b>{% endif %}<b> c</b>');
  assert.equal(all('a{{#if x}}b{{else}}c{{/if}}'), '<b>a</b>{{#if x}}<b>b</b>{{else}}<b>c</b>{{/if}}');
  assert.equal(all('<td>a</td>{% render "x" %}'), '<td><b>a</b></td>{% render "x" %}');
  assert.equal(all('&amp;&lt;'), '<b>&amp;&lt;</b>');
  assert.equal(styled('&amp;&lt;').toggled('italic', { start: 1, end: 2 }), '&amp;<i>&lt;</i>');
});

test('a link goes around words and images, is found again by a place in it, changed and taken away', () => {
  const text = 'See <img src="a.png" alt="x"> our <b>shop</b> now';
  const label = 'image: x'.length;
  const range = { start: 4, end: 4 + label + 9 };
  const linked = styled(text).linked('https://x.example/?a=1&b={{ id | x: "y" }}', range);
  assert.equal(
    linked,
    `See <a href="https://x.example/?a=1&amp;b={{ id | x: 'y' }}"><img src="a.png" alt="x"> our <b>shop</b></a> now`,
  );
  const found = styled(linked).linkAt({ start: 8, end: 8 });
  assert.deepEqual(found, { href: "https://x.example/?a=1&b={{ id | x: 'y' }}", range });
  assert.equal(styled(linked).linked(null, range), text);
  assert.equal(
    styled(linked).linked('/', range),
    text.replace('<img', '<a href="/"><img').replace('</b>', '</b></a>'),
  );
  assert.equal(styled(linked).linkAt({ start: 0, end: 3 }), null);
});

test('a mark is put in where the cursor stands, and nothing else changes', () => {
  assert.equal(styled('Dear <b>you</b>!').inserted('{{ name }}', 6), 'Dear <b>y{{ name }}ou</b>!');
  assert.equal(styled('a&amp;b').inserted('{{ x }}', 2), 'a&amp;{{ x }}b');
  assert.equal(styled('').inserted('{{ x }}', 0), '{{ x }}');
  assert.equal(styled('{{ a }}').inserted('{{ b }}', 0), '{{ b }}{{ a }}');
  assert.equal(styled('{{ a }}').inserted('{{ b }}', 7), '{{ a }}{{ b }}');
});

test('whatever is styled or put in, all other bytes stay', () => {
  const place = fc.nat({ max: 60 });
  fc.assert(
    fc.property(content, place, place, fc.constantFrom('bold', 'italic'), (text, one, other, style) => {
      const before = styled(text);
      const range = {
        start: Math.min(one, other, before.length),
        end: Math.min(Math.max(one, other), before.length),
      };
      const link = before.linked('https://u.example/', range);
      assert.equal(link.replaceAll('<a href="https://u.example/">', '').replaceAll('</a>', ''), text);
      assert.equal(styled(link).length, before.length);
      assert.equal(styled(link).linked(null, range), text);
      const made = before.toggled(style, range);
      assert.equal(inkOf(made), inkOf(text));
      assert.equal(styled(made).length, before.length);
      // The other way round as well, unless there was nothing to be styled.
      if (made !== text && !before.is(style, range)) assert.equal(styled(made).is(style, range), true);
      const put = before.inserted('{{ put.in }}', range.end);
      assert.equal(put.replace('{{ put.in }}', ''), text);
      assert.equal(sourceOfPieces(piecesOf(made)), made);
    }),
    { numRuns: 500 },
  );
  assert.equal(plainOf('a &amp;&nbsp;b', decode), 'a &\u00a0b');
});

test('what is offered of each language is read by it, and stands for its field', () => {
  const shown = (language: (typeof languages)[number], mark: string): string => {
    const compiled = compile(language, `<${mark}>`, { part: 'text' });
    assert.ok(compiled.ok, `${language} ${mark}`);
    const data = { name: 'Ada', order: { id: 7 } };
    const rendered = render(compiled.template, data, { now: 0, unsubscribe: () => 'bye' });
    assert.ok(rendered.ok, rendered.ok ? '' : `${language} ${mark}: ${rendered.fault.message}`);
    return rendered.text;
  };
  for (const language of languages) {
    const name = fieldMark(language, 'name');
    const nested = fieldMark(language, 'order.id');
    assert.equal(name === null, language === 'plain');
    if (name !== null) assert.equal(shown(language, name), '<Ada>', language);
    if (nested !== null) assert.equal(shown(language, nested), '<7>', language);
    for (const mark of marksFor(language, '', {})) assert.notEqual(shown(language, mark), `<${mark}>`);
    assert.equal(fieldMark(language, 'no name'), null);
  }
  for (const language of ['liquid', 'sparkpost'] as const) {
    const compiled = compile(language, snippetMark(language, 'our-foot') ?? '', { part: 'html' });
    assert.deepEqual(compiled.ok && compiled.template.snippets.names, ['our-foot'], language);
  }
  assert.deepEqual(
    marksFor('liquid', '{{ a | upcase }}{% if b %}{{ a | upcase }}{{#each c}}', {
      name: 'x',
      d: { e: 1, f: [] },
    }),
    ['{{ name }}', '{{ d.e }}', '{{ a | upcase }}'],
  );
  assert.deepEqual(['*|IF:A|*', '*|A|*', '{{/if}}', '{{else}}', '{{{a}}}'].map(isOutput), [
    false,
    true,
    false,
    false,
    true,
  ]);
});
