import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { assert as check, bigInt, property } from 'fast-check';
import { makeReturnPath, readMark } from '../mail/verp.ts';
import { makeAddressFilter } from './address-filter.ts';
import { readConfig } from './config.ts';
import { parseMasterKeys } from './seal.ts';
import { makeSecret, redact } from './secrets.ts';

const keyText = (): string => randomBytes(32).toString('base64');

test('a sealed value opens only in its context, with any key of the ring, and not when changed', () => {
  const [old, young] = [keyText(), keyText()];
  const sealed = parseMasterKeys(old).seal(Buffer.from('secret'), 'dkim/1/a');
  const ring = parseMasterKeys(`${young},${old}`);
  assert.equal(ring.open(sealed, 'dkim/1/a').toString(), 'secret');
  assert.throws(() => ring.open(sealed, 'dkim/1/b'));
  assert.throws(() => parseMasterKeys(young).open(sealed, 'dkim/1/a'));
  const changed = Buffer.from(sealed);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  assert.throws(() => ring.open(changed, 'dkim/1/a'));
});

test('a return path names its message whatever happens to its case, and nothing when forged', () => {
  const ring = parseMasterKeys(keyText());
  check(
    property(bigInt({ min: 0n, max: 2n ** 63n - 1n }), (id) => {
      const path = makeReturnPath(id.toString(), 1_790_000_000_000, 'bounce.b.test', ring);
      assert.ok(path.indexOf('@') <= 64);
      const forged = path.replace(/(.)@/, (_, digit: string) => `${digit === 'a' ? 'b' : 'a'}@`);
      const later = path.replace(/(?<=^.{15})(.)/, (digit) => (digit === 'a' ? 'b' : 'a'));
      const mark = readMark(path.toUpperCase(), ring);
      assert.deepEqual(mark, { messageId: id.toString(), madeAt: 1_789_948_800_000 });
      return readMark(forged, ring) === null && readMark(later, ring) === null;
    }),
  );
  assert.equal(readMark('someone@b.test', ring), null);
});

test('only public addresses pass the filter, however they are dressed, unless the operator allows them', () => {
  const filter = makeAddressFilter({ allow: ['10.9.0.0/16'] });
  const refused = [
    '127.0.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'nonsense',
  ];
  for (const address of refused) assert.equal(filter.check(address).ok, false, address);
  for (const address of ['8.8.8.8', '2606:4700::1111', '10.9.3.4', '::ffff:8.8.8.8'])
    assert.equal(filter.check(address).ok, true, address);
  assert.throws(() => makeAddressFilter({ allow: ['10.0.0.0/99'] }), /LETTERSHOP_NET_ALLOW/);
});

test('unknown and bad settings stop the start with a line that names them', () => {
  const cases: Record<string, [Record<string, string>, RegExp]> = {
    unknown: [
      { LETTERSHOP_HTP_PORT: '1' },
      /LETTERSHOP_HTP_PORT: there is no such setting; did you mean LETTERSHOP_\w+PORT/,
    ],
    port: [{ LETTERSHOP_HTTP_PORT: '70000' }, /LETTERSHOP_HTTP_PORT must be a whole number from 0 to 65535/],
    choice: [{ LETTERSHOP_OUTBOUND: 'moon' }, /LETTERSHOP_OUTBOUND must be one of capture, direct, relay/],
    pair: [{ LETTERSHOP_TLS_CERT: 'x' }, /LETTERSHOP_TLS_CERT and LETTERSHOP_TLS_KEY/],
    relay: [{ LETTERSHOP_OUTBOUND: 'relay' }, /LETTERSHOP_RELAY_URL is needed/],
  };
  for (const [environment, message] of Object.values(cases))
    assert.throws(() => readConfig(environment), message);
});

test('secrets are blanked in text', () => {
  const secret = makeSecret();
  const leaking = [
    `key ${secret}`,
    'Authorization: Bearer abc.defghi',
    '{"authorization":"0123456789abcdef0123"}',
    'AUTH PLAIN AGEAYgBj',
    'connect postgres://lettershop:hunter2hunter2@db.test/mail failed',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  ];
  for (const text of leaking) {
    assert.doesNotMatch(redact(text), /abc\.def|0123456789|AGEAYg|hunter2|MfKQ|[A-Za-z0-9]{30}/, text);
  }
  assert.equal(redact('the database at db.test does not answer'), 'the database at db.test does not answer');
});
