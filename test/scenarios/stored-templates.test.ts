import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, joinBy } from '../doubles/browser.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

const owner = { email: 'owner@lettershop.test', password: 'correct horse battery staple' };
let world: World;
before(async () => {
  world = await startWorld({ LETTERSHOP_ADMIN_PASSWORD: owner.password });
});
after(() => world[Symbol.asyncDispose]());

type Shown = {
  id: string;
  slug: string;
  share: string;
  subaccountId: number;
  draftVersion: number;
  publishedVersion: number | null;
  version: { number: number; subject: string; text: string | null };
};
type Page = { items: { id: string }[]; next: string | null };
type Refused = { code: string; errors?: { field: string; rule: string; message: string }[] };
type Accepted = { id: string; messages: { id: string }[] };

async function client(externalId: string): Promise<{ id: number; secret: string }> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', { body });
  return { id: made.id, secret: made.key.secret };
}

const bySecret = (secret: string | undefined): { secret?: string } =>
  secret === undefined ? {} : { secret };

function make(body: Record<string, unknown>, secret?: string, path = '/templates'): Promise<Shown> {
  return world.ok<Shown>('POST', path, { body, ...bySecret(secret) });
}

async function published(
  body: Record<string, unknown>,
  secret?: string,
  path = '/templates',
): Promise<Shown> {
  const made = await make(body, secret, path);
  await world.ok('POST', `${path}/${made.id}/publish`, { body: {}, ...bySecret(secret) });
  return made;
}

const from = { email: 'a@lettershop.test' };
const to = [{ email: 'you@inbox.test' }];

async function statusOf(template: unknown, secret?: string): Promise<number> {
  const body = { from, to, template };
  return (await world.api('POST', '/messages', { body, ...bySecret(secret) })).status;
}

async function sent(body: Record<string, unknown>, secret?: string): Promise<string> {
  const accepted = await world.ok<Accepted>('POST', '/messages', {
    body: { from, to, ...body },
    ...bySecret(secret),
  });
  return accepted.messages[0]?.id ?? '';
}

const contentOf = (id: string): Promise<string> => world.ok<string>('GET', `/messages/${id}/content`);

test('a draft becomes mail when it is published; old versions come back as new drafts', async () => {
  const { id } = await make({ name: 'Order: shipped!', subject: 'S1', text: 'T1 {{ n }}' });
  const slug = 'order-shipped';
  assert.equal(await statusOf({ slug }), 409, 'not published');
  assert.equal(await statusOf({ slug, version: 'draft' }), 202);
  await world.ok('POST', `/templates/${id}/publish`, { body: {} });
  await world.ok('PATCH', `/templates/${id}`, { body: { text: 'T2 {{ n }}', subject: 'S2' } });
  const written = async (template: object): Promise<string> =>
    /T\d \w+/.exec(await contentOf(await sent({ template, data: { n: 'x' } })))?.[0] ?? '';
  assert.equal(await written({ slug }), 'T1 x');
  assert.equal(await written({ id, version: 'draft' }), 'T2 x');
  const back = await world.ok<Shown>('POST', `/templates/${id}/revert`, { body: { version: 1 } });
  assert.deepEqual([back.draftVersion, back.publishedVersion, back.version.subject], [3, 1, 'S1']);
  await world.ok('POST', `/templates/${id}/publish`, { body: { version: 2 } });
  assert.equal(await written({ id }), 'T2 x');
  assert.equal(await written({ id, version: 1 }), 'T1 x');
  assert.equal(await statusOf({ id, version: 9 }), 404);
  const { items } = await world.ok<{ items: Record<string, unknown>[] }>('GET', `/templates/${id}/versions`);
  assert.deepEqual(
    items.map(({ number, isDraft, isPublished }) => [number, isDraft, isPublished]),
    [
      [3, true, false],
      [2, false, true],
      [1, false, false],
    ],
  );
});

test('accepted mail keeps what it was written from, snippets too', async () => {
  const part = await published({ name: 'Foot', text: 'foot one' }, undefined, '/snippets');
  const text = 'body one {% render "foot" %}';
  const { id } = await published({ name: 'Kept', subject: 'Kept {{ n }}', text });
  const later = new Date(world.clock.now() + 3_600_000).toISOString();
  const recipients = [{ to: { email: 'kept@inbox.test' }, data: { n: '1' } }];
  const message = await sent({ to: undefined, recipients, template: { id }, sendAt: later });
  await world.ok('PATCH', `/snippets/${part.id}`, { body: { text: 'foot two' } });
  await world.ok('POST', `/snippets/${part.id}/publish`, { body: {} });
  assert.match(await contentOf(await sent({ template: { id } })), /body one foot two/);
  await world.ok('DELETE', `/snippets/${part.id}`);
  await world.ok('DELETE', `/templates/${id}`);
  assert.match(await contentOf(message), /Subject: Kept 1[^]*body one foot one/);
});

test('defaults stand where the call has none, and where the call may not set them', async () => {
  const mine = { email: 'mine@lettershop.test' };
  const defaults = { from: mine, tags: ['t'], setByCall: { tags: false } };
  const { id } = await published({ name: 'Defaults', subject: 's', text: 't', defaults });
  const read = async (body: object): Promise<unknown[]> => {
    const message = await world.ok<{ from: string; tags: string[] }>(
      'GET',
      `/messages/${await sent({ template: { id }, ...body })}`,
    );
    return [message.from, message.tags];
  };
  assert.deepEqual(await read({ from: undefined }), [mine.email, ['t']]);
  assert.deepEqual(await read({ tags: ['own'] }), [from.email, ['t']]);
  await world.ok('PATCH', `/templates/${id}`, {
    body: { defaults: { ...defaults, setByCall: { from: false } } },
  });
  await world.ok('POST', `/templates/${id}/publish`, { body: {} });
  assert.deepEqual(await read({ tags: ['own'] }), [mine.email, ['own']]);
  const both = { from, to, template: { id }, text: 'x' };
  assert.equal((await world.api('POST', '/messages', { body: both })).status, 400);
});

test('a fault is told with part, line and column: when it is stored, checked and previewed', async () => {
  const broken = { name: 'Broken', language: 'mailjet', subject: 's', html: '<p>\n{% if var:a %}' };
  const refused = await world.api('POST', '/templates', { body: broken });
  assert.deepEqual([refused.status, (refused.body as Refused).code], [422, 'template.failed']);
  assert.match((refused.body as Refused).errors?.[0]?.message ?? '', /^html, line 2, column /);
  const { name: _, ...content } = broken;
  const checked = await world.ok<{ isValid: boolean; faults: { part: string; line: number }[] }>(
    'POST',
    '/templates/validate',
    { body: content },
  );
  assert.deepEqual(
    [checked.isValid, checked.faults.map(({ part, line }) => [part, line])],
    [false, [['html', 2]]],
  );
  const { id } = await make({ name: 'Late', language: 'mailjet', subject: 's', text: 'a\n {{var:name}}' });
  assert.equal((await world.api('PATCH', `/templates/${id}`, { body: { html: broken.html } })).status, 422);
  const preview = (data: object): Promise<Record<string, unknown>> =>
    world.ok('POST', `/templates/${id}/preview`, { body: { data } });
  const made = { subject: 's', amp: null, html: null, text: 'a\n Ada', fields: [], faults: [] };
  assert.deepEqual(await preview({ name: 'Ada' }), made);
  const { text, faults } = await preview({});
  const [fault] = faults as { part: string; line: number; column: number }[];
  assert.deepEqual([text, fault?.part, fault?.line, fault?.column], [null, 'text', 2, 2]);
});

test('a template of the account is hidden, read or sent with by its subaccounts; never changed, its draft never known', async () => {
  const { secret } = await client('levels');
  const { id, slug } = await published({ name: 'Levels', subject: 's', text: 'public' });
  await world.ok('PATCH', `/templates/${id}`, { body: { text: 'secret draft' } });
  const seen = async (): Promise<unknown[]> => [
    (await world.api('GET', `/templates/${id}`, { secret })).status,
    (await world.ok<Page>('GET', '/templates', { secret })).items.length,
    (await world.api('POST', `/templates/${id}/preview`, { secret, body: {} })).status,
    await statusOf({ slug }, secret),
  ];
  assert.deepEqual(await seen(), [404, 0, 404, 404]);
  await world.ok('PATCH', `/templates/${id}`, { body: { share: 'read' } });
  assert.deepEqual(await seen(), [200, 1, 200, 404]);
  await world.ok('PATCH', `/templates/${id}`, { body: { share: 'use' } });
  assert.deepEqual(await seen(), [200, 1, 200, 202]);
  const shown = await world.ok<Shown>('GET', `/templates/${id}`, { secret });
  assert.equal(shown.version.text, 'public');
  assert.equal((await world.api('GET', `/templates/${id}?version=draft`, { secret })).status, 404);
  assert.equal(await statusOf({ slug, version: 'draft' }, secret), 404);
  for (const [method, path, body] of [
    ['PATCH', '', { name: 'x' }],
    ['POST', '/publish', {}],
    ['POST', '/revert', { version: 1 }],
    ['DELETE', '', undefined],
  ] as const)
    assert.equal((await world.api(method, `/templates/${id}${path}`, { secret, body })).status, 404, path);
  const own = await world.ok<Shown>('POST', `/templates/${id}/copy`, { secret, body: {} });
  assert.deepEqual([own.slug, own.share, own.version.text], [slug, 'none', 'public']);
  assert.equal(
    (await world.api('PATCH', `/templates/${own.id}`, { secret, body: { share: 'use' } })).status,
    409,
    'only the account shares',
  );
  await world.ok('PATCH', `/templates/${own.id}`, { secret, body: { text: 'own' } });
  await world.ok('POST', `/templates/${own.id}/publish`, { secret, body: {} });
  assert.match(await contentOf(await sent({ template: { slug } }, secret)), /own/, 'the own slug goes first');
});

test("another subaccount's template is not found, whatever is done with it; the account copies one into a subaccount", async () => {
  const [a, b] = [await client('iso-a'), await client('iso-b')];
  const { id, slug } = await published({ name: 'Iso', subject: 's', text: 't' }, a.secret);
  assert.equal(await statusOf({ id }, b.secret), 404);
  assert.equal(await statusOf({ slug }, b.secret), 404);
  assert.equal(await statusOf({ slug }), 404, 'slugs of a subaccount are not the account’s');
  assert.equal(await statusOf({ id }), 202, 'the account has what its subaccounts have');
  assert.equal(
    (await world.api('POST', `/templates/${id}/copy`, { secret: b.secret, body: {} })).status,
    404,
  );
  assert.equal(
    (await make({ name: 'Iso', subject: 's', text: 't' }, b.secret)).slug,
    slug,
    'slugs are per owner',
  );
  const second = await make({ name: 'Second', subject: 's', text: 't' }, b.secret);
  assert.equal(
    (await world.api('PATCH', `/templates/${second.id}`, { secret: b.secret, body: { slug } })).status,
    409,
    'and unique for each',
  );
  const given = await make({ name: 'Given', subject: 's', text: 't' });
  const copied = await world.ok<Shown>('POST', `/templates/${given.id}/copy`, {
    body: { subaccount: 'external:iso-b' },
  });
  assert.equal(copied.subaccountId, b.id);
  await world.ok('PATCH', `/templates/${copied.id}`, { secret: b.secret, body: { name: 'Mine' } });
  assert.equal(
    (
      await world.api('POST', `/templates/${id}/copy`, {
        secret: b.secret,
        body: { subaccount: String(a.id) },
      })
    ).status,
    404,
  );
});

test('a person with two named templates sees, changes, previews and sends with these only, and makes none', async () => {
  const boss = new Browser(world);
  await boss.logIn(owner.email, owner.password);
  const { id: subaccountId, secret } = await client('named');
  const ids: string[] = [];
  for (const name of ['One', 'Two', 'Three'])
    ids.push((await published({ name, subject: 's', text: 't' }, secret)).id);
  const [one = '', two = '', three = ''] = ids;
  const person = await joinBy(world, boss, 'named@inbox.test', {
    subaccounts: [
      {
        id: subaccountId,
        role: 'custom',
        grants: ['templates:read', 'templates:write', 'templates:preview', 'messages:send'],
        templates: [one, two],
      },
    ],
  });
  const list = await person.ok<Page>('GET', '/templates');
  assert.deepEqual(
    list.items.map(({ id }) => id),
    [one, two],
  );
  const tried = async (id: string): Promise<number[]> => {
    const statuses: number[] = [];
    for (const [method, path, body] of [
      ['GET', `/templates/${id}`, undefined],
      ['GET', `/templates/${id}/versions`, undefined],
      ['PATCH', `/templates/${id}`, { text: 'changed' }],
      ['POST', `/templates/${id}/publish`, {}],
      ['POST', `/templates/${id}/preview`, {}],
      ['POST', '/messages', { from, to, template: { id } }],
    ] as const)
      statuses.push((await person.api(method, path, { body })).status);
    return statuses;
  };
  assert.deepEqual(await tried(one), [200, 200, 200, 200, 200, 202]);
  assert.deepEqual(await tried(three), [404, 404, 404, 404, 404, 404]);
  const body = { name: 'New', subject: 's', text: 't' };
  assert.equal((await person.api('POST', '/templates', { body })).status, 403);
  assert.equal((await person.api('POST', `/templates/${two}/copy`, { body: { slug: 'c' } })).status, 403);
  assert.equal((await person.api('POST', `/templates/${three}/copy`, { body: { slug: 'c' } })).status, 404);
  assert.equal((await person.api('DELETE', `/templates/${three}`)).status, 404);
});

test('a list is searched by name, slug and label, in pages; a test mail goes through accept', async () => {
  const { secret } = await client('pages');
  for (let n = 1; n <= 3; n += 1)
    await make({ name: `Page ${n}`, labels: ['page', `c${n % 2}`], text: 't' }, secret);
  const count = async (query: string): Promise<number> =>
    (await world.ok<Page>('GET', `/templates?${query}`, { secret })).items.length;
  assert.deepEqual(
    [
      await count('search=PAGE'),
      await count('search=2'),
      await count('label=c1'),
      await count('label=page'),
      await count('label=pag'),
    ],
    [3, 1, 2, 3, 0],
  );
  assert.equal(await count('slug=page-3'), 1);
  const first = await world.ok<Page>('GET', '/templates?search=page&limit=2', { secret });
  assert.equal(await count(`search=page&limit=2&cursor=${first.next}`), 1);
  const id = first.items[0]?.id ?? '';
  const { submissionId } = await world.ok<{ submissionId: string }>('POST', `/templates/${id}/test`, {
    body: { from, to: { email: 'tested@inbox.test' } },
    secret,
  });
  const mails = await world.ok<Page>('GET', `/messages?submission=${submissionId}`, { secret });
  assert.equal(mails.items.length, 1);
});

test('a template of MJML leaves as HTML with a text part, is edited as MJML, and turns to HTML when that is written', async () => {
  const mjml = (text: string): string =>
    `<mjml><mj-body><mj-section><mj-column><mj-text>${text}</mj-text></mj-column></mj-section></mj-body></mjml>`;
  type Made = { id: string; version: { html: string | null; markup: Record<string, unknown> | null } };
  const body = {
    name: 'In MJML',
    subject: 's',
    markup: { mjml: mjml('Dear {{ name }}'), autoText: true },
    defaults: { from },
  };
  const made = await world.ok<Made>('POST', '/templates', { body });
  const { html, markup } = made.version;
  assert.deepEqual([html, markup?.['mjml'], markup?.['text']], [null, body.markup.mjml, 'Dear {{ name }}\n']);
  await world.ok('POST', `/templates/${made.id}/publish`, { body: {} });
  const id = await sent({ template: { id: made.id }, data: { name: 'Ada' } });
  await world.settled(id, ['delivered']);
  const content = await world.ok<string>('GET', `/messages/${id}/content`);
  assert.match(content, /multipart\/alternative/);
  assert.equal(content.match(/Dear Ada/g)?.length, 2);
  const broken = { markup: { mjml: mjml('{% if %}').replaceAll('><', '>\n<') } };
  const refused = await world.api('PATCH', `/templates/${made.id}`, { body: broken });
  const { errors } = refused.body as Refused;
  assert.deepEqual([refused.status, errors?.[0]?.field], [422, 'html']);
  assert.match(errors?.[0]?.message ?? '', /line 5/);
  const changed = await world.ok<Made>('PATCH', `/templates/${made.id}`, { body: { html: '<p>Plain</p>' } });
  assert.deepEqual(
    [changed.version.html, changed.version.markup],
    ['<p>Plain</p>', { mjml: null, inlineCss: false, autoText: true, html: null, text: 'Plain\n' }],
  );
  const unmade = { text: 'x', markup: { mjml: mjml('<b>') } };
  const looked = await world.ok<{ isValid: boolean }>('POST', '/templates/validate', { body: unmade });
  assert.equal(looked.isValid, true);
});

test('a call has its styles put into elements and its text part made, a template’s as well', async () => {
  const html = '<style>.a { color: red }</style><p class="a">Hi {{ name }}</p>';
  const template = await published({ name: 'Styled', subject: 's', html });
  for (const written of [{ template: { id: template.id } }, { subject: 's', html, language: 'liquid' }]) {
    const body = {
      ...written,
      inlineCss: true,
      autoText: true,
      data: { name: 'Ada' },
    };
    const id = await sent(body);
    await world.settled(id, ['delivered']);
    const content = await world.ok<string>('GET', `/messages/${id}/content`);
    assert.match(content, /style=3D"color: red;"|style="color: red;"/);
    assert.match(content, /text\/plain[\s\S]*Hi Ada/);
  }
});

test('every design of the starter library is copied, published and sent', async () => {
  type Starters = { items: { slug: string; name: string; example: Record<string, unknown> }[] };
  const { items } = await world.ok<Starters>('GET', '/templates/starters');
  for (const { slug: starter, name, example } of items) {
    const made = await world.ok<Shown & { name: string }>('POST', '/templates/starters/copy', {
      body: { starter, slug: `own-${starter}` },
    });
    assert.equal(made.name, name);
    await world.ok('POST', `/templates/${made.id}/publish`, { body: {} });
    const id = await sent({ template: { slug: `own-${starter}` }, data: example, inlineCss: true });
    await world.settled(id, ['delivered']);
  }
  const unknown = { body: { starter: 'nothing-like-it' } };
  assert.equal((await world.api('POST', '/templates/starters/copy', unknown)).status, 404);
});
