import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useCaller } from '../api/hooks.ts';
import { useLens } from '../shell/lens.ts';
import { mayCall, useMe } from '../shell/me.ts';

type ActorProps = {
  readonly actor: { readonly kind: 'key' | 'user' | 'system'; readonly id: string };
};

/** Who did something, by name as far as it is still there and may be read; each is asked for once. */
export function Actor({ actor: { kind, id } }: ActorProps): ReactElement {
  const me = useMe();
  const lens = useLens();
  const caller = useCaller();
  const isSelf = kind === 'user' && me.user?.id === id;
  const named = useQuery({
    queryKey: [lens, 'actor', kind, id],
    staleTime: 300_000,
    retry: false,
    enabled:
      !isSelf && kind !== 'system' && mayCall(me, kind === 'key' ? 'GET /keys/{id}' : 'GET /users/{id}'),
    queryFn: async ({ signal }) => {
      const input = { path: { id } };
      if (kind === 'key') return (await caller('GET /keys/{id}', input, signal)).name;
      const { name, email } = await caller('GET /users/{id}', input, signal);
      return name === '' ? email : name;
    },
  });
  if (isSelf) return <>you</>;
  if (kind === 'system') return <>the system</>;
  const name = named.data ?? id;
  return <>{kind === 'key' ? `key ${name}` : named.data === undefined ? `person ${id}` : name}</>;
}
