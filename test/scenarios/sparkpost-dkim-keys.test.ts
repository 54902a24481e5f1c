import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, makeSubaccount } from './sparkpost-calls.ts';
import type { Told } from './sparkpost-calls.ts';

let world: World;
let dns: DnsServerDouble;
before(async () => {
  dns = await DnsServerDouble.start({});
  world = await startWorld({ LETTERSHOP_DNS_SERVERS: dns.address, LETTERSHOP_NET_ALLOW: '127.0.0.0/8' });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
});

type Fields = Readonly<Record<string, unknown>>;
type Key = Fields & { readonly id: string; readonly dns: Fields };
const results = (told: Told): Key => (told.body as { results: Key }).results;
const refusal = ({ status, body }: Told): readonly unknown[] => {
  const [error] = (body as { errors: Fields[] }).errors;
  return [status, error?.['code'], error?.['description']];
};

function pairOf(selector: string): Record<'private' | 'public' | 'selector', string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    private: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    public: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    selector,
  };
}

const publish = (domain: string, key: { readonly selector: string; readonly public: string }): void => {
  dns.zone[`${key.selector}._domainkey.${domain}`] = { TXT: [`v=DKIM1; k=rsa; h=sha256; p=${key.public}`] };
};

test('the keys of a domain are listed, one is brought, looked at, replaced and deleted', async () => {
  const domain = 'keys.kite.test';
  const path = `/api/v1/sending-domains/${domain}/dkim-keys`;
  const made = results(await ask(world, 'POST', '/api/v1/sending-domains', { body: { domain } }));
  const listed = async (): Promise<readonly Key[]> => {
    const { body } = await ask(world, 'GET', path);
    const { results: keys, total_count: count } = body as { results: Key[]; total_count: number };
    assert.equal(count, keys.length);
    return keys;
  };
  const first = await listed();
  assert.deepEqual(
    first.map((each) => [each['is_default'], each['dkim_key_length'], each['dkim_status']]),
    [
      [true, 2048, 'unverified'],
      [false, 2048, 'unverified'],
      [false, 256, 'unverified'],
    ],
  );
  const [main] = first;
  assert.ok(main !== undefined);
  const { public: shown, selector, headers, signing_domain: signing } = main;
  assert.deepEqual({ public: shown, selector, headers, signing_domain: signing }, made['dkim']);
  assert.equal(main.dns['dkim_record'], `${String(selector)}._domainkey.${domain}`);
  assert.equal(main.id, 'default');
  assert.deepEqual(results(await ask(world, 'GET', `${path}/default`)), main);

  const own = pairOf('s2031');
  const early = await ask(world, 'POST', path, { body: { id: 's2031', ...own } });
  assert.deepEqual(refusal(early).slice(0, 2), [400, '1404'], 'DNS shows nothing yet');
  publish(domain, own);
  const brought = await ask(world, 'POST', path, { body: { id: 's2031', ...own } });
  assert.equal(brought.status, 200);
  assert.ok(!brought.text.includes('PRIVATE'));
  const { created_at: since, updated_at: changed } = results(brought);
  assert.match(String(since), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  assert.equal(changed, since);
  assert.partialDeepStrictEqual(results(brought), {
    id: 's2031',
    public: own.public,
    selector: 's2031',
    signing_domain: domain,
    dkim_status: 'valid',
    is_default: false,
    dkim_key_length: 2048,
    dns: { dkim_record: `s2031._domainkey.${domain}` },
  });
  assert.deepEqual(
    (await listed()).map(({ id }) => id),
    ['default', 's2031', ...first.slice(1).map(({ id }) => id)],
  );
  const checked = results(await ask(world, 'POST', `${path}/default/verify`));
  assert.deepEqual([checked['dkim_status'], typeof checked.dns['dkim_error']], ['invalid', 'string']);
  assert.equal(results(await ask(world, 'POST', `${path}/s2031/verify`))['dkim_status'], 'valid');

  const again = await ask(world, 'PUT', `${path}/s2031`, { body: own });
  assert.deepEqual(results(again), results(await ask(world, 'GET', `${path}/s2031`)));
  const unseen = await ask(world, 'PUT', `${path}/s2031`, { body: pairOf('s2031') });
  assert.deepEqual(refusal(unseen).slice(0, 2), [400, '1404'], 'DNS shows another');
  assert.equal(results(await ask(world, 'GET', `${path}/s2031`))['public'], own.public);
  assert.equal((await ask(world, 'DELETE', `${path}/s2031`)).status, 204);
  assert.deepEqual(refusal(await ask(world, 'GET', `${path}/s2031`)), [
    404,
    '1600',
    "Key ID 's2031' does not exist",
  ]);
  assert.deepEqual(
    (await listed()).map(({ id }) => id),
    first.map(({ id }) => id),
  );
});

test('what a domain’s keys cannot be is refused in SparkPost’s words', async () => {
  const domain = 'refusals.kite.test';
  const path = `/api/v1/sending-domains/${domain}/dkim-keys`;
  await ask(world, 'POST', '/api/v1/sending-domains', { body: { domain } });
  const [own, other] = [pairOf('one'), pairOf('two')];
  publish(domain, own);
  publish(domain, other);
  const post = async (body: Fields) => refusal(await ask(world, 'POST', path, { body }));
  assert.deepEqual(await post(own), [422, '1400', 'id is required']);
  assert.deepEqual(await post({ id: 'default', ...own }), [400, '1300', "Key ID 'default' is reserved"]);
  assert.deepEqual(await post({ id: 'a b', ...own }), [400, '1300', "Key ID 'a b' is invalid"]);
  assert.deepEqual(await post({ id: 'one', selector: 'one' }), [
    400,
    '1300',
    'private, public must be given: a key is brought as a whole',
  ]);
  assert.deepEqual(await post({ id: 'k1', ...own }), [
    400,
    '1300',
    "Field 'selector' must be the id of the key, 'k1'",
  ]);
  assert.deepEqual((await post({ id: 'one', ...own, public: other.public })).slice(0, 2), [422, '1300']);
  assert.equal((await ask(world, 'POST', path, { body: { id: 'one', ...own } })).status, 200);
  assert.deepEqual(await post({ id: 'one', ...own }), [400, '1300', "Key ID 'one' already exists"]);
  assert.deepEqual(await post({ id: 'two', ...other }), [
    400,
    '1300',
    "A domain has one key that was brought: 'one' must be deleted first",
  ]);
  const put = async (id: string, body: Fields) => refusal(await ask(world, 'PUT', `${path}/${id}`, { body }));
  assert.deepEqual(await put('one', { id: 'three', ...own }), [400, '1300', "Field 'id' is immutable"]);
  assert.deepEqual(await put('default', own), [400, '1300', 'Cannot update default key']);
  const kept = await ask(world, 'DELETE', `${path}/default`);
  assert.deepEqual(refusal(kept), [400, '1300', 'Cannot delete default key']);
  const { body } = await ask(world, 'GET', path);
  const last = (body as { results: Key[] }).results.at(-1)?.id ?? '';
  assert.deepEqual(refusal(await ask(world, 'DELETE', `${path}/${last}`)), [
    400,
    '1300',
    'Cannot delete a key that was made for the domain',
  ]);
  const { key } = await makeSubaccount(world, 'keyless');
  for (const [method, where] of [
    ['GET', path],
    ['DELETE', `${path}/one`],
    ['POST', `${path}/one/verify`],
  ] as const)
    assert.deepEqual(refusal(await ask(world, method, where, { key })), [
      404,
      '1600',
      `Domain '${domain}' does not exist`,
    ]);
});
