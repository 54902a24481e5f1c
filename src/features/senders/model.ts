import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** What the address's own domain tells receivers to do with mail that is not its own (DMARC). */
export type Policy = 'unknown' | 'missing' | 'none' | 'quarantine' | 'reject';

export type Sender = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly replyTo: { readonly email: string; readonly name: string | null } | null;
  /** In the tenant's words, for the confirmation mail. */
  readonly note: string;
  /** The sending domain that signs its mail; null: the installation's. */
  readonly domainId: string | null;
  readonly domainName: string | null;
  readonly state: 'unproven' | 'proven';
  readonly resends: number;
  readonly sentAt: Date;
  /** Of the link in the newest confirmation mail. */
  readonly expiresAt: Date;
  readonly provenAt: Date | null;
  readonly policy: Policy;
  readonly policyCheckedAt: Date | null;
  readonly createdAt: Date;
};

/** The confirmation mail: plain text with `{{placeholders}}`. */
export type Letter = { readonly subject: string; readonly body: string };
