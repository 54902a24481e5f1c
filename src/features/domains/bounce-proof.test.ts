import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsOutcome } from '../../base/dns/index.ts';
import { present } from '../../base/assert.ts';
import { judgeBounces, judgeOwnCname, judgeOwnMx, returnPathAlternatives } from './bounce-proof.ts';
import type { BounceState } from './bounce-proof.ts';
import type { ProofPurpose, ProofResult, ProofState } from './model.ts';

const [cname, mx] = returnPathAlternatives('b.test', 'Mail.test').map((each) => present(each));

function mxOf(...hosts: readonly (readonly [number, string])[]): DnsOutcome {
  const records = hosts.map(([preference, exchange]) => ({
    type: 'MX' as const,
    name: 'b.test',
    data: { preference, exchange },
  }));
  return { kind: 'found', records, ttlSeconds: 60, authentic: false };
}

test('the MX of a name takes its bounces when no other host is tried before or beside ours', () => {
  const state = (outcome: DnsOutcome): string => judgeOwnMx(present(mx), 'Mail.test', outcome).state;
  assert.equal(state(mxOf([10, 'Bounces.in.mail.TEST.'])), 'proven');
  assert.equal(state(mxOf([10, 'bounce.mail.test'])), 'proven');
  assert.equal(state(mxOf([20, 'other.test'], [10, 'a1b2.in.mail.test'])), 'proven');
  assert.equal(state(mxOf([10, 'other.test'], [10, 'bounces.in.mail.test'])), 'wrong');
  assert.equal(state(mxOf([5, 'other.test'], [10, 'bounces.in.mail.test'])), 'wrong');
  assert.equal(state(mxOf([10, 'bounces.in.mail.test.other.test'])), 'missing');
  assert.equal(state(mxOf([10, 'in.mail.test'])), 'missing');
  assert.equal(state({ kind: 'nodata' }), 'missing');
  assert.equal(state({ kind: 'failed', reason: 'timeout' }), 'unknown');
});

test('the CNAME of a name takes its bounces when it leads to our bounce host', () => {
  const state = (seen: readonly string[] | null): string => judgeOwnCname(present(cname), seen).state;
  assert.equal(state(['bounce.mail.test']), 'proven');
  assert.equal(state(['other.test']), 'missing');
  assert.equal(state([]), 'missing');
  assert.equal(state(null), 'unknown');
});

test('the host below a name comes first, and what was shown stands while its own records are not answered for', () => {
  const purposes: readonly ProofPurpose[] = ['return_path', 'return_path_cname', 'return_path_mx'];
  const judge = (known: BounceState, ...states: readonly ProofState[]): BounceState | null => {
    const proofs = purposes.map((purpose, index): ProofResult => ({
      purpose,
      state: present(states[index]),
      asked: { name: 'b.test', type: 'MX' },
      wanted: '',
      seen: [],
      explain: '',
    }));
    return judgeBounces(known, proofs);
  };
  const none = { isProven: false, toItself: false };
  const below = { isProven: true, toItself: false };
  const itself = { isProven: true, toItself: true };
  const [proven, missing, unknown] = ['proven', 'missing', 'unknown'] as const;
  assert.deepEqual(judge(none, proven, proven, missing), below);
  assert.deepEqual(judge(none, missing, proven, missing), itself);
  assert.deepEqual(judge(below, missing, missing, proven), itself);
  assert.deepEqual(judge(itself, missing, missing, missing), none);
  assert.deepEqual(judge(below, missing, unknown, unknown), none);
  assert.equal(judge(below, unknown, missing, missing), null);
  assert.equal(judge(itself, missing, unknown, missing), null);
  assert.equal(judge(itself, missing, missing, unknown), null);
  assert.deepEqual(judge(itself, unknown, missing, missing), none);
});
