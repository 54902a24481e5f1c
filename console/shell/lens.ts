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

export function useSome(): Some | null {
  const search: Search = useSearch({ strict: false });
  return someOf(search);
}

/** The lens of a list: narrowed to the subaccounts that were chosen on its page. */
export function useListLens(): Lens {
  const lens = useLens();
  const some = useSome();
  const text = some === null ? '' : someText(some);
  return useMemo(() => (text === '' ? lens : { ...lens, some: text }), [lens, text]);
}

export function useLens(): Lens {
  const search: Search = useSearch({ strict: false });
  const { account, subaccount } = lensOf(search);
  return useMemo(() => ({ account, subaccount }), [account, subaccount]);
}
