import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Bounds } from '../../base/scope.ts';
import type { LinkParameters } from '../../mail/writing/index.ts';
import type { HoldReason, Lane } from '../queue/index.ts';
import type { Told } from '../suppressions/index.ts';
import type { TemplateWish } from '../templates/index.ts';
import type { MailLane, Switches, Tracked, TrackingWish } from '../tracking/index.ts';

export type MessageState =
  | 'queued'
  | 'held'
  | 'deferred'
  | 'delivered'
  | 'bounced'
  | 'expired'
  | 'cancelled'
  | 'suppressed'
  | 'rejected'
  | 'failed'
  | 'undetermined';

export const messageStates = [
  'queued',
  'held',
  'deferred',
  'delivered',
  'bounced',
  'expired',
  'cancelled',
  'suppressed',
  'rejected',
  'failed',
  'undetermined',
] as const satisfies readonly MessageState[];

/** How a submission is to be treated after the call, stored with it: set by the door, so that no feature asks which. */
export type Terms = {
  /** When nobody can know whether a copy was delivered (its final dot was sent, the answer never came). */
  readonly unknownOutcome: 'rather_twice' | 'rather_not';
  /** Over quota: wait in the account's backlog and leave when the window turns, or refuse the call. */
  readonly overQuota: 'hold' | 'refuse';
};

export const defaultTerms: Terms = { unknownOutcome: 'rather_twice', overQuota: 'hold' };

/** An archive copy is an exact one of that of the first recipient, its links included. */
export type RecipientKind = 'to' | 'cc' | 'bcc' | 'archive';

/** DSN parameters of RFC 3461, kept from SMTP for hops that offer DSN. */
export type DsnRequest = {
  readonly notify?: readonly string[];
  readonly orcpt?: string;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
};

/** What is stored with a copy besides its address; null in the store when all of it is absent. */
export type CopyData = {
  /** The To field of this copy when each recipient gets a mail of their own. */
  readonly to?: string;
  /** The address in its From field, and the domain that signs for it, where they are not those of the submission. */
  readonly from?: string;
  readonly domainId?: string;
  /** By which domain its bounces come back, where the submission says another one. */
  readonly bounceDomainId?: string;
  /** Merge data for the submission's Liquid. */
  readonly merge?: Readonly<Record<string, unknown>>;
  readonly dsn?: DsnRequest;
  readonly kind?: RecipientKind;
  /** A Bcc field that only this copy has (RFC 5322 3.6.3). */
  readonly bcc?: string;
  /** Whose links this copy has. */
  readonly linksOf?: { readonly id: string; readonly recipient: string };
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Besides those of the submission. */
  readonly tags?: readonly string[];
  /** Its sender would rather have it delivered than kept from who listens: no transport policy holds it (RFC 8689 5). */
  readonly isTlsOptional?: true;
  /** It leaves only to a proven host that offers REQUIRETLS (RFC 8689 4.2.1). Never with the other one. */
  readonly isTlsRequired?: true;
};

export type Copy = {
  readonly address: string;
  readonly domain: string;
  readonly data: CopyData | null;
  /** Why it could not be made of its template, when that was tried at accept: it ends as failed. */
  readonly fault?: string;
};

type MailboxInput = { readonly email: string; readonly name?: string };

/** What a submission is made of once more when its time has come. */
export type LateTemplate = {
  readonly template: TemplateWish;
  /** Who sent it saw the whole account. */
  readonly reachesAccount: boolean;
  /** What its credential was narrowed to. */
  readonly bounds: Pick<Bounds, 'templates' | 'domain'>;
  /** What the call said itself, beside what the template has as defaults. */
  readonly call: {
    readonly lane: 'transactional' | 'bulk';
    readonly from?: MailboxInput;
    readonly replyTo?: readonly MailboxInput[];
    readonly shownCc?: readonly MailboxInput[];
    readonly headers?: Readonly<Record<string, string>>;
    readonly fieldsInLanguage?: boolean;
    readonly inlineCss?: boolean;
    readonly autoText?: boolean;
    readonly autoHtml?: boolean;
    readonly linkParameters?: LinkParameters;
    readonly tracking?: TrackingWish;
    readonly defaultTracking?: Partial<Switches>;
  };
};

/** Shared facts of a submission that later readers need without its content. */
export type SubmissionOptions = {
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly terms: Terms;
  /** The pool that the call named; null leaves it to the subaccount. */
  readonly poolId: string | null;
  readonly needs: { readonly eightBit: boolean; readonly smtputf8: boolean; readonly requireTls: boolean };
  /** What several submissions belong to, in the caller's words. */
  readonly campaign?: string;
  readonly templateId?: string;
  /** As its holder called it then. */
  readonly templateSlug?: string;
  /** RFC 3339: when it was asked to leave, if not at once. */
  readonly sendAt?: string;
  /** Left out when nothing is. */
  readonly tracked?: Tracked;
  /** Shown to nobody but its recipients. */
  readonly hidesContent?: true;
  /** Its template is resolved when its time has come: `late` of its parts says how. */
  readonly hasLateTemplate?: true;
  /** Some copies are from another address than the first: `from` of their data. */
  readonly hasOwnFroms?: true;
  /** Some copies have tags that the others have not: `tags` of their data. */
  readonly hasOwnTags?: true;
  /** Left out of mail of before this was kept. */
  readonly lane?: MailLane;
  /** Copies say where complaints about them go (RFC 9477). */
  readonly hasFeedbackHeaders?: true;
  /** By which domain bounces come back; left out: by the one that its mail is from. */
  readonly bounceDomainId?: string;
};

/** Why mail is taken and not sent: for doors whose clients want to hear of it later. */
export type Rejection = {
  readonly reason: 'unknown-subaccount';
  /** What the caller named. */
  readonly named: string;
};

/** One call, checked and ready to be stored: everything about it that needs no database has been done. */
export type Submission = {
  /** Of those whose Message-ID names them; else made when it is stored. */
  readonly id?: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly keyId: string;
  readonly door: string;
  readonly format: 'raw' | 'parts';
  /** Envelope sender as the caller gave it; what leaves is the return path of the domain. */
  readonly mailFrom: string;
  readonly fromAddress: string;
  readonly domainId: string;
  readonly subject: string;
  readonly options: SubmissionOptions;
  readonly content: Buffer;
  readonly lane: Lane;
  /** Milliseconds; null leaves at once. */
  readonly sendAt: number | null;
  readonly copies: readonly Copy[];
  readonly idempotency: { readonly keyHash: Buffer; readonly fingerprint: Buffer } | null;
  /** None of it is sent. */
  readonly rejection: Rejection | null;
};

export type CopyOutcome = {
  readonly id: string;
  readonly to: string;
  readonly state: MessageState;
  readonly why?: {
    readonly code: string;
    readonly until?: string;
    readonly layer?: string;
    /** Of a suppression, when it stands on the subaccount's own list. */
    readonly kind?: string;
    /** Of a copy that could not be made of its template: part, line, column and what is wrong. */
    readonly detail?: string;
  };
};

export type Accepted = { readonly id: string; readonly messages: readonly CopyOutcome[] };

/** What accepting decided for one copy, before it is stored. */
export type CopyPlan = {
  readonly id: string;
  readonly copy: Copy;
  readonly state: MessageState;
  readonly hold: { readonly reason: HoldReason; readonly until: number } | null;
  readonly suppression: Told | null;
  readonly fault: string | null;
  readonly rejection: Rejection | null;
};
