/** Takes the throw-away tenants down: keys and domains go, subaccounts are deactivated, accounts keep their name as a note. */
import { bearer, succeed } from './door.ts';
import type { Door } from './door.ts';
import type { ThrowAwayAccount } from './operator.ts';

type Page = { readonly items: readonly { readonly id: string | number; readonly isOwn?: boolean }[] };

/** Throws when the account's last key could not be removed. */
export async function takeDown(door: Door, account: ThrowAwayAccount): Promise<void> {
  const authorization = bearer(account.secret);
  const idsOf = async (path: string): Promise<readonly string[]> => {
    const page = await succeed<Page>(door, { method: 'GET', path: `${path}?limit=500`, authorization });
    return page.items.filter(({ isOwn }) => isOwn !== true).map(({ id }) => String(id));
  };
  const call = (method: string, path: string, body?: unknown): Promise<unknown> =>
    door({ method, path, authorization, ...(body === undefined ? {} : { body }) });
  // What is scheduled, waits or is done: the finished ones refuse.
  for (const id of await idsOf('/messages')) await call('POST', `/messages/${id}/cancel`);
  for (const id of await idsOf('/subaccounts'))
    await call('PATCH', `/subaccounts/${id}`, { status: 'deactivated' });
  for (const noun of ['/senders', '/tracking-domains', '/domains', '/smtp-users', '/keys']) {
    for (const id of await idsOf(noun)) if (id !== account.keyId) await call('DELETE', `${noun}/${id}`);
  }
  await call('PATCH', '/account', { name: 'proof of isolation, ended' });
  await succeed(door, { method: 'DELETE', path: `/keys/${account.keyId}`, authorization });
}
