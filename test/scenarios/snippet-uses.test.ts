import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Made = { readonly id: string };
type Uses = { readonly items: readonly Record<string, unknown>[]; readonly isWhole: boolean };

async function client(externalId: string): Promise<string> {
  const body = { name: externalId, externalId, key: { name: 'k' } };
  return (await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', { body })).key.secret;
}

const by = (secret?: string): { secret?: string } => (secret === undefined ? {} : { secret });

async function published(body: Record<string, unknown>, secret?: string, path = '/templates'): Promise<Made> {
  const made = await world.ok<Made>('POST', path, { body, ...by(secret) });
  await world.ok('POST', `${path}/${made.id}/publish`, { body: {}, ...by(secret) });
  return made;
}

const usesOf = (id: string, secret?: string): Promise<Uses> =>
  world.ok<Uses>('GET', `/snippets/${id}/uses`, by(secret));

test('a snippet tells which templates show it, in the draft or in what is published', async () => {
  const part = await published({ name: 'Legal', text: 'legal' }, undefined, '/snippets');
  const shows = { text: 'a {% render "legal" %}' };
  const both = await published({ name: 'Both', subject: 's', ...shows });
  const drafted = await published({ name: 'Drafted', subject: 's', text: 'nothing' });
  await world.ok('PATCH', `/templates/${drafted.id}`, { body: { html: '<p>{% render "legal" %}</p>' } });
  await published({ name: 'Word', subject: 's', text: 'only the word legal' });
  const { items, isWhole } = await usesOf(part.id);
  assert.equal(isWhole, true);
  assert.deepEqual(
    items.map(({ id, name, isInDraft, isPublished }) => [id, name, isInDraft, isPublished]),
    [
      [both.id, 'Both', true, true],
      [drafted.id, 'Drafted', true, false],
    ],
  );
});

test('of a shared snippet each subaccount is told its own templates and what is published of shared ones', async () => {
  const [one, two] = [await client('uses-one'), await client('uses-two')];
  const part = await published({ name: 'Imprint', text: 'imprint', share: 'use' }, undefined, '/snippets');
  const shows = { subject: 's', text: '{% render "imprint" %}' };
  const mine = await published({ name: 'Mine', ...shows }, one);
  const theirs = await published({ name: 'Theirs', ...shows }, two);
  const kept = await published({ name: 'Kept back', ...shows });
  const lent = await published({ name: 'Lent', ...shows, share: 'read' });
  const drafted = await published({ name: 'Lent later', subject: 's', text: 'nothing', share: 'read' });
  await world.ok('PATCH', `/templates/${drafted.id}`, { body: { text: shows.text } });
  const told = async (secret?: string): Promise<readonly unknown[]> =>
    (await usesOf(part.id, secret)).items.map(({ id }) => id);
  assert.deepEqual(await told(one), [mine.id, lent.id]);
  assert.deepEqual(await told(two), [theirs.id, lent.id]);
  assert.deepEqual(
    await told(),
    [mine, theirs, kept, lent, drafted].map(({ id }) => id),
  );
  const own = await published({ name: 'Own part', text: 'own' }, one, '/snippets');
  const foreign = await world.api('GET', `/snippets/${own.id}/uses`, { secret: two });
  assert.equal(foreign.status, 404);
});
