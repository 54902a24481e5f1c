import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { content, copiesOf, failure, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

test('recipient lists are kept by the primary account and sent to as a whole', async () => {
  const { recipientLists: lists } = sdk(world);
  const recipients = [
    { address: { email: 'l1@ok.test', name: 'One' }, substitution_data: { name: 'One' }, tags: ['a'] },
    { address: 'l2@ok.test' },
    { address: 'broken' },
  ];
  const made = (await lists.create({
    id: 'beta',
    name: 'Beta',
    recipients,
    num_rcpt_errors: 5,
  })) as unknown as { errors: unknown; results: object };
  assert.deepEqual(made.errors, [{ message: 'List created with validation errors', code: '5000' }]);
  assert.partialDeepStrictEqual(made.results, {
    id: 'beta',
    name: 'Beta',
    total_accepted_recipients: 2,
    total_rejected_recipients: 1,
  });
  assert.deepEqual(await failure(lists.create({ id: 'beta', recipients })), [
    400,
    [{ message: 'List already exists', description: "List 'beta' already exists", code: '5001' }],
  ]);
  const shown = (await lists.get('beta', { show_recipients: true })).results as {
    recipients: { address: object }[];
  };
  assert.partialDeepStrictEqual(shown, { id: 'beta', name: 'Beta', total_accepted_recipients: 2 });
  assert.deepEqual(shown.recipients[0], {
    address: { email: 'l1@ok.test', name: 'One' },
    metadata: {},
    substitution_data: { name: 'One' },
    tags: ['a'],
  });
  const sent = await transmit(world, { recipients: { list_id: 'beta' } });
  assert.equal(sent.total_accepted_recipients, 2);
  assert.match((await copiesOf(world, sent.id)).get('l1@ok.test') ?? '', /Hello One/);
  await lists.update('beta', { recipients: [{ address: 'l3@ok.test' }] });
  assert.partialDeepStrictEqual((await lists.list()).results, [{ id: 'beta', total_accepted_recipients: 1 }]);
  const [, errors] = (await failure(
    sdk(world).transmissions.send({ content, recipients: { list_id: 'none' } }),
  )) as [number, { code: string }[]];
  assert.equal(errors[0]?.code, '1603');
  const { key } = await makeSubaccount(world, 'no lists');
  assert.equal(((await failure(sdk(world, key).recipientLists.list())) as unknown[])[0], 403);
  await lists.delete('beta');
  assert.deepEqual(await failure(lists.get('beta')), [
    404,
    [{ message: 'resource not found', description: "List 'beta' does not exist", code: '1600' }],
  ]);
});
