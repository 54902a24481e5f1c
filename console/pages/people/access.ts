/** What people are given, as the API tells it, as a form holds it, and as a call takes it. */
import type { Grant, SubaccountId } from '../../../src/base/scope.ts';
import type { Page, Part, Reached, Role } from '../../../src/features/users/model.ts';
import { isBelow, partProblem } from '../../../src/features/users/rules.ts';
import type { Power } from '../../../src/features/users/rules.ts';
import type { Input, Item } from '../../api/client.ts';
import { accountIn } from '../../shell/choices.ts';
import type { Me } from '../../shell/me.ts';

export type Person = Item<'GET /users'>;
export type Invitation = Item<'GET /invitations'>;
/** Of a person or of an invitation. */
export type Access = Pick<Person, 'reach' | 'account' | 'subaccounts'>;
type TellPart = NonNullable<Person['account']>;

export type PartFields = { role: Role | null; grants: Grant[]; templates: string[]; hiddenPages: Page[] };
export type PlaceFields = PartFields & { id: number };
export type AccessFields = {
  email: string;
  note: string;
  lifeDays: number | string;
  reach: Access['reach'];
  whole: PartFields;
  subaccounts: PlaceFields[];
};

/** Where somebody can be given something: by choice, in the one subaccount looked at, or in some of one's own. */
export type Places = 'any' | 'here' | 'chosen';

export function placesOf({ current }: Me): Places {
  if (current.reach === 'account') return 'any';
  return current.reach.length === 1 ? 'here' : 'chosen';
}

const noPart: PartFields = { role: null, grants: [], templates: [], hiddenPages: [] };

function fieldsOfPart(part: TellPart): PartFields {
  return {
    role: part.role as Role,
    grants: part.role === 'custom' ? ([...part.grants] as Grant[]) : [],
    templates: [...(part.templates ?? [])],
    hiddenPages: [...part.hiddenPages] as Page[],
  };
}

export function fieldsOf(access: Access | null, places: Places): AccessFields {
  const whole = places === 'here' ? (access?.subaccounts[0] ?? null) : (access?.account ?? null);
  return {
    email: '',
    note: '',
    lifeDays: 7,
    reach: access?.reach ?? (places === 'any' ? 'account' : 'subaccounts'),
    whole: whole === null ? noPart : fieldsOfPart(whole),
    subaccounts: (access?.subaccounts ?? []).map((part) => ({ id: part.id, ...fieldsOfPart(part) })),
  };
}

/** Whether a form asks for one part (of the account, or of the subaccount looked at) or for a list. */
export function isOnePart({ reach }: AccessFields, places: Places): boolean {
  return places === 'here' || (places === 'any' && reach === 'account');
}

type GivenPart = NonNullable<Input<'PATCH /users/{id}'>['body']>;

export function partBody({ role, grants, templates, hiddenPages }: PartFields): GivenPart {
  const isLimited = role !== 'owner';
  return {
    ...(role === null ? {} : { role }),
    grants: role === 'custom' ? grants : null,
    templates: isLimited && templates.length > 0 ? templates : null,
    hiddenPages: isLimited ? hiddenPages : [],
  };
}

export function listBody({ subaccounts }: AccessFields): Input<'PUT /users/{id}/subaccounts'>['body'] {
  return { subaccounts: subaccounts.map(({ id, ...part }) => ({ id, ...partBody(part) })) };
}

type Held = { readonly grants: readonly string[]; readonly templates: readonly string[] | null };

/** A subaccount of null is the whole account. */
function holding({ grants, templates }: Held, id: number | null): Power[number] {
  return {
    subaccountId: id as SubaccountId | null,
    grants: new Set(grants as readonly Grant[]),
    templates,
  };
}

export function powerOfMe(me: Me): Power {
  const { reach } = me.current;
  if (reach === 'account') return [holding(me.current, null)];
  const [only] = reach;
  if (reach.length === 1 && only !== undefined) return [holding(me.current, only)];
  return (accountIn(me)?.subaccounts ?? []).map((part) => holding(part, part.id));
}

function powerOfAccess({ account, subaccounts }: Access): Power {
  return [
    ...(account === null ? [] : [holding(account, null)]),
    ...subaccounts.map((part) => holding(part, part.id)),
  ];
}

/** Null when the person may be changed by who is looking. */
export function whyNotBelow(me: Me, access: Access): string | null {
  return isBelow(powerOfAccess(access), powerOfMe(me))
    ? null
    : 'They can do as much here as you, or more; nobody changes an equal or higher one.';
}

/** What the rules say against a role in a place; null when it may be given there. */
export function roleProblem(power: Power, role: Role, part: PartFields, place: number | null): string | null {
  const reached: Reached =
    place === null
      ? { reach: 'account', subaccountId: 0 as SubaccountId }
      : { reach: 'subaccount', subaccountId: place as SubaccountId };
  const wanted: Part & Reached = {
    role,
    grants: role === 'custom' ? [] : null,
    templates: role === 'owner' || part.templates.length === 0 ? null : part.templates,
    hiddenPages: role === 'owner' ? [] : part.hiddenPages,
    ...reached,
  };
  return partProblem(power, wanted)?.message ?? null;
}

/** Whether who is looking holds a grant in a place, and so may give it there. */
export function isHeld(power: Power, grant: Grant, place: number | null): boolean {
  return power.some(
    ({ subaccountId, grants }) => (subaccountId === null || subaccountId === place) && grants.has(grant),
  );
}
