/**
 * Requests of persons about their data (contract, section 16). To be forgotten is an erasure of ours, to be left alone an
 * entry of both types. For the caller's own subaccount; with `include_subaccounts` a primary key that names none means all.
 */
import type { Answer } from '../../base/route.ts';
import { parseAddress } from '../../mail/address.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';
import { bodyOf } from './fields.ts';
import { tell } from './words.ts';

const base = { method: 'POST', example: { body: { recipients: ['ann@ok.test'] } } } as const;

export function privacyRoutes(): readonly SparkpostRoute[] {
  const path = '/api/v1/data-privacy';
  return [
    { ...base, path: `${path}/rtbf-request`, grant: 'erasures:write', run: forget },
    { ...base, path: `${path}/opt-out-request`, grant: 'suppressions:write', run: optOut },
  ];
}

const recipientsMax = 1000;

type Wish = { readonly addresses: readonly string[]; readonly isForAll: boolean };

function wishOf({ isPrimary, named }: SparkpostCaller, { body }: Call): Wish {
  const { recipients, include_subaccounts: all } = bodyOf(body);
  if (!Array.isArray(recipients) || recipients.length === 0)
    throw tell(400, { message: 'Must supply an array of recipients', param: 'recipients' });
  if (recipients.length > recipientsMax)
    throw tell(400, { message: `recipients must hold at most ${recipientsMax} addresses` });
  if (all !== undefined && all !== null && typeof all !== 'boolean')
    throw tell(400, {
      message: 'include_subaccounts must be a boolean',
      param: 'include_subaccounts',
      value: all,
    });
  const read = recipients.map((given: unknown) => ({
    given,
    address: typeof given === 'string' ? (parseAddress(given)?.text.toLowerCase() ?? null) : null,
  }));
  const bad = read
    .filter(({ address }) => address === null)
    .map(({ given }) => (typeof given === 'string' ? given : JSON.stringify(given)));
  if (bad.length > 0) {
    const message = `POST body contains ${bad.length} invalid or malformed recipient(s): ${bad.join(', ')}`;
    throw tell(400, { message });
  }
  const addresses = [...new Set(read.flatMap(({ address }) => address ?? []))];
  return { addresses, isForAll: all === true && isPrimary && named === null };
}

const saved: Answer = { status: 200, body: { results: { message: 'Request saved.' } } };

async function forget(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { addresses, isForAll } = wishOf(caller, call);
  const asking = isForAll ? caller.account : caller.one;
  for (const address of addresses)
    await caller.world.native.call(asking, 'POST /erasures', { body: { address } });
  return saved;
}

/** The account's own list is the one that its suppression list shows; the other one covers every subaccount of it. */
async function optOut(caller: SparkpostCaller, call: Call): Promise<Answer> {
  const { addresses, isForAll } = wishOf(caller, call);
  const { world, one, account } = caller;
  const entries = addresses.map((address) => ({
    address,
    kind: 'manual',
    stopsTransactional: true,
    stopsBulk: true,
    reason: 'asked by a data privacy request',
  }));
  await world.native.call(one, 'POST /suppressions', { body: { adds: true, entries } });
  if (isForAll)
    await world.native.call(account, 'POST /suppressions', {
      body: { adds: true, layer: 'account', entries },
    });
  return saved;
}
