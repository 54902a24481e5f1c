/** What is to be put where in the text of one part. */
import type { Slot, TrackingWishes } from './model.ts';
import { decodeReferences, webTarget } from './references.ts';
import { clickLength, clickTail, nameBytesMax, targetBytesMax } from './token.ts';
import { findPlaces } from './html.ts';

export type Place = {
  /** What it replaces, as positions in the text; nothing for a pixel. */
  readonly start: number;
  readonly end: number;
  readonly slot: Slot;
  /** At most; of what will stand there. */
  readonly length: number;
};

export type PlaceWorld = {
  readonly wishes: TrackingWishes;
  /** Of the host that the links lead to. */
  readonly url: string;
  readonly charset: string;
};

/** Around a pixel's address. */
export const pixelFrame = [
  '<img src="',
  '" width="1" height="1" alt="" style="display:block;border:0">',
] as const;
const pixelLength = pixelFrame.join('').length + 60;
const unsubscribeLength = 500;

/** In order, none overlapping. */
export function htmlPlaces(html: string, world: PlaceWorld): readonly Place[] {
  const { wishes, url } = world;
  const found = findPlaces(html);
  const places: Place[] = [];
  const pixel = (at: number | null, kind: 'open' | 'initial_open'): void => {
    if (at !== null) places.push({ start: at, end: at, slot: { kind }, length: url.length + pixelLength });
  };
  if (wishes.initialOpens) pixel(found.top, 'initial_open');
  for (const { start, end, name, isUnsubscribe } of found.links) {
    if (isUnsubscribe) {
      if (wishes.unsubscribe && end > start)
        places.push({ start, end, slot: { kind: 'unsubscribe' }, length: url.length + unsubscribeLength });
    } else if (wishes.clicks) {
      const place = clickPlace(html, { start, end, name }, world, decodeReferences);
      if (place !== null) places.push(place);
    }
  }
  if (wishes.opens) pixel(found.bottom, 'open');
  return places.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

/** Signed text (RFC 9580) is left alone. */
export function textPlaces(text: string, world: PlaceWorld): readonly Place[] {
  if (text.includes('-----BEGIN PGP')) return [];
  const places: Place[] = [];
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'\u0080-\u00ff]+/gi)) {
    const start = match.index;
    // A URL with letters beyond ASCII ends we do not know where.
    if ((text.charCodeAt(start + match[0].length) || 0) >= 128) continue;
    const end = start + withoutPunctuation(match[0]).length;
    const place = clickPlace(text, { start, end, name: '' }, world, (value) => value);
    if (place !== null) places.push(place);
  }
  return places;
}

const openings: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** What ends the sentence or closes the bracket around a URL is not of it. */
function withoutPunctuation(url: string): string {
  let end = url.length;
  /** Of each kind as many more closed than opened, in what is left. */
  const closed = new Map<string, number>();
  for (; end > 0; end--) {
    const last = url[end - 1] ?? '';
    const open = openings[last];
    if (open === undefined) {
      if (!'.,;:!?*_~'.includes(last)) break;
      continue;
    }
    const more = closed.get(last) ?? count(url, last) - count(url, open);
    if (more <= 0) break;
    closed.set(last, more - 1);
  }
  return url.slice(0, end);
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

type Range = { readonly start: number; readonly end: number; readonly name: string };

function clickPlace(
  text: string,
  { start, end, name }: Range,
  { url, charset, wishes }: PlaceWorld,
  decode: (value: string) => string | null,
): Place | null {
  const value = decode(inCharset(text.slice(start, end), charset));
  const target = value === null ? null : webTarget(value);
  // One that unsubscribes stays what it is.
  if (target === null || target.length > targetBytesMax || target.startsWith(`${url}/u/`)) return null;
  const label = nameOf(decode(inCharset(name, charset)) ?? '');
  const tail = clickTail(target, label, wishes.hidesQuery);
  return { start, end, slot: { kind: 'click', tail }, length: clickLength(url, tail) };
}

/** As much of a name as a link carries, cut between characters. */
function nameOf(name: string): string {
  let cut = name
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, nameBytesMax);
  while (Buffer.byteLength(cut) > nameBytesMax) cut = cut.slice(0, -1);
  return cut.replace(/[\ud800-\udbff]$/, '');
}

function inCharset(latin1: string, charset: string): string {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(latin1)
    ? latin1
    : new TextDecoder(charset).decode(Buffer.from(latin1, 'latin1'));
}
