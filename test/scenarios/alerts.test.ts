import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { WebhookReceiver } from '../doubles/webhook-receiver.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';

let world: World;
let receiver: WebhookReceiver;
before(async () => {
  world = await startWorld({ LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
  receiver = await WebhookReceiver.start();
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

type Client = { readonly id: number; readonly secret: string };
type AlertBody = { id: string; state: string; secret: string | null; clearAt: number };
type Firing = { kind: string; delivery: string; value: number | null; volume: number | null; error: string };

async function client(externalId: string): Promise<Client> {
  const made = await world.ok<{ id: number; key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: externalId, externalId, key: { name: 'k' } },
  });
  return { id: made.id, secret: made.key.secret };
}

let sent = 0;
async function settle(who: string, count: number, secret: string): Promise<void> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++)
    ids.push(...(await world.send(`${who}+${(sent += 1)}@inbox.test`, {}, secret)));
  for (const id of ids)
    await world.until(
      () => world.ok<{ state: string }>('GET', `/messages/${id}`, { secret }),
      ({ state }) => state === 'delivered' || state === 'bounced',
    );
  // What has happened until now is counted.
  const newest = await sql<{ seq: string }>`select max(seq) as seq from events`.execute(
    world.database.db.engine,
  );
  await world.until(
    async () =>
      (
        await sql<{ seq: string }>`select seq from event_cursors where consumer = 'outcomes'`.execute(
          world.database.db.engine,
        )
      ).rows[0]?.seq,
    (seq) => Number(seq) >= Number(newest.rows[0]?.seq),
  );
}

const move = (minutes: number): Promise<void> => world.move(minutes * 60_000);

function make(body: Record<string, unknown>, secret?: string): Promise<AlertBody> {
  return world.ok<AlertBody>('POST', '/alerts', { body, ...(secret === undefined ? {} : { secret }) });
}

const at = (path: string) => ({ to: `${receiver.url.replace(/\/[^/]*$/, '')}/${path}` });
const heard = (path: string) => receiver.received.filter((each) => each.path === `/${path}`);
const firings = async (id: string, secret?: string): Promise<readonly Firing[]> =>
  (
    await world.ok<{ items: Firing[] }>(
      'GET',
      `/alerts/${id}/firings`,
      secret === undefined ? {} : { secret },
    )
  ).items.toReversed();

test("a subaccount's bounce rate fires once, signed, is over once, and concerns nobody else", async () => {
  const [bad, fine] = [await client('bad'), await client('fine')];
  const rule = { measure: 'bounce_rate', threshold: 0.2, windowHours: 2, volumeMin: 5, quietMinutes: 15 };
  const mine = await make({ name: 'mine', ...rule, target: { kind: 'webhook', ...at('mine') } }, bad.secret);
  const other = await make(
    { name: 'other', ...rule, target: { kind: 'slack', ...at('other') } },
    fine.secret,
  );
  const whole = await make({
    name: 'whole',
    ...rule,
    threshold: 0.05,
    target: { kind: 'slack', ...at('whole') },
  });
  await settle('you', 6, fine.secret);
  await settle('you', 3, bad.secret);
  await settle('hard', 2, bad.secret);
  await move(2);
  await world.until(
    () => Promise.resolve([heard('mine').length, heard('whole').length]),
    ([one, two]) => one === 1 && two === 1,
  );
  const [first] = heard('mine');
  assert.ok(first !== undefined && mine.secret !== null);
  // The clock of the test runs ahead: the signature is of its own time, the check is of the real one.
  const headers = first.headers as Record<string, string>;
  const webhook = new Webhook(mine.secret);
  const stamp = new Date(Number(headers['webhook-timestamp']) * 1000);
  assert.equal(webhook.sign(headers['webhook-id'] ?? '', stamp, first.body), headers['webhook-signature']);
  const told = JSON.parse(first.body) as {
    kind: string;
    value: number;
    volume: number;
    alert: { id: string };
  };
  assert.deepEqual([told.kind, told.value, told.volume, told.alert.id], ['fired', 0.4, 5, mine.id]);
  const slack = JSON.parse(heard('whole')[0]?.body ?? '{}') as { text: string };
  assert.match(slack.text, /^\*Alert: whole\*\nThe bounce rate of the account is 18\.182 % \(of 11\)/);
  // Judged again and again it is told no more.
  for (let minute = 0; minute < 3; minute++) {
    await move(2);
    await settle('hard', 1, bad.secret);
  }
  assert.equal(heard('mine').length, 1);
  await move(190);
  await world.until(
    () => firings(mine.id, bad.secret),
    (list) => list.length === 2 && list[1]?.delivery === 'sent',
  );
  assert.deepEqual(
    (await firings(mine.id, bad.secret)).map(({ kind, delivery }) => [kind, delivery]),
    [
      ['fired', 'sent'],
      ['cleared', 'sent'],
    ],
  );
  assert.deepEqual([heard('other').length, (await firings(other.id, fine.secret)).length], [0, 0]);
  // Nobody finds another's, nor the account's.
  for (const id of [mine.id, whole.id]) {
    const answers = await Promise.all([
      world.api('GET', `/alerts/${id}`, { secret: fine.secret }),
      world.api('GET', `/alerts/${id}/firings`, { secret: fine.secret }),
      world.api('POST', `/alerts/${id}/test`, { secret: fine.secret }),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404],
    );
  }
  assert.deepEqual(
    (await world.ok<{ items: unknown[] }>('GET', '/alerts/firings', { secret: fine.secret })).items,
    [],
  );
  const events = await world.ok<{ items: { kind: string }[] }>('GET', '/events?kind=alert.fired', {
    secret: bad.secret,
  });
  assert.equal(events.items.length, 1);
});

test('an endpoint that fails is told later; a swinging value is kept and not told', async () => {
  const swing = await client('swing');
  receiver.react = ({ path }) => (path === '/swing' ? 500 : 204);
  const rule = { measure: 'sent', threshold: 2, windowHours: 2, quietMinutes: 600 };
  const { id } = await make(
    { name: 'swing', ...rule, target: { kind: 'slack', ...at('swing') } },
    swing.secret,
  );
  await settle('you', 3, swing.secret);
  await move(2);
  const [waiting] = await world.until(
    () => firings(id, swing.secret),
    (list) => list[0] !== undefined && list[0].error !== '',
  );
  assert.deepEqual([waiting?.delivery, waiting?.error], ['waiting', 'status 500']);
  receiver.react = () => 204;
  await move(3);
  await world.until(
    () => firings(id, swing.secret),
    (list) => list[0]?.delivery === 'sent',
  );
  await move(190);
  await world.until(
    () => firings(id, swing.secret),
    (list) => list.length === 2,
  );
  await settle('you', 3, swing.secret);
  await move(2);
  const all = await world.until(
    () => firings(id, swing.secret),
    (list) => list.length === 3,
  );
  assert.deepEqual(
    all.map(({ kind, delivery }) => [kind, delivery]),
    [
      ['fired', 'sent'],
      ['cleared', 'quiet'],
      ['fired', 'quiet'],
    ],
  );
});

test('mail goes to people of the account only, requests not to private addresses, and a test once a minute', async () => {
  const { secret } = await client('mailer');
  const rule = { name: 'm', measure: 'domains_lost', threshold: 0 };
  const toMail = (to: string) => ({ ...rule, target: { kind: 'mail', to } });
  const strange = await world.api('POST', '/alerts', { body: toMail('stranger@inbox.test') });
  assert.equal(strange.status, 400);
  const owner = 'owner@lettershop.test';
  // The account's people are none of the subaccount's.
  assert.equal((await world.api('POST', '/alerts', { body: toMail(owner), secret })).status, 400);
  const inner = { ...rule, target: { kind: 'slack', to: 'http://10.0.0.1/x' } };
  assert.equal((await world.api('POST', '/alerts', { body: inner })).status, 400);
  const made = await make(toMail(owner));
  const tested = await world.ok<{ isTaken: boolean }>('POST', `/alerts/${made.id}/test`);
  assert.equal(tested.isTaken, true);
  assert.equal((await world.api('POST', `/alerts/${made.id}/test`)).status, 409);
  await world.ok('POST', '/domains', { body: { name: 'gone.example.org' } });
  await sql`update domains set state = 'lost', proven_at = now() where name = 'gone.example.org'`.execute(
    world.database.db.engine,
  );
  await move(2);
  const captures = await world.until(
    () => world.ok<{ items: { to: string; subject: string }[] }>('GET', '/captures'),
    ({ items }) => items.filter(({ to }) => to === owner).length === 2,
  );
  assert.deepEqual(
    captures.items.filter(({ to }) => to === owner).map(({ subject }) => subject),
    ['Alert: m', 'Test of an alert: m'],
  );
  assert.deepEqual(
    (await firings(made.id)).map(({ kind, delivery, value }) => [kind, delivery, value]),
    [
      ['test', 'sent', null],
      ['fired', 'sent', 1],
    ],
  );
  await world.ok('DELETE', `/alerts/${made.id}`);
  assert.equal((await world.api('GET', `/alerts/${made.id}`)).status, 404);
});
