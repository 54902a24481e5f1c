import { Type } from 'typebox';
import { fields, line, word } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import { subaccountStatuses } from './rules.ts';
import type { Subaccount } from './sql.ts';

export const ProfileFields = fields(
  {
    name: Type.Optional(line(200)),
    email: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
    address1: Type.Optional(line(200)),
    address2: Type.Optional(line(200)),
    city: Type.Optional(line(100)),
    region: Type.Optional(line(100, { description: 'state in the US, province elsewhere' })),
    postalCode: Type.Optional(line(20)),
    country: Type.Optional(word(2, { pattern: '^[A-Z]{2}$', description: 'ISO 3166-1, two letters' })),
    timeZone: Type.Optional(word(64, { description: 'as in the time zone database: Europe/Vienna' })),
  },
  { description: 'who the subaccount is towards its recipients' },
);

/** Each is as it was, or as with the account's own subaccount, when left out. */
export const SwitchFields = fields(
  {
    responseSummary: Type.Optional(
      Type.Boolean({ description: 'its people get a mail about a bulk mailing a day after it' }),
    ),
    ownHtml: Type.Optional(
      Type.Boolean({ description: 'its keys and people write templates with HTML of their own' }),
    ),
    blankTemplate: Type.Optional(
      Type.Boolean({
        description: 'they begin templates with nothing; else they copy what is shared with them',
      }),
    ),
  },
  { description: 'what the account lets it do in the editor' },
);

const Nullable = Type.Union([Type.String(), Type.Null()]);
const StopReply = fields({
  authority: Type.String({ description: 'operator, system or parent: each lifts only its own stop' }),
  stop: Type.String(),
  reason: Type.String(),
  at: Nullable,
});

export const SubaccountReply = fields({
  id: Type.Integer(),
  name: Type.String(),
  externalId: Nullable,
  status: Type.Enum(subaccountStatuses, { description: 'the strictest of stage and stops' }),
  stops: Type.Array(StopReply),
  isOwn: Type.Boolean({ description: 'the account itself, as a sender' }),
  trial: Type.Boolean(),
  underReview: Type.Boolean({ description: 'its mail is accepted and held until somebody has looked at it' }),
  profile: ProfileFields,
  switches: SwitchFields,
  poolId: Nullable,
  notes: Type.String({ description: 'of the account; empty for the subaccount itself' }),
  retiresAt: Nullable,
  purgeAt: Nullable,
  createdAt: Type.String(),
});

export function subaccountJson(scope: Scope, subaccount: Subaccount) {
  const { stops, stopReasons } = subaccount;
  const set = (['operator', 'system', 'parent'] as const).flatMap((authority) => {
    const stop = stops[authority];
    if (stop === null) return [];
    const told = stopReasons[authority];
    return [{ authority, stop, reason: told?.reason ?? '', at: told?.at ?? null }];
  });
  return {
    id: Number(subaccount.id),
    name: subaccount.name,
    externalId: subaccount.externalId,
    status: subaccount.status,
    stops: set,
    isOwn: subaccount.isOwn,
    trial: subaccount.isTrial,
    underReview: subaccount.isReviewed,
    profile: subaccount.profile,
    switches: subaccount.switches,
    poolId: subaccount.poolId,
    // What the account notes about its client is not the client's to read.
    notes: scope.reach === 'account' ? subaccount.notes : '',
    retiresAt: subaccount.retiresAt?.toISOString() ?? null,
    purgeAt: subaccount.purgeAt?.toISOString() ?? null,
    createdAt: subaccount.createdAt.toISOString(),
  };
}
