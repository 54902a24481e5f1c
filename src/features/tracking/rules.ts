/** Which tracking domain a message gets, and what mail gets that says nothing itself: pure. */
import type {
  DefaultWords,
  MailDoor,
  MailLane,
  SendingDefaults,
  Switches,
  SwitchWords,
  Tracked,
  TrackingDomain,
  TrackingSource,
  TrackingWish,
} from './model.ts';

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

/**
 * Who wants no openings told wants none at the beginning of the mail either, and who wants no clicks told none in text, unless
 * they say otherwise.
 */
function meant({ opens, initialOpens, clicks, textClicks }: Partial<SwitchWords>): SwitchWords {
  return {
    opens: opens ?? null,
    initialOpens: initialOpens ?? (opens === false ? false : null),
    clicks: clicks ?? null,
    textClicks: textClicks ?? (clicks === false ? false : null),
  };
}

/** What was said for one mail, beside the places. */
export type Said = {
  readonly door: MailDoor;
  /** Of the call, with its template's below its own. */
  readonly wish: TrackingWish;
  /** Where nobody says anything. */
  readonly otherwise: Partial<Switches>;
};

/**
 * The order in which a mail's defaults are asked. Call, template, then the places from the nearest to the widest (sending
 * domain, subaccount, account), at last the door; a place's words of SMTP go before those of all mail. Nothing said: off.
 */
export function switchesFor(places: readonly DefaultWords[], { door, wish, otherwise }: Said): Switches {
  const ofPlaces = places.flatMap((place) => (door === 'smtp' ? [place.smtp, place] : [place]));
  const said = [wish, ...ofPlaces, otherwise].map(meant);
  const first = (name: keyof Switches): boolean =>
    said.find((words) => words[name] !== null)?.[name] ?? false;
  return {
    opens: first('opens'),
    initialOpens: first('initialOpens'),
    clicks: first('clicks'),
    textClicks: first('textClicks'),
  };
}

/** Of a mail whose call and template name none. */
export function laneFor(places: readonly DefaultWords[], otherwise: MailLane): MailLane {
  return places.find(({ lane }) => lane !== null)?.lane ?? otherwise;
}

/** Whether transactional mail says how to unsubscribe that does not say whether. */
function hasUnsubscribe(places: readonly DefaultWords[]): boolean {
  return (
    places.find(({ transactionalUnsubscribe: word }) => word !== null)?.transactionalUnsubscribe ?? false
  );
}

/** What mail gets of which nobody else says anything: places from the nearest to the widest. */
export function defaultsFor(places: readonly DefaultWords[]): SendingDefaults {
  const ofDoor = (door: MailDoor): Switches => switchesFor(places, { door, wish: {}, otherwise: {} });
  return {
    ...ofDoor('http'),
    smtp: ofDoor('smtp'),
    transactionalUnsubscribe: hasUnsubscribe(places),
    lane: laneFor(places, 'transactional'),
  };
}

/** Mail in bulk says how to unsubscribe unless the call says no. Null for nothing at all. */
export function trackedFor(
  places: readonly DefaultWords[],
  said: Said & { readonly isBulk: boolean },
): Tracked | null {
  const { wish, isBulk } = said;
  const tracked: Tracked = {
    ...switchesFor(places, said),
    unsubscribe: wish.unsubscribe ?? (isBulk || hasUnsubscribe(places)),
  };
  if (!Object.values(tracked).some(Boolean)) return null;
  return {
    ...tracked,
    ...(isBulk ? {} : { isTransactional: true }),
    ...(wish.hidesQuery === true ? { hidesQuery: true } : {}),
  };
}

const allOff: Switches = { opens: false, initialOpens: false, clicks: false, textClicks: false };

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
