import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailable } from '../../base/database/store-lost.ts';
import { silentLog } from '../../base/log.ts';
import { systemClock } from '../../base/clock.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { Acceptor } from './accept.ts';
import type { AcceptorOptions } from './accept.ts';
import type { Submission } from './model.ts';

const nobody = (): never => {
  throw new Error('nothing was to be stored');
};

test('a store that does not answer whether a recipient may be written to is a refusal to try again', async () => {
  const options = {
    clock: systemClock,
    log: silentLog,
    hasDisk: () => true,
    nextId: nobody,
    suppressed: () => Promise.reject(new StoreUnavailable('away')),
  } as unknown as AcceptorOptions;
  const submission = { copies: [], idempotency: null, rejection: null } as unknown as Submission;
  const acceptor = new Acceptor(options);
  const asked = {
    accountId: 1 as AccountId,
    subaccountId: 1 as SubaccountId,
    addresses: [],
    lane: 0,
  } as const;
  await assert.rejects(acceptor.accept(submission, acceptor.check(asked)), { code: 'store.unavailable' });
});
