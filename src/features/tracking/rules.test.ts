import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { isApex, judgeCname } from '../claims/index.ts';
import type { ClaimState } from '../claims/index.ts';
import type { TrackingDomain } from './model.ts';
import { chooseTracking, cnameTarget, readTrackHeader, readUnsubscribeHeader, trackedFor } from './rules.ts';

const states: readonly ClaimState[] = ['unproven', 'proven', 'lost'];
const name = 'click.b.example';
const target = cnameTarget('token', 'mail.test');
const found = (data: string): DnsOutcome => ({
  kind: 'found',
  records: [{ type: 'CNAME', name, ttl: 1, data }],
  ttlSeconds: 1,
  authentic: false,
});

test('only the own target proves, another one ends a proof, silence changes nothing', () => {
  const after = (outcome: DnsOutcome): ClaimState[] =>
    states.map((before) => judgeCname(before, name, target, outcome).state);
  assert.deepEqual(after(found('Token.track.mail.test.')), ['proven', 'proven', 'proven']);
  assert.deepEqual(after(found('other.track.mail.test')), ['unproven', 'lost', 'lost']);
  assert.deepEqual(after({ kind: 'nxdomain' }), ['unproven', 'lost', 'lost']);
  assert.deepEqual(after({ kind: 'failed', reason: 'servfail' }), ['unproven', 'proven', 'lost']);
});

test('a CNAME cannot stand where a domain was registered', () => {
  const names = ['b.example', 'b.co.uk', 'click.b.example', 'click.b.co.uk'];
  assert.deepEqual(names.map(isApex), [true, true, false, false]);
});

function domain(state: ClaimState, isSecure: boolean, at: string): TrackingDomain {
  return {
    accountId: 1 as AccountId,
    subaccountId: 2 as SubaccountId,
    id: '3',
    name: `${at}.example`,
    ownerToken: 't',
    share: 'none',
    state,
    isDefault: true,
    isSecure,
    seen: '',
    explain: '',
    checkedAt: null,
    createdAt: new Date(0),
  };
}

test('the choice is the first proven one in order, and never one that is not proven', () => {
  const candidate = (at: string) =>
    fc.option(
      fc
        .record({ state: fc.constantFrom(...states), isSecure: fc.boolean() })
        .map((each) => domain(each.state, each.isSecure, at)),
    );
  const candidates = fc.record({
    linked: candidate('linked'),
    subaccountDefault: candidate('subaccount'),
    accountDefault: candidate('account'),
    installationUrl: fc.constantFrom(null, 'https://links.test/'),
  });
  fc.assert(
    fc.property(candidates, (all) => {
      const chosen = chooseTracking(all);
      const proven = [all.linked, all.subaccountDefault, all.accountDefault].filter(
        (each) => each?.state === 'proven',
      );
      const [first] = proven;
      if (first != null) {
        assert.equal(chosen?.trackingDomain, first);
        assert.equal(chosen?.url, `${first.isSecure ? 'https' : 'http'}://${first.name}`);
      } else assert.equal(chosen?.url, all.installationUrl === null ? undefined : 'https://links.test');
    }),
  );
});

const off = { opens: false, initialOpens: false, clicks: false, textClicks: false };

test("a call's word goes before the switches, and mail in bulk says how to unsubscribe unless told not to", () => {
  assert.equal(trackedFor(off, {}, false), null);
  assert.deepEqual(trackedFor({ ...off, opens: true }, { opens: false, clicks: true }, false), {
    ...off,
    clicks: true,
    unsubscribe: false,
  });
  assert.deepEqual(trackedFor(off, {}, true), { ...off, unsubscribe: true });
  assert.equal(trackedFor(off, { unsubscribe: false }, true), null);
});

test('the header over SMTP names what is tracked and nothing else', () => {
  assert.deepEqual(readTrackHeader('Opens , TEXT-clicks'), { ...off, opens: true, textClicks: true });
  assert.deepEqual(readTrackHeader('none'), off);
  for (const wrong of ['', 'none, clicks', 'click', 'constructor'])
    assert.equal(readTrackHeader(wrong), null, wrong);
  assert.deepEqual(['Yes', ' no ', 'maybe'].map(readUnsubscribeHeader), [true, false, null]);
});
