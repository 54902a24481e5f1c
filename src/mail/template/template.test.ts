import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, render } from './index.ts';
import type { Data, Environment, Language, Part } from './index.ts';

const now = Date.UTC(2031, 3, 2, 9, 5, 7);

/** The text, or `kind line:column message` of the fault. */
function run(
  language: Language,
  source: string,
  data: Data = {},
  { part = 'text', ...environment }: Environment & { readonly part?: Part } = {},
): string {
  const compiled = compile(language, source, { part });
  if (!compiled.ok)
    return compiled.faults
      .map(({ kind, line, column, message }) => `${kind} ${line}:${column} ${message}`)
      .join();
  const rendered = render(compiled.template, data, { now, ...environment });
  if (rendered.ok) return rendered.text;
  const { kind, line, column, message } = rendered.fault;
  return `${kind} ${line}:${column} ${message}`;
}

type Case = readonly [source: string, expected: string, part?: Part];

function table(language: Language, data: Data, cases: readonly Case[], environment: Environment = {}): void {
  for (const [source, expected, part = 'text'] of cases)
    assert.equal(run(language, source, data, { ...environment, part }), expected, source);
}

test("SparkPost's language: values, defaults, escaping by place, loops", () => {
  const data = {
    who: 'Ida',
    goods: [
      { title: 'Soap', sizes: ['s', 'm'] },
      { title: 'Comb', sizes: [] },
    ],
    q: 'a b/c!',
    markup: '<i>"/\'&',
    twelve: 12.5,
    five: 5,
    nested: { key: 'deep', 'odd key': 'odd' },
    pick: 'key',
    no: false,
    zero: 0,
    blank: '',
    literal: '{{ who }}',
    number: '7',
  };
  table('sparkpost', data, [
    ["{{ who or 'you' }}, {{gone or 'you'}}.", 'Ida, you.'],
    ['{{#goods}} {{ goods[2].title }}{{goods[9].title}}', '2 Comb'],
    ["{{nested.key}} {{nested['odd key']}} {{nested[pick]}} {{ gone.at.all }}|", 'deep odd deep |'],
    ['{{each goods}}{{loop_index}}.{{loop_var.title}};{{end}}', '1.Soap;2.Comb;'],
    [
      '{{each goods}}{{each loop_vars.goods.sizes}}{{loop_vars.goods.title}}-{{loop_vars.sizes}} {{end}}{{end}}',
      'Soap-s Soap-m ',
    ],
    ['{{if #goods > 1 and who == "Ida"}}many{{elseif who}}one{{else}}none{{end}}', 'many'],
    [
      '{{if no}}a{{elseif gone}}b{{else}}c{{end}}{{if zero then}}zero{{end}}{{if blank}}blank{{end}}',
      'czeroblank',
    ],
    ['{{if not gone}}x{{end}}{{if five == "5"}}same{{else}}other{{end}}{{if five > "a"}}!{{end}}', 'xother'],
    [
      '{{ five }} {{ twelve }} {{ 15 - 5 }} {{ five * 2 + 1 }} {{ -five }} {{ number + 1 }} {{ 10 / 4 }}',
      '5 12.5 10 11 -5 8 2.5',
    ],
    ['{{ who + 1 }}', 'render 1:1 a calculation needs numbers'],
    ['{{markup}} {{{markup}}}', '&lt;i&gt;&quot;&#x2F;&#39;&amp; <i>"/\'&', 'html'],
    ['{{markup}}', '<i>"/\'&', 'text'],
    [
      '<a href="https://s.test/?q={{q}}&r={{{q}}}">{{q}}</a>',
      '<a href="https://s.test/?q=a%20b%2Fc%21&r=a b/c!">a b&#x2F;c!</a>',
      'html',
    ],
    ['http://s.test/{{q}} {{q}}', 'http://s.test/a%20b%2Fc%21 a b/c!'],
    ['http://s.test/{{q}}', 'http://s.test/a b/c!', 'subject'],
    ['{{ literal }}', '{{ who }}'],
    [
      '{{if empty(goods[2].sizes)}}none{{end}}{{if empty(gone)}}!{{end}}{{if not empty(goods)}}?{{end}}',
      'none!?',
    ],
    ['{{opening_double_curly()}}x{{closing_triple_curly()}}', '{{x}}}'],
    ['a\n{{if who}}\nX\n{{end}}\nb', 'a\nX\nb'],
    ['{{if who}}\nX\n{{end}}, Y', 'X, Y'],
    ['  {{if who}}  \r\n{{who}}\r\n{{end}}\r\nZ', 'Ida\r\nZ'],
    ['{{each goods}}\n- {{loop_var.title}}\n{{end}}\n', '- Soap\n- Comb\n'],
    ['{{ __proto__ }}{{ constructor }}{{ nested.constructor.name }}{{nested.__proto__}}', ''],
  ]);
});

test("SparkPost's language: snippets, dynamic content and faults with their place", () => {
  const snippet = (name: string, part: Part): ReturnType<NonNullable<Environment['snippet']>> => {
    const sources: Record<string, string> = { greet: 'Hello {{who}}!', wrong: '{{ who * 2 }}' };
    const compiled = compile('sparkpost', sources[name] ?? '', { part, isSnippet: true });
    return sources[name] !== undefined && compiled.ok ? compiled.template : null;
  };
  const data = { who: '<Ida>', name: 'greet', at: 'k', dynamic_html: { k: '<b>{{who}}</b>', bad: '{{' } };
  const environment = { snippet: (name: string) => snippet(name, 'html') };
  table(
    'sparkpost',
    data,
    [
      [
        '{{ render_snippet("greet") }}|{{render_snippet(name)}}',
        'Hello &lt;Ida&gt;!|Hello &lt;Ida&gt;!',
        'html',
      ],
      ['{{ render_snippet("none") }}', 'render 1:1 there is no snippet "none"', 'html'],
      ['\n {{ render_snippet("wrong") }}', 'render 2:2 snippet "wrong": a calculation needs numbers', 'html'],
      [
        '{{ render_dynamic_content(dynamic_html.k) }} {{render_dynamic_content(dynamic_html[at])}}',
        '<b>&lt;Ida&gt;</b> <b>&lt;Ida&gt;</b>',
        'html',
      ],
      [
        '{{ render_dynamic_content(dynamic_html.bad) }}',
        'render 1:1 dynamic content: "}}" is missing',
        'html',
      ],
      ['{{render_snippet("a")}}'.repeat(6), 'syntax 1:118 at most 5 snippets can be rendered'],
      ['one\ntwo {{ if', 'syntax 2:5 "}}" is missing'],
      ['{{if a}}', 'syntax 1:9 "end" is missing'],
      ['x{{end}}', 'syntax 1:2 "end" without its beginning'],
      ['{{else}}', 'syntax 1:1 "else" without its beginning'],
      ['{{if a}}{{else}}{{elseif b}}{{end}}', 'syntax 1:17 "elseif" without its beginning'],
      ['{{ a b }}', 'syntax 1:6 unexpected "b"'],
      ['{{ }}', 'syntax 1:4 an expression is missing'],
      ['{{ system("x") }}', 'syntax 1:4 unknown macro "system"'],
    ],
    environment,
  );
  const used = compile('sparkpost', '{{render_snippet("a")}}{{render_snippet("b")}}', { part: 'html' });
  assert.ok(used.ok);
  assert.deepEqual(used.template.snippets, { names: ['a', 'b'], isDynamic: false });
  assert.equal(compile('sparkpost', '{{render_snippet("a")}}', { part: 'html', isSnippet: true }).ok, false);
});

test("Mandrill's merge tags: names without case, filters, dates, conditions", () => {
  const data = {
    fname: 'Ida',
    PLAN: 'gold',
    count: 3,
    none: '',
    zero: 0,
    html: '<b>',
    words: 'two words',
    list: [],
  };
  const unsubscribe = (to: string): string => `https://bye.test/?to=${encodeURIComponent(to)}`;
  table(
    'merge_tags',
    data,
    [
      ['Hi *|FNAME|* *|fname|* *|Plan|*, *|NOBODY|*.', 'Hi Ida Ida gold, *|NOBODY|*.'],
      [
        '*|UPPER:FNAME|* *|LOWER:PLAN|* *|TITLE:WORDS|* *|URL:WORDS|* *|HTML:HTML|**|html|*',
        'IDA gold Two Words two%20words <b><b>',
      ],
      ['*|DATE:Y-m-d|* *|DATE:j. F Y, G:i a|* *|CURRENT_YEAR|*', '2031-04-02 2. April 2031, 9:05 am 2031'],
      ['*|UNSUB:https://s.test/bye|*', 'https://bye.test/?to=https%3A%2F%2Fs.test%2Fbye'],
      ['*|IF:PLAN=gold|*g*|ELSEIF:PLAN=free|*f*|ELSE:|*n*|END:IF|*', 'g'],
      ['*|if:plan = "free"|*f*|ELSEIF:COUNT >= 3|*c*|END:IF|*', 'c'],
      [
        '*|IF:NONE|*a*|ELSE:|*b*|END:IF|**|IF:ZERO|*c*|END:IF|**|IFNOT:GONE|*d*|END:IF|**|IF:LIST|*e*|END:IF|*',
        'bd',
      ],
      ['*|IF:COUNT>10|*more*|ELSE:|**|IF:COUNT<10|*less*|END:IF|**|END:IF|*', 'less'],
      ['*|IF:A|*x', 'syntax 1:10 "*|END:IF|*" is missing'],
      ['a\nb *|END:IF|*', 'syntax 2:3 "*|END:IF|*" without its beginning'],
      ['*|IF:a b c|*x*|END:IF|*', 'syntax 1:1 "a b c" is not a condition'],
      ['*|__PROTO__|* *|CONSTRUCTOR|* 2*|3', '*|__PROTO__|* *|CONSTRUCTOR|* 2*|3'],
      ['*|MC:SUBJECT|*', 'Offer'],
    ],
    { unsubscribe, beside: { subject: 'Offer' } },
  );
});

test("Handlebars by Mandrill's rules: paths, helpers, blocks, comparisons in backticks", () => {
  const data = {
    Name: 'Ida <x>',
    items: [
      { qty: 2, name: 'red soap', sub: { a: 1 } },
      { qty: 1, name: 'comb' },
    ],
    os: 'Linux',
    obj: { one: 1, two: 2 },
    empty: [],
    zero: 0,
    tagged: '<p>a</p> b',
    link: 'https://s.test/bye',
    title: 'Mine',
  };
  table(
    'handlebars',
    data,
    [
      ['{{name}} {{{NAME}}} {{&name}}', 'Ida &lt;x&gt; Ida <x> Ida <x>', 'html'],
      ['{{name}}', 'Ida <x>', 'subject'],
      [String.raw`\{{name}}{{! no }}{{gone}}{{a.b.c}}|`, '{{name}}|'],
      [
        '{{#each items}}{{qty}} x {{title name}}{{#if `qty > 1`}} (bulk){{/if}}; {{/each}}',
        '2 x Red Soap (bulk); 1 x Comb; ',
      ],
      [
        '{{#each items}}{{@index}}{{@first}}{{../os}}{{/each}}{{#each obj}}{{@key}}={{this}}{{#unless @last}},{{/unless}}{{/each}}',
        '0trueLinux1falseLinuxone=1,two=2',
      ],
      ['{{#each empty}}x{{else}}none{{/each}}{{#items}}{{qty}}{{/items}}{{#obj}}{{two}}{{/obj}}', 'none212'],
      ['{{#if `os == "Linux"`}}L{{elseif zero}}Z{{else}}N{{/if}}{{#if zero}}a{{else if os}}b{{/if}}', 'Lb'],
      ['{{#if `os != "Linux" || zero == 0`}}y{{/if}}{{#unless empty}}u{{/unless}}', 'yu'],
      ['{{#with obj}}{{one}}{{two}}{{@root.os}}{{/with}}', '12Linux'],
      [
        '{{upper os}} {{lower os}} {{url tagged}} {{striptags tagged}} {{title}} {{upper (striptags tagged)}}',
        'LINUX linux %3Cp%3Ea%3C%2Fp%3E%20b a b Mine A B',
      ],
      [
        '{{date "Y-m-d"}} {{date}} {{unsub link}} {{unsub "https://s.test"}}',
        '2031-04-02 02/04/2031 u(https://s.test/bye) u(https://s.test)',
      ],
      ['{{items.length}} {{items.0.name}} {{items.constructor}}{{__proto__}}{{name.length}}', '2 red soap '],
      ['a\n{{#if os}}\nb\n{{/if}}\nc', 'a\nb\nc'],
      ['{{> other}}', 'syntax 1:1 partials and decorators are not available'],
      ['x\n{{#if a}}', 'syntax 2:1 unexpected end'],
      ['{{#if a}}{{/each}}', "syntax 1:4 if doesn't match each"],
      ['{{frobnicate a}}', 'syntax 1:1 there is no helper "frobnicate"'],
      ['{{#if `qty >`}}{{/if}}', 'syntax 1:1 an expression is missing'],
      ['{{#each items as |x|}}{{/each}}', 'syntax 1:1 block parameters are not available'],
    ],
    { unsubscribe: (to) => `u(${to})` },
  );
});

test('Liquid: filters, blocks, snippets by literal name, faults with their place', () => {
  const snippet = compile('liquid', 'S{{ x }}{{ who }}', { part: 'html', isSnippet: true });
  assert.ok(snippet.ok);
  const { template } = snippet;
  table(
    'liquid',
    { who: '<Ida>', list: [1, 2] },
    [
      [
        'Dear {{ who | upcase }},{% for x in list %} {{ x }}{% endfor %}{{ nothing.at.all }}',
        'Dear <IDA>, 1 2',
      ],
      ['{{ who }} {{ who | raw }}', '&lt;Ida&gt; <Ida>', 'html'],
      ['{% render "s", x: list[1] %} {% render "s" %}', 'S2 S', 'html'],
      ['{% render "gone" %}', 'render 1:1 there is no snippet "gone"'],
      ['{% render who %}', 'syntax 1:1 render needs the name of a snippet in quotes'],
      ['a\n {% include "/etc/passwd" %}', 'syntax 2:2 the tag "include" is not available'],
      ['{% if a %}open', 'syntax 1:1 tag {% if a %} not closed'],
      ['x\n{{ who | nosuch }}', 'syntax 2:1 undefined filter: nosuch'],
      ['{{ who.constructor }}{{ who.__proto__ }}{{ toString }}{{ list.size }}', '2'],
    ],
    { snippet: (name) => (name === 's' ? template : null) },
  );
});

test("MailerSend's language: a small Twig and the older names in braces", () => {
  const data = {
    nick: 'Ida',
    items: [
      { sku: 'ab1', gift: true },
      { sku: 'cd2', gift: false },
    ],
    obj: { a: 1, b: 2 },
    html: '<b onclick="x()" class="c">bold</b><script>1</script>',
    n: 7,
  };
  table(
    'mailersend',
    data,
    [
      [
        '<ul>{% for i in items %}<li>{{ i.sku|upper }}{% if i.gift %} (gift){% endif %}</li>{% endfor %}</ul>',
        '<ul><li>AB1 (gift)</li><li>CD2</li></ul>',
        'html',
      ],
      [
        "{{ gone|default('friend') }} {{ items|length }} {{ items[0].sku }} {{ gone }}|{$nick}{$gone}",
        'friend 2 ab1 |Ida',
      ],
      ['{{ n + 1 }} {{ n % 4 }} {{ n * 2 - 1 }}', '8 3 13'],
      [
        '{% if n > 5 and nick == "Ida" %}a{% elseif n %}b{% else %}c{% endif %}{% if not gone %}d{% endif %}',
        'ad',
      ],
      [
        '{% if gone is defined %}a{% endif %}{% if gone is not defined %}b{% endif %}{% if obj is not empty %}c{% endif %}',
        'bc',
      ],
      [
        '{% for k, v in obj %}{{k}}={{v}}{% if not loop.last %},{% endif %}{% endfor %}{% for x in gone %}{% else %}none{% endfor %}',
        'a=1,b=2none',
      ],
      [
        '{{ html }}{{ html|e }}',
        '<b class="c">bold</b>&lt;script>1&lt;/script>&lt;b onclick=&quot;x()&quot; class=&quot;c&quot;&gt;bold&lt;/b&gt;&lt;script&gt;1&lt;/script&gt;',
        'html',
      ],
      ['{{ unsubscribe }} {$unsubscribe}{# note #}', 'u u'],
      ['{{ x|reverse }}', 'syntax 1:6 there is no filter "reverse"'],
      ['{% if a %}', 'syntax 1:11 "endif" is missing'],
      ['a\n{% block x %}', 'syntax 2:1 unexpected "block"'],
    ],
    { unsubscribe: () => 'u' },
  );
});

test("Mailjet's language: namespaces, defaults, statements; what is absent is a fault", () => {
  const data = {
    net: 10,
    lines: [{ sku: 'a' }, { sku: 'b' }],
    plan: 'pro',
    trial: false,
    obj: { x: 'X' },
    yes: true,
  };
  const beside = { data: { firstname: 'Ida' }, mj: { contact: { email: 'ida@inbox.test' } } };
  table(
    'mailjet',
    data,
    [
      ['Hi {{var:name:"friend"}}, total {{ Round(var:net * 1.2, 2) }}', 'Hi friend, total 12'],
      [
        '{% set n = 0 %}{% for l in var:lines %}{% set n = n + 1 %}{{n}}. {{ Upper(l.sku) }}{% if (n mod 2) = 0 %}*{% endif %};{% endfor %}',
        '1. A;2. B*;',
      ],
      [
        '{% if var:plan = "pro" and not(var:trial) %}thanks{% elseif var:trial %}trial{% else %}free{% endif %}',
        'thanks',
      ],
      ['{% if var:yes %}YES{% else %}NO{% endif%}{% if var:trial %}YES{% else %}NO{% endif %}', 'YESNO'],
      [
        '{% if var:gone:true %}Y{% else %}N{% endif %}{% if var:gone:false %}Y{% else %}N{% endif %}{{var:yes:"N/A"}}{{var:gone:"N/A"}}',
        'YNtrueN/A',
      ],
      ['{{var:gone}}', 'render 1:1 Unknown identifier: var:gone'],
      ['a\n{% if var:gone %}x{% endif %}', 'render 2:1 Unknown identifier: var:gone'],
      ['{% for x in var:plan %}{% endfor %}', 'render 1:1 "var:plan" is not an array value'],
      [
        '{{ data:firstname }} {{mj:contact.email}} {% for v in var:obj %}{{v}}{% endfor %}',
        'Ida ida@inbox.test X',
      ],
      ['[[var:plan]] [[var:gone]]|[[var:gone:"x"]] [[data:firstname:"y"]] [[data:gone:"y"]]', 'pro |x Ida y'],
      [
        '{% set background-url = "u" + 1 %}{{background-url}} {{ 7 div 2 }} {{ 7 / 2 }} {{ true xor true }}',
        'u1 3 3.5 false',
      ],
      [String.raw`{{var:gone:\"q\"}}{{var:gone:“t”}}`, 'qt'],
      ['{{ Foo(1) }}', 'syntax 1:4 unknown function "Foo"'],
    ],
    { beside },
  );
  assert.equal(run('mailjet_tags', '{{var:plan}} [[var:plan]]', data), '{{var:plan}} pro');
  assert.equal(run('plain', '{{var:plan}} [[var:plan]]', data), '{{var:plan}} [[var:plan]]');
});

test('a value in a header cannot add a header', () => {
  for (const [language, source] of [
    ['liquid', '{{ x }}'],
    ['handlebars', '{{{x}}}'],
    ['merge_tags', '*|x|*'],
    ['sparkpost', '{{{x}}}'],
    ['mailersend', '{{x}}'],
    ['mailjet', '{{var:x}}'],
  ] as const) {
    for (const part of ['subject', 'header'] as const)
      assert.equal(
        run(language, source, { x: 'a\r\nBcc: b@c.test\u2028d\0e' }, { part }),
        'a Bcc: b@c.test d e',
        language,
      );
  }
});
