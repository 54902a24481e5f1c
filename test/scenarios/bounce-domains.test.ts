import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { bounce, bring } from '../doubles/reports.ts';
import type { Kept } from '../doubles/smtp-sink.ts';
import { testKey } from '../world.ts';
import type { Settled } from '../world.ts';
import { makeProven, publish, signersOf, openDirectGround } from './domain-clients.ts';
import type { DirectGround } from './domain-clients.ts';
import type { ProvenDomain } from './domain-clients.ts';
import { ask, failure, makeSubaccount, sdk } from './sparkpost-calls.ts';

let ground: DirectGround;
let world: DirectGround['world'];
let sink: DirectGround['sink'];
let dns: DirectGround['dns'];
before(async () => {
  ground = await openDirectGround();
  ({ world, sink, dns } = ground);
});
after(() => ground[Symbol.asyncDispose]());

type Fields = Readonly<Record<string, unknown>>;

let count = 0;
const nobodyYet = (): string => `n${++count}@ok.test`;

async function arrived(to: string): Promise<Kept> {
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  return kept ?? assert.fail();
}

const hostOf = ({ from }: Kept): string => from.slice(from.lastIndexOf('@') + 1);

/** Where bounces of a mail from there come back to. */
async function returnHost(from: string, more: Fields = {}, secret?: string): Promise<string> {
  const to = nobodyYet();
  await world.send(to, { from: { email: `hi@${from}` }, ...more }, secret);
  return hostOf(await arrived(to));
}

async function refusedField(more: Fields, secret?: string): Promise<unknown> {
  const body = {
    from: { email: 'a@lettershop.test' },
    to: [{ email: 'no@ok.test' }],
    subject: 's',
    text: 't',
  };
  const { status, body: told } = await world.api('POST', '/messages', {
    body: { ...body, ...more },
    ...(secret === undefined ? {} : { secret }),
  });
  return [status, (told as { errors?: unknown }).errors];
}

/** A second must pass: what accept asks of domains is kept so long. */
async function soon(find: () => Promise<string>, wanted: string): Promise<void> {
  assert.equal(await world.until(find, (host) => host === wanted), wanted);
}

test('a call names the bounce domain, for all and for single recipients, and a bounce finds its message', async () => {
  const ground = { world, dns };
  await makeProven(ground, 'from.example');
  await makeProven(ground, 'back.example');
  await makeProven(ground, 'other.example');
  assert.equal(await returnHost('from.example'), 'bounce.from.example');
  assert.equal(await returnHost('from.example', { bounceDomain: 'back.example' }), 'bounce.back.example');
  assert.equal(
    await returnHost('from.example', { bounceDomain: 'Bounce.Other.example' }),
    'bounce.other.example',
  );
  const [one, two, three] = [nobodyYet(), nobodyYet(), nobodyYet()];
  const { messages } = await world.ok<{ messages: { id: string; to: string }[] }>('POST', '/messages', {
    body: {
      from: { email: 'hi@from.example' },
      subject: 's',
      text: 't',
      bounceDomain: 'back.example',
      recipients: [
        { to: { email: one } },
        { to: { email: two }, bounceDomain: 'other.example' },
        { to: { email: three }, bounceDomain: 'from.example' },
      ],
    },
  });
  const kept = await Promise.all([one, two, three].map(arrived));
  assert.deepEqual(kept.map(hostOf), ['bounce.back.example', 'bounce.other.example', 'bounce.from.example']);
  for (const each of kept) assert.deepEqual(await signersOf(dns, each.bytes), ['from.example']);
  for (const each of kept) {
    const id = messages.find(({ to }) => to === each.to)?.id ?? '';
    await world.settled(id, ['delivered']);
    assert.match(await bring(world.inboundPort, each.from, bounce({ recipient: each.to })), /^250 /);
    const { state, timeline } = await world.ok<Settled>('GET', `/messages/${id}`);
    assert.deepEqual(
      [state, timeline.some(({ kind }) => kind === 'message.bounced_later')],
      ['bounced', true],
    );
  }
});

test('a bounce domain that is unknown, unproven, without a bounce host or another’s is refused alike', async () => {
  const ground = { world, dns };
  const [mine, theirs] = [await makeSubaccount(world, 'mine'), await makeSubaccount(world, 'theirs')];
  await makeProven(ground, 'theirs.example', { secret: theirs.key });
  await makeProven(ground, 'accounts.example');
  await makeProven(ground, 'hostless.example', { secret: mine.key, takesBounces: false });
  await world.ok('POST', '/domains', { secret: mine.key, body: { name: 'unproven.example' } });
  await makeProven(ground, 'mine.example', { secret: mine.key });
  const from = { from: { email: 'hi@mine.example' } };
  const message = 'is not a domain of the sender by which bounces come back';
  const refused = [400, [{ field: 'bounceDomain', rule: 'known', message }]];
  for (const bounceDomain of [
    'nobodys.example',
    'theirs.example',
    'bounce.theirs.example',
    'accounts.example',
    'hostless.example',
    'unproven.example',
    'below.mine.example',
    'no domain',
  ])
    assert.deepEqual(await refusedField({ ...from, bounceDomain }, mine.key), refused, bounceDomain);
  const recipients = [
    { to: { email: 'no@ok.test' } },
    { to: { email: 'n@ok.test' }, bounceDomain: 'theirs.example' },
  ];
  assert.deepEqual(await refusedField({ ...from, to: undefined, recipients }, mine.key), [
    400,
    [{ field: 'recipients[1].bounceDomain', rule: 'known', message }],
  ]);
  // The account does not use what a subaccount holds, either.
  assert.deepEqual(await refusedField({ bounceDomain: 'mine.example' }), refused);
  const shared = await makeProven(ground, 'shared.example', { share: 'use' });
  assert.equal(
    await returnHost('mine.example', { bounceDomain: 'shared.example' }, mine.key),
    'bounce.shared.example',
  );
  await world.ok('PATCH', `/domains/${shared.id}`, { body: { share: 'read' } });
  await world.until(
    () => refusedField({ ...from, bounceDomain: 'shared.example' }, mine.key),
    (told) => (told as [number])[0] === 400,
  );
  const key = await world.ok<{ secret: string }>('POST', '/keys', {
    body: { name: 'narrow', grants: ['messages:send'], domainLimit: 'accounts.example' },
  });
  const narrow = { from: { email: 'hi@accounts.example' }, bounceDomain: 'shared.example' };
  assert.deepEqual(await refusedField(narrow, key.secret), refused);
});

test('an owner has one default bounce domain; the account’s serves subaccounts while it is shared', async () => {
  const ground = { world, dns };
  const { key } = await makeSubaccount(world, 'defaults');
  const own = await makeProven(ground, 'own.example', { secret: key });
  const second = await makeProven(ground, 'second.example', { secret: key });
  const common = await makeProven(ground, 'common.example', { share: 'use' });
  const set = (
    id: string,
    isDefaultBounce: boolean,
    secret: string = testKey.secret,
  ): Promise<ProvenDomain> =>
    world.ok<ProvenDomain>('PATCH', `/domains/${id}`, { secret, body: { isDefaultBounce } });
  const client = (): Promise<string> => returnHost('own.example', {}, key);
  assert.equal(await client(), 'bounce.own.example');
  assert.equal((await set(common.id, true)).isDefaultBounce, true);
  await soon(client, 'bounce.common.example');
  await set(second.id, true, key);
  await soon(client, 'bounce.second.example');
  assert.equal(await returnHost('own.example', { bounceDomain: 'own.example' }, key), 'bounce.own.example');
  await set(own.id, true, key);
  assert.equal((await world.ok<ProvenDomain>('GET', `/domains/${second.id}`)).isDefaultBounce, false);
  await soon(client, 'bounce.own.example');
  await set(own.id, false, key);
  await soon(client, 'bounce.common.example');
  await world.ok('PATCH', `/domains/${common.id}`, { body: { share: 'none' } });
  await soon(client, 'bounce.own.example');
  await soon(() => returnHost('lettershop.test'), 'bounce.common.example');
  const foreign = await world.api('PATCH', `/domains/${common.id}`, {
    secret: key,
    body: { isDefaultBounce: true },
  });
  assert.equal(foreign.status, 404);
  // Its bounce host is gone from DNS: it serves no longer, and cannot be set.
  delete dns.zone['bounce.common.example'];
  const lost = await world.ok<ProvenDomain>('POST', `/domains/${common.id}/check`);
  assert.deepEqual([lost.state, lost.takesBounces, lost.isDefaultBounce], ['proven', false, true]);
  await soon(() => returnHost('lettershop.test'), 'bounce.lettershop.test');
  const hostless = await world.api('PATCH', `/domains/${common.id}`, { body: { isDefaultBounce: true } });
  assert.equal((hostless.body as { code: string }).code, 'conflict.state');
  // While DNS gives no answer, what it showed before stands.
  publish(dns, lost, ['return_path']);
  for (const _ of ['seen', 'not answered']) {
    await world.move(2000);
    const looked = await world.ok<ProvenDomain>('POST', `/domains/${common.id}/check`);
    assert.equal(looked.takesBounces, true);
    dns.zone['bounce.common.example'] = 'servfail';
  }
  await set(common.id, false);
});

test('of two that become the default at the same moment one is it, and neither call fails', async () => {
  const { key: secret } = await makeSubaccount(world, 'racing');
  const both = [
    await makeProven({ world, dns }, 'race-one.example', { secret }),
    await makeProven({ world, dns }, 'race-two.example', { secret }),
  ];
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(
      [...both, ...both].map(({ id }) =>
        world.api('PATCH', `/domains/${id}`, { secret, body: { isDefaultBounce: true } }),
      ),
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    const { items } = await world.ok<{ items: ProvenDomain[] }>('GET', '/domains', { secret });
    assert.equal(items.filter(({ isDefaultBounce }) => isDefaultBounce).length, 1);
  }
});

test('return_path and is_default_bounce_domain over SparkPost; what is not the sender’s is refused', async () => {
  const ground = { world, dns };
  const { id, key } = await makeSubaccount(world, 'sparkpost');
  const other = await makeSubaccount(world, 'sparkpost other');
  await makeProven(ground, 'sp.example', { secret: key });
  await makeProven(ground, 'returns.example', { secret: key });
  await makeProven(ground, 'bare.example', { secret: key, takesBounces: false });
  await makeProven(ground, 'foreign.example', { secret: other.key });
  const { transmissions, sendingDomains: domains } = sdk(world, key);
  const send = async (more: Fields, recipient: Fields = {}): Promise<string> => {
    const to = nobodyYet();
    const content = { from: 'hi@sp.example', subject: 's', text: 't' };
    await transmissions.send({ recipients: [{ address: to, ...recipient }], content, ...more });
    return hostOf(await arrived(to));
  };
  assert.equal(await send({ return_path: 'anything@returns.example' }), 'bounce.returns.example');
  assert.equal(
    await send({ return_path: 'a@returns.example' }, { return_path: 'b@bounce.sp.example' }),
    'bounce.sp.example',
  );
  const unusable = [
    400,
    [{ message: 'Invalid domain', description: 'Unconfigured or unverified bounce domain.', code: '7001' }],
  ];
  for (const domain of ['foreign.example', 'nobodys.example', 'bare.example']) {
    assert.deepEqual(await failure(send({ return_path: `a@${domain}` })), unusable, domain);
    assert.deepEqual(await failure(send({}, { return_path: `a@${domain}` })), unusable, domain);
  }
  assert.equal((await failure(send({ return_path: 'no address' })))[1][0]?.code, '1300');
  const path = '/api/v1/transmissions';
  const recipients = [{ address: nobodyYet() }, { address: nobodyYet(), return_path: 'x' }];
  const content = { from: 'hi@sp.example', subject: 's', text: 't' };
  const partly = (await ask(world, 'POST', path, { key, body: { recipients, content } })).body as {
    results: { rcpt_to_errors: { description: string }[]; total_accepted_recipients: number };
  };
  assert.deepEqual(
    [partly.results.total_accepted_recipients, partly.results.rcpt_to_errors[0]?.description],
    [1, 'invalid recipient return_path: x'],
  );

  const told = async (call: Promise<unknown>): Promise<unknown> => {
    const [status, errors] = await failure(call);
    return [status, errors[0]?.code];
  };
  const fresh = { domain: 'fresh.example', is_default_bounce_domain: true };
  assert.deepEqual(await told(domains.create(fresh as never)), [422, '1300']);
  const on = { is_default_bounce_domain: true } as never;
  assert.deepEqual(await told(domains.update('bare.example', on)), [422, '1300']);
  assert.equal(((await told(domains.update('foreign.example', on))) as [number])[0], 404);
  await domains.update('returns.example', on);
  type Shown = { domain: string; is_default_bounce_domain: boolean; status: { cname_status: string } };
  const chosen = async (): Promise<readonly string[]> => {
    const query = '/api/v1/sending-domains?is_default_bounce_domain=true';
    const { body } = await ask(world, 'GET', query, { key });
    return (body as { results: Shown[] }).results.map(({ domain }) => domain);
  };
  assert.deepEqual(await chosen(), ['returns.example']);
  const shown = (await domains.get('returns.example')).results as Shown;
  assert.deepEqual([shown.is_default_bounce_domain, shown.status.cname_status], [true, 'valid']);
  await soon(() => send({}), 'bounce.returns.example');
  await domains.update('sp.example', on);
  assert.deepEqual(await chosen(), ['sp.example']);
  await domains.update('sp.example', { is_default_bounce_domain: false });
  assert.deepEqual(await chosen(), []);

  const inject = async (from: string, user: string, pass: string): Promise<string> => {
    const to = nobodyYet();
    const auth = { user, pass };
    const transport = createTransport({ host: '127.0.0.1', port: world.smtpPort, auth, ignoreTLS: true });
    const raw = `From: hi@sp.example\r\nTo: ${to}\r\nSubject: s\r\n\r\nHi.\r\n`;
    await transport.sendMail({ envelope: { from, to: [to] }, raw }).finally(() => transport.close());
    return hostOf(await arrived(to));
  };
  const actingFor = `SMTP_Injection:X-MSYS-SUBACCOUNT=${id}`;
  for (const [from, host] of [
    ['a@returns.example', 'bounce.returns.example'],
    ['a@foreign.example', 'bounce.sp.example'],
    ['a@bare.example', 'bounce.sp.example'],
    ['', 'bounce.sp.example'],
  ] as const) {
    await soon(() => inject(from, 'SMTP_Injection', key), host);
    assert.equal(await inject(from, actingFor, testKey.secret), host);
  }
});
