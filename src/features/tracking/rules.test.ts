import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DnsOutcome } from '../../base/dns/index.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { isApex, judgeCname } from '../claims/index.ts';
import type { ClaimState } from '../claims/index.ts';
import type { DefaultWords, TrackingDomain } from './model.ts';
import {
  chooseTracking,
  cnameTarget,
  laneFor,
  readTrackHeader,
  readUnsubscribeHeader,
  switchesFor,
  trackedFor,
} from './rules.ts';
import type { Said } from './rules.ts';

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

const silent = { opens: null, initialOpens: null, clicks: null, textClicks: null };
const nothing: DefaultWords = { ...silent, smtp: silent, transactionalUnsubscribe: null, lane: null };
const on = { opens: true, initialOpens: true, clicks: true, textClicks: true };
const http: Said = { door: 'http', wish: {}, otherwise: {} };

test('the order of defaults: call, domain, subaccount, account, door; of each, for SMTP, what it says of SMTP', () => {
  const say = (words: Partial<typeof on>, smtp: Partial<typeof on> = {}): DefaultWords => ({
    ...nothing,
    ...words,
    smtp: { ...silent, ...smtp },
  });
  const opens = { opens: true };
  const none = { opens: false };
  type Row = readonly [
    wish: Partial<typeof on>,
    places: readonly DefaultWords[],
    otherwise: Partial<typeof on>,
    byHttp: boolean,
    bySmtp: boolean,
  ];
  const table: readonly Row[] = [
    [{}, [], {}, false, false],
    [{}, [], opens, true, true],
    [{}, [say(none)], opens, false, false],
    [{}, [say(opens)], {}, true, true],
    [{}, [nothing, nothing, say(opens)], {}, true, true],
    [{}, [say(none), say(opens)], {}, false, false],
    [{}, [say(opens), say(none), say(none)], none, true, true],
    [none, [say(opens), say(opens)], opens, false, false],
    [opens, [say(none, none)], none, true, true],
    [{}, [say(opens, none)], {}, true, false],
    [{}, [say(none, opens)], {}, false, true],
    [{}, [say({}, opens)], {}, false, true],
    // A nearer place goes before what a wider one says of SMTP.
    [{}, [say(none), say(opens, opens)], {}, false, false],
    [{}, [say({}, none), say(opens)], opens, true, false],
    [{}, [nothing, say(opens, none), say(none, opens)], {}, true, false],
  ];
  for (const [index, [wish, places, otherwise, byHttp, bySmtp]] of table.entries())
    for (const door of ['http', 'smtp'] as const) {
      const told = switchesFor(places, { door, wish, otherwise });
      assert.equal(told.opens, door === 'http' ? byHttp : bySmtp, `row ${index} by ${door}`);
    }
});

test('no openings means none at the beginning, no clicks none in text, unless that is said as near', () => {
  const account: DefaultWords = { ...nothing, ...on };
  const quiet = switchesFor([account], { ...http, wish: { opens: false, clicks: false } });
  assert.deepEqual(quiet, off);
  const said = { opens: false, initialOpens: true, clicks: false, textClicks: true };
  assert.deepEqual(switchesFor([account], { ...http, wish: said }), said);
  const subaccount: DefaultWords = { ...nothing, opens: false };
  assert.deepEqual(switchesFor([subaccount, account], http), { ...on, opens: false, initialOpens: false });
  const smtp: Said = { ...http, door: 'smtp' };
  assert.deepEqual(switchesFor([{ ...account, smtp: { ...silent, clicks: false } }], smtp), {
    ...on,
    clicks: false,
    textClicks: false,
  });
});

test("the lane is that of the nearest place that names one, else the door's", () => {
  const [bulk, transactional] = (['bulk', 'transactional'] as const).map((lane) => ({ ...nothing, lane }));
  assert.ok(bulk !== undefined && transactional !== undefined);
  assert.equal(laneFor([], 'bulk'), 'bulk');
  assert.equal(laneFor([nothing, bulk], 'transactional'), 'bulk');
  assert.equal(laneFor([transactional, bulk], 'bulk'), 'transactional');
});

test('mail in bulk says how to unsubscribe unless told not to, transactional mail where somebody says so', () => {
  const asking: DefaultWords = { ...nothing, transactionalUnsubscribe: true };
  const refusing: DefaultWords = { ...nothing, transactionalUnsubscribe: false };
  const told = (places: readonly DefaultWords[], isBulk: boolean, unsubscribe?: boolean): boolean =>
    trackedFor(places, { ...http, isBulk, wish: unsubscribe === undefined ? {} : { unsubscribe } })
      ?.unsubscribe ?? false;
  assert.deepEqual([told([], false), told([], true), told([], true, false)], [false, true, false]);
  assert.deepEqual(
    [told([refusing], true), told([asking], false), told([asking], false, false)],
    [true, true, false],
  );
  assert.deepEqual([told([nothing, asking], false), told([refusing, asking], false)], [true, false]);
  assert.equal(trackedFor([], { ...http, isBulk: false }), null);
  assert.deepEqual(
    trackedFor([{ ...nothing, opens: true }], { ...http, wish: { clicks: true }, isBulk: false }),
    {
      ...off,
      opens: true,
      clicks: true,
      unsubscribe: false,
      isTransactional: true,
    },
  );
});

test('the header over SMTP names what is tracked and nothing else', () => {
  assert.deepEqual(readTrackHeader('Opens , TEXT-clicks'), { ...off, opens: true, textClicks: true });
  assert.deepEqual(readTrackHeader('none'), off);
  for (const wrong of ['', 'none, clicks', 'click', 'constructor'])
    assert.equal(readTrackHeader(wrong), null, wrong);
  assert.deepEqual(['Yes', ' no ', 'maybe'].map(readUnsubscribeHeader), [true, false, null]);
});
