import type { Calls } from '../api/calls.ts';
import type { IconName } from '../parts/icons.ts';

export const groups = ['', 'Sending', 'Receiving', 'Set up', 'Watch', 'Account'] as const;

export type PageAbout = {
  readonly name: string;
  /** Parameters as `$id`. */
  readonly path: string;
  readonly title: string;
  readonly reads: keyof Calls;
  /** Absent: no entry in the menu, reached from another page. */
  readonly menu?: { readonly group: (typeof groups)[number]; readonly icon: IconName };
  /** Only with the whole account in view, not through the lens of one subaccount. */
  readonly isOfAccount?: true;
  /** Which entry of the menu is lit on a page without one. */
  readonly under?: string;
};
