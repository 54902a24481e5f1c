/** A DMARC aggregate report (RFC 9990; before it RFC 7489 appendix C) as far as anything is made of it. */

export type Disposition = 'none' | 'quarantine' | 'reject';
export type Alignment = 'pass' | 'fail';

export type AggregateRow = {
  /** Of the host that brought the mail, in the one form that ipaddr.js prints. */
  readonly source: string;
  readonly headerFrom: string;
  readonly disposition: Disposition;
  readonly dkim: Alignment;
  readonly spf: Alignment;
  readonly messages: number;
};

export type AggregateReport = {
  /** The organization that reports, and its id of this report. */
  readonly reporter: string;
  readonly reference: string;
  /** Milliseconds. */
  readonly beginsAt: number;
  readonly endsAt: number;
  /** Where the policy was found: lower case, without a dot at the end. */
  readonly domain: string;
  readonly policy: Disposition;
  /** One per source, From domain and result; at least one. */
  readonly rows: readonly AggregateRow[];
};

export type AggregateRead =
  | { readonly ok: true; readonly report: AggregateReport }
  | { readonly ok: false; readonly why: string };
