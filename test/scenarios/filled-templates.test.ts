import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const from = { email: 'a@lettershop.test' };
const to = [{ email: 'you@inbox.test' }];
const said = { from, to, subject: 'Mine {{ n }}', text: 'x', data: { n: 1 } };

type Told = {
  readonly templateId: string | null;
  readonly templateSlug: string | null;
  readonly subject: string;
};
type Refused = { code: string; errors?: { field: string }[] };

function make(body: Record<string, unknown>): Promise<{ id: string }> {
  return world.ok<{ id: string }>('POST', '/templates', { body: { subject: 'S', text: 'T', ...body } });
}

test('a mail that its caller filled in from a template is told under it, when its subaccount may use it', async () => {
  const { id } = await make({ name: 'Filled', share: 'use' });
  const kept = await make({ name: 'Filled apart' });
  const made = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'filling', key: { name: 'k' } },
  });
  const { secret } = made.key;
  for (const template of [
    { id, filled: true },
    { slug: 'filled', filled: true },
  ]) {
    const accepted = await world.ok<{ messages: { id: string }[] }>('POST', '/messages', {
      body: { ...said, template },
    });
    const path = `/messages/${accepted.messages[0]?.id}`;
    const told = await world.ok<Told>('GET', path);
    assert.deepEqual([told.templateId, told.templateSlug, told.subject], [id, 'filled', 'Mine 1']);
    assert.match(await world.ok<string>('GET', `${path}/content`), /Subject: Mine 1/);
  }
  const asked = async (template: object): Promise<readonly unknown[]> => {
    const { status, body } = await world.api('POST', '/messages', { body: { ...said, template }, secret });
    const { code, errors } = body as Refused;
    return [status, code, errors?.[0]?.field];
  };
  // Its own domain is not proven: what is refused first is the template.
  for (const foreign of [kept.id, '999999'])
    assert.deepEqual(await asked({ id: foreign, filled: true }), [404, 'not_found', undefined]);
  assert.notEqual((await asked({ id, filled: true }))[1], 'not_found');
  for (const [field, wrong] of Object.entries({ version: 1, resolve: 'accept' }))
    assert.deepEqual(await asked({ id, filled: true, [field]: wrong }), [
      400,
      'request.invalid',
      `template.${field}`,
    ]);
  assert.deepEqual(await asked({ filled: true }), [400, 'request.invalid', 'template']);
});
