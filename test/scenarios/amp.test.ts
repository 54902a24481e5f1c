import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Version = { readonly amp: string | null };
type Page = { readonly items: readonly { readonly id: string }[] };
type Refused = { readonly code: string; readonly errors?: readonly { field: string; rule: string }[] };
type Accepted = { readonly messages: readonly { readonly id: string }[] };

const from = { email: 'a@lettershop.test' };
const to = [{ email: 'you@inbox.test' }];

async function published(body: Record<string, unknown>): Promise<{ id: string; version: Version }> {
  const made = await world.ok<{ id: string; version: Version }>('POST', '/templates', { body });
  await world.ok('POST', `/templates/${made.id}/publish`, { body: {} });
  return made;
}

async function sent(body: Record<string, unknown>): Promise<string> {
  const accepted = await world.ok<Accepted>('POST', '/messages', { body: { from, to, ...body } });
  return accepted.messages[0]?.id ?? '';
}

const amp =
  '<!doctype html><html amp4email><body>{{ name }} <a href="https://shop.example/">x</a></body></html>';

test('a template and a call have AMP beside text and HTML: rendered, previewed, tested, copied, and left as it is', async () => {
  const html = '<style>p { color: red }</style><p>{{ name }}</p>';
  const markup = { inlineCss: true, autoText: true };
  const { id, version } = await published({ name: 'Amp', subject: 'S', html, amp, markup });
  assert.equal(version.amp, amp);
  const data = { name: '<Ada>' };
  const shown = amp.replace('{{ name }}', '&lt;Ada&gt;');
  const preview = await world.ok<{ amp: string }>('POST', `/templates/${id}/preview`, { body: { data } });
  assert.equal(preview.amp, shown);
  const rendered = await world.ok<{ amp: string; html: string | null }>('POST', '/templates/render', {
    body: { text: 't', amp, data },
  });
  assert.deepEqual([rendered.amp, rendered.html], [shown, null]);
  const copied = await world.ok<{ id: string }>('POST', `/templates/${id}/copy`, { body: { slug: 'amp-2' } });
  await world.ok('PATCH', `/templates/${copied.id}`, { body: { html: '<p>other</p>' } });
  const kept = await world.ok<{ version: { amp: string } }>('GET', `/templates/${copied.id}`);
  assert.equal(kept.version.amp, amp, 'what is not given stays');
  const tested = await world.ok<{ submissionId: string }>('POST', `/templates/${id}/test`, {
    body: { from, to: { email: 'tested@inbox.test' }, data },
  });
  const [mail] = (await world.ok<Page>('GET', `/messages?submission=${tested.submissionId}`)).items;
  const calls = [
    mail?.id ?? '',
    await sent({ template: { id }, data }),
    await sent({ to: undefined, recipients: [{ to: to[0], data }], subject: 'S', html, text: 't', amp }),
  ];
  for (const message of calls) {
    const content = await world.ok<string>('GET', `/messages/${message}/content`);
    assert.match(content, /text\/plain[\s\S]*text\/x-amp-html; charset=utf-8[\s\S]*text\/html/);
    const [, part = ''] = /x-amp-html[^\n]*\r\n[^\n]*\r\n\r\n([\s\S]*?)\r\n--=_/.exec(content) ?? [];
    const plain = part.replaceAll('=\r\n', '').replaceAll('=3D', '=');
    assert.equal(plain.trimEnd(), shown);
  }
});

test('AMP alone, beside a template, faulty or too large is refused by its name; without own HTML there is none', async () => {
  const refusal = async (path: string, body: Record<string, unknown>): Promise<unknown[]> => {
    const { status, body: told } = await world.api('POST', path, { body });
    const { code, errors } = told as Refused;
    return [status, code, errors?.[0]?.field, errors?.[0]?.rule];
  };
  const call = { from, to, subject: 'S' };
  const alone = [400, 'request.invalid', 'amp', 'required_beside'];
  assert.deepEqual(await refusal('/messages', { ...call, amp }), alone);
  assert.deepEqual(await refusal('/templates', { name: 'Alone', amp }), alone);
  const beside = [400, 'request.invalid', 'amp', 'exclusive'];
  assert.deepEqual(
    await refusal('/messages', { ...call, subject: undefined, template: { slug: 'amp' }, amp }),
    beside,
  );
  const faulty = [422, 'template.failed', 'amp', 'syntax'];
  const broken = { text: 't', amp: '{{ name', data: {} };
  assert.deepEqual(await refusal('/messages', { ...call, ...broken }), faulty);
  assert.deepEqual(await refusal('/templates', { name: 'Broken', text: 't', amp: '{{ name' }), faulty);
  assert.deepEqual(await refusal('/snippets', { name: 'S', text: 't', amp: '{{ name' }), faulty);
  const bound = { name: 'bound', key: { name: 'k' }, switches: { ownHtml: false } };
  const { key } = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body: bound });
  const written = { body: { name: 'Own', text: 't', amp }, secret: key.secret };
  assert.equal((await world.api('POST', '/templates', written)).status, 409);
});
