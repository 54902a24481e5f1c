import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';

export type Values = Readonly<Record<string, unknown>>;

export type ListNames = {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  /** The caller's own words about the list; nothing reads them. */
  readonly attributes: Values;
};

export type List = ListNames & {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type CountedList = List & { readonly recipients: number };

export type NewRecipient = {
  readonly address: string;
  /** Empty for none. */
  readonly name: string;
  readonly data: Values;
  readonly metadata: Values;
  readonly tags: readonly string[];
};

export type ListRecipient = NewRecipient & { readonly id: string; readonly createdAt: Date };

export type Fault = { readonly field: string; readonly rule: string; readonly message: string };
/** `line`: of a file, or the place in an array, from 1. */
export type BadLine = Fault & { readonly line: number };
/** A line's recipient, or what is wrong with it. */
export type ReadRecipient = { readonly line: number; readonly recipient: NewRecipient } | BadLine;

export type PutReport = {
  readonly read: number;
  readonly added: number;
  readonly changed: number;
  readonly bad: number;
  /** The first thousand. */
  readonly badLines: readonly BadLine[];
};

/** merge: others stay as they are; replace: they go. */
export const putModes = ['merge', 'replace'] as const;
export type PutMode = (typeof putModes)[number];

export const fileFormats = ['csv', 'ndjson'] as const;
export type FileFormat = (typeof fileFormats)[number];

/** What a call names: by id, or by slug as the subaccount that sends knows it. */
export type ListWish = { readonly id?: string; readonly slug?: string };

export type ListWorld = { readonly db: Database; readonly clock: Clock };
