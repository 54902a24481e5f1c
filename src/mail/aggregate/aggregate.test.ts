import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { assert as check, asyncProperty, uint8Array } from 'fast-check';
import { gzip, reportMail, reportXml, zip } from '../../../test/doubles/dmarc.ts';
import { Keyring } from '../../base/seal.ts';
import { makeReportAddress, readReportAddress } from '../report-address.ts';
import { readAggregate } from './index.ts';
import type { AggregateRead } from './index.ts';
import { unpack } from './unpack.ts';

const xml = reportXml({
  domain: 'X.test.',
  rows: [
    { source: '192.0.2.1', count: 3 },
    { source: '::ffff:192.0.2.1', count: 2 },
    {
      source: '2001:DB8::1',
      count: 1,
      dkim: 'fail',
      spf: 'fail',
      disposition: 'reject',
      headerFrom: 'a.x.test',
    },
    { source: 'nobody', count: 9 },
    { source: '192.0.2.9', count: 0 },
  ],
  begin: 1_764_000_000,
  end: 1_764_086_399,
});

const read = (type: string, file: Buffer, name?: string): Promise<AggregateRead> =>
  readAggregate(Buffer.from(reportMail(type, file, name)));

async function whyNot(type: string, file: Buffer): Promise<string> {
  const found = await read(type, file);
  return found.ok ? 'read' : found.why;
}

const expected = {
  ok: true,
  report: {
    reporter: 'recv.test',
    reference: 'r1',
    beginsAt: 1_764_000_000_000,
    endsAt: 1_764_086_399_000,
    domain: 'x.test',
    policy: 'none',
    rows: [
      {
        source: '192.0.2.1',
        headerFrom: 'x.test',
        disposition: 'none',
        dkim: 'pass',
        spf: 'pass',
        messages: 5,
      },
      {
        source: '2001:db8::1',
        headerFrom: 'a.x.test',
        disposition: 'reject',
        dkim: 'fail',
        spf: 'fail',
        messages: 1,
      },
    ],
  },
};

test('a report is read from zip, gzip and plain XML, whatever its type is called', async () => {
  const bytes = Buffer.from(xml);
  assert.deepEqual(await read('application/zip', zip(bytes)), expected);
  assert.deepEqual(await read('application/x-zip-compressed', zip(bytes)), expected);
  assert.deepEqual(await read('application/gzip', gzip(bytes)), expected);
  assert.deepEqual(await read('application/zip', gzip(bytes)), expected);
  assert.deepEqual(await read('text/xml', bytes), expected);
  assert.deepEqual(await read('application/xml', Buffer.from(`\uFEFF${xml}`)), expected);
  assert.deepEqual(await read('application/octet-stream', gzip(bytes), 'a!b!1!2.xml.gz'), expected);
  assert.equal(await whyNot('application/pdf', bytes), 'no report is in it');
});

test('an archive that grows without end is refused, whatever it says of its size', async () => {
  const bomb = Buffer.alloc(256 * 1024 * 1024);
  const why = 'its archive is broken or grows too large';
  const before = process.memoryUsage().arrayBuffers;
  assert.equal(await whyNot('application/gzip', gzip(bomb)), why);
  assert.equal(await whyNot('application/zip', zip(bomb, 'report.xml', 10)), why);
  assert.ok(process.memoryUsage().arrayBuffers - before < bomb.length, 'it was not unpacked');
  assert.equal(await unpack(gzip(Buffer.alloc(1000)), 999), null);
  assert.equal((await unpack(gzip(Buffer.alloc(1000)), 1000))?.length, 1000);
});

test('a report declares no entities, and reads none from outside', async () => {
  const evil = xml.replace(
    '<feedback',
    '<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]><feedback',
  );
  assert.equal(await whyNot('text/xml', Buffer.from(evil)), 'it declares a document type');
  const escaped = reportXml({
    domain: 'x.test',
    rows: [{ source: '192.0.2.1', count: 1 }],
    reporter: 'A &amp; B &lt;x&gt;',
  });
  const found = await read('text/xml', Buffer.from(escaped));
  assert.equal(found.ok && found.report.reporter, 'A & B <x>');
});

test('what is broken, empty or nested without end is told apart and never an error', async () => {
  const cases: Record<string, string> = {
    '<feedback>': 'it names no reporter or domain',
    'no xml': 'it names no reporter or domain',
    [xml.replace('<org_name>recv.test</org_name>', '')]: 'it names no reporter or domain',
    [xml.replace('>1764086399<', '>soon<')]: 'it names no time',
    [xml.replaceAll(/<record>.*<\/record>/g, '')]: 'it has no rows',
    [xml.replaceAll('<source_ip>', '<source_ip>x')]: 'it has no rows',
  };
  for (const [text, why] of Object.entries(cases))
    assert.equal(await whyNot('text/xml', Buffer.from(text)), why);
  const deep = `${'<a>'.repeat(500_000)}${'</a>'.repeat(500_000)}`;
  assert.match(
    await whyNot('text/xml', Buffer.from(deep)),
    /^(?:its XML is broken|it names no reporter or domain|the report is too large)$/,
  );
  await check(
    asyncProperty(uint8Array({ maxLength: 200 }), async (bytes) => {
      const found = await read(
        'application/zip',
        Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.from(bytes)]),
      );
      return !found.ok;
    }),
  );
});

test('a report address names its domain, and no text that we did not sign is one', () => {
  const ring = new Keyring([randomBytes(32)]);
  const address = makeReportAddress('100123', 'mail.ours.test', ring);
  const [local = ''] = address.split('@');
  assert.match(address, /^dmarc-[a-z2-7]{29}@mail\.ours\.test$/);
  assert.equal(readReportAddress(local.toUpperCase(), ring), '100123');
  const other = makeReportAddress('100124', 'mail.ours.test', ring).slice(0, 19);
  assert.equal(readReportAddress(`${other}${local.slice(19)}`, ring), null);
  assert.equal(readReportAddress(local, new Keyring([randomBytes(32)])), null);
});
