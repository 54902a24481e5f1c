/** How long a brand's host is trusted after its CNAME leads elsewhere. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { password } from '../doubles/browser.ts';
import { branded, HostBrowser, openBrandGround } from './brand-ground.ts';
import type { Branded, BrandGround, Host } from './brand-ground.ts';

let ground: BrandGround;
let world: BrandGround['world'];
before(async () => {
  // Records that may be kept for a day: what is kept proves nothing.
  ground = await openBrandGround({}, 86_400);
  ({ world } = ground);
});
after(() => ground.end());

const minute = 60_000;

async function hostOf({ host, secret }: Branded): Promise<Host> {
  const { items } = await world.ok<{ items: Host[] }>('GET', '/brand/hosts', { secret });
  const found = items.find(({ id }) => id === host.id);
  assert.ok(found !== undefined);
  return found;
}

const logInAt = async ({ host, email }: Branded): Promise<number> =>
  (await new HostBrowser(world, host.name).logIn(email, password)).status;

const repoint = ({ host }: Branded): void => {
  ground.dns.zone[host.record.name] = { CNAME: 'elsewhere.example' };
};
const timesAsked = ({ host }: Branded): number =>
  ground.dns.asked.filter((each) => each === `CNAME ${host.name}`).length;

test('a host that was repointed is trusted for an hour at most, though nobody logs in there', async () => {
  const one = await branded(ground, 'hourly');
  const browser = new HostBrowser(world, one.host.name);
  assert.equal((await browser.logIn(one.email, password)).status, 200);
  repoint(one);
  await world.move(59 * minute);
  assert.equal(await browser.me(), 200);
  await world.move(2 * minute);
  await world.until(
    () => hostOf(one),
    ({ state }) => state === 'lost',
  );
  await world.until(
    () => browser.me(),
    (status) => status === 401,
  );
});

test('a login at a host that was not looked at for five minutes looks at it first, and is refused where DNS shows another', async () => {
  const one = await branded(ground, 'at-login');
  assert.equal(await logInAt(one), 200);
  repoint(one);
  assert.equal(await logInAt(one), 200, 'the last look was just now');
  await world.move(5 * minute + 1000);
  assert.equal(await logInAt(one), 403, 'by the same call that looked');
  assert.equal((await hostOf(one)).state, 'lost');
  const { items } = await world.ok<{ items: { kind: string; data: { name?: string } }[] }>(
    'GET',
    '/events?kind=brand_host.lost&limit=100',
    { secret: one.secret },
  );
  assert.deepEqual(
    items.map(({ kind, data }) => [kind, data.name]),
    [['brand_host.lost', one.host.name]],
  );
});

test('many who log in at once make one question, and none for five minutes after', async () => {
  const one = await branded(ground, 'at-once');
  await world.move(5 * minute + 1000);
  const before = timesAsked(one);
  const statuses = await Promise.all(Array.from({ length: 8 }, () => logInAt(one)));
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal(timesAsked(one), before + 1);
  await world.move(4 * minute);
  assert.equal(await logInAt(one), 200);
  assert.equal(timesAsked(one), before + 1);
});

test('a name server that keeps silent holds no login up for longer than two seconds, and ends no proof', async () => {
  const one = await branded(ground, 'silent');
  const { checkedAt } = await hostOf(one);
  await world.move(5 * minute + 1000);
  ground.dns.zone[one.host.record.name] = 'silent';
  // The look goes on for six seconds (two tries of three): the login has not waited for its end.
  const begun = await new HostBrowser(world, one.host.name).auth('/passkey/generate-authenticate-options');
  assert.equal(begun.status, 200);
  assert.equal((await hostOf(one)).checkedAt, checkedAt);
  assert.equal(await logInAt(one), 200);
  const seen = await world.until(
    () => hostOf(one),
    (host) => host.checkedAt !== checkedAt,
  );
  assert.equal(seen.state, 'proven');
});
