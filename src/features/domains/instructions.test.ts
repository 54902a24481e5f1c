import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsOutcome, RecordType } from '../../base/dns/index.ts';
import { entered, instructionParagraphs, instructionsFor } from './instructions.ts';
import type { WantedRecord } from './model.ts';
import { dnsProviders, guessProvider } from './providers.ts';
import { zoneCandidates } from './zone.ts';

const key: WantedRecord = {
  purpose: 'dkim',
  type: 'TXT',
  name: 'ls1._domainkey.news.client.example',
  value: `v=DKIM1; k=rsa; p=${'A'.repeat(392)}`,
  required: true,
};
const bounce: WantedRecord = {
  purpose: 'return_path',
  type: 'CNAME',
  name: 'bounce.client.example',
  value: 'bounce.mail.test',
  required: false,
};
const apex: WantedRecord = {
  purpose: 'spf',
  type: 'TXT',
  name: 'client.example',
  value: 'v=spf1 ~all',
  required: false,
};

function of(id: string) {
  const provider = dnsProviders.find((each) => each.id === id);
  assert.ok(provider !== undefined, id);
  return provider;
}

test('a provider is known by its name servers, and only when all of them are its own', () => {
  const known: Record<string, readonly string[]> = {
    cloudflare: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
    godaddy: ['ns01.domaincontrol.com', 'ns02.domaincontrol.com'],
    route53: [
      'ns-1.awsdns-00.com',
      'ns-600.awsdns-11.net',
      'ns-1100.awsdns-09.org',
      'ns-1800.awsdns-33.co.uk',
    ],
    hetzner: ['hydrogen.ns.hetzner.com', 'oxygen.ns.hetzner.com', 'helium.ns.hetzner.de'],
    ovh: ['dns10.ovh.net', 'ns10.ovh.net'],
    ionos: ['ns1045.ui-dns.de', 'ns1045.ui-dns.biz'],
    gandi: ['ns-1-a.gandi.net'],
    azure: ['ns1-01.azure-dns.com', 'ns2-01.azure-dns.net'],
  };
  for (const [id, servers] of Object.entries(known)) assert.equal(guessProvider(servers)?.id, id);
  for (const servers of [[], ['ns1.other.example'], ['ada.ns.cloudflare.com', 'ns1.other.example']])
    assert.equal(guessProvider(servers), null);
  const ids = dnsProviders.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.length >= 12);
});

test('names and values are entered as the provider wants them', () => {
  const zone = 'client.example';
  const names = (id: string): unknown[] => [
    entered(key, of(id), zone).enterName,
    entered(apex, of(id), zone).enterName,
    entered(bounce, of(id), zone).enterValue,
  ];
  assert.deepEqual(names('cloudflare'), ['ls1._domainkey.news', '@', 'bounce.mail.test']);
  assert.deepEqual(names('ovh'), ['ls1._domainkey.news', '', 'bounce.mail.test.']);
  const quoted = entered(key, of('route53'), zone).enterValue;
  const parts = [...quoted.matchAll(/"([^"]*)"/g)].map(([, part = '']) => part);
  assert.deepEqual([parts.join(''), parts.every((part) => part.length <= 255)], [key.value, true]);
  const unknown = entered(key, null, zone);
  assert.deepEqual([unknown.enterName, unknown.enterValue], [key.name, key.value]);
  assert.equal(entered(key, of('cloudflare'), 'other.example').enterName, key.name);
});

test('the zone is the longest name with servers, down to the one that was registered and no further', async () => {
  assert.deepEqual(zoneCandidates('a.b.client.co.uk'), [
    'a.b.client.co.uk',
    'b.client.co.uk',
    'client.co.uk',
  ]);
  const asked: string[] = [];
  const resolve = (name: string, type: RecordType): Promise<DnsOutcome> => {
    asked.push(`${type} ${name}`);
    if (type !== 'NS' || name !== 'client.example') return Promise.resolve({ kind: 'nodata' });
    const records = [{ type: 'NS' as const, name, ttl: 1, data: 'Ada.NS.cloudflare.com.' }];
    return Promise.resolve({ kind: 'found', records, ttlSeconds: 1, authentic: false });
  };
  const facts = { domain: 'news.client.example', records: [key, apex], mailDomain: 'mail.test' };
  const told = await instructionsFor(facts, resolve, null);
  assert.deepEqual([told.zone?.name, told.provider?.id], ['client.example', 'cloudflare']);
  assert.deepEqual(
    asked.filter((each) => each.startsWith('NS')),
    ['NS news.client.example', 'NS client.example'],
  );
  assert.equal(told.records[1]?.value, 'v=spf1 include:spf.mail.test ~all');
  const text = instructionParagraphs(told).join('\n');
  assert.match(text, /Cloudflare serves client\.example/);
  assert.match(text, /Name: ls1\._domainkey\.news\n/);
  assert.equal(
    (await instructionsFor(facts, resolve, 'ovh')).provider?.id,
    'ovh',
    'a named one beats the guess',
  );
});
