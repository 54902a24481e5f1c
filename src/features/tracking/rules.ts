/** Which tracking domain a message gets, and what of it is tracked: pure. */
import type { Switches, Tracked, TrackingDomain, TrackingSource, TrackingWish } from './model.ts';

/**
 * The name that the CNAME must point at. The owner's token is part of it: a CNAME stands alone at its name (RFC 1034
 * 3.6.2), so no other record there could carry one. The operator publishes `*.track` under the mail domain.
 */
export function cnameTarget(ownerToken: string, mailDomain: string): string {
  return `${ownerToken}.track.${mailDomain}`;
}

/** As much of a tracking domain as says whether and how it is used. */
type Host = Pick<TrackingDomain, 'name' | 'state' | 'isSecure'>;

export type TrackingCandidates<Domain extends Host = TrackingDomain> = {
  /** Of the sending domain that signs the message. */
  readonly linked: Domain | null;
  readonly subaccountDefault: Domain | null;
  readonly accountDefault: Domain | null;
  /** LETTERSHOP_TRACKING_URL. */
  readonly installationUrl: string | null;
};

export type TrackingChoice<Domain extends Host = TrackingDomain> = {
  readonly source: TrackingSource;
  /** Without a path or a slash at its end. */
  readonly url: string;
  readonly trackingDomain: Domain | null;
};

/** The first of them that is proven; null when there is none at all. */
export function chooseTracking<Domain extends Host>(
  candidates: TrackingCandidates<Domain>,
): TrackingChoice<Domain> | null {
  const { linked, subaccountDefault, accountDefault, installationUrl } = candidates;
  const ordered: readonly (readonly [TrackingSource, Domain | null])[] = [
    ['sending_domain', linked],
    ['subaccount', subaccountDefault],
    ['account', accountDefault],
  ];
  for (const [source, trackingDomain] of ordered) {
    if (trackingDomain?.state !== 'proven') continue;
    return { source, url: urlOf(trackingDomain), trackingDomain };
  }
  if (installationUrl === null) return null;
  return { source: 'installation', url: installationUrl.replace(/\/+$/, ''), trackingDomain: null };
}

/** Of a host, without a path. */
export function urlOf({ name, isSecure }: Pick<Host, 'name' | 'isSecure'>): string {
  return `${isSecure ? 'https' : 'http'}://${name}`;
}

export const allOff: Switches = { opens: false, initialOpens: false, clicks: false, textClicks: false };

/** The call's word goes before the switches; mail in bulk says how to unsubscribe unless the call says no. Null for nothing. */
export function trackedFor(switches: Switches, wish: TrackingWish, isBulk: boolean): Tracked | null {
  const tracked: Tracked = {
    opens: wish.opens ?? switches.opens,
    initialOpens: wish.initialOpens ?? switches.initialOpens,
    clicks: wish.clicks ?? switches.clicks,
    textClicks: wish.textClicks ?? switches.textClicks,
    unsubscribe: wish.unsubscribe ?? isBulk,
  };
  if (!Object.values(tracked).some(Boolean)) return null;
  return wish.hidesQuery === true ? { ...tracked, hidesQuery: true } : tracked;
}

const words = {
  opens: 'opens',
  'initial-opens': 'initialOpens',
  clicks: 'clicks',
  'text-clicks': 'textClicks',
} as const satisfies Record<string, keyof Switches>;

/** `X-Lettershop-Track: opens, clicks`: these and no others; `none`. Null for a word that is none of them. */
export function readTrackHeader(value: string): TrackingWish | null {
  const said = value
    .toLowerCase()
    .split(',')
    .map((each) => each.trim());
  if (said.length === 1 && said[0] === 'none') return allOff;
  if (!said.every((each) => Object.hasOwn(words, each))) return null;
  return { ...allOff, ...Object.fromEntries(said.map((each) => [words[each as keyof typeof words], true])) };
}

/** `X-Lettershop-Unsubscribe: yes`. */
export function readUnsubscribeHeader(value: string): boolean | null {
  const said = value.trim().toLowerCase();
  return said === 'yes' ? true : said === 'no' ? false : null;
}
