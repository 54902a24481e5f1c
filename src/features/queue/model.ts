import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** 0 leaves ahead of 1. */
export const lanes = { transactional: 0, bulk: 1 } as const;
export type Lane = (typeof lanes)[keyof typeof lanes];

/** `suspended`: by a suspension, which lets it go; `manual`: by a person or program, who does. */
export type HoldReason = 'scheduled' | 'paused' | 'quota' | 'review' | 'suspended' | 'manual';

/** A message in this node's hands: nobody else sends it until the node's term ends. Instants in milliseconds. */
export type LeasedMessage = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly messageId: string;
  readonly submissionId: string;
  readonly retentionDays: number;
  readonly lane: Lane;
  readonly recipient: string;
  /** Recipient domain as an A-label, stored at accept; the site is found at departure. */
  readonly domain: string;
  /** The pool that was named for it; '0' leaves it to the subaccount. */
  readonly poolId: string;
  readonly tags: readonly string[];
  /** Per-recipient data of the submission (merge data, DSN parameters), null when there is none. */
  readonly data: unknown;
  /** How many attempts came before this one. */
  readonly attempts: number;
  /** When it was last asked whether its recipient may be written to; 0: not since it was leased. */
  readonly checkedAt: number;
  /** The retry clock: when it began and how long it stood still. */
  readonly beganAt: number;
  readonly heldMs: number;
  /** Terms: when nobody can know whether it was delivered, rather not again. */
  readonly ratherNot: boolean;
  /** Bytes of content that it keeps in memory; 0 when it is read when it leaves. */
  readonly weightBytes: number;
};

export type QueueRow = {
  readonly subaccountId: SubaccountId;
  readonly messageId: string;
  readonly recipient: string;
  readonly lane: Lane;
  readonly domain: string;
  readonly dueAt: Date;
  readonly leasedBy: number | null;
  readonly hold: HoldReason | null;
  readonly holdUntil: Date | null;
  readonly attempts: number;
  readonly beganAt: Date;
  readonly heldMs: number;
  readonly lastSite: string | null;
  readonly poolId: string;
  readonly tags: readonly string[];
  /** The suspension; -1 a manual hold of the account or operator, -2 of the subaccount itself. */
  readonly heldBy: string | null;
};
