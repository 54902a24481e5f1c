import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { SmtpSink } from '../doubles/smtp-sink.ts';
import { countedQuery, miscountedQuery } from '../kills/recount.ts';
import type { World } from '../world.ts';
import { openRelayGround } from './relay-ground.ts';
import type { RelayGround } from './relay-ground.ts';
import { ask, makeSubaccount, sdk, transmit } from './sparkpost-calls.ts';
import { follow, linksTo, machine } from './tracked-mail.ts';

let ground: RelayGround;
let world: World;
let sink: SmtpSink;
before(async () => {
  ground = await openRelayGround();
  ({ world, sink } = ground);
});
after(() => ground[Symbol.asyncDispose]());

type Figures = Readonly<
  Record<'openers' | 'clickers' | 'engaged' | 'engagedUncounted' | 'openedByMachines', number>
> & { readonly rates: { readonly engagement: number | null } };
type Answer = {
  readonly total: Figures;
  readonly items: readonly { readonly value: string | null; readonly figures: Figures }[];
};

const html =
  '<html><body><a href="https://shop.example/">Shop</a> <a href="https://blog.example/">Blog</a></body></html>';

async function counted(): Promise<void> {
  await world.until(
    () => sql.raw<{ is_through: boolean }>(countedQuery).execute(world.database.db.engine),
    ({ rows }) => rows[0]?.is_through === true,
  );
}

async function figures(query: string, secret: string): Promise<Answer> {
  await counted();
  return world.ok<Answer>('GET', `/figures?${query}`, { secret });
}

type Looks = readonly (readonly ['beginning' | 'shop' | 'blog' | 'end', by?: string])[];

/** Who did what with the mail that came to them. */
async function look(to: string, looks: Looks): Promise<void> {
  const [beginning, shop, blog, end] = await linksTo(world, sink, to);
  const links = { beginning, shop, blog, end };
  for (const [what, by] of looks) await follow(world, links[what], by);
}

const tracking = { opens: true, initialOpens: true, clicks: true };

test('a message counts as engaged once, whether its first sign is a pixel or a link; machines take no place', async () => {
  type Client = { readonly id: number; readonly key: { readonly secret: string } };
  const make = (name: string): Promise<Client> =>
    world.ok<Client>('POST', '/subaccounts', { body: { name, key: { name: 'k' } } });
  const [{ id, key }, other] = [await make('engaged'), await make('engaged-other')];
  const { secret } = key;
  const send = async (name: string, tags: readonly string[], by = secret): Promise<string> => {
    const to = `${name}@inbox.test`;
    const [sent = ''] = await world.send(to, { html, tags, tracking }, by);
    await world.settled(sent, ['delivered']);
    return to;
  };
  await look(await send('both', ['a']), [['end'], ['shop'], ['end']]);
  await look(await send('clicks', ['a', 'b']), [['blog'], ['shop']]);
  await look(await send('later', ['b']), [['end', machine], ['shop', machine], ['end', machine], ['end']]);
  await look(await send('machine', ['b']), [
    ['end', machine],
    ['blog', machine],
  ]);
  await look(await send('beginning', ['a']), [['beginning']]);
  await send('nobody', []);
  await look(await send('other', ['a'], other.key.secret), [['shop'], ['end']]);

  const { total } = await figures('', secret);
  assert.deepEqual(
    [total.openers, total.clickers, total.engaged, total.engagedUncounted, total.openedByMachines],
    [2, 2, 3, 0, 3],
  );
  assert.equal(total.rates.engagement, 0.5);
  const of = ({ items }: Answer): unknown => items.map(({ value, figures: { engaged } }) => [value, engaged]);
  assert.deepEqual(of(await figures('by=tag', secret)), [
    ['a', 2],
    ['b', 2],
    [null, 0],
  ]);
  assert.equal((await figures('step=minute', secret)).total.engaged, 3);
  assert.equal((await figures('step=minute&tag=b', secret)).total.engaged, 2);
  const wide = new Date(Date.now() - 200 * 86_400_000).toISOString();
  assert.equal((await figures(`from=${wide}`, secret)).total.engaged, 3, 'by days');
  // What another subaccount's people did is in the account's figures, and in nobody else's.
  assert.equal((await figures('', other.key.secret)).total.engaged, 1);
  const all = await world.ok<Answer>('GET', '/figures?by=subaccount');
  assert.deepEqual(
    all.items
      .filter(({ value }) => [id, other.id].map(String).includes(value ?? ''))
      .map(({ figures: { engaged } }) => engaged),
    [3, 1],
  );
  assert.equal((await world.ok<Answer>('GET', '/figures')).total.engaged, 4);
  const [head = '', line = ''] = String((await world.api('GET', '/figures/export', { secret })).body).split(
    '\r\n',
  );
  const column = (name: string): string | undefined => line.split(',')[head.split(',').indexOf(name)];
  assert.deepEqual([column('engaged'), column('rate_engagement')], ['3', '0.5']);
});

test('what was opened and clicked before it was counted is told as such, and is not in the figure', async () => {
  const { key, id } = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'engaged-before', key: { name: 'k' } },
  });
  const [sent = ''] = await world.send('before@inbox.test', { html, tracking }, key.secret);
  await world.settled(sent, ['delivered']);
  await look('before@inbox.test', [['end'], ['shop']]);
  await counted();
  const { engine } = world.database.db;
  await sql`update hourly_figures set engaged = null where subaccount_id = ${id}`.execute(engine);
  const { total } = await figures('', key.secret);
  assert.deepEqual([total.engaged, total.engagedUncounted, total.openers], [0, 2, 1]);
  await sql`update hourly_figures f set engaged = case when s.kind = 'message.opened' then n else 0 end from series s
    where s.id = f.series_id and s.subaccount_id = f.subaccount_id and f.subaccount_id = ${id}`.execute(
    engine,
  );
});

test('count_unique_confirmed_opened is told in sums, groupings and steps', async () => {
  const { id, key } = await makeSubaccount(world, 'confirmed');
  const send = async (name: string, campaign: string): Promise<string> => {
    const address = `${name}@inbox.test`;
    const content = { from: 'hi@lettershop.test', subject: 'Hi', html };
    const options = { open_tracking: true, initial_open: true, click_tracking: true };
    await transmit(world, { recipients: [{ address }], content, options, campaign_id: campaign }, { key });
    return address;
  };
  await look(await send('c1', 'spring'), [['shop'], ['end'], ['blog']]);
  await look(await send('c2', 'spring'), [['end', machine]]);
  await look(await send('c3', 'autumn'), [['end']]);
  await counted();
  const metrics = 'count_unique_rendered,count_unique_clicked,count_unique_confirmed_opened';
  const from = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16);
  type Row = Readonly<Record<string, unknown>>;
  const read = async (path: string, more: Row = {}): Promise<readonly Row[]> => {
    const qs = { from, metrics, subaccounts: String(id), ...more };
    return (await sdk(world).get({ uri: `metrics/deliverability${path}`, qs })).results;
  };
  assert.deepEqual(await read(''), [
    { count_unique_rendered: 2, count_unique_clicked: 1, count_unique_confirmed_opened: 2 },
  ]);
  assert.deepEqual(
    (await read('/campaign', { order_by: 'count_unique_confirmed_opened' }))
      .map((row) => `${String(row['campaign_id'])} ${String(row['count_unique_confirmed_opened'])}`)
      .toSorted(),
    ['autumn 1', 'spring 1'],
  );
  for (const precision of ['hour', 'day', '1min']) {
    const steps = await read('/time-series', { precision });
    const sum = steps.reduce((all, row) => all + Number(row['count_unique_confirmed_opened']), 0);
    assert.equal(sum, 2, precision);
  }
  // Metrics are of the primary account's keys.
  const path = `/api/v1/metrics/deliverability?${new URLSearchParams({ from, metrics }).toString()}`;
  assert.equal((await ask(world, 'GET', path, { key })).status, 403);
});

test('all of it agrees with a recount of the log', async () => {
  await counted();
  const { rows } = await sql
    .raw<{ n: number; looked: number }>(miscountedQuery)
    .execute(world.database.db.engine);
  assert.deepEqual([rows[0]?.n, (rows[0]?.looked ?? 0) > 30], [0, true]);
});
