/** Every example that the contracts of SparkPost (section 15) and Mandrill (section 7) give of their languages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, render } from './index.ts';
import type { Data, Environment, Language, Part } from './index.ts';

const now = Date.UTC(2031, 3, 2, 10, 20, 30);
type Case = readonly [source: string, expected: string, part?: Part];

function run(language: Language, source: string, data: Data, part: Part, environment: Environment): string {
  const compiled = compile(language, source, { part });
  if (!compiled.ok) return `fault in line ${compiled.faults[0]?.line}`;
  const rendered = render(compiled.template, data, { now, ...environment });
  return rendered.ok ? rendered.text : `fault in line ${rendered.fault.line}`;
}

function table(language: Language, data: Data, cases: readonly Case[], environment: Environment = {}): void {
  for (const [source, expected, part = 'text'] of cases)
    assert.equal(run(language, source, data, part, environment), expected, source);
}

test("SparkPost's own examples", () => {
  const data = {
    n: 'Ana',
    k: [
      { t: 'Tea', c: ['x', 'y'] },
      { t: 'Mug', c: [] },
    ],
    q: 'a b/c',
    h: '<i>',
  };
  table('sparkpost', data, [
    ["{{n or 'you'}}, {{zz or 'you'}}", 'Ana, you'],
    ['{{#k}} {{k[2].t}}', '2 Mug'],
    ['{{each k}}{{loop_var.t}};{{end}}', 'Tea;Mug;'],
    ['{{each k}}{{each loop_vars.k.c}}{{loop_vars.k.t}}-{{loop_vars.c}} {{end}}{{end}}', 'Tea-x Tea-y '],
    ['{{if #k > 1 and n == "Ana"}}many{{elseif n}}one{{else}}none{{end}}', 'many'],
    ['{{h}} {{{h}}}', '&lt;i&gt; <i>', 'html'],
    ['<a href="https://s.test/?q={{q}}">', '<a href="https://s.test/?q=a%20b%2Fc">', 'html'],
    ['{{if n}}\nX\n{{end}}, Y', 'X, Y'],
    ['{{ five }} {{ twelve }} {{ 15 - 5 }}', '  10'],
  ]);
});

test("SparkPost's statements of truth, types, macros and faults", () => {
  const data = {
    zero: 0,
    blank: '',
    no: false,
    nil: null,
    five: 5.0,
    half: 12.5,
    list: [],
    one: [1],
    all: `<>&"'/`,
  };
  table('sparkpost', data, [
    ['{{if zero}}0{{end}}{{if blank}}b{{end}}{{if no}}n{{end}}{{if nil}}x{{end}}{{if gone}}g{{end}}', '0b'],
    ['{{five}} {{half}}', '5 12.5'],
    ['{{nil}}{{gone}}{{gone.deeper}}|', '|'],
    ['{{if five == "5"}}same{{else}}other{{end}}', 'other'],
    ['{{each list}}x{{end}}{{each nil}}x{{end}}{{each gone}}x{{end}}', ''],
    ['{{if empty(list)}}e{{end}}{{if empty(one)}}f{{end}}', 'e'],
    ['{{if zero then}}t{{end}}', 't'],
    ['{{all}}', '&lt;&gt;&amp;&quot;&#39;&#x2F;', 'html'],
    ['{{all}}', `<>&"'/`, 'subject'],
    [
      '{{opening_single_curly()}}{{closing_single_curly()}}{{opening_double_curly()}}{{closing_double_curly()}}' +
        '{{opening_triple_curly()}}{{closing_triple_curly()}}',
      '{}{{}}{{{}}}',
    ],
    ['http://s.test/{{blank or "a b!"}}', 'http://s.test/'],
    ['http://s.test/{{gone or "a b!/-_.~"}}', 'http://s.test/a%20b%21%2F-_.~'],
    ['a\n{{end}}', 'fault in line 2'],
    ['a\n\n{{if five}}', 'fault in line 3'],
    ['{{else}}', 'fault in line 1'],
    ['{{ five', 'fault in line 1'],
  ]);
});

test("Mandrill's merge tags as its contract says", () => {
  const source =
    'Hi *|FNAME|*, *|IF:PLAN=gold|*thanks, gold member*|ELSEIF:PLAN=free|*upgrade soon*|ELSE:|*hello*|END:IF|*';
  for (const [plan, words] of [
    ['gold', 'thanks, gold member'],
    ['free', 'upgrade soon'],
    ['other', 'hello'],
  ] as const)
    table('merge_tags', { fname: 'Ann', plan }, [[source, `Hi Ann, ${words}`]]);
  const data = { a: 'two Words', n: 3, zero: 0, no: false, blank: '', html: '<b>&' };
  table(
    'merge_tags',
    data,
    [
      ['*|A|* *|a|* *|HTML|* *|GONE|*', 'two Words two Words <b>& *|GONE|*', 'html'],
      ['*|UPPER:A|* *|LOWER:A|* *|TITLE:A|* *|URL:A|*', 'TWO WORDS two words Two Words two%20Words'],
      ['*|DATE:Y-m-d|* *|DATE:d/m/Y H:i:s|* *|CURRENT_YEAR|*', '2031-04-02 02/04/2031 10:20:30 2031'],
      ['*|DATE:j D l n M F y G g A|*', '2 Wed Wednesday 4 Apr April 31 10 10 AM'],
      ['*|UNSUB:https://shop.test/bye|*', 'u(https://shop.test/bye)'],
      ['*|IF:ZERO|*z*|END:IF|**|IF:NO|*n*|END:IF|**|IF:BLANK|*b*|END:IF|**|IFNOT:GONE|*g*|END:IF|*', 'g'],
      ...['N=3', 'N==3', 'N!=4', 'N > 2', 'N < 10', 'N >= 3', 'N <= 3', 'A = "two Words"'].map(
        (condition): Case => [`*|IF:${condition}|*y*|ELSE:|*n*|END:IF|*`, 'y'],
      ),
      ['*|IF:N|**|IF:A|*both*|END:IF|**|END:IF|*', 'both'],
    ],
    { unsubscribe: (to) => `u(${to})` },
  );
});

test("Mandrill's Handlebars as its contract says", () => {
  const data = {
    NAME: '<b>',
    a: { b: { c: 'deep' } },
    items: [
      { qty: 2, name: 'red cup' },
      { qty: 1, name: 'mug' },
    ],
    obj: { name: 'in' },
    os: 'Linux',
    qty: 4,
    tagged: '<p>x</p>',
    none: [],
  };
  table(
    'handlebars',
    data,
    [
      ['{{name}} {{{name}}} {{&name}}', '&lt;b&gt; <b> <b>', 'html'],
      ['{{a.b.c}}{{! comment}}{{gone}}', 'deep'],
      [String.raw`\{{x}}`, '{{x}}'],
      [
        '{{#each items}}{{qty}} x {{title name}}{{#if `qty > 1`}} (bulk){{/if}}; {{/each}}',
        '2 x Red Cup (bulk); 1 x Mug; ',
      ],
      ['{{upper os}} {{lower os}} {{url "a b"}} {{striptags tagged}}', 'LINUX linux a%20b x'],
      ['{{date "Y-m-d"}} {{date}}', '2031-04-02 02/04/2031'],
      ['{{unsub "https://shop.test/bye"}}', 'u(https://shop.test/bye)'],
      ['{{#if gone}}a{{elseif os}}b{{else}}c{{/if}}{{#unless none}}d{{/unless}}', 'bd'],
      ['{{#each items}}{{@index}}{{../os}}{{/each}}{{#each none}}x{{else}}none{{/each}}', '0Linux1Linuxnone'],
      ['{{#with obj}}{{name}}{{/with}}{{#items}}{{qty}}{{/items}}', 'in21'],
      [
        '{{#if `os == "Linux"`}}L{{/if}}{{#if `qty != 4`}}x{{/if}}{{#if `qty <= 4 && qty >= 4`}}y{{/if}}',
        'Ly',
      ],
      ['{{#if `qty < 1 || os == "Linux"`}}z{{/if}}', 'z'],
      ['{{> partial}}', 'fault in line 1'],
    ],
    { unsubscribe: (to) => `u(${to})` },
  );
});
