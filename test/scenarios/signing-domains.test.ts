import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { makeProven, signersOf, openDirectGround } from './domain-clients.ts';
import type { DirectGround } from './domain-clients.ts';
import { failure, makeSubaccount, sdk } from './sparkpost-calls.ts';

let ground: DirectGround;
let world: DirectGround['world'];
let sink: DirectGround['sink'];
let dns: DirectGround['dns'];
before(async () => {
  ground = await openDirectGround();
  ({ world, sink, dns } = ground);
});
after(() => ground[Symbol.asyncDispose]());

let count = 0;

/** Who signed a mail from there, and where its bounces come back to. */
async function seen(from: string, secret?: string): Promise<readonly [signers: string, host: string]> {
  const to = `n${++count}@ok.test`;
  await world.send(to, { from: { email: `hi@${from}` } }, secret);
  const kept =
    (await world.until(
      () => Promise.resolve(sink.kept.find((each) => each.to === to)),
      (each) => each !== undefined,
    )) ?? assert.fail();
  return [(await signersOf(dns, kept.bytes)).join(), kept.from.slice(kept.from.lastIndexOf('@') + 1)];
}

/** Null: it was taken. */
async function refusal(id: string, signingDomainId: string | null, secret?: string): Promise<unknown> {
  const given = secret === undefined ? {} : { secret };
  const { status, body } = await world.api('PATCH', `/domains/${id}`, {
    ...given,
    body: { signingDomainId },
  });
  if (status === 200) return null;
  const { errors = [], code } = body as { errors?: readonly unknown[]; code: string };
  return [status, errors.length === 0 ? code : errors];
}

const message = 'is not a proven domain that may sign for this one';
const unknown = [400, [{ field: 'signingDomainId', rule: 'known', message }]];

test('mail of a domain is signed by the one that its holder names, and comes back by its own', async () => {
  const ground = { world, dns };
  const { key } = await makeSubaccount(world, 'signed');
  const plain = await makeProven(ground, 'plain.example', { secret: key });
  const own = await makeProven(ground, 'signer.example', { secret: key });
  const shared = await makeProven(ground, 'agency.example', { share: 'use' });
  assert.deepEqual(await seen('plain.example', key), ['plain.example', 'bounce.plain.example']);
  assert.equal(await refusal(plain.id, own.id, key), null);
  assert.deepEqual(await seen('plain.example', key), ['signer.example', 'bounce.plain.example']);
  assert.deepEqual(await seen('signer.example', key), ['signer.example', 'bounce.signer.example']);
  assert.equal(await refusal(plain.id, shared.id, key), null);
  assert.deepEqual(await seen('plain.example', key), ['agency.example', 'bounce.plain.example']);
  // Once it may no longer, the domain signs itself.
  await world.ok('PATCH', `/domains/${shared.id}`, { body: { share: 'read' } });
  assert.deepEqual(await seen('plain.example', key), ['plain.example', 'bounce.plain.example']);
  await world.ok('PATCH', `/domains/${shared.id}`, { body: { share: 'use' } });
  assert.deepEqual(await seen('plain.example', key), ['agency.example', 'bounce.plain.example']);
  await world.ok('DELETE', `/domains/${shared.id}`);
  assert.deepEqual(await seen('plain.example', key), ['plain.example', 'bounce.plain.example']);
  const left = await world.ok<{ signingDomainId: unknown }>('GET', `/domains/${plain.id}`, { secret: key });
  assert.equal(left.signingDomainId, null);
  assert.equal(await refusal(plain.id, own.id, key), null);
  assert.equal(await refusal(plain.id, null, key), null);
  assert.deepEqual(await seen('plain.example', key), ['plain.example', 'bounce.plain.example']);
});

test('a key that its owner brings signs at once for the domains that it signs for, too', async () => {
  const ground = { world, dns };
  const { key: secret } = await makeSubaccount(world, 'brought');
  const plain = await makeProven(ground, 'brings.example', { secret });
  const signer = await makeProven(ground, 'brought.example', { secret });
  assert.equal(await refusal(plain.id, signer.id, secret), null);
  assert.equal((await seen('brings.example', secret))[0], 'brought.example');
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const point = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  dns.zone['mine._domainkey.brought.example'] = { TXT: [`v=DKIM1; k=rsa; p=${point}`] };
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await world.ok('PUT', `/domains/${signer.id}/dkim`, {
    secret,
    body: { selector: 'mine', privateKey: pem },
  });
  await world.send('brought@ok.test', { from: { email: 'hi@brings.example' } }, secret);
  const kept = await world.until(
    () => Promise.resolve(sink.kept.find(({ to }) => to === 'brought@ok.test')),
    (each) => each !== undefined,
  );
  assert.match(kept?.bytes.toString('latin1').replaceAll(/\r\n[ \t]+/g, '') ?? '', /[; ]s=mine;/);
});

test('nobody signs as another: foreign, unshared and unproven domains are refused as those that are not there', async () => {
  const ground = { world, dns };
  const [mine, theirs] = [await makeSubaccount(world, 'me'), await makeSubaccount(world, 'them')];
  const my = await makeProven(ground, 'me.example', { secret: mine.key });
  const their = await makeProven(ground, 'them.example', { secret: theirs.key });
  const unshared = await makeProven(ground, 'ours.example');
  const body = { name: 'unproven-signer.example' };
  const unproven = await world.ok<{ id: string }>('POST', '/domains', { secret: mine.key, body });
  for (const id of ['999999999', their.id, unshared.id, unproven.id, my.id])
    assert.deepEqual(await refusal(my.id, id, mine.key), unknown, id);
  assert.deepEqual(await refusal(their.id, my.id, mine.key), [404, 'not_found']);
  // The account, who sees them all, ties none of a subaccount to another's, nor its own to a subaccount's.
  assert.deepEqual(await refusal(my.id, their.id), unknown);
  assert.deepEqual(await refusal(unshared.id, my.id), unknown);
  await world.ok('PATCH', `/domains/${unshared.id}`, { body: { share: 'read' } });
  assert.deepEqual(await refusal(my.id, unshared.id, mine.key), unknown);
  const made = await world.api('POST', '/domains', {
    secret: mine.key,
    body: { name: 'new.example', signingDomainId: their.id },
  });
  assert.equal(made.status, 400);
  const { items } = await world.ok<{ items: { name: string }[] }>('GET', '/domains', { secret: mine.key });
  assert.ok(
    items.every(({ name }) => name !== 'new.example'),
    'what was refused left nothing',
  );
  assert.deepEqual(await seen('me.example', mine.key), ['me.example', 'bounce.me.example']);
});

test('dkim.signing_domain over SparkPost names who signs; another’s domain is refused as one that nobody has', async () => {
  const ground = { world, dns };
  const { key } = await makeSubaccount(world, 'sp signed');
  const other = await makeSubaccount(world, 'sp other');
  await makeProven(ground, 'sp-signer.example', { secret: key });
  await makeProven(ground, 'sp-other.example', { secret: other.key });
  await makeProven(ground, 'sp-agency.example', { share: 'use' });
  const { sendingDomains: domains } = sdk(world, key);
  type Key = { readonly public: string; readonly headers: string; readonly signing_domain: string };
  type Dkim = { readonly dkim: Key };
  const made = (
    await domains.create({
      domain: 'sp-from.example',
      dkim: { signing_domain: 'sp-signer.example' },
    })
  ).results as Dkim;
  assert.equal(made.dkim.signing_domain, 'sp-signer.example');
  const { items } = await world.ok<{ items: Parameters<typeof prove>[0][] }>('GET', '/domains', {
    secret: key,
  });
  await prove(items.find(({ name }) => name === 'sp-from.example') ?? assert.fail(), key);
  const shown = async (): Promise<Dkim['dkim']> =>
    ((await domains.get('sp-from.example')).results as Dkim).dkim;
  const signer = (await domains.get('sp-signer.example')).results as Dkim;
  assert.deepEqual(await shown(), signer.dkim);
  assert.equal((await seen('sp-from.example', key))[0], 'sp-signer.example');
  const set = (dkim: object): Promise<unknown> => domains.update('sp-from.example', { dkim });
  await set({ signing_domain: 'sp-agency.example' });
  assert.deepEqual(await shown(), {
    headers: signer.dkim.headers,
    signing_domain: 'sp-agency.example',
  });
  assert.equal((await seen('sp-from.example', key))[0], 'sp-agency.example');
  for (const name of ['sp-other.example', 'nobodys.example']) {
    const description = `dkim.signing_domain '${name}' is not a verified sending domain`;
    const refused = [422, [{ message: 'invalid data format/type', description, code: '1300' }]];
    assert.deepEqual(await failure(set({ signing_domain: name })), refused);
    const fresh = { domain: 'sp-fresh.example', dkim: { signing_domain: name } };
    assert.deepEqual(await failure(domains.create(fresh as never)), refused);
  }
  const withKey = { signing_domain: 'sp-signer.example', selector: 's', private: 'x', public: 'y' };
  assert.equal((await failure(set(withKey)))[1][0]?.code, '1300');
  await set({ signing_domain: 'sp-from.example' });
  assert.equal((await shown()).signing_domain, 'sp-from.example');
  assert.equal((await seen('sp-from.example', key))[0], 'sp-from.example');
});

async function prove(domain: Awaited<ReturnType<typeof makeProven>>, secret: string): Promise<void> {
  for (const { type, name, value } of domain.records)
    dns.zone[name] = type === 'CNAME' ? { CNAME: value } : { TXT: [value] };
  const { state } = await world.ok<{ state: string }>('POST', `/domains/${domain.id}/check`, { secret });
  assert.equal(state, 'proven');
}
