import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Accepted = { readonly messages: readonly { readonly id: string }[] };
type Refused = { readonly code: string; readonly errors?: readonly { field: string; rule: string }[] };

const mail = { from: { email: 'a@lettershop.test' }, subject: 's' };
const to = (name: string): { to: { email: string } } => ({ to: { email: `${name}@inbox.test` } });

async function sent(body: Record<string, unknown>): Promise<readonly string[]> {
  const accepted = await world.ok<Accepted>('POST', '/messages', { body: { ...mail, ...body } });
  return accepted.messages.map(({ id }) => id);
}

async function contentOf(id: string): Promise<string> {
  await world.settled(id, ['delivered']);
  return world.ok<string>('GET', `/messages/${id}/content`);
}

test('each language renders each copy with the data of all and its own', async () => {
  const written: Record<string, string> = {
    liquid: 'Hi {{ name }} of {{ firm }}',
    handlebars: 'Hi {{NAME}} of {{#with firm}}{{this}}{{/with}}',
    merge_tags: 'Hi *|NAME|* of *|FIRM|*',
    sparkpost: "Hi {{name or 'you'}} of {{firm}}",
    mailersend: 'Hi {{ name }} of {{ firm|default("us") }}',
    mailjet: 'Hi {{var:name}} of [[var:firm]]',
  };
  for (const [language, text] of Object.entries(written)) {
    const recipients = [
      { ...to(`${language}-1`), data: { name: 'Ada' } },
      { ...to(`${language}-2`), data: { name: 'Bob', firm: 'Other' } },
    ];
    const ids = await sent({ language, text, data: { firm: 'Acme' }, recipients });
    const contents = [];
    for (const id of ids) contents.push(/Hi .*/.exec(await contentOf(id))?.[0].trim());
    assert.deepEqual(contents, ['Hi Ada of Acme', 'Hi Bob of Other'], language);
  }
});

test('copies that show the same recipients are rendered once, at accept; braces without data stay', async () => {
  const body = { to: [{ email: 'x@inbox.test' }], text: 'Dear {{ who }}' };
  const [rendered = ''] = await sent({ ...body, data: { who: 'all' } });
  assert.match(await contentOf(rendered), /Dear all/);
  const [verbatim = ''] = await sent(body);
  assert.match(await contentOf(verbatim), /Dear \{\{ who \}\}/);
});

test('a template that is not valid is refused with its part; one that fails with its data fails that copy', async () => {
  const body = { ...mail, language: 'mailjet', html: '<p>\n{% if var:a %}', recipients: [to('x')] };
  const refused = await world.api('POST', '/messages', { body });
  const { code, errors } = refused.body as Refused;
  assert.deepEqual([refused.status, code], [422, 'template.failed']);
  assert.deepEqual(
    errors?.map(({ field, rule }) => [field, rule]),
    [['html', 'syntax']],
  );
  const late = {
    language: 'mailjet',
    text: 'Hi {{var:name}}',
    recipients: [{ ...to('good'), data: { name: 'Ada' } }, to('bad')],
  };
  const [good = '', bad = ''] = await sent(late);
  await world.settled(good, ['delivered']);
  const failed = await world.settled(bad, ['failed']);
  assert.match(JSON.stringify(failed.timeline), /text, line 1, column 4: Unknown identifier: var:name/);
  const early = await world.ok<{ messages: { state: string }[] }>('POST', '/messages', {
    body: { ...mail, ...late, renderAt: 'accept' },
  });
  assert.deepEqual(
    early.messages.map(({ state }) => state),
    ['queued', 'failed'],
  );
});

test('a value in the subject adds no header', async () => {
  const recipients = [{ ...to('h'), data: { x: 'a\r\nX-Added: yes' } }];
  const [id = ''] = await sent({ subject: 'S {{ x }}', text: 't', recipients });
  assert.doesNotMatch(await contentOf(id), /^X-Added/m);
});

test('names and addresses of fields are in the language when the call says so, in shared and in separate mails', async () => {
  const written = {
    from: { email: '{{ box }}@lettershop.test', name: '{{ firm }} Shop' },
    replyTo: [{ email: '{{ box }}+re@lettershop.test', name: 'Desk' }],
    headers: { 'X-Firm': '{{ firm }}', 'X-Plain': 'as it is' },
    subject: 's',
    text: 'x',
    fieldsInLanguage: true,
    data: { box: 'kite', firm: 'Kite' },
  };
  for (const whom of [{ to: [{ email: 'both@inbox.test' }] }, { recipients: [to('both')] }]) {
    const [id = ''] = await sent({ ...written, ...whom });
    const copy = await contentOf(id);
    assert.match(copy, /^From: Kite Shop <kite@lettershop\.test>\r$/m);
    assert.match(copy, /^Reply-To: Desk <kite\+re@lettershop\.test>\r$/m);
    assert.match(copy, /^X-Firm: Kite\r$/m);
    assert.match(copy, /^X-Plain: as it is\r$/m);
    assert.equal(copy.match(/^From:/gm)?.length, 1);
  }
  const refused = async (body: object): Promise<unknown[]> => {
    const { status, body: told } = await world.api('POST', '/messages', {
      body: { ...mail, ...written, recipients: [to('x')], ...body },
    });
    return [status, (told as Refused).code, (told as Refused).errors?.[0]?.field];
  };
  assert.deepEqual(await refused({ headers: { 'X-A': '{{ a' } }), [422, 'template.failed', 'headers.X-A']);
  assert.deepEqual(await refused({ headers: { Bcc: '{{ firm }}' } }), [
    400,
    'request.invalid',
    'headers.Bcc',
  ]);
  assert.deepEqual(await refused({ data: {} }), [400, 'request.invalid', 'from.email']);
  assert.deepEqual(await refused({ data: { box: 'a@x.test, b' } }), [400, 'request.invalid', 'from.email']);
});
