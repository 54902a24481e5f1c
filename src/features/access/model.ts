/** What doors hand in and get back. */
import type { AccountId, Scope } from '../../base/scope.ts';
import type { SmtpDialect } from './rules.ts';

/** As a door reads it from its request; null when there is none. */
export type Credential =
  | { readonly kind: 'bearer'; readonly secret: string }
  | { readonly kind: 'basic'; readonly user: string; readonly secret: string }
  | { readonly kind: 'session'; readonly token: string };

/** Of the subaccounts that are reached: only these, or all but these. */
export type Some = { readonly ids: readonly number[]; readonly isHidden: boolean };

/** A proven host of a brand, in lower case, and the account whose it is. */
export type BrandHost = { readonly name: string; readonly accountId: AccountId };

export type Facts = {
  readonly remoteAddress: string;
  readonly requestId: string;
  readonly subaccount?: string;
  /** Reads only: narrows what is seen, gives nothing. */
  readonly some?: Some;
  /** Of a person: for which of their accounts. A key is of one. */
  readonly account?: string;
  /** Where a person asks, if it is a host of a brand: sessions of it alone, and no other account of theirs. */
  readonly brandHost?: BrandHost;
};

export type SmtpAttempt = {
  readonly user: string;
  readonly secret: string;
  readonly remoteAddress: string;
  readonly requestId: string;
};

export type SmtpScope = {
  readonly scope: Scope;
  /** What the login names and nobody has, where the account takes such mail to reject it: the Scope is then the account's own. */
  readonly unknownSubaccount: string | null;
};

export type SmtpIdentity = SmtpScope & {
  readonly dialect: SmtpDialect;
  /** The Scope now, or as a subaccount that the message names; throws when the key is not valid any more. */
  readonly again: (requestId: string, subaccount?: string) => Promise<SmtpScope>;
};
