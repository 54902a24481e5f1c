import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { allAccounts, systemAccount } from '../../src/features/accounts/index.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { command } from './commands.ts';
import { newFolder } from '../folder.ts';

let world: World;
let folder: string;
let account: string;
before(async () => {
  world = await startWorld();
  folder = newFolder('lettershop-operator');
  const [first] = await allAccounts(world.database.db);
  account = String(first?.id);
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const queue = (...words: readonly string[]): Promise<readonly string[]> =>
  command(world, folder, ['queue', ...words]);
const addresses = (...words: readonly string[]): Promise<readonly string[]> =>
  command(world, folder, ['addresses', ...words]);

/** One mail for tomorrow. */
async function later(to: string, more: Record<string, unknown> = {}): Promise<string> {
  const sendAt = new Date(world.clock.now() + 86_400_000).toISOString();
  const [id = ''] = await world.send(to, { sendAt, ...more });
  return id;
}

const stateOf = async (id: string): Promise<string> =>
  (await world.ok<{ state: string }>('GET', `/messages/${id}`)).state;

test('the operator sees what waits and why, counts before acting, and acts on what the filter names', async () => {
  assert.deepEqual(await queue(), ['0', 'Nothing waits.']);
  const [a, b, tagged] = [
    await later('a@first.test'),
    await later('b@second.test'),
    await later('c@second.test', { tags: ['news'] }),
  ];
  const [code, ...lines] = await queue('list');
  assert.equal(code, '0');
  const cells = lines.map((line) => line.split('\t'));
  assert.deepEqual(
    new Map(cells.map(([id = '', , recipient = '']) => [id, recipient])),
    new Map([
      [a, 'a@first.test'],
      [b, 'b@second.test'],
      [tagged, 'c@second.test'],
    ]),
  );
  assert.equal((await queue('list', '--subaccount', cells[0]?.[1] ?? '')).length, 4);
  assert.ok(lines.every((line) => /\tIt is scheduled for later\. \d{4}-/.test(line)));
  assert.deepEqual((await queue('list', '--domain', 'first.test')).length, 2);
  assert.deepEqual(await queue('cancel', '--domain', 'second.test', '--tag', 'news', '--dry-run'), [
    '0',
    `${tagged}\tc@second.test`,
    '1 messages match',
  ]);
  assert.equal(await stateOf(tagged), 'held', 'a dry run changes nothing');
  assert.deepEqual(await queue('cancel', '--domain', 'second.test', '--tag', 'news'), [
    '0',
    '1 of 1 messages: cancel',
  ]);
  assert.deepEqual(await Promise.all([tagged, b].map(stateOf)), ['cancelled', 'held']);
  assert.deepEqual(await queue('cancel', '--account', account), ['0', '2 of 2 messages: cancel']);
  assert.deepEqual(await queue(), ['0', 'Nothing waits.']);
});

test('the operator suspends a domain, its mail waits by that name, and leaves when it is resumed', async () => {
  const [code, said = ''] = await queue('suspend', 'domain', 'stopped.test', '--reason', 'asked by them');
  const id = /\((\d+)\)$/.exec(said)?.[1] ?? '';
  assert.equal(code, '0');
  assert.equal(said, `account ${account}: domain stopped.test is suspended (${id})`);
  await world.until(
    () => Promise.resolve(world.program.delivery.standing.suspensions),
    ({ isEmpty }) => !isEmpty,
  );
  const [message = ''] = await world.send('a@stopped.test');
  await world.settled(message, ['held']);
  const [, line = ''] = await queue();
  assert.match(line, /Mail to stopped\.test is suspended by the operator, .*\(asked by them\)/);
  const [, listed = ''] = await queue('suspensions');
  assert.match(listed, new RegExp(`^${id}\\toperator\\tdomain stopped.test\\tuntil .*\\tasked by them$`));
  assert.deepEqual(await queue('resume', id), ['0', `${id} is lifted`]);
  await world.settled(message, ['delivered']);
  assert.deepEqual(await queue('suspensions'), ['0']);
});

test('what the operator’s queue command cannot do it says in one line, and changes nothing', async () => {
  assert.deepEqual(await queue('resume', '99'), ['1', 'lettershop queue: there is no suspension 99']);
  assert.deepEqual(await queue('explode'), ['1', 'lettershop queue: there is no action "explode"']);
  assert.deepEqual(await queue('list', '--account', '999'), [
    '1',
    'lettershop queue: there is no such account',
  ]);
  assert.equal((await queue('suspend', 'moon', 'x'))[0], '1');
  assert.equal((await queue('list', '--nonsense'))[0], '1');
  assert.deepEqual(await queue('suspensions'), ['0']);
});

test('the operator gives source addresses to an account, which puts them into its pools, and takes them back', async () => {
  assert.deepEqual(await addresses(), ['0']);
  assert.deepEqual(await addresses('add', account, '127.0.0.41', 'out.sender.test', 'node-9'), [
    '0',
    `account ${account} has 127.0.0.41 on node-9`,
  ]);
  assert.deepEqual(await addresses('list'), [
    '0',
    `${account}\t127.0.0.41\tout.sender.test\tnode-9\tin no pool`,
  ]);
  const { id } = await world.ok<{ id: string }>('POST', '/pools', { body: { name: 'given' } });
  await world.ok('PUT', `/pools/${id}/addresses`, { body: { addresses: [{ address: '127.0.0.41' }] } });
  assert.deepEqual(await addresses(), ['0', `${account}\t127.0.0.41\tout.sender.test\tnode-9\tpool ${id}`]);
  const refused = [
    await addresses('add', account, '127.0.0.41', 'again.sender.test', 'node-9'),
    await addresses('add', account, 'no-address', 'x.test', 'node-9'),
    await addresses('add', '999', '127.0.0.42', 'x.test', 'node-9'),
    await addresses('add', account, '127.0.0.42'),
    await addresses('remove', account, '127.0.0.41', 'node-8'),
  ];
  assert.deepEqual(
    refused.map(([code, ...said]) => [code, said.length]),
    refused.map(() => ['1', 1]),
  );
  assert.match(refused[0]?.[1] ?? '', /has 127\.0\.0\.41 already/);
  assert.deepEqual(await addresses('remove', account, '127.0.0.41', 'node-9'), [
    '0',
    '127.0.0.41 on node-9 is taken back',
  ]);
  assert.deepEqual(await addresses(), ['0']);
});

test("the installation's own account, by which its mails leave, is neither listed nor stopped", async () => {
  const system = await systemAccount(world.database.db, new Date(world.clock.now()));
  const [, ...listed] = await command(world, folder, ['accounts']);
  assert.ok(!listed.some((line) => line.includes('Installation')));
  for (const id of [system.id, system.ownSubaccountId])
    assert.equal((await command(world, folder, ['stop', String(id), 'paused']))[0], '1');
  const after = await systemAccount(world.database.db, new Date(world.clock.now()));
  assert.equal(after.status, 'active');
  const own = await sql<{ status: string }>`
    select status from subaccounts where id = ${system.ownSubaccountId}`.execute(world.database.db.engine);
  assert.equal(own.rows[0]?.status, 'active');
});
