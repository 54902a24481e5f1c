import type { Claim } from '../claims/index.ts';
import type { ShareLevel } from '../domains/index.ts';

export type TrackingDomain = Claim & {
  readonly share: ShareLevel;
  readonly isDefault: boolean;
  /** Its links begin with https. */
  readonly isSecure: boolean;
};

/** Where a tracking domain came from, in the order in which they are asked. */
export type TrackingSource = 'sending_domain' | 'subaccount' | 'account' | 'installation';

/** What of a message is tracked. */
export type Switches = {
  /** A pixel at the end of the HTML. */
  readonly opens: boolean;
  /** A pixel at its beginning: of mail that is cut off or closed early, too. */
  readonly initialOpens: boolean;
  /** Links in HTML. */
  readonly clicks: boolean;
  /** Links in text. */
  readonly textClicks: boolean;
};

/** Null: as the next wider one says. */
export type SwitchWords = { readonly [name in keyof Switches]: boolean | null };

export type MailLane = 'transactional' | 'bulk';

/** How mail comes. */
export type MailDoor = 'http' | 'smtp';

/** What a sending domain, a subaccount or the account says of mail whose call does not. */
export type DefaultWords = SwitchWords & {
  /** Of mail by SMTP, where that differs; null: as of all mail. */
  readonly smtp: SwitchWords;
  /** Transactional mail says how to unsubscribe, as mail in bulk does. */
  readonly transactionalUnsubscribe: boolean | null;
  /** Null for a sending domain. */
  readonly lane: MailLane | null;
};

/** What mail without a word of its own gets; the switches are those of mail by HTTP. */
export type SendingDefaults = Switches & {
  readonly smtp: Switches;
  readonly transactionalUnsubscribe: boolean;
  readonly lane: MailLane;
};

/** What of one submission is tracked, as it was at accept. */
export type Tracked = Switches & {
  /** Its copies say how to unsubscribe (RFC 2369, RFC 8058). */
  readonly unsubscribe: boolean;
  /** Left out of mail in bulk: who unsubscribes by it wants no such mail either. */
  readonly isTransactional?: true;
  /** Clicks are told without the query of where they lead. */
  readonly hidesQuery?: true;
  /** Where its links lead, if the call said it; without a path. */
  readonly url?: string;
};

/** What a call says of its mail. */
export type TrackingWish = { readonly [name in keyof Switches | 'unsubscribe' | 'hidesQuery']?: boolean } & {
  /** The name of a proven tracking domain, instead of the one that the sending domain has. */
  readonly domain?: string;
};
