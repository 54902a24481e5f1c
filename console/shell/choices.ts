/** Subaccounts to choose from, and the names of those that are chosen: as far as the person sees them. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import { useLens } from './lens.ts';
import { useMe } from './me.ts';
import type { Me } from './me.ts';

export type Choice = { readonly id: number; readonly name: string; readonly isOwn?: boolean };

export function accountIn(me: Me): Me['accounts'][number] | undefined {
  return me.accounts.find(({ id }) => id === me.current.accountId);
}

/** Of the whole account by a search, else those that a person was given. */
export function useChoices(search: string, isOpen: boolean): readonly Choice[] {
  const me = useMe();
  const account = accountIn(me);
  const isWhole = account?.account != null;
  const found = useQuery({
    queryKey: ['lens choices', account?.id, search],
    enabled: isOpen && isWhole,
    queryFn: ({ signal }) =>
      call(
        'GET /subaccounts',
        { query: { limit: 12, ...(search === '' ? {} : { search }) } },
        { account: account?.id ?? null, subaccount: null },
        signal,
      ),
    placeholderData: (before) => before,
  });
  if (isWhole) return found.data?.items ?? [];
  return (account?.subaccounts ?? []).filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
}

/** The name of a subaccount; its number for whom the name is not readable. */
export function useSubaccountName(id: number): string {
  const me = useMe();
  const { account } = useLens();
  const given = accountIn(me)?.subaccounts.find((each) => each.id === id)?.name;
  const read = useQuery({
    queryKey: ['subaccount name', account, id],
    enabled: given === undefined && me.current.grants.includes('subaccounts:read'),
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      call('GET /subaccounts/{id}', { path: { id } }, { account, subaccount: null }, signal),
  });
  return given ?? (read.isLoading ? '…' : (read.data?.name ?? `Subaccount ${id}`));
}
