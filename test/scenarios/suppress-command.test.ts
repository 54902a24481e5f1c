import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { command } from './commands.ts';
import { client, send, told } from './suppression-calls.ts';
import { newFolder } from '../folder.ts';

let world: World;
let folder: string;
before(async () => {
  world = await startWorld();
  folder = newFolder('lettershop-suppress');
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const suppress = (...words: readonly string[]): Promise<readonly string[]> =>
  command(world, folder, ['suppress', ...words]);

test('the operator suppresses an address or a pattern for everybody, and takes it back', async () => {
  const { secret } = await client(world, 'any');
  const states = async (): Promise<readonly string[]> =>
    (await send(world, ['a@operator.test', 'b@pattern.test'], secret)).map(told);
  await suppress('add', 'A@operator.test', 'spam', 'trap');
  await suppress('add', '*@pattern.test');
  assert.deepEqual(await states(), ['a suppressed installation', 'b suppressed installation']);
  assert.deepEqual(await suppress('list'), [
    '0',
    'a@operator.test\tmanual\tspam trap',
    '*@pattern.test\tpattern\t',
  ]);
  assert.deepEqual(await suppress('list', 'operator'), ['0', 'a@operator.test\tmanual\tspam trap']);
  assert.equal((await suppress('remove', 'a@operator.test'))[0], '0');
  assert.equal((await suppress('remove', 'a@operator.test'))[0], '1');
  assert.equal((await suppress('remove', '*@pattern.test'))[0], '0');
  assert.deepEqual(await states(), ['a queued', 'b queued']);
  assert.deepEqual((await suppress('add', 'nobody'))[0], '1');
  assert.equal((await suppress('nothing'))[0], '1');
});

test('the operator imports a file into the list of everybody, of an account, of a subaccount', async () => {
  const { id, secret } = await client(world, 'list');
  const [account] = await allAccounts(world.database.db);
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  assert.deepEqual(await suppress('import', file('all.csv', 'email\nall@file.test\nbroken\n')), [
    '0',
    'line 3: address must be an e-mail address',
    'read 2, added 1, changed 0, bad 1',
  ]);
  const lines = '{"address":"account@file.test","kind":"complaint"}\n';
  await suppress('import', file('account.ndjson', lines), String(account?.id));
  await suppress('import', file('own.csv', 'own@file.test\n'), String(id));
  assert.deepEqual(
    (await send(world, ['all@file.test', 'account@file.test', 'own@file.test'], secret)).map(told),
    ['all suppressed installation', 'account suppressed account', 'own suppressed subaccount manual'],
  );
  assert.equal((await suppress('import', join(folder, 'own.csv'), '99'))[0], '1');
  assert.equal((await suppress('import', join(folder, 'missing.csv')))[0], '1');
});
