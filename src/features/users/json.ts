import { Type } from 'typebox';
import { fields, word } from '../../base/route.ts';
import { grants as allGrants } from '../../base/scope.ts';
import type { Grant, Reach } from '../../base/scope.ts';
import { pages, roles } from './model.ts';
import type { Part, Person, Reached } from './model.ts';
import { grantsOf } from './roles.ts';
import type { Invitation } from './sql-invitations.ts';

const GrantName = Type.Enum([...allGrants]);
const TemplateIds = Type.Array(word(16, { pattern: '^\\d{1,16}$' }), {
  maxItems: 100,
  description: 'ids of templates, these only',
});

/** What is given: to a person in the account, in a subaccount, or by an invitation. */
export const GivenFields = {
  role: Type.Optional(Type.Enum([...roles])),
  grants: Type.Optional(
    Type.Union([Type.Array(GrantName, { maxItems: 64 }), Type.Null()], {
      description: 'of the role custom only',
    }),
  ),
  templates: Type.Optional(Type.Union([TemplateIds, Type.Null()], { description: 'null for all' })),
  hiddenPages: Type.Optional(
    Type.Array(Type.Enum([...pages]), {
      maxItems: 32,
      description: 'what these pages stand for is taken away as well',
    }),
  ),
};
export const Subaccounts = Type.Array(
  fields({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }), ...GivenFields }),
  { maxItems: 1000 },
);
export const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });

const partFields = {
  role: Type.String(),
  grants: Type.Array(Type.String(), { description: 'what is left after the hidden pages' }),
  templates: Type.Union([Type.Array(Type.String()), Type.Null()]),
  hiddenPages: Type.Array(Type.String()),
};
export const PartReply = fields(partFields);
export const SubaccountPartReply = fields({ id: Type.Integer(), ...partFields });
const reachFields = {
  reach: Type.Enum(['account', 'subaccounts'], { description: 'all of the account, or chosen subaccounts' }),
  account: Type.Union([PartReply, Type.Null()], { description: 'with the reach account' }),
  subaccounts: Type.Array(SubaccountPartReply, {
    description: 'with the reach subaccounts: those that you see',
  }),
};
export const PersonReply = fields({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  hasSecondFactor: Type.Boolean(),
  ...reachFields,
});
export const InvitationReply = fields({
  id: Type.String(),
  email: Type.String(),
  note: Type.String(),
  ...reachFields,
  sentAt: Type.String(),
  sentCount: Type.Integer(),
  expiresAt: Type.String(),
  createdAt: Type.String(),
});

export function partJson(part: Part & Pick<Reached, 'reach'>) {
  return {
    role: part.role,
    grants: [...grantsOf(part)],
    templates: part.templates === null ? null : [...part.templates],
    hiddenPages: [...part.hiddenPages],
  };
}

function reachJson(parts: readonly (Part & Reached)[]) {
  const whole = parts.find(({ reach }) => reach === 'account');
  return {
    reach: whole === undefined ? ('subaccounts' as const) : ('account' as const),
    account: whole === undefined ? null : partJson(whole),
    subaccounts: parts
      .filter(({ reach }) => reach === 'subaccount')
      .map((part) => ({ id: Number(part.subaccountId), ...partJson(part) })),
  };
}

export function personJson({ memberships, ...person }: Person) {
  return { ...person, ...reachJson(memberships) };
}

export function invitationJson(invitation: Invitation) {
  const { id, email, note, parts, sentAt, sentCount, expiresAt, createdAt } = invitation;
  return {
    id,
    email,
    note,
    ...reachJson(parts),
    sentAt: sentAt.toISOString(),
    sentCount,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}

export function reachText(reach: Reach): 'account' | readonly number[] {
  return reach === 'account' ? reach : [reach].flat().map(Number);
}

export function grantList(grants: ReadonlySet<Grant>): string[] {
  return allGrants.filter((grant) => grants.has(grant));
}
