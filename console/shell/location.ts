/** Where we are and how to get elsewhere: filters live in the address, and the lens stays when the page changes. */
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback } from 'react';
import { pathTo } from '../pages.ts';
import type { PageName, Params } from '../pages.ts';
import type { Search } from '../api/lens.ts';
import { useAddress } from './lens.ts';

/** The values of a page's filters as text; '' for what is not set. Setting one replaces the address, without a step back. */
export function useFilters<const Name extends string>(
  names: readonly Name[],
): [Readonly<Record<Name, string>>, (changed: Partial<Record<Name, string | null>>) => void] {
  const search = useAddress();
  const navigate = useNavigate();
  const values = Object.fromEntries(names.map((name) => [name, String(search[name] ?? '')])) as Record<
    Name,
    string
  >;
  const set = useCallback(
    (changed: Partial<Record<Name, string | null>>) => {
      const given = Object.fromEntries(
        Object.entries(changed).map(([name, value]) => [
          name,
          value === '' || value === null ? undefined : value,
        ]),
      );
      void navigate({ to: '.', search: (old: Search) => ({ ...old, ...given }), replace: true } as never);
    },
    [navigate],
  );
  return [values, set];
}

export function useParam(name: string): string {
  const params: Readonly<Record<string, string | undefined>> = useParams({ strict: false });
  return params[name] ?? '';
}

/** Goes to a page of the list, with the lens as it is. */
export function useGoTo(): <N extends PageName>(name: N, ...params: Params<N>) => void {
  const navigate = useNavigate();
  return (name, ...params) => {
    void navigate({ to: pathTo(name, ...params), search: keepLens } as never);
  };
}

export function keepLens({ account, subaccount }: Search): Search {
  return { account, subaccount };
}
