/** The lens of the address (`api/lens.ts`), and of which subaccounts its lists show things. */
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { idOf, lensOf } from '../api/lens.ts';
import type { Lens, Search } from '../api/lens.ts';

/** The name in the address of which subaccounts a list shows. */
export const someName = 'subaccounts';

/** Of which subaccounts a list shows things: those of the address, if it says so. */
export type Some = { readonly ids: readonly number[]; readonly isHidden: boolean };

export function someOf(search: Search): Some | null {
  const parts = String(search[someName] ?? '').split(',');
  const isHidden = parts.every((part) => part.startsWith('-'));
  const ids = parts.map((part) => idOf(isHidden ? part.slice(1) : part));
  const known = ids.filter((id) => id !== null);
  return known.length === 0 || known.length < ids.length ? null : { ids: known, isHidden };
}

export function someText({ ids, isHidden }: Some): string {
  return ids.map((id) => (isHidden ? `-${id}` : String(id))).join(',');
}

/** The search of the address, by name and value. */
export function useAddress(): Search {
  return useSearch({ strict: false });
}

export function useSome(): Some | null {
  return someOf(useAddress());
}

/** The lens of a list: narrowed to the subaccounts that were chosen on its page. */
export function listLensOf(search: Search): Lens {
  const some = someOf(search);
  return some === null ? lensOf(search) : { ...lensOf(search), some: someText(some) };
}

export function useListLens(): Lens {
  const { account, subaccount, some } = listLensOf(useAddress());
  return useMemo(
    () => ({ account, subaccount, ...(some === undefined ? {} : { some }) }),
    [account, subaccount, some],
  );
}

export function useLens(): Lens {
  const { account, subaccount } = lensOf(useAddress());
  return useMemo(() => ({ account, subaccount }), [account, subaccount]);
}
