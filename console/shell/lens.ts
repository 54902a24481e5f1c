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

export function useLens(): Lens {
  const search: Search = useSearch({ strict: false });
  const { account, subaccount } = lensOf(search);
  return useMemo(() => ({ account, subaccount }), [account, subaccount]);
}
