import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { selfSigned } from '../doubles/certificate.ts';
import type { Pair } from '../doubles/certificate.ts';
import type { ZoneRecords } from '../doubles/dns-server.ts';
import type { HttpsHost } from '../doubles/https-host.ts';
import { SmtpSink } from '../doubles/smtp-sink.ts';
import type { World } from '../world.ts';
import { spki, stsText, TransportGround } from './transport-ground.ts';

/**
 * Every certificate meets every policy: `mx.<certificate>-<policy>.test` shows that certificate, and its domain has that policy.
 * `clear` speaks no TLS, from a second address.
 */
const certificates = ['good', 'expired', 'wrong', 'own', 'clear'] as const;
const policies = [
  'none',
  'testing',
  'enforce',
  'unlisted',
  'match',
  'mismatch',
  'anchor',
  'unusable',
  'bogus',
  'unsigned',
] as const;

let ground: TransportGround;
let world: World;
let clear: SmtpSink;

function pairFor(certificate: (typeof certificates)[number], name: string): Pair {
  const { ca } = ground;
  if (certificate === 'expired') return ca.issue({ names: [name], years: ['20', '21'] });
  if (certificate === 'own') return selfSigned(name);
  return ca.issue({ names: [certificate === 'wrong' ? 'elsewhere.test' : name] });
}

function tlsaFor(policy: (typeof policies)[number], pair: Pair): ZoneRecords['TLSA'] | null {
  if (policy === 'match' || policy === 'unsigned') return [[3, 1, 1, spki(pair.cert)]];
  if (policy === 'mismatch') return [[3, 1, 1, Buffer.alloc(32, 7)]];
  if (policy === 'anchor') return [[2, 1, 1, spki(ground.ca.cert)]];
  return policy === 'unusable' ? [[0, 0, 1, Buffer.alloc(32)]] : null;
}

function publish(certificate: (typeof certificates)[number], policy: (typeof policies)[number]): void {
  const domain = `${certificate}-${policy}.test`;
  const mx = `mx.${domain}`;
  const pair = pairFor(certificate, mx);
  const signed = ['match', 'mismatch', 'anchor', 'unusable', 'bogus'].includes(policy);
  const { zone } = ground.dns;
  ground.publish(domain, pair, { signed, address: certificate === 'clear' ? '127.0.0.2' : '127.0.0.1' });
  const tlsa = tlsaFor(policy, pair);
  if (policy === 'bogus') zone[`_25._tcp.${mx}`] = 'servfail';
  else if (tlsa !== null && tlsa !== undefined)
    zone[`_25._tcp.${mx}`] = signed ? { TLSA: tlsa, signed: true } : { TLSA: tlsa };
  zone[`_smtp._tls.${domain}`] = { TXT: ['v=TLSRPTv1; rua=mailto:tls@reports.test'] };
  if (policy === 'testing' || policy === 'enforce') ground.announce(domain, stsText(policy, `*.${domain}`));
  if (policy === 'unlisted') ground.announce(domain, stsText('enforce', 'mx.elsewhere.test'));
}

before(async () => {
  const ofDomains = certificates.flatMap((certificate) =>
    policies.map((policy) => `mta-sts.${certificate}-${policy}.test`),
  );
  ground = await TransportGround.start([...ofDomains, 'mta-sts.kept.test', 'mta-sts.moved.test']);
  ({ world } = ground);
  clear = await SmtpSink.start({ host: '127.0.0.2', port: ground.sink.port });
  for (const certificate of certificates) for (const policy of policies) publish(certificate, policy);
});
after(async () => {
  await ground[Symbol.asyncDispose]();
  await clear[Symbol.asyncDispose]();
});

/** D delivered by TLS, C delivered in clear, - deferred; by certificate, in their order. */
async function row(policy: string): Promise<string> {
  const ends = await Promise.all(
    certificates.map(async (certificate) => {
      const { state, data } = await ground.deliver(`you@${certificate}-${policy}.test`);
      if (state !== 'delivered') return state === 'deferred' ? '-' : state;
      return data['tls'] === undefined ? 'C' : 'D';
    }),
  );
  return ends.join('');
}

test('each certificate under each policy leaves or waits as the standards say', async () => {
  const table = Object.fromEntries(
    await Promise.all(policies.map(async (policy) => [policy, await row(policy)] as const)),
  );
  assert.deepEqual(table, {
    // good, expired, for another name, self-signed, no TLS
    none: 'DDDDC',
    testing: 'DDDDC',
    enforce: 'D----',
    unlisted: '-----',
    match: 'DDDD-',
    mismatch: '-----',
    anchor: 'D----',
    unusable: 'DDDD-',
    bogus: '-----',
    unsigned: 'DDDDC',
  });
  assert.deepEqual(
    [...new Set(clear.kept.map(({ to }) => to))].sort(),
    ['you@clear-none.test', 'you@clear-testing.test', 'you@clear-unsigned.test'],
    'nothing else was said in clear',
  );
});

test('what was counted says how each session met its policy', async () => {
  type Row = { domain: string; policy: string; result: string };
  const rows = await world.until(
    async () =>
      (
        await sql<Row>`select domain, policy ->> 'type' as policy, result from tls_sessions order by 1, 2, 3`.execute(
          world.database.db.engine,
        )
      ).rows,
    (found) => new Set(found.map(({ domain }) => domain)).size === certificates.length * policies.length,
  );
  const told = (policy: string): string[] =>
    certificates.map((certificate) =>
      rows
        .filter(({ domain }) => domain === `${certificate}-${policy}.test`)
        .map((each) => `${each.policy} ${each.result}`)
        .join(', '),
    );
  const certificateResults = (type: string): string[] =>
    [
      'ok',
      'certificate-expired',
      'certificate-host-mismatch',
      'certificate-not-trusted',
      'starttls-not-supported',
    ].map((result) => `${type} ${result}`);
  const results = (type: string, good: string): string[] => [
    ...Array.from({ length: 4 }, () => `${type} ${good}`),
    `${type} starttls-not-supported`,
  ];
  assert.deepEqual(told('none'), results('no-policy-found', 'ok'));
  assert.deepEqual(told('unsigned'), results('no-policy-found', 'ok'));
  assert.deepEqual(told('testing'), certificateResults('sts'));
  assert.deepEqual(told('enforce'), certificateResults('sts'));
  assert.deepEqual(
    told('unlisted'),
    Array.from({ length: 5 }, () => 'sts validation-failure'),
  );
  assert.deepEqual(told('match'), results('tlsa', 'ok'));
  assert.deepEqual(told('unusable'), results('tlsa', 'ok'));
  assert.deepEqual(told('mismatch'), results('tlsa', 'validation-failure'));
  assert.deepEqual(
    told('bogus'),
    Array.from({ length: 5 }, () => 'tlsa dnssec-invalid'),
  );
  assert.deepEqual(told('anchor'), [
    'tlsa ok',
    'tlsa certificate-expired',
    'tlsa certificate-host-mismatch',
    'tlsa validation-failure',
    'tlsa starttls-not-supported',
  ]);
});

test('event, why, transcript and the view of sites name the policy that a message waits for', async () => {
  const { id, state, data } = await ground.deliver('you@expired-enforce.test');
  assert.deepEqual(
    [state, data['policy'], data['phase'], data['error']],
    [
      'deferred',
      'MTA-STS enforce',
      'tls',
      'MTA-STS enforce is not met: policy: certificate-expired (CERT_HAS_EXPIRED)',
    ],
  );
  const why = await world.ok<{ reasons: { code: string; owner: string; text: string }[] }>(
    'GET',
    `/messages/${id}/why`,
  );
  const reason = why.reasons.find(({ code }) => code === 'transport_policy');
  assert.equal(reason?.owner, 'recipient');
  assert.match(reason.text, /MTA-STS enforce.*certificate-expired/);
  const transcript = await world.until(
    () => world.ok<{ text: string | null }>('GET', `/messages/${id}/transcript`),
    ({ text }) => text !== null,
  );
  assert.match(transcript.text ?? '', /\*: policy: MTA-STS enforce[^]*\*: certificate-expired/);
  const site = await world.until(
    () => world.ok<{ transport: unknown[] }>('GET', '/sites/expired-enforce.test'),
    ({ transport }) => transport.length > 0,
  );
  assert.deepEqual(site.transport, [{ domain: 'expired-enforce.test', policy: 'MTA-STS enforce' }]);
});

test('a policy that was fetched stays in force when DNS and its host fail, also after a restart, and ends with its time', async () => {
  const { dns, host } = ground;
  ground.publishOwn('kept.test');
  ground.announce('kept.test', stsText('enforce', 'mx.kept.test'));
  assert.equal((await ground.deliver('a@kept.test')).state, 'deferred');
  dns.zone['_mta-sts.kept.test'] = 'servfail';
  delete host.answers['mta-sts.kept.test/.well-known/mta-sts.txt'];
  const asked = host.asked.length;
  await world.restart();
  assert.equal((await ground.deliver('b@kept.test')).state, 'deferred');
  assert.equal(host.asked.length, asked, 'nobody was asked again');
  await world.move(2 * 86_400_000);
  // Routes are kept for half a minute, too.
  await world.restart();
  assert.equal((await ground.deliver('c@kept.test')).state, 'delivered');
});

test('a moved policy, one of another type and one that is too long are none', async () => {
  ground.publishOwn('moved.test');
  const text = stsText('enforce', 'mx.moved.test');
  const path = 'mta-sts.moved.test/.well-known/mta-sts.txt';
  const plain = { 'content-type': 'text/plain' };
  const bad: readonly HttpsHost['answers'][string][] = [
    { status: 302, headers: { ...plain, location: 'https://mta-sts.kept.test/' }, body: text },
    { status: 200, headers: { 'content-type': 'text/html' }, body: text },
    { status: 200, headers: plain, body: text + 'x: y\r\n'.repeat(20_000) },
    { status: 200, headers: plain, body: text.replace('enforce', 'maybe') },
  ];
  for (const [index, answer] of bad.entries()) {
    ground.announce('moved.test', text, `bad${index}`);
    ground.host.answers[path] = answer;
    world.clock.move(60_000);
    assert.equal(
      (await ground.deliver(`${index}@moved.test`)).state,
      'delivered',
      JSON.stringify(answer.headers),
    );
  }
});

test('a mail that says TLS-Required: No leaves whatever the policies demand (RFC 8689 5)', async () => {
  const headers = { 'TLS-Required': 'No' };
  const ids = await Promise.all(
    ['clear-enforce.test', 'own-unlisted.test', 'own-bogus.test', 'expired-mismatch.test'].map((domain) =>
      world.send(`optional@${domain}`, { headers }),
    ),
  );
  for (const id of ids.flat()) await world.settled(id, ['delivered']);
  const [waiting] = await world.send('optional@clear-enforce.test', { headers: { 'TLS-Required': 'Yes' } });
  await world.settled(waiting ?? '', ['deferred']);
});
