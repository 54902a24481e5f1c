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

/** What figures may be asked by. */
export type By = Dimension | Derived | 'subaccount';

/** Hold together; each is one of the named values. */
export type Filters = Readonly<Partial<Record<Dimension | Derived, readonly string[]>>> & {
  readonly subaccount?: readonly number[];
};

/** `contains`: in any case. `is` and `contains` hold with one of the values, the others with none of them. */
export const tests = ['is', 'isNot', 'contains', 'containsNot'] as const;

export type Condition = {
  readonly of: By;
  readonly test: (typeof tests)[number];
  readonly values: readonly string[];
};

/** Clauses hold together; within one all of its conditions must, or any. */
export type Clause = { readonly holds: 'all' | 'any'; readonly conditions: readonly Condition[] };
export type Where = readonly Clause[];

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
  /** Of mail that was delivered, as it left. */
  readonly sizeBytes: number;
  /** Of what was timed, all together. */
  readonly waitedMs: number;
  /** How many were the first sign of their message. */
  readonly engaged: number;
};

/** A group under the names that it is counted by. */
export type Named = Group & { readonly folded: readonly Dimension[] };
