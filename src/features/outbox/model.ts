import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** Plain paragraphs become a text and an HTML part; an own `html` (a tenant's design) replaces the latter. */
export type NoticeContent = {
  readonly paragraphs: readonly string[];
  /** One button; its address also stands in the text. */
  readonly action?: { readonly label: string; readonly url: string };
  readonly html?: string;
  readonly replyTo?: string;
  /** Shown as the sender's name instead of the installation's. */
  readonly fromName?: string;
};

export type Notice = {
  readonly id: string;
  /** On whose behalf; the mail itself belongs to the installation. */
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly recipient: string;
  readonly subject: string;
  readonly content: NoticeContent;
};

/** Why a tenant had us write to an address of its choosing. */
export type AskedPurpose =
  | 'domain_instructions'
  | 'domain_proof'
  | 'sender_proof'
  | 'report_link'
  | 'export_ready';
