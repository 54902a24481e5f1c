import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { MessageRow } from '../messages/index.ts';
import type { Kind, Layer, Suppression } from '../suppressions/index.ts';

export const exportKinds = ['suppressions', 'messages'] as const;
export type ExportKind = (typeof exportKinds)[number];

export const exportForms = ['native', 'mandrill'] as const;
export type FormName = (typeof exportForms)[number];

export type ExportQuery = {
  /** Of suppressions: these only. */
  readonly kinds?: readonly Kind[];
  readonly layers?: readonly Layer[];
  /** Of messages: accepted in [from, until), RFC 3339. */
  readonly from?: string;
  readonly until?: string;
  /** With any of these. */
  readonly tags?: readonly string[];
  readonly senders?: readonly string[];
  /** In the words of the form. */
  readonly states?: readonly string[];
};

export type ExportState = 'waiting' | 'working' | 'complete' | 'failed' | 'expired';

export type ExportWish = {
  readonly kind: ExportKind;
  readonly form: FormName;
  readonly query: ExportQuery;
  readonly notify: string | null;
};

export type Export = ExportWish & {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly coversAccount: boolean;
  readonly state: Exclude<ExportState, 'expired'>;
  /** Where counting goes on; empty at its beginning. */
  readonly reached: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
  readonly attempts: number;
  readonly problem: string;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
};

/** What happened to a message but for openings and clicks, which are numbers. Machines do not count. */
export type History = {
  readonly opens: number;
  readonly clicks: number;
  /** Oldest first, at most a hundred. */
  readonly timeline: readonly {
    readonly at: string;
    readonly kind: string;
    readonly data: Readonly<Record<string, unknown>>;
  }[];
};

/** `subaccount`: its external id or number, null for the account's own. */
export type ExportedMessage = MessageRow & History & { readonly subaccount: string | null };
export type ExportedEntry = Suppression & { readonly subaccount: string | null };

/** `fields`: names of metadata that have a column of their own. */
type Sheet<Item> = {
  readonly fileName: (query: ExportQuery) => string;
  readonly header: (fields: readonly string[]) => readonly string[];
  readonly cells: (item: Item, fields: readonly string[]) => readonly string[];
};

/** How rows are worded: natively, or by a provider's dialect. */
export type ExportForm = {
  readonly suppressions: Sheet<ExportedEntry>;
  readonly messages: Sheet<ExportedMessage> & {
    readonly states: readonly string[];
    readonly stateOf: (message: ExportedMessage) => string;
  };
};

export type ExportForms = Readonly<Record<FormName, ExportForm>>;
