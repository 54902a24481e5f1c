import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { assert as check, property, string } from 'fast-check';
import { authority, selfSigned } from '../../../test/doubles/certificate.ts';
import {
  daneProblem,
  isListed,
  isUsable,
  parseStsPolicy,
  reportTargets,
  stsLines,
  stsRecordId,
} from './index.ts';
import type { Tlsa } from './index.ts';

test('one announcement of the right version names a policy, anything else names none (RFC 8461 3.1)', () => {
  const cases: readonly (readonly [readonly string[], string | null])[] = [
    [['v=STSv1; id=20260101T01;'], '20260101T01'],
    [['v=STSv1;id=a'], 'a'],
    [['v=STSv1; x=1; id = b ; y=2'], 'b'],
    [['v=spf1 -all', 'v=STSv1; id=c;'], 'c'],
    [['v=STSv1; id=a;', 'v=STSv1; id=b;'], null],
    [['v=STSv1; id=;'], null],
    [['v=STSv1; id=a-b;'], null],
    [[`v=STSv1; id=${'a'.repeat(33)};`], null],
    [['v=STSv10; id=a;'], null],
    [['id=a; v=STSv1;'], null],
    [[], null],
  ];
  for (const [texts, id] of cases) assert.equal(stsRecordId(texts), id, JSON.stringify(texts));
});

test('a policy is read whole or not at all, and what it says again is read the same (RFC 8461 3.2)', () => {
  const text =
    'version: STSv1\r\nmode: enforce\nmx: MX1.a.test\r\nmx: *.b.test.\nx-new: 1\nmode: none\nmax_age: 99999999\n';
  const parsed = parseStsPolicy(text);
  const policy = { mode: 'enforce', mx: ['mx1.a.test', '*.b.test'], maxAgeSeconds: 31_557_600 } as const;
  assert.deepEqual(parsed, { ok: true, policy });
  assert.deepEqual(parseStsPolicy(stsLines(policy).join('\n')), parsed);
  const good = 'version: STSv1\nmode: testing\nmx: a.test\nmax_age: 1\n';
  const bad: Record<string, readonly [string, string]> = {
    version: ['STSv1', 'STSv2'],
    mode: ['testing', 'strict'],
    max_age: [': 1', ': soon'],
    'mx is no': ['a.test', 'a b'],
    'no mx': ['mx: a.test\n', ''],
    field: ['mode:', 'mode'],
  };
  assert.equal(parseStsPolicy(good).ok, true);
  assert.equal(parseStsPolicy(good.replace('testing', 'none').replace('mx: a.test\n', '')).ok, true);
  for (const [why, [from, to]] of Object.entries(bad)) {
    const read = parseStsPolicy(good.replace(from, to));
    assert.ok(!read.ok && read.reason.includes(why), why);
  }
  check(
    property(string({ maxLength: 200 }), (noise) => {
      const read = parseStsPolicy(`${good}${noise}`);
      return read.ok ? read.policy.mode === 'testing' : read.reason !== '';
    }),
  );
});

test('a wildcard stands for one label, no more and no less (RFC 8461 4.1)', () => {
  const mx = ['mail.a.test', '*.b.test'];
  const listed = ['mail.a.test', 'MAIL.A.TEST', 'x.b.test', 'y.B.test'];
  const unlisted = ['a.test', 'x.mail.a.test', 'b.test', 'x.y.b.test', 'xb.test', ''];
  assert.deepEqual(
    [...listed, ...unlisted].filter((name) => isListed(mx, name)),
    listed,
  );
});

test('reports go to the mailto and https targets of one record (RFC 8460 3)', () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [['v=TLSRPTv1; rua=mailto:a@b.test'], ['mailto:a@b.test']],
    [['v=TLSRPTv1;rua=mailto:a@b.test,https://c.test/x;'], ['mailto:a@b.test', 'https://c.test/x']],
    [['v=TLSRPTv1; rua=http://c.test/x,ftp://d.test,mailto:nobody'], []],
    [['v=TLSRPTv1; rua=mailto:a@b.test', 'v=TLSRPTv1; rua=mailto:c@d.test'], []],
    [['v=TLSRPTv2; rua=mailto:a@b.test'], []],
    [[], []],
  ];
  for (const [texts, targets] of cases) assert.deepEqual(reportTargets(texts), targets);
});

const ca = authority('One');
const other = authority('Two');
const chainOf = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN[^]*?END CERTIFICATE-----/g) ?? []).map((each) => new X509Certificate(each));
const digest = (kind: 'sha256' | 'sha512', bytes: Buffer): Buffer => createHash(kind).update(bytes).digest();
const key = (certificate: X509Certificate): Buffer =>
  certificate.publicKey.export({ type: 'spki', format: 'der' });
const now = Date.parse('2026-06-01');
const names = ['mx.a.test', 'a.test'];

test('every selector and matching type finds its certificate, and no other (RFC 6698 2.1)', () => {
  const [own, issuer] = chainOf(ca.issue({ names: ['mx.a.test'] }).cert);
  const [stranger] = chainOf(selfSigned('mx.a.test').cert);
  assert.ok(own !== undefined && issuer !== undefined && stranger !== undefined);
  for (const [usage, named] of [
    [3, own],
    [2, issuer],
  ] as const) {
    for (const selector of [0, 1]) {
      const bytes = selector === 0 ? named.raw : key(named);
      for (const [matchingType, data] of [
        [0, bytes],
        [1, digest('sha256', bytes)],
        [2, digest('sha512', bytes)],
      ] as const) {
        const record: Tlsa = { usage, selector, matchingType, data };
        assert.ok(isUsable(record));
        assert.equal(daneProblem([record], [own, issuer], { names, now }), null);
        assert.equal(daneProblem([record], [stranger], { names, now }), 'validation-failure');
      }
    }
  }
});

test('an anchor asks for signatures, dates and names, the server’s own record for none of them (RFC 7672 3.1)', () => {
  const anchor: Tlsa = {
    usage: 2,
    selector: 1,
    matchingType: 1,
    data: digest('sha256', key(chainOf(ca.cert)[0] as X509Certificate)),
  };
  const whole: Tlsa = {
    usage: 2,
    selector: 0,
    matchingType: 0,
    data: (chainOf(ca.cert)[0] as X509Certificate).raw,
  };
  const ends = (pem: string, records: readonly Tlsa[]): unknown =>
    daneProblem(records, chainOf(pem), { names, now });
  const good = ca.issue({ names: ['a.test'] }).cert;
  const expired = ca.issue({ names: ['mx.a.test'], years: ['20', '21'] }).cert;
  const wrong = ca.issue({ names: ['b.test'] }).cert;
  const leaf = (pem: string): string => pem.slice(0, pem.indexOf('-----BEGIN', 1));
  assert.deepEqual(
    [good, expired, wrong].map((pem) => ends(pem, [anchor])),
    [null, 'certificate-expired', 'certificate-host-mismatch'],
  );
  assert.equal(ends(leaf(good), [anchor]), 'validation-failure', 'a digest needs the issuer to be sent');
  assert.equal(ends(leaf(good), [whole]), null, 'a whole certificate does not');
  // The named issuer is sent, but has not signed.
  assert.equal(ends(leaf(other.issue({ names: ['a.test'] }).cert) + ca.cert, [anchor]), 'validation-failure');
  const [own] = chainOf(expired);
  assert.ok(own !== undefined);
  const byKey: Tlsa = { usage: 3, selector: 1, matchingType: 1, data: digest('sha256', key(own)) };
  assert.equal(ends(expired, [byKey]), null);
  assert.equal(ends(expired, []), 'validation-failure');
});

test('records that cannot be met are known as such (RFC 7672 3.1.3)', () => {
  const data = Buffer.alloc(32);
  const unusable: readonly Tlsa[] = [
    { usage: 0, selector: 1, matchingType: 1, data },
    { usage: 1, selector: 1, matchingType: 1, data },
    { usage: 4, selector: 1, matchingType: 1, data },
    { usage: 3, selector: 2, matchingType: 1, data },
    { usage: 3, selector: 1, matchingType: 3, data },
    { usage: 3, selector: 1, matchingType: 2, data },
    { usage: 3, selector: 1, matchingType: 0, data: Buffer.alloc(0) },
  ];
  assert.deepEqual(unusable.filter(isUsable), []);
  const junk: Tlsa = { usage: 2, selector: 0, matchingType: 0, data: Buffer.from('no certificate') };
  assert.equal(
    daneProblem([junk, { ...junk, selector: 1 }], chainOf(ca.issue({ names }).cert), { names, now }),
    'validation-failure',
  );
});
