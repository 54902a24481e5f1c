/** Domains that sign what leaves by a pool, besides the one that the mail is from. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeProven, openDirectGround, signersOf } from './domain-clients.ts';
import type { DirectGround } from './domain-clients.ts';
import { ask, makeSubaccount } from './sparkpost-calls.ts';

let ground: DirectGround;
let world: DirectGround['world'];
before(async () => {
  ground = await openDirectGround();
  ({ world } = ground);
});
after(() => ground[Symbol.asyncDispose]());

type Pool = {
  readonly id: string;
  readonly signingDomainId: string | null;
  readonly feedbackDomainId: string | null;
};

let count = 0;

async function sent(from: string, secret: string, more: object = {}): Promise<Buffer> {
  const to = `n${++count}@ok.test`;
  await world.send(to, { from: { email: `hi@${from}` }, ...more }, secret);
  const kept = await world.until(
    () => Promise.resolve(ground.sink.kept.find((each) => each.to === to)),
    (each) => each !== undefined,
  );
  return kept?.bytes ?? assert.fail();
}

/** Valid signatures, those of the domain that the mail is from first. */
async function signers(from: string, secret: string, more: object = {}): Promise<string> {
  return (await signersOf(ground.dns, await sent(from, secret, more))).join();
}

async function soon(find: () => Promise<string>, wanted: string): Promise<void> {
  assert.equal(await world.until(find, (found) => found === wanted), wanted);
}

const set = (id: string, body: object): Promise<Pool> => world.ok<Pool>('PATCH', `/pools/${id}`, { body });

test('a pool\u2019s domains sign what leaves by it beside the domain that it is from, while they are proven', async () => {
  const { key } = await makeSubaccount(world, 'client');
  await makeProven(ground, 'client.example', { secret: key });
  const agency = await makeProven(ground, 'agency.example');
  const loops = await makeProven(ground, 'loops.example');
  const standard = await world.ok<Pool>('POST', '/pools', { body: { name: 'standard' } });
  const other = await world.ok<Pool>('POST', '/pools', { body: { name: 'other' } });
  assert.deepEqual([other.signingDomainId, other.feedbackDomainId], [null, null]);
  assert.equal(await signers('client.example', key), 'client.example');
  assert.equal((await set(other.id, { signingDomainId: agency.id })).signingDomainId, agency.id);
  await soon(() => signers('client.example', key, { pool: 'other' }), 'client.example,agency.example');
  assert.equal(await signers('client.example', key), 'client.example');
  await set(standard.id, { signingDomainId: agency.id, feedbackDomainId: loops.id });
  await soon(() => signers('client.example', key), 'client.example,agency.example,loops.example');
  // The copies of one mail share the signatures of one pool, and no others.
  assert.equal(await signers('client.example', key, { pool: 'other' }), 'client.example,agency.example');

  await world.ok('PATCH', '/account', { body: { feedbackHeaders: true } });
  const address = async (): Promise<string> =>
    /^CFBL-Address: (.*)\r$/m.exec((await sent('client.example', key)).toString('latin1'))?.[1] ?? '';
  await soon(address, 'fbl@bounce.loops.example; report=arf');
  assert.equal(await signers('client.example', key), 'client.example,agency.example,loops.example');

  // Its proof is gone: it signs no more, and the domain that the mail is from does.
  for (const { purpose, name } of agency.records) if (purpose !== 'return_path') delete ground.dns.zone[name];
  await world.move(2000);
  assert.equal((await world.ok<{ state: string }>('POST', `/domains/${agency.id}/check`)).state, 'lost');
  await soon(() => signers('client.example', key, { pool: 'other' }), 'client.example');
  await world.ok('DELETE', `/domains/${loops.id}`);
  const left = await world.ok<Pool>('GET', `/pools/${standard.id}`);
  assert.deepEqual([left.signingDomainId, left.feedbackDomainId], [agency.id, null]);
  await soon(address, 'fbl@bounce.client.example; report=arf');
});

test('only a proven domain of the account itself signs for a pool', async () => {
  const { key } = await makeSubaccount(world, 'holder');
  const theirs = await makeProven(ground, 'holder.example', { secret: key });
  const unproven = await world.ok<{ id: string }>('POST', '/domains', { body: { name: 'unproven.example' } });
  const pool = await world.ok<Pool>('POST', '/pools', { body: { name: 'refusing' } });
  for (const id of [theirs.id, unproven.id, '999999999'])
    for (const field of ['signingDomainId', 'feedbackDomainId']) {
      const { status, body } = await world.api('PATCH', `/pools/${pool.id}`, { body: { [field]: id } });
      const [error] = (body as { errors: { field: string; rule: string }[] }).errors;
      assert.deepEqual([status, error?.field, error?.rule], [400, field, 'known'], id);
    }
});

test('over SparkPost pools have a signing_domain and an fbl_signing_domain', async () => {
  const { key } = await makeSubaccount(world, 'pooled');
  await makeProven(ground, 'pooled.example', { secret: key });
  await makeProven(ground, 'signs.example');
  const pools = '/api/v1/ip-pools';
  const signing = { signing_domain: 'Signs.example', fbl_signing_domain: 'signs.example' };
  const made = await ask(world, 'POST', pools, { body: { name: 'Signed', ...signing } });
  assert.equal(made.status, 200);
  const read = async (): Promise<readonly unknown[]> => {
    const { body } = await ask(world, 'GET', `${pools}/signed`);
    const { results } = body as { results: Record<string, unknown> };
    return [results['signing_domain'], results['fbl_signing_domain']];
  };
  assert.deepEqual(await read(), ['signs.example', 'signs.example']);
  await soon(() => signers('pooled.example', key, { pool: 'signed' }), 'pooled.example,signs.example');
  for (const name of ['pooled.example', 'nobodys.example']) {
    const told = await ask(world, 'PUT', `${pools}/signed`, { body: { signing_domain: name } });
    assert.equal(told.status, 400, name);
  }
  const ended = { signing_domain: '', fbl_signing_domain: '' };
  assert.equal((await ask(world, 'PUT', `${pools}/signed`, { body: ended })).status, 200);
  assert.deepEqual(await read(), [undefined, undefined]);
  await soon(() => signers('pooled.example', key, { pool: 'signed' }), 'pooled.example');
});
