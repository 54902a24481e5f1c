/** Who is looking, and what they may do under the lens; the server's word, so that pages and API agree. */
import { grantOfCall } from '../api/calls.ts';
import type { Call, Reply } from '../api/client.ts';
import { useRead } from '../api/hooks.ts';
import type { PageAbout } from '../pages.ts';

export type Me = Reply<'GET /me'>;

export function useMe(): Me {
  return useRead('GET /me', {});
}

export function mayCall(me: Me, name: Call): boolean {
  const grant = grantOfCall[name];
  return grant === null || me.current.grants.includes(grant);
}

/** Whether lists here may hold things of several subaccounts. */
export function reachesMany({ current: { reach } }: Me): boolean {
  return reach === 'account' || reach.length > 1;
}

/** Null when the call may be made, else why not, as a disabled action says it. */
export function whyNot(me: Me, name: Call): string | null {
  const grant = grantOfCall[name];
  if (grant !== null && !me.current.grants.includes(grant))
    return `You lack the grant ${grant}; somebody who manages people can give it.`;
  if (!me.current.canChange && !name.startsWith('GET '))
    return 'Changes are stopped here: the account or subaccount is suspended.';
  return null;
}

export function useWhyNot(): (name: Call) => string | null {
  const me = useMe();
  return (name) => whyNot(me, name);
}

/** As `whyNot`, for a thing of a subaccount: one that is only shared with the viewer is not theirs to change. */
export function useWhyNotOn(subaccountId: number): (name: Call) => string | null {
  const me = useMe();
  const { reach } = me.current;
  const isTheirs = reach === 'account' || reach.includes(subaccountId);
  return (name) =>
    whyNot(me, name) ?? (isTheirs ? null : 'It belongs to another subaccount, which shares it with you.');
}

export function maySee(me: Me, page: PageAbout): boolean {
  if (page.isOfAccount === true && typeof me.current.reach !== 'string' && me.current.reach.length < 2)
    return false;
  return mayCall(me, page.reads);
}
