/** Which entries stop a message, and what an entry may be: pure. */
import { instantMs } from '../../base/route.ts';
import { parseAddress, parseDomainName } from '../../mail/address.ts';
import { listKey } from '../../mail/list-id.ts';
import type { Entry, Fault, Hit, Hits, Kind, MailOf, NewEntry, Told } from './model.ts';
import { kinds, layers } from './model.ts';

export const patternsMax = 1000;
const starsMax = 4;

/**
 * What stops a message of this lane (0 transactional, 1 bulk), null when nothing does. An entry of kind `allow` beats
 * bounces of both lists of its account (not the installation's), and nothing else: never a complaint or an unsubscribe.
 * Told is the narrowest layer, in it the kind that `kinds` names first.
 */
export function decide(entries: readonly Entry[], lane: 0 | 1): Hit | null {
  const allowed = new Set(entries.filter(({ kind }) => kind === 'allow').map(({ layer }) => layer));
  let hit: Hit | null = null;
  for (const { layer, kind, stopsTransactional, stopsBulk } of entries) {
    if (kind === 'allow' || !(lane === 0 ? stopsTransactional : stopsBulk)) continue;
    const isBounce = kind === 'hard_bounce' || kind === 'on_hold';
    if (isBounce && layer !== 'installation' && (allowed.has('subaccount') || allowed.has('account')))
      continue;
    if (hit === null || rank({ layer, kind }) < rank(hit)) hit = { layer, kind };
  }
  return hit;
}

/** What stops this mail to an address. */
export function hitOf({ all, bound }: Hits, address: string, mail: MailOf): Hit | null {
  const own = bound.get(address);
  return own === undefined ? (all.get(address) ?? null) : decide(countingFor(own.entries, mail), own.lane);
}

/** Mail of which nothing is known: only what stops all mail stops it. */
export const unknownMail: MailOf = { list: null, sender: null };

/** Entries that count for this mail: one that names a list and a sender is about what is of both. */
export function countingFor(entries: readonly Entry[], { list, sender }: MailOf): readonly Entry[] {
  const from = sender === null ? null : addressKey(sender);
  return entries.filter(
    ({ onlyList, onlySender }) =>
      (onlyList === '' || onlyList === list) && (onlySender === '' || onlySender === from),
  );
}

function rank({ layer, kind }: Hit): number {
  return layers.indexOf(layer) * kinds.length + kinds.indexOf(kind);
}

/** What events tell of an entry that stops one sender's mail alone. */
export function boundData(onlySender: string): { readonly onlySender?: string } {
  return onlySender === '' ? {} : { onlySender };
}

/** What may be told of a hit to whom a subaccount's message belongs: the cause only of its own list. */
export function told({ layer, kind }: Hit): Told {
  return layer === 'subaccount' ? { layer, kind } : { layer };
}

/** The pattern `*@example.com` of an address in its compared form. */
export function wildOf(address: string): string {
  return `*${address.slice(address.lastIndexOf('@'))}`;
}

/** The form in which addresses are compared. Made here and never by the store, whose lower() depends on its locale. */
export function addressKey(address: string): string {
  return address.toLowerCase();
}

/**
 * Whether a glob matches (`*` any run, `?` one character), both in lower case. Linear in the text for each star: no
 * pattern of a tenant can make it slow.
 */
export function globMatches(glob: string, text: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let mark = 0;
  while (at < text.length) {
    const want = glob[from];
    if (want === '*') {
      star = from;
      mark = at;
      from += 1;
    } else if (want === '?' || want === text[at]) {
      from += 1;
      at += 1;
    } else if (star >= 0) {
      from = star + 1;
      mark += 1;
      at = mark;
    } else return false;
  }
  while (glob[from] === '*') from += 1;
  return from === glob.length;
}

/** The address of an entry in its stored form, or what is wrong with it. */
export function entryAddress(
  kind: Kind,
  text: string,
): { address: string } | { rule: string; message: string } {
  const trimmed = text.trim();
  if (kind !== 'pattern') {
    const address = parseAddress(trimmed);
    return address === null
      ? { rule: 'format', message: 'must be an e-mail address' }
      : { address: address.text.toLowerCase() };
  }
  const at = trimmed.lastIndexOf('@');
  const domain = trimmed.slice(at + 1);
  const known = /[*?]/.test(domain) ? domain.toLowerCase() : parseDomainName(domain);
  const isBad = trimmed.length > 320 || /[\p{Cc}\p{Cs}\p{Z}]/u.test(trimmed) || at <= 0;
  if (isBad || known === null || known === '' || !/[*?]/.test(trimmed))
    return { rule: 'pattern', message: 'must be a glob with one @ and a * or ?, such as *@example.com' };
  if ((trimmed.match(/\*/g) ?? []).length > starsMax)
    return { rule: 'pattern', message: `must have at most ${starsMax} stars` };
  // `*@*` would stop everything: that is a status, not a suppression.
  if (/^[*?@.]+$/.test(trimmed)) return { rule: 'pattern', message: 'must not match every address' };
  return { address: `${trimmed.slice(0, at).toLowerCase()}@${known}` };
}

export type Given = {
  readonly address: string;
  readonly kind?: Kind;
  readonly stopsTransactional?: boolean;
  readonly stopsBulk?: boolean;
  /** RFC 3339, as `Instant` lets it through. */
  readonly expiresAt?: string | null;
  readonly reason?: string;
  readonly sender?: string;
  readonly list?: string;
  readonly onlyList?: string;
  readonly onlySender?: string;
  readonly createdAt?: string;
};

/** An unsubscribe stops bulk only, all else both, unless the entry says. */
export function toEntry(given: Given): NewEntry | Fault {
  const { kind = 'manual' } = given;
  const found = entryAddress(kind, given.address);
  if (!('address' in found)) return { field: 'address', ...found };
  const stopsTransactional = given.stopsTransactional ?? kind !== 'unsubscribe';
  const stopsBulk = given.stopsBulk ?? true;
  const fault = stopsFault(kind, stopsTransactional, stopsBulk);
  if (fault !== null) return fault;
  const bound = boundsOf(kind, given);
  if ('rule' in bound) return bound;
  return {
    address: found.address,
    kind,
    stopsTransactional,
    stopsBulk,
    expiresAt: instantOf(given.expiresAt),
    reason: given.reason ?? '',
    sender: given.sender ?? '',
    list: given.list ?? '',
    ...bound,
    createdAt: instantOf(given.createdAt),
  };
}

/** The list and the sender whose mail alone an entry stops, in their compared forms. */
function boundsOf(
  kind: Kind,
  { onlyList: list = '', onlySender: sender = '' }: Given,
): Pick<NewEntry, 'onlyList' | 'onlySender'> | Fault {
  const onlyList = list === '' ? '' : listKey(list);
  if (onlyList === null) return { field: 'onlyList', rule: 'format', message: 'must be the id of a list' };
  if (onlyList !== '' && kind === 'pattern')
    return { field: 'onlyList', rule: 'kind', message: 'must be empty: patterns stop mail of all lists' };
  const onlySender = senderKey(sender);
  if (onlySender === null)
    return { field: 'onlySender', rule: 'format', message: 'must be an e-mail address' };
  if (onlySender !== '' && kind === 'pattern')
    return { field: 'onlySender', rule: 'kind', message: 'must be empty: patterns stop mail of all senders' };
  return { onlyList, onlySender };
}

/** A From address in its compared form; empty stays, null: is none. */
export function senderKey(text: string): string | null {
  if (text.trim() === '') return '';
  const address = parseAddress(text.trim());
  return address === null ? null : addressKey(address.text);
}

function instantOf(text: string | null | undefined): Date | null {
  return text === undefined || text === null ? null : new Date(instantMs(text));
}

/** Text from elsewhere as one line of at most so many characters: it can be listed, exported and read back. */
export function oneLine(text: string, lengthMax: number): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, lengthMax)
    .toWellFormed();
}

/** An entry that stops nothing is none. */
export function stopsFault(kind: Kind, stopsTransactional: boolean, stopsBulk: boolean): Fault | null {
  if (kind === 'allow' || stopsTransactional || stopsBulk) return null;
  return { field: 'stopsBulk', rule: 'stops', message: 'must be true when stopsTransactional is false' };
}

type Keyed = Pick<NewEntry, 'address' | 'kind'> & Partial<Pick<NewEntry, 'onlyList' | 'onlySender'>>;

/** What one owner's list has one entry for. */
export function entryKey({ address, kind, onlyList = '', onlySender = '' }: Keyed): string {
  return `${address}\n${kind}\n${onlyList}\n${onlySender}`;
}

/** One entry for each key, the last given, in the order of their keys: two writers never wait in a circle. */
export function settled<T extends Keyed>(entries: readonly T[]): readonly T[] {
  const byKey = new Map(entries.map((entry) => [entryKey(entry), entry]));
  return [...byKey.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
