import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HttpsHost } from '../../test/doubles/https-host.ts';
import { makeAddressFilter } from './address-filter.ts';
import type { DnsOutcome } from './dns/index.ts';
import { makeHttpsGet } from './https-get.ts';
import type { HttpsOutcome } from './https-get.ts';

let host: HttpsHost;
before(async () => {
  host = await HttpsHost.start('dns.provider.test');
});
after(() => host[Symbol.asyncDispose]());

function asker(
  addresses: readonly string[],
  { allow = [], timeoutMs = 5000 }: { allow?: readonly string[]; timeoutMs?: number } = {},
): (url: string) => Promise<HttpsOutcome> {
  const resolve = (name: string, type: 'A' | 'AAAA'): Promise<DnsOutcome> => {
    const data = addresses.filter((address) => address.includes(':') === (type === 'AAAA'));
    if (data.length === 0) return Promise.resolve({ kind: 'nodata' });
    const records = data.map((each) => ({ type, name, ttl: 1, data: each }) as const);
    return Promise.resolve({ kind: 'found', records, ttlSeconds: 1, authentic: false });
  };
  const filter = makeAddressFilter({ allow });
  return makeHttpsGet({ resolve, filter, port: host.port, ca: host.cert, timeoutMs });
}

const loopback = { allow: ['127.0.0.0/8'] };

test('an allowed host is asked under its own name, and its answer comes back whole', async () => {
  host.answers = { '/v2/x/settings': { status: 200, body: '{"a":1}' } };
  const get = asker(['127.0.0.1'], loopback);
  assert.deepEqual(await get('https://dns.provider.test/v2/x/settings'), {
    kind: 'answered',
    status: 200,
    contentType: '',
    body: '{"a":1}',
  });
  assert.deepEqual(host.asked.splice(0), ['dns.provider.test /v2/x/settings']);
});

test('private addresses, other schemes, ports and logins are refused before anything is asked', async () => {
  const urls: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['https://dns.provider.test/', ['127.0.0.1'], /loopback/],
    ['https://dns.provider.test/', ['192.0.2.1', '10.0.0.1'], /not a public one/],
    ['https://dns.provider.test/', ['::ffff:10.0.0.1'], /private/],
    ['https://dns.provider.test/', ['169.254.169.254'], /not a public one/],
    ['https://dns.provider.test/', [], /no address/],
    ['http://dns.provider.test/', ['127.0.0.1'], /https/],
    ['https://dns.provider.test:8443/', ['127.0.0.1'], /port/],
    ['https://a:b@dns.provider.test/', ['127.0.0.1'], /login/],
    ['https://127.0.0.1/', ['127.0.0.1'], /name/],
    ['https://2130706433/', ['127.0.0.1'], /name/],
    ['https://[::1]/', ['::1'], /name/],
    ['nonsense', [], /URL/],
  ];
  for (const [url, addresses, why] of urls) {
    const outcome = await asker(addresses)(url);
    assert.equal(outcome.kind, 'failed', url);
    assert.match(outcome.reason, why, url);
  }
  assert.deepEqual(host.asked, []);
});

test('redirects are not followed, long and late answers are cut, another certificate is not believed', async () => {
  host.answers = {
    '/moved': { status: 302, headers: { location: 'https://169.254.169.254/' } },
    '/long': { status: 200, body: 'x'.repeat(70_000) },
    '/late': { status: 200, silent: true },
  };
  const get = asker(['127.0.0.1'], { ...loopback, timeoutMs: 500 });
  const moved = await get('https://dns.provider.test/moved');
  assert.deepEqual(moved, { kind: 'answered', status: 302, contentType: '', body: '' });
  assert.deepEqual(await get('https://dns.provider.test/long'), {
    kind: 'failed',
    reason: 'the answer is too long',
  });
  assert.deepEqual(await get('https://dns.provider.test/late'), {
    kind: 'failed',
    reason: 'no answer in time',
  });
  assert.deepEqual(await get('https://other.provider.test/moved'), {
    kind: 'failed',
    reason: 'no connection',
  });
});
