import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsOutcome } from '../../base/dns/index.ts';
import { findDmarc, walkNames } from './dmarc.ts';
import { proveDomain } from './proof.ts';
import { domainState } from './rules.ts';
import { judgeSpf, mergeSpf } from './spf.ts';

type Names = Record<string, readonly string[] | null>;
const txt =
  (names: Names) =>
  (name: string): Promise<readonly string[] | null> =>
    Promise.resolve(name in names ? (names[name] ?? null) : []);

test('SPF is evaluated: included at any depth, merged by advice, limits and doubles are errors', async () => {
  const ours = 'spf.mail.test';
  const state = async (names: Names): Promise<string> => (await judgeSpf('b.test', ours, txt(names))).state;
  assert.equal(await state({ 'b.test': ['v=spf1 include:spf.mail.test ~all'] }), 'proven');
  assert.equal(
    await state({
      'b.test': ['v=spf1 include:x.test -all'],
      'x.test': ['v=spf1 include:spf.mail.test -all'],
    }),
    'proven',
  );
  assert.equal(await state({ 'b.test': ['other'] }), 'missing');
  assert.equal(await state({ 'b.test': null }), 'unknown');
  const doubled = await judgeSpf(
    'b.test',
    ours,
    txt({ 'b.test': ['v=spf1 -all', 'v=spf1 include:spf.mail.test -all'] }),
  );
  assert.match(doubled.explain, /Two SPF records/);
  const eleven = Array.from({ length: 11 }, (_, at) => `include:i${at}.test`);
  const names = Object.fromEntries(eleven.map((_, at) => [`i${at}.test`, ['v=spf1 ip4:192.0.2.1 -all']]));
  assert.match(
    (await judgeSpf('b.test', ours, txt({ ...names, 'b.test': [`v=spf1 ${eleven.join(' ')} -all`] })))
      .explain,
    /more than 10/,
  );
  assert.match(
    (await judgeSpf('b.test', ours, txt({ 'b.test': ['v=spf1 include:v1.test -all'], 'v1.test': [] })))
      .explain,
    /exactly one/,
  );
  assert.match(
    (await judgeSpf('b.test', ours, txt({ 'b.test': ['v=spf1 ip4:192.0.2.1 -all'] }))).explain,
    /"v=spf1 ip4:192\.0\.2\.1 include:spf\.mail\.test -all"/,
  );
  assert.equal(
    mergeSpf('v=spf1 a redirect=x.test', 'include:y.test'),
    'v=spf1 a include:y.test redirect=x.test',
  );
});

test('DMARC is found by the tree walk, with its policy and organizational domain', async () => {
  const find = async (domain: string, names: Names): Promise<unknown> => {
    const found = await findDmarc(domain, txt(names));
    return found.kind === 'found' ? [found.at, found.policy, found.organizational] : found.kind;
  };
  assert.deepEqual(walkNames('a.b.c.d.e.f.g.h.i.j'), [
    'a.b.c.d.e.f.g.h.i.j',
    'd.e.f.g.h.i.j',
    'e.f.g.h.i.j',
    'f.g.h.i.j',
    'g.h.i.j',
    'h.i.j',
    'i.j',
    'j',
  ]);
  assert.deepEqual(await find('b.test', { '_dmarc.b.test': ['v=DMARC1; p=reject'] }), [
    'b.test',
    'reject',
    'b.test',
  ]);
  assert.deepEqual(await find('x.y.b.test', { '_dmarc.b.test': ['v=DMARC1; p=reject; sp=quarantine'] }), [
    'b.test',
    'quarantine',
    'b.test',
  ]);
  assert.deepEqual(await find('x.co.test', { '_dmarc.co.test': ['v=DMARC1; p=reject; psd=y'] }), [
    'co.test',
    'reject',
    'x.co.test',
  ]);
  assert.deepEqual(
    await find('x.b.test', {
      '_dmarc.x.b.test': ['v=DMARC1; p=none; psd=n'],
      '_dmarc.b.test': ['v=DMARC1; p=reject'],
    }),
    ['x.b.test', 'none', 'x.b.test'],
  );
  assert.equal(await find('b.test', { '_dmarc.b.test': ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] }), 'none');
  assert.deepEqual(await find('b.test', { '_dmarc.b.test': ['v=DMARC1; p=nonsense; rua=mailto:x@y.test'] }), [
    'b.test',
    'none',
    'b.test',
  ]);
  assert.equal(await find('b.test', { '_dmarc.b.test': null }), 'unknown');
});

test('a domain is proven by its own token and one key, stays so while DNS is silent, and is lost when the records go', async () => {
  const facts = {
    domain: 'b.test',
    ownerToken: 'tok',
    reportAddress: 'dmarc-x@mail.ours.test',
    dkim: [{ selector: 's1', record: 'v=DKIM1; k=rsa; p=AAAA' }],
    mailDomain: 'mail.test',
  };
  const look = async (names: Names): Promise<Record<string, string>> => {
    const resolve = (name: string): Promise<DnsOutcome> => {
      const values = names[name];
      if (values === null) return Promise.resolve({ kind: 'failed', reason: 'timeout' });
      if (values === undefined) return Promise.resolve({ kind: 'nxdomain' });
      const records = values.map((data) => ({ type: 'TXT' as const, name, data }));
      return Promise.resolve({ kind: 'found', records, ttlSeconds: 60, authentic: false });
    };
    const proofs = await proveDomain(facts, resolve);
    return {
      ...Object.fromEntries(proofs.map(({ purpose, state }) => [purpose, state])),
      after: domainState('proven', proofs),
      first: domainState('unproven', proofs),
    };
  };
  const token = { '_lettershop.b.test': ['lettershop-verify=tok'] };
  const key = { 's1._domainkey.b.test': ['v=DKIM1; k=rsa; t=s; p=AA AA'] };
  const both = await look({ ...token, ...key });
  assert.deepEqual([both['ownership'], both['dkim'], both['first']], ['proven', 'proven', 'proven']);
  assert.deepEqual(
    [
      (await look({ '_lettershop.b.test': ['lettershop-verify=other'], ...key }))['ownership'],
      (await look(key))['first'],
    ],
    ['wrong', 'unproven'],
  );
  assert.equal((await look({ '_lettershop.b.test': null, ...key }))['after'], 'proven');
  assert.equal((await look(key))['after'], 'lost');
  for (const record of [
    'v=DKIM1; p=',
    'v=DKIM1; k=ed25519; p=AAAA',
    'v=DKIM1; p=BBBB',
    'v=DKIM2; p=AAAA',
    'v=DKIM1; h=sha1; p=AAAA',
    'v=DKIM1; s=other; p=AAAA',
  ]) {
    assert.equal((await look({ ...token, 's1._domainkey.b.test': [record] }))['dkim'], 'wrong', record);
  }
});
