import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { countedQuery } from '../kills/recount.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { fetched, finished, linkOf } from './export-calls.ts';
import type { Export } from './export-calls.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

type Client = { readonly id: number; readonly key: { readonly secret: string } };
const client = (name: string): Promise<Client> =>
  world.ok<Client>('POST', '/subaccounts', { body: { name, externalId: name, key: { name: 'k' } } });

const ask = (path: string, body: unknown, secret?: string): Promise<Export> =>
  world.ok<Export>('POST', `/exports/${path}`, { body, ...(secret === undefined ? {} : { secret }) });

function suppress(addresses: readonly string[], kind: string, secret: string): Promise<unknown> {
  const entries = addresses.map((address) => ({ address, kind, reason: 'asked' }));
  return world.ok('POST', '/suppressions', { body: { entries }, secret });
}

const first = (lines: readonly string[]): readonly string[] => lines.map((line) => line.split(',')[0] ?? '');

test('lists are exported as far as the asker reaches, over many pages, without what came later', async () => {
  const [one, other] = [await client('lists-one'), await client('lists-other')];
  const many = Array.from({ length: 1203 }, (_, n) => `n${n}@inbox.test`);
  for (let at = 0; at < many.length; at += 500)
    await suppress(many.slice(at, at + 500), 'manual', one.key.secret);
  await suppress(['vip@inbox.test'], 'allow', one.key.secret);
  await suppress(['other@inbox.test'], 'manual', other.key.secret);
  const asked = await ask('suppressions', { kinds: ['manual'] }, one.key.secret);
  world.clock.move(1000);
  await suppress(['later@inbox.test'], 'manual', one.key.secret);
  const done = await finished(world, asked.id, one.key.secret);
  assert.deepEqual([done.state, done.rows, done.coversAccount], ['complete', 1203, false]);
  const { name, lines } = await fetched(world, done.url);
  assert.equal(name, 'suppressions.csv');
  assert.deepEqual([first(lines)[0], first(lines).slice(1).toSorted()], ['address', many.toSorted()]);
  const all = await ask('suppressions', {});
  const whole = await finished(world, all.id);
  assert.deepEqual([whole.rows, whole.coversAccount], [1206, true]);
  assert.deepEqual(
    first((await fetched(world, whole.url)).lines)
      .slice(-3)
      .toSorted(),
    ['later@inbox.test', 'other@inbox.test', 'vip@inbox.test'],
  );
});

test('mail is exported with what became of it, narrowed by tag, sender, time and state', async () => {
  const { key } = await client('mail');
  const [good = '', bad = ''] = [
    ...(await world.send('you@inbox.test', { tags: ['a'], metadata: { order: 7 } }, key.secret)),
    ...(await world.send('hard@inbox.test', { tags: ['b'], subject: '=Sum, "quoted"' }, key.secret)),
  ];
  await world.settled(good, ['delivered']);
  await world.settled(bad, ['bounced']);
  const rows = async (body: unknown): Promise<readonly string[]> => {
    const { id } = await ask('messages', body, key.secret);
    const done = await finished(world, id, key.secret);
    const { lines } = await fetched(world, done.url);
    assert.equal(lines.length, done.rows + 1);
    return lines.slice(1);
  };
  const [delivered = '', bounced = '', ...none] = await rows({});
  assert.deepEqual(none, []);
  assert.match(
    delivered,
    new RegExp(
      `^${good},[^,]+,\\d+,a@lettershop.test,you@inbox.test,Hello,delivered,[^,]+,a,"\\{""order"":7\\}",0,0,250 `,
    ),
  );
  assert.match(bounced, /,"'=Sum, ""quoted""",bounced,[^,]+,b,\{\},0,0,550 /);
  assert.deepEqual(first(await rows({ tags: ['b', 'c'] })), [bad]);
  assert.deepEqual(first(await rows({ senders: ['A@lettershop.test'], states: ['delivered'] })), [good]);
  assert.deepEqual(await rows({ senders: ['else@lettershop.test'] }), []);
  assert.deepEqual(await rows({ until: '2020-01-01T00:00:00Z' }), []);
  const wrong = await world.api('POST', '/exports/messages', { body: { states: ['bad'] } });
  assert.equal(wrong.status, 400);
});

test('an export is its holder’s: others, keys of the own subaccount and readers of other things do not see it', async () => {
  const [one, other] = [await client('held'), await client('stranger')];
  const mine = await ask('messages', {}, one.key.secret);
  const whole = await ask('suppressions', {});
  const own = await world.ok<{ items: { id: number; isOwn: boolean }[] }>('GET', '/subaccounts?limit=500');
  const ownId = own.items.find(({ isOwn }) => isOwn)?.id;
  const key = async (grants: readonly string[], id: number | undefined): Promise<string> =>
    (
      await world.ok<{ secret: string }>('POST', '/keys', {
        body: { name: 'narrow', grants, reach: 'subaccount' },
        headers: { 'lettershop-subaccount': String(id) },
      })
    ).secret;
  const seen = async (id: string, secret: string): Promise<readonly number[]> => [
    (await world.api('GET', `/exports/${id}`, { secret })).status,
    (await world.api('DELETE', `/exports/${id}`, { secret })).status,
    (await world.ok<{ items: Export[] }>('GET', '/exports', { secret })).items.filter(
      (each) => each.id === id,
    ).length,
  ];
  const hidden = [404, 404, 0];
  assert.deepEqual(await seen(mine.id, other.key.secret), hidden);
  assert.deepEqual(await seen(mine.id, await key(['suppressions:read'], one.id)), hidden);
  assert.deepEqual(await seen(whole.id, one.key.secret), hidden);
  assert.deepEqual(await seen(whole.id, await key(['suppressions:read', 'messages:read'], ownId)), hidden);
  const refused = await world.api('POST', '/exports/messages', {
    body: {},
    secret: await key(['suppressions:read'], one.id),
  });
  assert.equal(refused.status, 403);
});

test('a link ends after a week, with its export, with its tenant’s reading, and is not to be guessed', async () => {
  const one = await client('ends');
  const done = async (): Promise<Export> => {
    const { id } = await ask('messages', {}, one.key.secret);
    return finished(world, id, one.key.secret);
  };
  const status = async (url: string | null, method = 'GET'): Promise<number> =>
    (await fetch(linkOf(world, url), { method })).status;
  const [kept, gone, old] = [await done(), await done(), await done()];
  assert.deepEqual(
    [await status(kept.url), await status(kept.url, 'HEAD'), await status(kept.url, 'POST')],
    [200, 200, 405],
  );
  const forged = (kept.url ?? '').replace(`/${kept.id}.`, `/${gone.id}.`);
  assert.equal(await status(forged), 404);
  await world.ok('DELETE', `/exports/${gone.id}`, { secret: one.key.secret });
  assert.equal(await status(gone.url), 404);
  await world.ok('PATCH', `/subaccounts/${one.id}`, { body: { status: 'deactivated' } });
  assert.equal(await status(kept.url), 404);
  await world.ok('PATCH', `/subaccounts/${one.id}`, { body: { status: 'active' } });
  assert.equal(await status(kept.url), 200);
  await world.move(7 * 86_400_000);
  assert.equal(await status(old.url), 404);
  const expired = await world.until(
    () => world.api('GET', `/exports/${old.id}`, { secret: one.key.secret }),
    (answer) => answer.status === 200,
  );
  const { state, url } = expired.body as Export;
  assert.deepEqual([state, url], ['expired', null]);
});

test('who is to be told gets the link by mail, and a person who is erased is in no file any more', async () => {
  const { key } = await client('erased');
  const [id = ''] = await world.send('gone@inbox.example', {}, key.secret);
  await world.send('stays@inbox.example', {}, key.secret);
  const asked = await ask('messages', { notify: 'Ops@inbox.test' }, key.secret);
  const done = await finished(world, asked.id, key.secret);
  const recipients = async (): Promise<readonly (string | undefined)[]> =>
    (await fetched(world, done.url)).lines.slice(1).map((line) => line.split(',')[4]);
  assert.deepEqual(await recipients(), ['gone@inbox.example', 'stays@inbox.example']);
  const mails = await world.until(
    () =>
      sql<{
        text: string;
      }>`select convert_from(content, 'UTF8') as text from captures where recipient = 'ops@inbox.test'`.execute(
        world.database.db.engine,
      ),
    ({ rows }) => rows.length > 0,
  );
  const text = (mails.rows[0]?.text ?? '').replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');
  assert.ok(mails.rows.length === 1 && text.includes(new URL(done.url ?? '').pathname), text);
  await world.settled(id, ['delivered']);
  // Counting and erasing meet elsewhere.
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
  const { id: erasureId } = await world.ok<{ id: string }>('POST', '/erasures', {
    body: { address: 'gone@inbox.example' },
    secret: key.secret,
  });
  await world.until(
    () => world.ok<{ state: string }>('GET', `/erasures/${erasureId}`, { secret: key.secret }),
    ({ state }) => state === 'done',
  );
  assert.deepEqual(
    (await recipients()).filter((each) => each?.startsWith('gone')),
    [],
  );
});

test('counting goes on where it was broken off, and what cannot be counted has a bound', async () => {
  const { key } = await client('bounded');
  const count = (): Promise<{ rows: readonly { n: number }[] }> =>
    sql<{ n: number }>`select count(*)::int as n from exports where finished_at is null`.execute(
      world.database.db.engine,
    );
  await world.until(count, ({ rows }) => rows[0]?.n === 0);
  const statuses: number[] = [];
  for (let n = 0; n < 60 && !statuses.includes(409); n++)
    statuses.push((await world.api('POST', '/exports/messages', { body: {}, secret: key.secret })).status);
  assert.ok(
    statuses.filter((status) => status === 202).length >= 10 && statuses.at(-1) === 409,
    statuses.join(' '),
  );
  await world.until(count, ({ rows }) => rows[0]?.n === 0);
});
