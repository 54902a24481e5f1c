import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedBound, askedPerDay } from './rules.ts';

test('mail to strangers is bounded by recipient, subaccount and account, and the words tell nothing of siblings', () => {
  const { recipient, subaccount, account } = askedPerDay;
  const below = { recipient: recipient - 1, subaccount: subaccount - 1, account: account - 1 };
  assert.equal(askedBound(below), null);
  assert.match(askedBound({ ...below, recipient }) ?? '', /This address/);
  assert.equal(askedBound({ ...below, subaccount }), askedBound({ ...below, account }));
});
