type Figures = {
  readonly accepted: number;
  readonly delivered: number;
  readonly deliveredFirst: number;
  readonly bounced: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  readonly deferred: Readonly<Record<string, number>>;
  readonly delayed: number;
  readonly bouncedLaterBy: Readonly<Record<string, number>>;
  readonly clicked: number;
  readonly openers: number;
  readonly opened: number;
  readonly openedByMachines: number;
  readonly cohorts: Readonly<Record<string, number>>;
  readonly rates: Readonly<Record<string, number | null>>;
  readonly deliveryMs: { readonly p50: number; readonly p99: number } | null;
};
/** What `GET /figures` answers, as far as it is looked at here. */
export type FigureAnswer = {
  readonly counted: string;
  readonly total: Figures;
  readonly previous: { readonly total: Figures } | null;
  readonly items: readonly {
    readonly at: string | null;
    readonly value: string | null;
    readonly isOther: boolean;
    readonly and: { readonly value: string | null } | null;
    readonly figures: Figures;
    readonly previous: Figures | null;
  }[];
};
