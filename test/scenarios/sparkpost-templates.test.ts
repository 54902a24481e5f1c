import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, copiesOf, failure, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const content = {
  from: { email: 'hi@lettershop.test', name: 'Shop' },
  subject: 'For {{name}}',
  text: 'Hi {{name}}',
  html: '<p>{{name}}</p>',
};
const missing = [404, [{ message: 'resource not found', code: '1600' }]];

test('a template is made, read, changed, published, previewed, listed and deleted', async () => {
  const { templates } = sdk(world);
  assert.deepEqual((await templates.create({ id: 'My.Order_1', name: 'Order', content })).results, {
    id: 'My.Order_1',
  });
  type Shown = {
    published: boolean;
    has_draft: boolean;
    has_published: boolean;
    last_update_time: string;
    content: unknown;
  };
  const draft = (await templates.get('My.Order_1')).results as Shown;
  assert.deepEqual(
    [draft.published, draft.has_draft, draft.has_published, draft.content],
    [false, true, false, content],
  );
  assert.match(draft.last_update_time, /\+00:00$/);
  assert.deepEqual(await failure(templates.get('My.Order_1', { draft: false })), missing);
  assert.deepEqual(
    (await ask(world, 'PUT', '/api/v1/templates/My.Order_1', { body: { published: true } })).body,
    {},
  );
  const published = (await templates.get('My.Order_1')).results as Shown;
  assert.deepEqual([published.published, published.has_draft, published.has_published], [true, false, true]);
  await templates.update('My.Order_1', { content: { ...content, text: 'Second {{name}}' } });
  assert.partialDeepStrictEqual((await templates.get('My.Order_1', { draft: false })).results, {
    content: { text: 'Hi {{name}}' },
  });
  assert.partialDeepStrictEqual((await templates.get('My.Order_1', { draft: true })).results, {
    content: { text: 'Second {{name}}' },
  });
  const preview = await templates.preview('My.Order_1', {
    substitution_data: { name: '<Ann>' },
    draft: true,
  });
  assert.deepEqual(preview.results, {
    from: content.from,
    subject: 'For <Ann>',
    text: 'Second <Ann>',
    html: '<p>&lt;Ann&gt;</p>',
  });
  await templates.update(
    'My.Order_1',
    { content: { ...content, text: 'Third' } },
    { update_published: true },
  );
  assert.partialDeepStrictEqual((await templates.get('My.Order_1', { draft: false })).results, {
    content: { text: 'Third' },
  });
  const listed = (await templates.list()).results as { id: string; content?: unknown }[];
  assert.deepEqual(
    listed.map(({ id, content: shown }) => [id, shown]),
    [['My.Order_1', undefined]],
  );
  assert.deepEqual((await ask(world, 'DELETE', '/api/v1/templates/My.Order_1')).body, {});
  assert.deepEqual(await failure(templates.get('My.Order_1')), missing);
});

test('ids that are taken, sources that are not valid and unpublishing are refused with their codes', async () => {
  const { templates } = sdk(world);
  await templates.create({ id: 'taken', content, published: true });
  const taken = [
    400,
    [
      {
        message: 'template already exists',
        description: "Template with id 'taken' already exists",
        code: '3030',
      },
    ],
  ];
  assert.deepEqual(await failure(templates.create({ id: 'taken', content })), taken);
  const [status, errors] = (await failure(
    templates.create({ id: 'broken', content: { ...content, html: 'a\n{{if x}}' } }),
  )) as [number, Record<string, unknown>[]];
  assert.deepEqual(
    [status, errors[0]?.['code'], errors[0]?.['part'], typeof errors[0]?.['line']],
    [422, '3000', 'html', 'number'],
  );
  assert.match(String(errors[0]?.['description']), /^Error while compiling part html: line \d+: /);
  const bad = { ...content, from: 'nobody' };
  const format = `content.from.email: "nobody" isn't a valid email format.`;
  assert.deepEqual(await failure(templates.create({ id: 'x', content: bad })), [
    400,
    [{ message: 'failed to update database', description: format, code: '1307' }],
  ]);
  assert.equal(((await failure(templates.update('taken', { published: false }))) as unknown[])[0], 422);
  for (const extra of [{ attachments: [] }, { amp_html: 7 }])
    assert.equal(
      ((await failure(templates.create({ id: 'y', content: { ...content, ...extra } }))) as unknown[])[0],
      422,
    );
  const made = (await templates.create({ name: 'Without an id', content })).results as { id: string };
  assert.match(made.id, /^\d{15,19}$/);
});

test('snippets and dynamic content have AMP parts; braces of AMP templates stay, but for those of SparkPost', async () => {
  const path = '/api/labs/snippets';
  const snippet = { text: 'T', html: '<p>{{name}}</p>', amp_html: '<amp-img alt="{{name}}">' };
  const only = { amp_html: '<amp-img alt="only">' };
  for (const [id, said] of Object.entries({ card: snippet, only, plain: { html: '<i>h</i>' } }))
    assert.equal((await ask(world, 'POST', path, { body: { id, content: said } })).status, 200);
  const contentOf = async (id: string): Promise<unknown> =>
    ((await ask(world, 'GET', `${path}/${id}`)).body as { results: { content: unknown } }).results.content;
  assert.deepEqual([await contentOf('card'), await contentOf('only')], [snippet, only]);
  const broken = await ask(world, 'POST', path, { body: { id: 'b', content: { amp_html: '\n{{if' } } });
  assert.deepEqual(
    [broken.status, (broken.body as { errors: { message: string }[] }).errors[0]?.message],
    [422, 'Error while compiling part amp_html: line 2: "}}" is missing'],
  );
  assert.deepEqual(
    (await ask(world, 'PUT', `${path}/card`, { body: { content: { amp_html: 'x'.repeat(102_401) } } }))
      .status,
    400,
  );
  const amp = [
    '<html amp4email>',
    '{{render_snippet("card")}}{{render_snippet("only")}}{{render_snippet("plain")}}',
    '{{render_dynamic_content(dynamic_amp_html.offer)}}',
    '<template type="amp-mustache">{{#cart}}{{name}} {{sparkpost_name}}{{/cart}}</template>',
  ].join('\n');
  const { id } = await transmit(world, {
    recipients: [{ address: 'card@ok.test' }],
    content: {
      from: content.from,
      subject: 's',
      text: 't {{render_snippet("card")}}',
      html: '<p>{{render_snippet("card")}}</p>',
      amp_html: amp,
    },
    substitution_data: {
      name: '<Ann>',
      sparkpost_name: 'Bo',
      dynamic_amp_html: { offer: '<b>{{name}}</b>' },
    },
  });
  const mail = await PostalMime.parse((await copiesOf(world, id)).get('card@ok.test') ?? '');
  const shown = mail.attachments.find(({ mimeType }) => mimeType === 'text/x-amp-html');
  assert.equal(
    Buffer.from((shown?.content ?? '') as ArrayBuffer)
      .toString()
      .replaceAll('\r', '')
      .trim(),
    [
      '<html amp4email>',
      '<amp-img alt="&lt;Ann&gt;"><amp-img alt="only"><i>h</i>',
      '<b>&lt;Ann&gt;</b>',
      '<template type="amp-mustache">{{#cart}}{{name}} Bo{{/cart}}</template>',
    ].join('\n'),
  );
  assert.match(mail.text ?? '', /^t T/);
  assert.match(mail.html ?? '', /<p><p>&lt;Ann&gt;<\/p><\/p>/);
  // A part that the mail has and the snippet says nothing for.
  await transmit(world, {
    recipients: [{ address: 'nothing@ok.test' }],
    content: { from: content.from, subject: 's', text: '{{render_snippet("only")}}' },
  });
  await world.until(
    () => world.ok<{ items: { state: string }[] }>('GET', '/messages?to=nothing@ok.test'),
    ({ items }) => items[0]?.state === 'failed',
  );
  for (const each of ['card', 'only', 'plain'])
    assert.equal((await ask(world, 'DELETE', `${path}/${each}`)).status, 204);
});

test('a template that the account shares is read and sent with by its subaccounts, and not changed', async () => {
  const { id, key } = await makeSubaccount(world, 'sharing');
  const theirs = sdk(world, key).templates;
  const { templates } = sdk(world);
  await templates.create({ id: 'shared', content, published: true, shared_with_subaccounts: true });
  await templates.create({ id: 'kept', content, published: true });
  await theirs.create({ id: 'own', content });
  assert.partialDeepStrictEqual((await theirs.get('shared')).results, {
    id: 'shared',
    shared_with_subaccounts: true,
  });
  assert.deepEqual(await failure(theirs.get('kept')), missing);
  const forbidden = [403, [{ message: 'Forbidden.' }]];
  assert.deepEqual(await failure(theirs.update('shared', { name: 'mine' })), forbidden);
  assert.equal((await ask(world, 'DELETE', '/api/v1/templates/shared', { key })).status, 403);
  assert.equal(
    ((await failure(theirs.update('own', { shared_with_subaccounts: true }))) as unknown[])[0],
    422,
  );
  assert.deepEqual((await theirs.preview('shared', { substitution_data: { name: 'Bo' } })).results, {
    from: content.from,
    subject: 'For Bo',
    text: 'Hi Bo',
    html: '<p>Bo</p>',
  });
  // The account sees whose it is, finds it by the header only, and edits it with it.
  const listed = (await templates.list()).results as { id: string; subaccount_id?: number }[];
  assert.equal(listed.find((each) => each.id === 'own')?.subaccount_id, id);
  assert.deepEqual(await failure(templates.get('own')), missing);
  await sdk(world, undefined, id).templates.update('own', { name: 'renamed' });
  assert.partialDeepStrictEqual((await theirs.get('own')).results, { name: 'renamed' });
});

test('the previewer renders the language, by part', async () => {
  const data = {
    n: 'Ana',
    k: [
      { t: 'Tea', c: ['x', 'y'] },
      { t: 'Mug', c: [] },
    ],
    q: 'a b/c',
    h: '<i>',
  };
  const cases: readonly (readonly [string, string, string])[] = [
    ['text', "{{n or 'you'}}, {{zz or 'you'}}", 'Ana, you'],
    ['text', '{{#k}} {{k[2].t}}', '2 Mug'],
    ['text', '{{each k}}{{loop_var.t}};{{end}}', 'Tea;Mug;'],
    ['text', '{{if #k > 1 and n == "Ana"}}many{{elseif n}}one{{else}}none{{end}}', 'many'],
    ['html', '{{h}} {{{h}}}', '&lt;i&gt; <i>'],
    ['html', '<a href="https://s.test/?q={{q}}">', '<a href="https://s.test/?q=a%20b%2Fc">'],
  ];
  for (const [part, source, wanted] of cases) {
    const body = { content: { [part]: source }, substitution_data: data };
    const told = await ask(world, 'POST', '/api/v1/utils/content-previewer', { body });
    assert.deepEqual(told.body, { results: { [part]: wanted } }, source);
  }
  const broken = await ask(world, 'POST', '/api/v1/utils/content-previewer', {
    body: { content: { text: '{{end}}' } },
  });
  const [error] = (broken.body as { errors: { code: string; part: string; line: number }[] }).errors;
  assert.deepEqual([broken.status, error?.code, error?.part, error?.line], [422, '3000', 'text', 1]);
});

test('snippets are kept beside templates, merged part by part, and shared', async () => {
  const path = '/api/labs/snippets';
  const body = {
    id: 'foot',
    name: 'Foot',
    content: { html: '<p>Foot</p>', text: 'Foot' },
    shared_with_subaccounts: true,
  };
  assert.deepEqual((await ask(world, 'POST', path, { body })).body, { results: { id: 'foot' } });
  assert.equal((await ask(world, 'POST', path, { body })).status, 409);
  assert.deepEqual((await ask(world, 'PUT', `${path}/foot`, { body: { content: { text: '' } } })).body, {});
  const { results } = (await ask(world, 'GET', `${path}/foot`)).body as { results: Record<string, unknown> };
  assert.partialDeepStrictEqual(results, { id: 'foot', name: 'Foot', shared_with_subaccounts: true });
  assert.deepEqual(results['content'], { html: '<p>Foot</p>' });
  assert.match(String(results['created_at']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const { key } = await makeSubaccount(world, 'snippets');
  assert.equal((await ask(world, 'GET', `${path}/foot`, { key })).status, 200);
  assert.equal((await ask(world, 'PUT', `${path}/foot`, { key, body: { name: 'x' } })).status, 403);
  const broken = await ask(world, 'POST', path, { body: { id: 'b', content: { text: '{{if' } } });
  assert.match(
    (broken.body as { errors: { message: string }[] }).errors[0]?.message ?? '',
    /^Error while compiling part text: line 1: /,
  );
  assert.equal(((await ask(world, 'GET', path)).body as { results: unknown[] }).results.length, 1);
  assert.equal((await ask(world, 'DELETE', `${path}/foot`)).status, 204);
  assert.equal((await ask(world, 'GET', `${path}/foot`)).status, 404);
});

const whole = [
  'From: Shop <hi@lettershop.test>',
  'To: Everybody <all@lettershop.test>',
  'Reply-To: desk@lettershop.test',
  'Subject: =?utf-8?B?R3LDvMOfZQ==?= {{name}}',
  'Message-ID: <old@lettershop.test>',
  'X-Mine: for {{name}}',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Hi {{name}}</p>',
];
const file = ['--b', 'Content-Type: text/csv; name=a.csv', 'Content-Disposition: attachment', '', '1,2'];

/** A mail whose parts lie in each other so deep. */
function nested(depth: number): string {
  const heads = Array.from(
    { length: depth },
    (_, at) => `Content-Type: multipart/mixed; boundary=b${at}\r\n\r\n--b${at}\r\n`,
  );
  return `From: hi@lettershop.test\r\nSubject: s\r\n${heads.join('')}Content-Type: text/plain\r\n\r\nx`;
}

test('a whole mail in place of its parts is sent and stored as those parts', async () => {
  const { templates } = sdk(world);
  const email = (...more: readonly string[]): string => [...whole, ...more, '--b--', ''].join('\r\n');
  const recipients = [{ address: 'ann@ok.test', substitution_data: { name: 'Ann' } }];
  const sent = await transmit(world, { recipients, content: { email_rfc822: email(...file) } });
  const copy = (await copiesOf(world, sent.id)).get('ann@ok.test') ?? '';
  for (const line of [
    /^From: Shop <hi@lettershop.test>\r$/m,
    /^To: Everybody <all@lettershop.test>\r$/m,
    /^Reply-To: desk@lettershop.test\r$/m,
    /^X-Mine: for Ann\r$/m,
    /^Subject: =\?utf-8\?.*\r$/im,
    /<p>Hi Ann<\/p>/,
    /filename="?a\.csv"?/,
  ])
    assert.match(copy, line);
  assert.doesNotMatch(copy, /old@lettershop/);
  await templates.create({ id: 'whole', published: true, content: { email_rfc822: email() } });
  assert.partialDeepStrictEqual((await templates.get('whole')).results, {
    content: {
      from: { email: 'hi@lettershop.test', name: 'Shop' },
      subject: 'Gr\u00fc\u00dfe {{name}}',
      headers: { 'X-Mine': 'for {{name}}' },
    },
  });
  const [status, [refused]] = await failure(
    templates.create({ id: 'files', content: { email_rfc822: email(...file) } }),
  );
  assert.equal(status, 422);
  assert.match(String(refused?.description), /attachments and inline_images are not supported/);
  const deep = await failure(templates.create({ id: 'deep', content: { email_rfc822: nested(30) } }));
  assert.deepEqual([deep[0], deep[1][0]?.code], [422, '3020']);
  assert.match(String(deep[1][0]?.description), /deeper than 20 levels/);
  const noSender = await failure(
    sdk(world).transmissions.send({ recipients, content: { email_rfc822: 'Subject: x\r\n\r\nx' } }),
  );
  assert.deepEqual([noSender[0], noSender[1][0]?.code], [422, '1300']);
});

test('AMP stands between text and HTML, in a call and in a template', async () => {
  const client = sdk(world);
  const amp = '<html amp4email><body>{{name}}</body></html>';
  const shown = '<html amp4email><body>&lt;Ann&gt;</body></html>';
  const said = { ...content, amp_html: amp };
  const substitution_data = { name: '<Ann>' };
  await client.templates.create({ id: 'amp', content: said, published: true });
  assert.deepEqual((await client.templates.get('amp')).results, {
    ...((await client.templates.get('amp')).results as object),
    content: said,
  });
  assert.partialDeepStrictEqual((await client.templates.preview('amp', { substitution_data })).results, {
    amp_html: shown,
  });
  const previewed = await ask(world, 'POST', '/api/v1/utils/content-previewer', {
    body: { content: { from: content.from, amp_html: amp, text: 't' }, substitution_data },
  });
  assert.partialDeepStrictEqual(previewed.body, { results: { amp_html: shown } });
  const whole =
    'From: hi@lettershop.test\r\nSubject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n' +
    '--b\r\nContent-Type: text/plain\r\n\r\nt\r\n--b\r\nContent-Type: text/x-amp-html; charset=utf-8\r\n\r\n' +
    `${amp}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>h</p>\r\n--b--\r\n`;
  for (const given of [said, { template_id: 'amp' }, { email_rfc822: whole }]) {
    const recipients = [{ address: 'amp@ok.test', substitution_data }];
    const { id } = await transmit(world, { recipients, content: given });
    const copy = (await copiesOf(world, id)).get('amp@ok.test') ?? '';
    assert.match(copy, /text\/plain[\s\S]*text\/x-amp-html[\s\S]*&lt;Ann&gt;[\s\S]*text\/html/);
    assert.doesNotMatch(copy, /attachment/);
  }
  const alone = { from: content.from, subject: 's', amp_html: amp };
  const needed = "At least one of 'text' or 'html' needs to exist in 'content'";
  const [, missingErrors] = await failure(
    client.transmissions.send({ recipients: [{ address: 'a@ok.test' }], content: alone }),
  );
  assert.equal(missingErrors[0]?.description, needed);
  const [status, errors] = await failure(
    client.templates.create({ id: 'amp-broken', content: { ...said, amp_html: 'a\n{{if x}}' } }),
  );
  assert.deepEqual(
    [status, errors[0]?.code, (errors[0] as { part?: string }).part],
    [422, '3000', 'amp_html'],
  );
});
