import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useCaller } from '../../api/hooks.ts';
import { SubaccountName } from '../../parts/subaccount-pick.tsx';
import { useLens } from '../../shell/lens.ts';
import { mayCall, useMe } from '../../shell/me.ts';
import type { Dimension } from './query.ts';

type ValueNameProps = { readonly dimension: Dimension; readonly value: string };

/** A value of a dimension as people call it: what is counted by its id has a name elsewhere. */
export function ValueName({ dimension, value }: ValueNameProps): ReactElement {
  if (dimension === 'subaccount') return <SubaccountName id={Number(value)} />;
  if (dimension === 'template' || dimension === 'pool') return <IdName kind={dimension} id={value} />;
  return <>{value}</>;
}

function IdName({ kind, id }: { readonly kind: 'template' | 'pool'; readonly id: string }): ReactElement {
  const me = useMe();
  const lens = useLens();
  const caller = useCaller();
  const name = kind === 'template' ? 'GET /templates/{id}' : 'GET /pools/{id}';
  const read = useQuery({
    queryKey: [lens, 'name', kind, id],
    staleTime: 300_000,
    retry: false,
    enabled: mayCall(me, name),
    queryFn: async ({ signal }) => (await caller(name, { path: { id } }, signal)).name,
  });
  return <>{read.data ?? `${kind} ${id}`}</>;
}
