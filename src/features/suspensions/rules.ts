/** What a suspension covers, and who may lift it: pure. */

export const suspensionKinds = ['site', 'domain', 'pool', 'tag'] as const;
export type SuspensionKind = (typeof suspensionKinds)[number];
export type SuspensionAuthority = 'operator' | 'parent' | 'subaccount';

export type Suspension = {
  readonly id: string;
  readonly accountId: number;
  readonly authority: SuspensionAuthority;
  /** Of this subaccount only; null for the whole account. */
  readonly forSubaccount: number | null;
  readonly kind: SuspensionKind;
  /** Site, recipient domain (A-label), pool id or tag. */
  readonly value: string;
  readonly reason: string;
  /** Who set it, as the audit names actors. */
  readonly setBy: string;
  readonly until: Date | null;
  readonly createdAt: Date;
};

/** A message as far as suspensions ask; `poolId` is the one that counts now, `site` null before it is known. */
export type Covered = {
  readonly subaccountId: number;
  readonly domain: string;
  readonly poolId: string | null;
  readonly tags: readonly string[];
  readonly site: string | null;
};

export function covers(suspension: Suspension, message: Covered, now: number): boolean {
  const { forSubaccount, until, kind, value } = suspension;
  if (forSubaccount !== null && forSubaccount !== message.subaccountId) return false;
  if (until !== null && until.getTime() <= now) return false;
  switch (kind) {
    case 'site':
      return message.site === value;
    case 'domain':
      return message.domain === value;
    case 'pool':
      return message.poolId === value;
    case 'tag':
      return message.tags.includes(value);
  }
}

const rank: Record<SuspensionAuthority, number> = { subaccount: 0, parent: 1, operator: 2 };

/** Each authority lifts its own and those below it. */
export function mayLift(by: SuspensionAuthority, of: SuspensionAuthority): boolean {
  return rank[by] >= rank[of];
}

/** What is held expires so long after the suspension's end, or after it was held when there is none. */
export const heldMaxMs = 72 * 3_600_000;

/** When held mail expires if nobody lets it go. */
export function holdUntil({ until }: Suspension, now: number): number {
  return Math.max(until?.getTime() ?? now, now) + heldMaxMs;
}
