/** Subaccounts (contract, section 4). There is no way to delete one. */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller, SparkpostRoute } from './caller.ts';

type NativeSubaccount = {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly isOwn: boolean;
  readonly poolId: string | null;
};
type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

export function subaccountRoutes(): readonly SparkpostRoute[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/subaccounts',
      grant: 'subaccounts:read',
      isPrimaryOnly: true,
      example: {},
      run: list,
    },
  ];
}

async function list({ world, account }: SparkpostCaller, _call: Call): Promise<Answer> {
  const { items } = await world.native.call<Page<NativeSubaccount>>(account, 'GET /subaccounts', {
    query: { limit: 500 },
  });
  return { status: 200, body: { results: items.filter(({ isOwn }) => !isOwn) } };
}
