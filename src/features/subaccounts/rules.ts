/** What a status allows: the one table (design, section 4). Everything asks it; it governs accounts as well. */

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

export const acceptingStatuses: readonly SubaccountStatus[] = subaccountStatuses.filter(
  (status) => capabilities[status].accepts,
);
export const leavingStatuses: readonly SubaccountStatus[] = subaccountStatuses.filter(
  (status) => capabilities[status].leaves === 'yes',
);

/** Statuses that the parent sets by hand; the others come with features of their own. */
export const settableStatuses = ['active', 'paused', 'suspended', 'terminated', 'deactivated'] as const;
export type SettableStatus = (typeof settableStatuses)[number];

/** Null when the change is allowed, else why not. */
export function statusProblem(from: SubaccountStatus, to: SettableStatus, isOwn: boolean): string | null {
  if (from === 'retired' || from === 'deleted') return `a ${from} subaccount does not change`;
  if (isOwn && to !== 'active' && to !== 'paused')
    return "the account's own subaccount can only be active or paused";
  return null;
}
