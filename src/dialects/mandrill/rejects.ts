/**
 * Denylist and allowlist (contract, 4.6). A denylist is one subaccount's, without a name the account's own; the allowlist is
 * the account's, for all its subaccounts.
 */
import type { Asking } from '../shared/native.ts';
import { pages, scopeOf } from './caller.ts';
import type { MandrillCall, MandrillCaller } from './caller.ts';
import { flag, neededAddress, text } from './fields.ts';
import type { Body } from './fields.ts';
import { namesFor } from './messages.ts';
import { sendersOf } from './sender-figures.ts';
import { rejectDetail, rejectReason } from './outcomes.ts';
import { timeOrNull, timeText } from './times.ts';
import { unknown } from './words.ts';

const email = 'gone@inbox.test';

export const rejectCalls: readonly MandrillCall[] = [
  { call: 'rejects/add', example: { email, comment: 'asked by phone', subaccount: 'cust-9' }, run: add },
  { call: 'rejects/list', example: { email, include_expired: true }, run: list },
  { call: 'rejects/delete', example: { email, subaccount: 'cust-9' }, run: remove },
  // Older programs call it a whitelist.
  ...['allowlists', 'whitelists'].flatMap((name): readonly MandrillCall[] => [
    { call: `${name}/add`, example: { email, comment: 'our own' }, run: allow },
    { call: `${name}/list`, example: { email: 'gone' }, run: listAllowed },
    { call: `${name}/delete`, example: { email }, run: disallow },
  ]),
];

type Entry = {
  readonly id: string;
  readonly subaccountId: number;
  readonly layer: string;
  readonly address: string | null;
  readonly kind: string;
  readonly reason: string;
  readonly onlyList: string;
  readonly onlySender: string;
  readonly stopsTransactional: boolean;
  readonly expiresAt: string | null;
  readonly isExpired: boolean;
  readonly createdAt: string;
  readonly lastEventAt: string;
};

const stopping = ['complaint', 'unsubscribe', 'hard_bounce', 'manual', 'on_hold'];

/** At most a thousand entries; of one address only its own, of which a native list tells the beginning. */
async function entriesOf(
  { world }: MandrillCaller,
  asking: Asking,
  query: {
    readonly address?: string;
    readonly kind?: string;
    readonly layer?: string;
    readonly includeExpired?: boolean;
  },
): Promise<readonly Entry[]> {
  const found = await pages<Entry>(world, asking, 'GET /suppressions', query);
  const wanted = query.address?.toLowerCase();
  return wanted === undefined ? found : found.filter(({ address }) => address === wanted);
}

async function add(caller: MandrillCaller, body: Body): Promise<unknown> {
  const address = neededAddress(body, 'email');
  const comment = text(body, 'comment', 255) ?? '';
  const asking = await scopeOf(caller, text(body, 'subaccount', 255));
  const allowed = await entriesOf(caller, caller.all, { address, kind: 'allow', layer: layerOf(caller) });
  if (allowed.length > 0) return { email: address, added: false };
  await caller.world.native.call(asking, 'POST /suppressions', {
    body: { layer: 'subaccount', entries: [{ address, kind: 'manual', reason: comment }] },
  });
  return { email: address, added: true };
}

async function list(caller: MandrillCaller, body: Body): Promise<unknown> {
  const address = text(body, 'email', 320);
  const withExpired = flag(body, 'include_expired') ?? false;
  const asking = await scopeOf(caller, text(body, 'subaccount', 255));
  const nameOf = namesFor(caller);
  const entries = await entriesOf(caller, asking, {
    layer: 'subaccount',
    includeExpired: withExpired,
    ...(address === null || address === '' ? {} : { address }),
  });
  const rejects = entries.filter(({ kind, address: known }) => stopping.includes(kind) && known !== null);
  const bound = rejects.flatMap(({ onlySender }) => (onlySender === '' ? [] : [onlySender]));
  const senders = bound.length === 0 ? null : await sendersOf(caller, bound);
  const printed = rejects.map(async (entry) => ({
    ...printEntry(entry),
    sender: senders?.get(entry.onlySender) ?? null,
    subaccount: await nameOf(entry.subaccountId),
  }));
  return Promise.all(printed);
}

function printEntry(entry: Entry) {
  const { address, kind, createdAt, lastEventAt, expiresAt, isExpired } = entry;
  return {
    email: address,
    reason: rejectReason(kind),
    detail: rejectDetail(entry),
    created_at: timeText(createdAt),
    last_event_at: timeText(lastEventAt),
    expires_at: timeOrNull(expiresAt),
    expired: isExpired,
  };
}

async function remove(caller: MandrillCaller, body: Body): Promise<unknown> {
  const address = neededAddress(body, 'email');
  const name = text(body, 'subaccount', 255);
  const asking = await scopeOf(caller, name);
  let removed = 0;
  for (const kind of stopping) {
    const query = { address, kind, layer: 'subaccount' };
    const gone = await caller.world.native.call<{ removed: number }>(asking, 'DELETE /suppressions', {
      query,
    });
    removed += gone.removed;
  }
  if (removed === 0) throw unknown.reject(address);
  const subaccount = await namesFor(caller)(Number(asking.scope.subaccountId));
  return { email: address, deleted: true, subaccount };
}

/** A subaccount's key writes its own list only. */
function layerOf({ isPrimary }: MandrillCaller): 'account' | 'subaccount' {
  return isPrimary ? 'account' : 'subaccount';
}

async function allow(caller: MandrillCaller, body: Body): Promise<unknown> {
  const address = neededAddress(body, 'email');
  const comment = text(body, 'comment', 255) ?? '';
  const { native } = caller.world;
  await native.call(caller.all, 'POST /suppressions', {
    body: { layer: layerOf(caller), entries: [{ address, kind: 'allow', reason: comment }] },
  });
  // What stands on the denylists of all subaccounts goes, as far as an exception beats it.
  const entries = await entriesOf(caller, caller.all, { address });
  for (const { id, kind, layer } of entries)
    if (layer === 'subaccount' && (kind === 'hard_bounce' || kind === 'on_hold' || kind === 'manual'))
      await native.answer(caller.all, 'DELETE /suppressions/:id', { params: { id } });
  return { email: address, added: true };
}

async function listAllowed(caller: MandrillCaller, body: Body): Promise<unknown> {
  const begin = text(body, 'email', 320)?.toLowerCase() ?? '';
  const entries = await entriesOf(caller, caller.all, { kind: 'allow', layer: layerOf(caller) });
  return entries
    .filter(({ address }) => address?.startsWith(begin) === true)
    .map(({ address, reason, createdAt }) => ({
      email: address,
      detail: reason,
      created_at: timeText(createdAt),
    }));
}

async function disallow(caller: MandrillCaller, body: Body): Promise<unknown> {
  const address = neededAddress(body, 'email');
  const query = { address, kind: 'allow', layer: layerOf(caller) };
  const { removed } = await caller.world.native.call<{ removed: number }>(
    caller.all,
    'DELETE /suppressions',
    {
      query,
    },
  );
  return { email: address, deleted: removed > 0 };
}
