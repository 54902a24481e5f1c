/** Domains that are their own bounce hosts, by a CNAME or an MX of the name itself. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findUnread, listUnread } from '../../src/features/inbound/index.ts';
import { bounce, bring, plainMail } from '../doubles/reports.ts';
import type { Kept } from '../doubles/smtp-sink.ts';
import type { Settled } from '../world.ts';
import { makeProven, openDirectGround, publish } from './domain-clients.ts';
import type { DirectGround, ProvenDomain } from './domain-clients.ts';
import { ask, makeSubaccount, sdk } from './sparkpost-calls.ts';

let ground: DirectGround;
let world: DirectGround['world'];
let dns: DirectGround['dns'];
before(async () => {
  ground = await openDirectGround();
  ({ world, dns } = ground);
});
after(() => ground[Symbol.asyncDispose]());

type Domain = ProvenDomain & {
  readonly bounceHost: string;
  readonly alternatives: ProvenDomain['records'];
  readonly proofs: readonly {
    readonly purpose: string;
    readonly state: string;
    readonly seen: readonly string[];
  }[];
};

const cnameTarget = 'bounce.mail.lettershop.test';
const mxHost = 'bounces.in.mail.lettershop.test';

let count = 0;

async function arrived(
  from: string,
  more: object = {},
): Promise<{ readonly kept: Kept; readonly id: string }> {
  const to = `n${++count}@ok.test`;
  const [id = ''] = await world.send(to, { from: { email: `hi@${from}` }, ...more });
  const kept = await world.until(
    () => Promise.resolve(ground.sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  return { kept: kept ?? assert.fail(), id };
}

const hostOf = ({ from }: Kept): string => from.slice(from.lastIndexOf('@') + 1);

async function hostOfMail(from: string, more: object = {}): Promise<string> {
  return hostOf((await arrived(from, more)).kept);
}

const stateOf = ({ proofs }: Domain, purpose: string): unknown =>
  proofs.find((each) => each.purpose === purpose)?.state;

/** Once these are the states of its alternatives: the resolver remembers for a second. */
async function look({ id }: ProvenDomain, cname: string, mx: string): Promise<Domain> {
  return world.until(
    () => world.ok<Domain>('POST', `/domains/${id}/check`),
    (each) => stateOf(each, 'return_path_cname') === cname && stateOf(each, 'return_path_mx') === mx,
  );
}

const seenOf = ({ bounceHost, takesBounces }: Domain): unknown => [bounceHost, takesBounces];

test('the CNAME or the MX of a name makes it its own bounce host; a bounce to it finds its message', async () => {
  const made = (await makeProven(ground, 'itself.example', { takesBounces: false })) as Domain;
  assert.deepEqual(
    made.alternatives.map(({ type, name, value }) => [type, name, value]),
    [
      ['CNAME', 'itself.example', cnameTarget],
      ['MX', 'itself.example', mxHost],
    ],
  );
  assert.deepEqual(seenOf(made), ['bounce.itself.example', false]);
  dns.zone['itself.example'] = { CNAME: cnameTarget };
  assert.deepEqual(seenOf(await look(made, 'proven', 'missing')), ['itself.example', true]);
  assert.equal(await hostOfMail('itself.example'), 'itself.example');
  // Other hosts before ours get the bounces: that is no proof.
  dns.zone['itself.example'] = {
    MX: [
      [5, 'mx.elsewhere.example'],
      [10, mxHost],
    ],
  };
  const behind = await look(made, 'missing', 'wrong');
  assert.deepEqual(
    [seenOf(behind), stateOf(behind, 'return_path_mx')],
    [['bounce.itself.example', false], 'wrong'],
  );
  dns.zone['itself.example'] = {
    MX: [
      [10, mxHost],
      [20, 'mx.elsewhere.example'],
    ],
  };
  const byMx = await look(made, 'missing', 'proven');
  assert.deepEqual([seenOf(byMx), stateOf(byMx, 'return_path_cname')], [['itself.example', true], 'missing']);

  const { kept, id } = await arrived('itself.example');
  assert.equal(hostOf(kept), 'itself.example');
  await world.settled(id, ['delivered']);
  assert.match(await bring(world.inboundPort, kept.from, bounce({ recipient: kept.to })), /^250 /);
  const { state, timeline } = await world.ok<Settled>('GET', `/messages/${id}`);
  assert.deepEqual([state, timeline.some(({ kind }) => kind === 'message.bounced_later')], ['bounced', true]);

  // For all mail of its holder, too.
  await makeProven(ground, 'plain.example');
  await world.ok('PATCH', `/domains/${made.id}`, { body: { isDefaultBounce: true } });
  await world.until(
    () => hostOfMail('plain.example'),
    (host) => host === 'itself.example',
  );
  assert.equal(await hostOfMail('plain.example', { bounceDomain: 'plain.example' }), 'bounce.plain.example');

  // Silence of DNS changes nothing; records that are gone end it.
  dns.zone['itself.example'] = 'servfail';
  assert.deepEqual(seenOf(await look(made, 'unknown', 'unknown')), ['itself.example', true]);
  delete dns.zone['itself.example'];
  assert.deepEqual(seenOf(await look(made, 'missing', 'missing')), ['bounce.itself.example', false]);
  await world.until(
    () => hostOfMail('plain.example'),
    (host) => host === 'bounce.plain.example',
  );
  // The host below it comes first where both are there.
  publish(dns, made, ['return_path']);
  dns.zone['itself.example'] = { MX: [[10, mxHost]] };
  await world.until(
    () => look(made, 'missing', 'proven'),
    (each) => stateOf(each, 'return_path') === 'proven' && each.bounceHost === 'bounce.itself.example',
  );
});

test('a name that takes its own bounces has a postmaster, unless an inbound domain of that name takes the mail', async () => {
  const { inboundPort } = world;
  const mail = (): string => plainMail('ada@inbox.test', 'A question');
  const made = (await makeProven(ground, 'roles.example', { takesBounces: false })) as Domain;
  assert.match(await bring(inboundPort, 'postmaster@roles.example', mail()), /^550 /);
  dns.zone['roles.example'] = { MX: [[10, mxHost]] };
  assert.deepEqual(seenOf(await look(made, 'missing', 'proven')), ['roles.example', true]);
  assert.match(await bring(inboundPort, 'Postmaster@Roles.example', mail()), /^250 /);
  assert.match(await bring(inboundPort, 'ada@roles.example', mail()), /^550 /);
  const { engine } = world.database.db;
  const [newest] = await listUnread(engine, 1);
  assert.equal((await findUnread(engine, newest?.id ?? ''))?.toString(), mail());

  const inbound = await world.ok<{ id: string; record: { value: string } }>('POST', '/inbound-domains', {
    body: { name: 'roles.example' },
  });
  dns.zone['roles.example'] = {
    MX: [
      [10, mxHost],
      [10, inbound.record.value],
    ],
  };
  await world.until(
    () => world.ok<{ state: string }>('POST', `/inbound-domains/${inbound.id}/check`),
    ({ state }) => state === 'proven',
  );
  await world.ok('POST', '/inbound-routes', {
    body: { inboundDomainId: inbound.id, url: 'http://127.0.0.1:65000/hook', pattern: 'postmaster' },
  });
  assert.deepEqual(seenOf(await look(made, 'missing', 'proven')), ['roles.example', true]);
  assert.match(await bring(inboundPort, 'postmaster@roles.example', mail()), /^250 /);
  const { items } = await world.ok<{ items: { recipient: string }[] }>('GET', '/inbound-mails');
  assert.deepEqual(
    items.map(({ recipient }) => recipient),
    ['postmaster@roles.example'],
  );
  assert.equal((await listUnread(engine, 1))[0]?.id, newest?.id);
  // Bounces are ours all the same, and what no route takes of the roles is.
  const { kept, id } = await arrived('roles.example');
  await world.settled(id, ['delivered']);
  assert.match(await bring(inboundPort, kept.from, bounce({ recipient: kept.to })), /^250 /);
  assert.equal((await world.ok<Settled>('GET', `/messages/${id}`)).state, 'bounced');
  assert.match(await bring(inboundPort, 'abuse@roles.example', mail()), /^250 /);
  assert.notEqual((await listUnread(engine, 1))[0]?.id, newest?.id);
});

test('over SparkPost cname_status and mx_status say which record makes a domain a bounce domain', async () => {
  const { key } = await makeSubaccount(world, 'bounce hosts');
  const { sendingDomains } = sdk(world, key);
  await makeProven(ground, 'sp-itself.example', { secret: key, takesBounces: false });
  type Verified = { results: { cname_status: string; mx_status: string; dns: Record<string, string> } };
  const asked = async (wish: object): Promise<readonly unknown[]> => {
    const { results } = (await sendingDomains.verify('sp-itself.example', wish as never)) as Verified;
    return [results.cname_status, results.mx_status, Object.keys(results.dns).toSorted()];
  };
  const verify = async (wish: object, wanted: readonly unknown[]): Promise<void> => {
    await world.until(
      () => asked(wish),
      (told) => JSON.stringify(told) === JSON.stringify(wanted),
    );
  };
  const wishes = { cname_verify: true, mx_verify: true };
  await verify(wishes, ['invalid', 'invalid', ['cname_error', 'mx_error']]);
  await verify({ cname_verify: true }, ['invalid', 'unverified', ['cname_error']]);
  dns.zone['sp-itself.example'] = { CNAME: cnameTarget };
  await verify({ cname_verify: true }, ['valid', 'unverified', ['cname_record']]);
  dns.zone['sp-itself.example'] = { MX: [[10, mxHost]] };
  await verify(wishes, ['invalid', 'valid', ['cname_error', 'mx_record']]);
  const listed = async (query: string): Promise<readonly string[]> => {
    const { body } = await ask(world, 'GET', `/api/v1/sending-domains?${query}`, { key });
    return (body as { results: { domain: string }[] }).results.map(({ domain }) => domain);
  };
  assert.deepEqual(await listed('mx_status=valid'), ['sp-itself.example']);
  assert.deepEqual(await listed('cname_status=valid'), []);
  await sendingDomains.update('sp-itself.example', { is_default_bounce_domain: true });
  assert.deepEqual(await listed('is_default_bounce_domain=true'), ['sp-itself.example']);
});
