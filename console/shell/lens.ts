/**
 * What is looked at: an account and, if chosen, one of its subaccounts. It stands in the address (`?account=1001&
 * subaccount=1003`), so a link means the same for whoever opens it and two windows can differ.
 */
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Lens } from '../api/client.ts';

export type Search = Readonly<Record<string, string | number | boolean | undefined>>;

function idOf(value: unknown): number | null {
  const id = Number(value);
  return Number.isInteger(id) && id > 0 && id < 2 ** 31 ? id : null;
}

export function lensOf(search: Search): Lens {
  return { account: idOf(search['account']), subaccount: idOf(search['subaccount']) };
}

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
