/** What a credential of the attack is, and what each may expect: derived from the product's own rules. */
import type { Route } from '../base/route.ts';
import { fullGrants } from '../base/scope.ts';
import type { SubaccountStatus } from '../features/subaccounts/index.ts';
import { routeName, succeed } from './door.ts';
import type { Door } from './door.ts';
import type { Holder } from './holders.ts';
import type { Operator, ThrowAwayAccount } from './operator.ts';

/** `status`: exactly this. `own`: the caller's own world, anything but an error of ours. `as sibling`: as a sibling is answered. */
export type Verdict =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'own' }
  | { readonly kind: 'as sibling' };

export type Credential = {
  readonly name: string;
  /** For the route, as the lacking grant differs; null: no header is sent. */
  readonly authorization: (route: Route) => string | null;
  /** There is no such credential for the route. */
  readonly skips?: (route: Route) => boolean;
  /** Acts for a subaccount that is not its own: A, and one that nobody has. */
  readonly actsFor?: { readonly foreign: string; readonly missing: string };
  /** Whatever it says of the subaccount, it is fixed. */
  readonly alwaysActsFor?: string;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly expects: (route: Route) => Verdict;
  /** The bare secret, for the SMTP door. */
  readonly secret: string | null;
  /** A login at SMTP with it succeeds. */
  readonly logsIn: boolean;
  /** Refused on every route, by who they are. */
  readonly isNobody?: true;
};

export const status = (value: number): Verdict => ({ kind: 'status', status: value });

function hasThing(route: Route): boolean {
  return route.path.includes('/:');
}

/** A credential that is good, of somebody else. */
export function elsewhere(route: Route, reach: 'account' | 'subaccount'): Verdict {
  if (route.grant !== null && !fullGrants(reach).includes(route.grant)) return status(403);
  return hasThing(route) ? status(404) : { kind: 'own' };
}

export type Parties = {
  readonly door: Door;
  /** To what is beside the API. */
  readonly outside: Door;
  readonly operator: Operator;
  readonly routes: readonly Route[];
  readonly victim: ThrowAwayAccount;
  readonly stranger: ThrowAwayAccount;
  readonly a: { readonly subaccountId: string; readonly word: string };
  readonly b: Holder;
  readonly outsider: Holder;
};

/** Brings a subaccount into a status; false when this installation has no way there. A way that fails throws. */
export async function reach(
  wanted: SubaccountStatus,
  id: string,
  door: Door,
  routes: readonly Route[],
  authorization: string,
): Promise<boolean> {
  const path = `/subaccounts/${id}`;
  const patched = await door({ method: 'PATCH', path, authorization, body: { status: wanted } });
  if (patched.status === 200) return true;
  const names = new Set(routes.map(routeName));
  if (wanted === 'retired' && names.has('POST /subaccounts/:id/retire')) {
    await succeed(door, { method: 'POST', path: `${path}/retire`, authorization, body: {} });
    return true;
  }
  if (wanted === 'deleted' && names.has('DELETE /subaccounts/:id')) {
    await succeed(door, { method: 'DELETE', path, authorization });
    return true;
  }
  return false;
}
