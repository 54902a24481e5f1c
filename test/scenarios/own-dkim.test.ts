import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { after, before, test } from 'node:test';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { DnsServerDouble } from '../doubles/dns-server.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import { startWorld } from '../world.ts';
import type { World } from '../world.ts';
import { ask, failure, sdk } from './sparkpost-calls.ts';

let world: World;
let sink: SmtpSink;
let dns: DnsServerDouble;
before(async () => {
  sink = await SmtpSink.start({});
  dns = await DnsServerDouble.start({
    'ok.test': { MX: [[10, 'mx.ok.test']] },
    'mx.ok.test': { A: ['127.0.0.1'] },
  });
  world = await startWorld({
    LETTERSHOP_OUTBOUND: 'direct',
    LETTERSHOP_DNS_SERVERS: dns.address,
    LETTERSHOP_MX_PORT: String(sink.port),
    LETTERSHOP_NET_ALLOW: '127.0.0.0/8',
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await dns[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

type Record_ = { readonly purpose: string; readonly name: string; readonly value: string };
type Domain = { readonly id: string; readonly state: string; readonly records: readonly Record_[] };
type Pair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

const rsa = (): Pair => generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = ({ privateKey }: Pair, type: 'pkcs1' | 'pkcs8' = 'pkcs8'): string =>
  String(privateKey.export({ format: 'pem', type }));
const bare = ({ publicKey }: Pair): string =>
  publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

function publish(selector: string, domain: string, pair: Pair): void {
  dns.zone[`${selector}._domainkey.${domain}`] = { TXT: [`v=DKIM1; k=rsa; h=sha256; p=${bare(pair)}`] };
}

/** Only the owner's token beside what is published already. */
async function prove({ id, records }: Domain): Promise<void> {
  const token = records.find(({ purpose }) => purpose === 'ownership');
  dns.zone[token?.name ?? ''] = { TXT: [token?.value ?? ''] };
  await world.ok('POST', `/domains/${id}/check`);
  await world.until(
    () => world.ok<Domain>('GET', `/domains/${id}`),
    ({ state }) => state === 'proven',
  );
}

/** A change that succeeds leaves an entry in the audit log, which does not hold the key. */
async function audited(method: 'PUT' | 'DELETE', path: string, body?: object): Promise<Domain> {
  const answer = await world.api(method, path, body === undefined ? {} : { body });
  assert.equal(answer.status, 200);
  const request = answer.headers.get('lettershop-request-id');
  const log = await world.ok<{ items: unknown[] }>('GET', `/audit?requestId=${request}`);
  assert.ok(log.items.length > 0, `${method} ${path}`);
  assert.doesNotMatch(JSON.stringify(log), /PRIVATE KEY/);
  return answer.body as Domain;
}

/** Selectors of the valid signatures of a mail from there. */
async function signers(domain: string): Promise<readonly string[]> {
  const [id = ''] = await world.send('you@ok.test', { from: { email: `hi@${domain}` } });
  await world.settled(id, ['delivered']);
  const kept = sink.kept.at(-1);
  const { results } = await dkimVerify(kept?.bytes ?? Buffer.alloc(0), {
    resolver: async (name: string) => {
      const found = dns.zone[name];
      return typeof found === 'object' && found.TXT !== undefined ? found.TXT.map((value) => [value]) : [];
    },
  });
  return results.filter(({ status }) => status.result === 'pass').map(({ selector }) => String(selector));
}

test('a domain comes with the key that it is known by, which signs; it is replaced once DNS shows another', async () => {
  const [first, second] = [rsa(), rsa()];
  publish('mine', 'own.example', first);
  const dkim = { selector: 'Mine', privateKey: pem(first, 'pkcs1') };
  const made = await world.ok<Domain>('POST', '/domains', { body: { name: 'own.example', dkim } });
  assert.ok(made.records.some(({ name }) => name === 'mine._domainkey.own.example'));
  await prove(made);
  assert.deepEqual(await signers('own.example'), ['mine']);
  const path = `/domains/${made.id}/dkim`;
  const next = { selector: 'next', privateKey: pem(second) };
  const early = await world.api('PUT', path, { body: next });
  assert.deepEqual([early.status, (early.body as { code: string }).code], [409, 'conflict.state']);
  assert.deepEqual(await signers('own.example'), ['mine']);
  publish('next', 'own.example', second);
  await audited('PUT', path, next);
  assert.deepEqual(await signers('own.example'), ['next']);
  const back = await audited('DELETE', path);
  assert.ok(back.records.every(({ name }) => !name.startsWith('next.')));
  for (const { purpose, name, value } of back.records)
    if (purpose === 'dkim') dns.zone[name] = { TXT: [value] };
  await world.ok('POST', `/domains/${made.id}/check`);
  const ours = await signers('own.example');
  assert.ok(ours.length > 0);
  assert.ok(
    ours.every((name) => /^lse?1-/.test(name)),
    ours.join(),
  );
});

test('what is no key, too short, reserved or somebody else’s is refused and changes nothing', async () => {
  const pair = rsa();
  const refused = async (dkim: object): Promise<unknown> => {
    const { status, body } = await world.api('POST', '/domains', { body: { name: 'bad.example', dkim } });
    return [status, (body as { errors?: { field: string }[] }).errors?.[0]?.field];
  };
  assert.deepEqual(await refused({ selector: 's', privateKey: 'x' }), [400, 'dkim.privateKey']);
  const short = generateKeyPairSync('rsa', { modulusLength: 512 });
  assert.deepEqual(await refused({ selector: 's', privateKey: pem(short) }), [400, 'dkim.privateKey']);
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert.deepEqual(await refused({ selector: 's', privateKey: pem(ec) }), [400, 'dkim.privateKey']);
  assert.deepEqual(await refused({ selector: 'ls1', privateKey: pem(pair) }), [400, 'dkim.selector']);
  assert.equal(((await refused({ selector: 'a.b', privateKey: pem(pair) })) as unknown[])[0], 400);
  const { key } = await world.ok<{ key: { secret: string } }>('POST', '/subaccounts', {
    body: { name: 'keyless', key: { name: 'k' } },
  });
  const mine = await world.ok<Domain>('POST', '/domains', { body: { name: 'kept.example' } });
  const body = { selector: 's', privateKey: pem(pair) };
  const foreign = await world.api('PUT', `/domains/${mine.id}/dkim`, { body, secret: key.secret });
  const absent = await world.api('PUT', '/domains/999999/dkim', { body, secret: key.secret });
  const without = ({ body: told }: typeof foreign): unknown => ({ ...(told as object), requestId: '' });
  assert.deepEqual([foreign.status, without(foreign)], [404, without(absent)]);
});

test('a key of the caller signs: at creation, and in place of another once DNS shows it', async () => {
  const { sendingDomains: domains } = sdk(world);
  const [first, second] = [rsa(), rsa()];
  const dkimOf = (pair: Pair, selector: string): Record<string, string> => ({
    private: pair.privateKey.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
    public: bare(pair),
    selector,
  });
  publish('scph0131', 'brought.example', first);
  const dkim = dkimOf(first, 'scph0131');
  const made = (await domains.create({ domain: 'brought.example', dkim })).results;
  assert.partialDeepStrictEqual(made, { dkim: { selector: 'scph0131', public: dkim['public'] } });
  const [found] = (
    await world.ok<{ items: (Domain & { name: string })[] }>('GET', '/domains?limit=500')
  ).items.filter(({ name }) => name === 'brought.example');
  assert.ok(found !== undefined);
  await prove(found);
  assert.deepEqual(await signers('brought.example'), ['scph0131']);
  const change = (body: object): Promise<unknown> => domains.update('brought.example', body as never);
  const early = await failure(change({ dkim: dkimOf(second, 'scph0231') }));
  assert.deepEqual([early[0], early[1][0]?.code], [400, '1404']);
  publish('scph0231', 'brought.example', second);
  await change({ dkim: dkimOf(second, 'scph0231') });
  assert.partialDeepStrictEqual((await domains.get('brought.example')).results, {
    dkim: { selector: 'scph0231', public: bare(second) },
  });
  const mixed = { ...dkimOf(first, 'scph0331'), public: bare(second) };
  const wrong = await failure(change({ dkim: mixed }));
  assert.deepEqual([wrong[0], wrong[1][0]?.code], [422, '1300']);
  const partial = await failure(change({ dkim: { selector: 's' } }));
  assert.deepEqual([partial[0], partial[1][0]?.code], [422, '1400']);
  const shown = await ask(world, 'GET', '/api/v1/sending-domains/brought.example');
  assert.ok(!JSON.stringify(shown.body).includes(String(dkim['private']).slice(0, 40)));
});
