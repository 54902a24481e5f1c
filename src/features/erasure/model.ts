import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** One person's address being taken out of everything of an account, or of one subaccount. */
export type Erasure = {
  readonly id: string;
  readonly accountId: AccountId;
  /** Who asked: the account as its own subaccount, or the subaccount. */
  readonly subaccountId: SubaccountId;
  readonly reach: 'account' | 'subaccount';
  readonly state: 'waiting' | 'running' | 'done';
  /** Rows by what they were; never an address. */
  readonly counts: Counts;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
};

export type Counts = Readonly<Record<string, number>>;

/** Where the job goes on: in which step, after which row. */
export type Progress = {
  readonly step: number;
  readonly subaccountId: number;
  readonly key: string;
  /** Milliseconds: not before then; 0 at once. */
  readonly notBefore: number;
};

/** A job in the hands of this transaction. */
export type Job = Erasure & { readonly sealedAddress: Buffer; readonly progress: Progress };
