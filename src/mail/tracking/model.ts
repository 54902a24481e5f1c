/** What tracking puts into a message. */

export type TrackingWishes = {
  /** A pixel at the end of the HTML. */
  readonly opens: boolean;
  /** A pixel at its beginning, for mail that is cut off or closed early. */
  readonly initialOpens: boolean;
  /** Links in HTML. */
  readonly clicks: boolean;
  /** Links in text. */
  readonly textClicks: boolean;
  /** Links that are marked to lead to the unsubscribe page. */
  readonly unsubscribe: boolean;
  /** Clicks are told without the query of where they lead. */
  readonly hidesQuery?: true;
};

export type Slot =
  | { readonly kind: 'click'; readonly tail: string }
  | { readonly kind: 'open' | 'initial_open' }
  | { readonly kind: 'unsubscribe' };

/** How what is put in is written: as it is, or with soft line breaks around it. */
export type Form = 'plain' | 'quoted-printable';

/** What a copy is put together from. */
export type Piece =
  | { readonly kind: 'fixed'; readonly bytes: Buffer }
  | {
      readonly kind: 'slot';
      readonly slot: Slot;
      readonly form: Form;
      readonly breaks: readonly [boolean, boolean];
    }
  | {
      readonly kind: 'encoded';
      readonly encoding: 'base64' | 'quoted-printable';
      readonly endsLine: boolean;
      readonly pieces: readonly Piece[];
    };

/** Without pieces there is nothing to be put in. */
export type Plan = { readonly header: Buffer; readonly pieces: readonly Piece[] };
