import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** Whose list: the sending subaccount's, its account's (for all its subaccounts), the operator's for everybody. */
export const layers = ['subaccount', 'account', 'installation'] as const;
export type Layer = (typeof layers)[number];

/** In the order in which a hit is told. `pattern` is a glob (`*@example.com`); `allow` beats bounces. */
export const kinds = [
  'complaint',
  'unsubscribe',
  'hard_bounce',
  'manual',
  'on_hold',
  'pattern',
  'allow',
] as const;
export type Kind = (typeof kinds)[number];

/** An entry as look-ups see it. */
export type Entry = {
  readonly layer: Layer;
  readonly kind: Kind;
  readonly stopsTransactional: boolean;
  readonly stopsBulk: boolean;
  /** The list whose mail alone it stops, in its compared form; empty: all mail. */
  readonly onlyList: string;
  /** The From address whose mail alone it stops, in its compared form; empty: all mail. */
  readonly onlySender: string;
};

/** Why an address is not written to. */
export type Hit = { readonly layer: Layer; readonly kind: Exclude<Kind, 'allow'> };

/** As much of a hit as the message's subaccount may know. */
export type Told = { readonly layer: Layer; readonly kind?: Hit['kind'] };

export type Asked = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly addresses: readonly string[];
  /** 0 transactional, 1 bulk. */
  readonly lane: 0 | 1;
};

/** What entries may be bound to; null: not known, or none. */
export type MailOf = {
  /** As its List-Id says, in its compared form. */
  readonly list: string | null;
  /** Its From address, in any case. */
  readonly sender: string | null;
};

/** Entries of one address, of which some are bound to lists or senders. */
export type Bound = {
  readonly lane: 0 | 1;
  readonly entries: readonly Entry[];
  /** Some are bound to a list: then it must be known of which the mail is. */
  readonly hasLists: boolean;
};

/** By address, as it was given. */
export type Hits = {
  /** Of mail that no bound entry is about. */
  readonly all: ReadonlyMap<string, Hit>;
  /** Where it depends on the mail. */
  readonly bound: ReadonlyMap<string, Bound>;
};

export type LookUp = (asked: Asked) => Promise<Hits>;

/** What somebody puts on a list. `address` is checked and in lower case; with `pattern` it is a glob. */
export type NewEntry = {
  readonly address: string;
  readonly kind: Kind;
  readonly stopsTransactional: boolean;
  readonly stopsBulk: boolean;
  readonly expiresAt: Date | null;
  readonly reason: string;
  readonly sender: string;
  readonly list: string;
  readonly onlyList: string;
  readonly onlySender: string;
  /** When it came to be elsewhere; null for now. */
  readonly createdAt: Date | null;
};

/** `api`, `import`, `operator`: somebody's hand; the others come by themselves. */
export type Source = 'api' | 'import' | 'operator' | 'delivery' | 'report' | 'link' | 'capture' | 'erasure';

export type Suppression = Omit<NewEntry, 'createdAt' | 'address'> & {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly layer: Layer;
  /** Null: the person was erased, only a keyed hash is left. */
  readonly address: string | null;
  readonly source: string;
  readonly messageId: string | null;
  /** What put or renewed it; a change by hand is none. */
  readonly lastEventAt: Date;
  /** How often it was renewed after its end; each doubled the time for which it stands. */
  readonly renewals: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** Which mail an unsubscribe stops: of every sender, or of the one that it came from. */
export const unsubscribeReaches = ['every_sender', 'one_sender'] as const;
export type UnsubscribeReach = (typeof unsubscribeReaches)[number];

/** Hours for which entries of a cause stand after their last event; 0: they stay. */
export type SuppressionSettings = {
  readonly hardBounceHours: number;
  /** At least 1. */
  readonly softBounceHours: number;
  readonly complaintHours: number;
  readonly unsubscribeHours: number;
  readonly unsubscribeHoldsFor: UnsubscribeReach;
};

/** What an account or subaccount says; null: as the next wider one does. */
export type SettingWords = { readonly [Name in keyof SuppressionSettings]: SuppressionSettings[Name] | null };

/** Where entries of a layer lie. */
export type Owner = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly layer: Layer;
};

export type Fault = { readonly field: string; readonly rule: string; readonly message: string };

/** What is wrong with a line of an import: its number from 1, the field and the rule; never the value. */
export type BadLine = Fault & { readonly line: number };

export type ImportFormat = 'csv' | 'ndjson';

export type ImportReport = {
  readonly id: string;
  readonly subaccountId: SubaccountId;
  readonly layer: Layer;
  readonly format: ImportFormat;
  /** `cut`: the body or the program ended early; what was read until then is stored. */
  readonly state: 'running' | 'finished' | 'cut';
  readonly read: number;
  readonly added: number;
  readonly changed: number;
  readonly bad: number;
  /** The first thousand. */
  readonly badLines: readonly BadLine[];
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
};
