import { isDeepStrictEqual } from 'node:util';
import type { Scope } from '../../base/scope.ts';
import { invalidField } from '../refusals/index.ts';
import type { MailDoor, Tracked, TrackingStanding } from '../tracking/index.ts';
import type { ComposedRequest } from './prepare.ts';

/** What is tracked of a call's mail: the same at each of the domains that it is from, the first of which leads its links. */
export async function trackedAlike(
  { tracking }: { readonly tracking: Pick<TrackingStanding, 'tracked'> },
  { accountId, subaccountId }: Pick<Scope, 'accountId' | 'subaccountId'>,
  {
    tracking: wish,
    defaultTracking: otherwise,
    isBulk,
    door,
  }: Pick<ComposedRequest, 'tracking' | 'defaultTracking' | 'isBulk'> & { readonly door: MailDoor },
  domains: readonly { readonly id: string }[],
): Promise<Tracked | null> {
  const all: (Tracked | null)[] = [];
  for (const domainId of new Set(domains.map(({ id }) => id)))
    all.push(
      await tracking.tracked({ accountId, subaccountId, domainId }, { door, wish, otherwise, isBulk }),
    );
  const [first = null] = all;
  if (all.some((each) => !isDeepStrictEqual(each, first)))
    throw invalidField('from.email', 'tracked_alike', 'must come to domains of which the same is tracked');
  return first;
}
