import type { AccountId, Actor, Scope, SubaccountId } from '../../base/scope.ts';

export const doors = ['http', 'smtp'] as const;

/** An answered request of the HTTP door; whoever made it was let in, even if the request was refused. */
export type SeenRequest = {
  readonly scope: Scope;
  readonly requestId: string;
  readonly method: string;
  /** `/api/v1/messages/:id` */
  readonly pattern: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly status: number;
  readonly ms: number;
  readonly remoteAddress: string;
  readonly userAgent: string;
  /** Parsed JSON; undefined without a body, or when it could not be read. */
  readonly body: unknown;
  readonly reply: SeenReply;
};

export type SeenReply = {
  readonly contentType: string;
  /** Null for a stream. */
  readonly sizeBytes: number | null;
  /** Of JSON replies; null for all others. */
  readonly json: string | Buffer | null;
};

/** A mail transaction of the SMTP door that was answered: at MAIL FROM when it ended there, else after the message. */
export type SeenSubmission = {
  readonly scope: Scope;
  readonly requestId: string;
  readonly mailFrom: string;
  readonly recipients: number;
  readonly reply: SmtpReply;
  readonly ms: number;
  readonly remoteAddress: string;
  readonly helo: string;
  /** Of the message, its header block first; empty when none came. */
  readonly bytes: Buffer;
};

/** A login of the SMTP door that failed; whose it was is found by the name or by the hash of the secret. */
export type SeenLogin = {
  readonly requestId: string;
  readonly user: string;
  readonly secretHash: Buffer;
  readonly reply: SmtpReply;
  readonly ms: number;
  readonly remoteAddress: string;
};

type SmtpReply = { readonly code: number; readonly enhanced: string | null; readonly text: string };

export type NewLog = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly reach: 'account' | 'subaccount';
  readonly at: Date;
  readonly requestId: string;
  readonly door: (typeof doors)[number];
  readonly method: string;
  readonly pattern: string;
  readonly path: string;
  readonly status: number;
  readonly actor: Actor;
  readonly remoteAddress: string;
  readonly userAgent: string;
  readonly ms: number;
  readonly request: string;
  readonly response: string;
};

/** Without the bodies, as lists show it. */
export type LogRow = Omit<NewLog, 'request' | 'response' | 'accountId' | 'reach'> & { readonly id: string };
export type WholeLogRow = LogRow & Pick<NewLog, 'request' | 'response'>;
