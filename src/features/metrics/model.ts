import type { AccountId, SubaccountId } from '../../base/scope.ts';

/** What figures can be asked by and filtered by, besides the subaccount. */
export const dimensions = [
  'sendingDomain',
  'senderAddress',
  'recipientDomain',
  'site',
  'pool',
  'source',
  'tag',
  'template',
  'campaign',
  'reason',
  'link',
  'attempt',
  'subject',
] as const;
export type Dimension = (typeof dimensions)[number];

/** Follow from a dimension: nothing is counted by them. */
export const derivedDimensions = ['region'] as const;
export type Derived = (typeof derivedDimensions)[number];

/** The values of a series by dimension; null: it has none. */
export type Values = {
  readonly sendingDomain: string | null;
  /** Of the From header, in lower case; null also in series from before it was counted. */
  readonly senderAddress: string | null;
  readonly recipientDomain: string | null;
  readonly site: string | null;
  readonly source: string | null;
  readonly pool: string | null;
  readonly template: string | null;
  readonly campaign: string | null;
  /** What a server answered to an attempt that failed, without what tells mails apart. */
  readonly reason: string | null;
  /** Name of a link that was followed. */
  readonly link: string | null;
  /** Number of the attempt that delivered. */
  readonly attempt: string | null;
  readonly subject: string | null;
  readonly tags: readonly string[];
};

/** Events of a batch that agree in all of this. */
export type Group = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  /** The beginning of the hour, UTC. */
  readonly hour: Date;
  readonly kind: string;
  readonly class: string;
  readonly wait: number;
  readonly isFirst: boolean;
  readonly values: Values;
  readonly n: number;
};

/** A group under the names that it is counted by. */
export type Named = Group & { readonly folded: readonly Dimension[] };
