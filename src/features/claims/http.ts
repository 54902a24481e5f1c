/** How claims are shown: what all of them have, beside what their feature adds. */
import { Type } from 'typebox';
import type { Static, TObject, TProperties } from 'typebox';
import { fields } from '../../base/route.ts';
import type { Claim } from './model.ts';

const common = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  name: Type.String(),
  state: Type.Enum(['unproven', 'proven', 'lost']),
};
const looked = {
  seen: Type.String({ description: 'what DNS showed at the last look' }),
  explain: Type.String(),
  checkedAt: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
};

/** The reply's shape, with the fields of `more` between what the claim is and what was seen of it. */
export function claimReply<const P extends TProperties>(more: P): TObject<typeof common & P & typeof looked> {
  return fields({ ...common, ...more, ...looked });
}

type CommonJson = Static<TObject<typeof common & typeof looked>>;

export function claimJson({
  id,
  subaccountId,
  name,
  state,
  seen,
  explain,
  checkedAt,
  createdAt,
}: Omit<Claim, 'ownerToken' | 'accountId'>): CommonJson {
  return {
    id,
    subaccountId,
    name,
    state,
    seen,
    explain,
    checkedAt: checkedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
