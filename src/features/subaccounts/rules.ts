/**
 * What a tenant may do: a stage of life and one stop per authority (design, section 4). The strictest stop counts,
 * capability by capability; each authority lifts only its own. The database derives the same in generated columns
 * (migrations/0004-tenancy.sql); `rules.test.ts` compares the two over every combination.
 */

export const stages = ['active', 'pending_retirement', 'retired', 'deleted'] as const;
export type Stage = (typeof stages)[number];

export const stops = ['paused', 'suspended', 'terminated', 'deactivated'] as const;
export type Stop = (typeof stops)[number];

/** Who may stop a tenant: the operator of the installation, the system (reputation), the account it belongs to. */
export const authorities = ['operator', 'system', 'parent'] as const;
export type Authority = (typeof authorities)[number];

export const subaccountStatuses = [
  'active',
  'paused',
  'suspended',
  'terminated',
  'deactivated',
  'pending_retirement',
  'retired',
  'deleted',
] as const;
export type SubaccountStatus = (typeof subaccountStatuses)[number];

export type Capabilities = {
  /** Its keys and people read. */
  readonly reads: boolean;
  readonly changes: boolean;
  readonly accepts: boolean;
  /** Mail already accepted. */
  readonly leaves: 'yes' | 'waits' | 'dropped';
};

/** The one table. A paused tenant's new mail is held; of a retired or deleted one nothing leaves any more. */
export const capabilities: Readonly<Record<SubaccountStatus, Capabilities>> = {
  active: { reads: true, changes: true, accepts: true, leaves: 'yes' },
  paused: { reads: true, changes: true, accepts: true, leaves: 'waits' },
  suspended: { reads: true, changes: false, accepts: false, leaves: 'waits' },
  terminated: { reads: true, changes: false, accepts: false, leaves: 'waits' },
  deactivated: { reads: false, changes: false, accepts: false, leaves: 'yes' },
  pending_retirement: { reads: true, changes: true, accepts: true, leaves: 'yes' },
  retired: { reads: false, changes: false, accepts: false, leaves: 'dropped' },
  deleted: { reads: false, changes: false, accepts: false, leaves: 'dropped' },
};

/** What an account lets a subaccount do in the editor. */
export type Switches = {
  /** Its people get a mail about a bulk mailing a day after it. */
  readonly responseSummary: boolean;
  /** Templates with HTML of their own writing. */
  readonly ownHtml: boolean;
  /** Templates that begin with nothing, not as a copy. */
  readonly blankTemplate: boolean;
};

export type Stops = Readonly<Record<Authority, Stop | null>>;

/** What remains of everything that a stage and its stops allow. */
export function effective(stage: Stage, given: Stops): Capabilities {
  const all = [stage, ...authorities.map((authority) => given[authority])].filter(
    (status) => status !== null,
  );
  const found = all.map((status) => capabilities[status]);
  const leaves = found.some((each) => each.leaves === 'dropped')
    ? 'dropped'
    : found.some((each) => each.leaves === 'waits')
      ? 'waits'
      : 'yes';
  return {
    reads: found.every(({ reads }) => reads),
    changes: found.every(({ changes }) => changes),
    accepts: found.every(({ accepts }) => accepts),
    leaves,
  };
}

/** The one word for a stage and its stops: the strictest. */
export function statusOf(stage: Stage, given: Stops): SubaccountStatus {
  if (stage === 'retired' || stage === 'deleted') return stage;
  const strictest = stops.toReversed().find((stop) => authorities.some((each) => given[each] === stop));
  return strictest ?? stage;
}

/** What the parent may ask for by hand; `active` lifts the parent's own stop and nobody else's. */
export const settableStatuses = ['active', ...stops] as const;
export type SettableStatus = (typeof settableStatuses)[number];

/** Null when the change is allowed, else why not. */
export function statusProblem(stage: Stage, to: SettableStatus, isOwn: boolean): string | null {
  if (stage === 'retired' || stage === 'deleted') return `a ${stage} subaccount does not change`;
  if (isOwn && to !== 'active' && to !== 'paused')
    return "the account's own subaccount can only be active or paused";
  return null;
}

const dayMs = 86_400_000;
/** A retired subaccount can be brought back for so long; then everything of it is purged (Emma). */
export const purgeAfterMs = 30 * dayMs;

export type Profile = {
  readonly name?: string;
  readonly email?: string;
  readonly address1?: string;
  readonly address2?: string;
  readonly city?: string;
  /** State in the US, province elsewhere. */
  readonly region?: string;
  readonly postalCode?: string;
  /** ISO 3166-1, two letters. */
  readonly country?: string;
  readonly timeZone?: string;
};
