import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { allAccounts } from '../../src/features/accounts/index.ts';
import { reasonCodes } from '../../src/features/control/index.ts';
import type { ReasonCode } from '../../src/features/control/index.ts';
import { sendRaw } from '../../src/features/messages/index.ts';
import { addAddress } from '../../src/features/pools/index.ts';
import { parseAddress } from '../../src/mail/address.ts';
import { selfSigned } from '../doubles/certificate.ts';
import type { World } from '../world.ts';
import { stsText, TransportGround } from './transport-ground.ts';

/** `GET /messages/{id}/why` for each reason that the code knows: one message of each kind, brought there as it comes about. */
let ground: TransportGround;
let world: World;
before(async () => {
  ground = await TransportGround.start(['mta-sts.policy.test']);
  ({ world } = ground);
  for (const domain of ['ok.test', 'policy.test']) ground.publishOwn(domain);
  ground.announce('policy.test', stsText('enforce', 'mx.elsewhere.test'));
  for (const domain of ['absent.test', 'again.test', 'strict.test'])
    ground.publish(domain, selfSigned(`mx.${domain}`), { address: '127.0.0.4', signed: true });
});
after(() => ground[Symbol.asyncDispose]());

type Reason = {
  readonly code: ReasonCode;
  readonly owner: string;
  readonly text: string;
  readonly movesAt: string | null;
};
type Made = { readonly id: number; readonly key: { readonly secret: string } };

const make = (name: string, more: object = {}): Promise<Made> =>
  world.ok<Made>('POST', '/subaccounts', { body: { name, key: { name: 'k' }, ...more } });

const later = (): string => new Date(world.clock.now() + 86_400_000).toISOString();

async function send(to: string, more: Record<string, unknown> = {}, secret?: string): Promise<string> {
  const ids = await world.send(to, more, secret);
  return ids[0] ?? '';
}

async function paused(): Promise<string> {
  const { id, key } = await make('paused');
  await world.ok('PATCH', `/subaccounts/${id}`, { body: { status: 'paused', reason: 'holiday' } });
  return send('paused@ok.test', {}, key.secret);
}

/** A scheduled message, whose row is then as it would be in another moment. */
async function arranged(to: string, row: ReturnType<typeof sql>): Promise<string> {
  const id = await send(to, { sendAt: later() });
  await sql`update queue set hold = null, hold_until = null, held_at = null, ${row} where message_id = ${id}`.execute(
    world.database.db.engine,
  );
  return id;
}

/** Due, and in nobody's hands: a claim passes by what somebody else looks at. */
async function inTurn(): Promise<string> {
  const { engine } = world.database.db;
  for (;;) {
    const id = await send('turn@ok.test', { sendAt: later() });
    const { promise: seen, resolve: letGo } = Promise.withResolvers<undefined>();
    const { promise: locked, resolve: isLocked } = Promise.withResolvers<boolean>();
    let looking: Promise<void> = Promise.resolve();
    await world.database.db.asEngine(async (tx) => {
      await sql`update queue set hold = null, hold_until = null, held_at = null, due_at = ${new Date(world.clock.now() - 1000)}
        where message_id = ${id}`.execute(tx);
      // It waits for this transaction's end, ahead of every claim.
      looking = engine.transaction().execute(async (other) => {
        const { rows } = await sql<{ leased_by: number | null }>`
          select leased_by from queue where message_id = ${id} for update`.execute(other);
        isLocked(rows[0]?.leased_by === null);
        await seen;
      });
      for (let isAwaited = false; !isAwaited;) {
        const { rows } = await sql<{ awaited: boolean }>`select exists (select from pg_locks
          where not granted and locktype = 'transactionid' and transactionid = pg_current_xact_id()::xid) as awaited`.execute(
          tx,
        );
        isAwaited = rows[0]?.awaited ?? false;
      }
    });
    if (await locked) {
      looks.push({ letGo: () => letGo(undefined), looking });
      return id;
    }
    letGo(undefined);
    await looking;
  }
}
const looks: { readonly letGo: () => void; readonly looking: Promise<void> }[] = [];

async function warming(): Promise<string> {
  const { db } = world.database;
  const [account] = await allAccounts(db);
  assert.ok(account !== undefined);
  const scope = world.program.access.operatorScope(account);
  const address = '127.0.0.44';
  await addAddress({ db, clock: world.clock }, scope, { address, ehloName: 'mx-44.test', node: hostname() });
  // The account's first pool is its default, which all other mail leaves from.
  await world.ok('POST', '/pools', { body: { name: 'plain' } });
  const { id } = await world.ok<{ id: string }>('POST', '/pools', { body: { name: 'warming' } });
  await world.ok('PUT', `/pools/${id}/addresses`, {
    body: { addresses: [{ address, warmup: { caps: [1, 2] } }] },
  });
  const { sources } = world.program.delivery.standing;
  await world.until(
    () => Promise.resolve(sources.knows(id)),
    (knows) => knows,
  );
  await world.settled(await send('first@ok.test', { pool: id }), ['delivered']);
  return send('second@ok.test', { pool: id });
}

async function withRequireTls(): Promise<string> {
  const [account] = await allAccounts(world.database.db);
  const address = parseAddress('you@strict.test');
  assert.ok(account !== undefined && address !== null);
  const { messages } = await sendRaw(world.program.messages, world.program.access.operatorScope(account), {
    bytes: Buffer.from('From: a@lettershop.test\r\nSubject: x\r\n\r\nx\r\n'),
    mailFrom: 'a@lettershop.test',
    recipients: [{ address }],
    smtputf8: false,
    requireTls: true,
    trace: { helo: 'me.test', protocol: 'ESMTPSA', hostname: 'mx.sender.test' },
  });
  return messages[0]?.id ?? '';
}

async function deferred(to: string): Promise<string> {
  const id = await send(to);
  await world.settled(id, ['deferred']);
  return id;
}

/** Whose it is, and how one comes about; a code without a case does not compile. */
const cases = {
  status: ['parent', paused],
  paused: ['parent', paused],
  scheduled: ['caller', () => send('later@ok.test', { sendAt: later() })],
  quota: [
    'parent',
    async () => {
      const { key } = await make('small', { quota: { hour: 1 } });
      await send('one@ok.test', {}, key.secret);
      return send('two@ok.test', {}, key.secret);
    },
  ],
  review: [
    'system',
    async () => {
      const { id, key } = await make('reviewed');
      await world.ok('POST', `/subaccounts/${id}/reputation/raise`, {
        body: { step: 'review', reason: 'a look' },
      });
      return send('reviewed@ok.test', {}, key.secret);
    },
  ],
  suspended: [
    'parent',
    async () => {
      await world.ok('POST', '/suspensions', { body: { kind: 'tag', value: 'stopped' } });
      return send('stopped@ok.test', { tags: ['stopped'], sendAt: later() });
    },
  ],
  manual: [
    'parent',
    async () => {
      const id = await arranged('manual@ok.test', sql`due_at = ${later()}, tags = '{by-hand}'`);
      await world.ok('POST', '/queue/actions', { body: { action: 'hold', filter: { tag: 'by-hand' } } });
      return id;
    },
  ],
  leased: ['system', () => arranged('leased@ok.test', sql`leased_by = (select min(number) from nodes)`)],
  warmup: ['account', warming],
  transport_policy: ['recipient', () => deferred('you@policy.test')],
  require_tls: ['caller', withRequireTls],
  site_backs_off: ['recipient', () => deferred('you@absent.test')],
  site_slowed: [
    'recipient',
    async () => {
      await sql`insert into domain_sites (domain, site, seen_at) values ('slowed.test', 'slowed.test', ${new Date(world.clock.now())})`.execute(
        world.database.db.engine,
      );
      await sql`insert into site_states (node, site, address_id, profile, level, reason, since, until, connections, messages_per_second, seen_at)
        values (500, 'slowed.test', 0, 'default', 2, 'storm', ${new Date(world.clock.now())}, null, 1, 2.5, ${new Date(world.clock.now())})`.execute(
        world.database.db.engine,
      );
      return arranged('you@slowed.test', sql`due_at = ${later()}`);
    },
  ],
  site_pace: ['recipient', () => arranged('pace@ok.test', sql`due_at = ${later()}, last_site = 'ok.test'`)],
  retry: ['recipient', () => deferred('you@again.test')],
  turn: ['system', inTurn],
  suppressed: [
    'caller',
    async () => {
      await world.ok('POST', '/suppressions', {
        body: { entries: [{ address: 'no@ok.test', kind: 'manual' }] },
      });
      return send('no@ok.test');
    },
  ],
  finished: [
    'nobody',
    async () => {
      const id = await send('done@ok.test');
      await world.settled(id, ['delivered']);
      return id;
    },
  ],
} satisfies Record<ReasonCode, readonly [owner: string, bring: () => Promise<string>]>;

/** Those that end or move at a time that is known. */
const moving = new Set<ReasonCode>([
  'scheduled',
  'paused',
  'quota',
  'review',
  'manual',
  'warmup',
  'transport_policy',
  'require_tls',
  'site_backs_off',
  'site_pace',
  'retry',
]);

test('there is a case for each reason that the code knows, and none besides', () => {
  assert.deepEqual(Object.keys(cases).sort(), [...reasonCodes].sort());
});

for (const code of reasonCodes) {
  test(`why: ${code} is named with its owner and, where it is known, the time when it moves`, async () => {
    const [owner, bring] = cases[code];
    const id = await bring();
    const { reasons } = await world.until(
      () => world.ok<{ reasons: readonly Reason[] }>('GET', `/messages/${id}/why`),
      (answer) => answer.reasons.some((reason) => reason.code === code),
    );
    const reason = reasons.find((each) => each.code === code);
    assert.equal(reason?.owner, owner);
    assert.match(reason.text, /^[A-Z][^]{10,}\.$/);
    if (moving.has(code))
      assert.ok(Date.parse(reason.movesAt ?? '') > world.clock.now() - 60_000, reason.text);
    for (const { letGo, looking } of looks.splice(0)) {
      letGo();
      await looking;
    }
  });
}
