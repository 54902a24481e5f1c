/**
 * What stands in links of ours: signed, so that a redirect needs no look at the store and leads nowhere that a mail of ours
 * did not lead. base64url of [version, kind, subaccount: 4, message: 8, retention class] and what the kind adds, then a mac
 * of 12 octets. The mac covers the host that the link stands on: what is one tenant's leads nowhere on another's host.
 */
import type { Keyring } from '../../base/seal.ts';

export const linkKinds = ['click', 'open', 'initial_open', 'unsubscribe', 'leave'] as const;
export type LinkKind = (typeof linkKinds)[number];

/** The copy whose link it is. */
export type LinkedCopy = {
  readonly subaccountId: number;
  readonly messageId: string;
  /** Of the message: its row is looked for in one partition. */
  readonly retentionDays: number;
};

export type TrackedLink = LinkedCopy &
  (
    | {
        readonly kind: 'click';
        readonly target: string;
        readonly name: string;
        /** What is told of it leaves out the target's query. */
        readonly hidesQuery: boolean;
      }
    | { readonly kind: 'open' | 'initial_open' }
    | { readonly kind: 'unsubscribe'; readonly recipient: string }
    /** Unsubscribes whoever visits it, and leads on. */
    | { readonly kind: 'leave'; readonly recipient: string; readonly target: string }
  );

const version = 1;
/** 15 octets are 20 digits: what follows is encoded apart and stays the same for all copies. */
const headBytes = 15;
const macBytes = 12;
const macDigits = 16;
const purpose = 'tracking link';
const classes = [7, 30, 90, 400] as const;

/** Longer ones are left as they are: with all around them they would not fit everywhere. */
export const targetBytesMax = 3000;
export const nameBytesMax = 63;
export const tokenDigitsMax = 5000;

/** A path begins with one of these; what the kind is, the token itself says. */
const letters = {
  click: 'c',
  open: 'o',
  initial_open: 'o',
  unsubscribe: 'u',
  leave: 'u',
} as const satisfies Record<LinkKind, string>;

/** Makes the links of one copy on one host. `url`: of the host, without a path. */
export class LinkWriter {
  readonly #copy: LinkedCopy;
  readonly #url: string;
  readonly #host: string;
  readonly #ring: Keyring;

  constructor(copy: LinkedCopy, url: string, ring: Keyring) {
    this.#copy = copy;
    this.#url = url;
    this.#host = hostOf(url);
    this.#ring = ring;
  }

  /** `more`: as `clickTail` or `unsubscribeTail` makes it. */
  link(kind: LinkKind, more = ''): string {
    const digits = `${this.#head(kind)}${more}`;
    const mac = this.#ring.mac(purpose, signed(this.#host, digits)).subarray(0, macBytes);
    return `${this.#url}/${letters[kind]}/${digits}${mac.toString('base64url')}`;
  }

  #head(kind: LinkKind): string {
    const head = Buffer.allocUnsafe(headBytes);
    head[0] = version;
    head[1] = linkKinds.indexOf(kind);
    head.writeUInt32BE(this.#copy.subaccountId, 2);
    head.writeBigUInt64BE(BigInt(this.#copy.messageId), 6);
    head[14] = classes.findIndex((days) => days === this.#copy.retentionDays) & 255;
    return head.toString('base64url');
  }
}

/** In the octet of the name's length, which needs six bits. */
const hidesQueryBit = 0b1000_0000;

/** What a click's token says besides whose it is. */
export function clickTail(target: string, name: string, hidesQuery = false): string {
  const nameBytes = Buffer.from(name, 'utf8').subarray(0, nameBytesMax);
  const first = nameBytes.length | (hidesQuery ? hidesQueryBit : 0);
  return Buffer.concat([Buffer.from([first]), nameBytes, Buffer.from(target, 'utf8')]).toString('base64url');
}

export function unsubscribeTail(recipient: string): string {
  return Buffer.from(recipient, 'utf8').toString('base64url');
}

/** What a link says that unsubscribes and leads on: who, after their length, and where to. */
export function leaveTail(recipient: string, target: string): string {
  const who = Buffer.from(recipient, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(who.length);
  return Buffer.concat([length, who, Buffer.from(target, 'utf8')]).toString('base64url');
}

/** How many characters a click's link will have. */
export function clickLength(url: string, tail: string): number {
  return url.length + 3 + (headBytes / 3) * 4 + tail.length + macDigits;
}

/** Without scheme, port and case. */
export function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/:?#]+)/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

function signed(host: string, digits: string): string {
  return `${host}\n${digits}`;
}

/** What a path (`/c/...`, without a query) names on this host; null when we did not make it, or for another host. */
export function readLink(path: string, host: string, ring: Keyring): TrackedLink | null {
  if (path.length > tokenDigitsMax) return null;
  const match = /^\/([cou])\/([\w-]{20,})([\w-]{16})$/.exec(path);
  if (match === null) return null;
  const [, letter, digits = '', mac = ''] = match;
  if (!ring.verifyMac(purpose, signed(host, digits), Buffer.from(mac, 'base64url'))) return null;
  const bytes = Buffer.from(digits, 'base64url');
  const kind = linkKinds[bytes[1] ?? 255];
  const retentionDays = classes[bytes[14] ?? 255];
  if (bytes[0] !== version || kind === undefined || retentionDays === undefined) return null;
  if (letters[kind] !== letter) return null;
  const copy = {
    subaccountId: bytes.readUInt32BE(2),
    messageId: bytes.readBigUInt64BE(6).toString(),
    retentionDays,
  };
  const tail = bytes.subarray(headBytes);
  if (kind === 'unsubscribe') return { ...copy, kind, recipient: tail.toString('utf8') };
  if (kind === 'leave') {
    const end = 2 + tail.readUInt16BE(0);
    return { ...copy, kind, recipient: tail.toString('utf8', 2, end), target: tail.toString('utf8', end) };
  }
  if (kind !== 'click') return { ...copy, kind };
  const first = tail[0] ?? 0;
  const length = first & ~hidesQueryBit;
  return {
    ...copy,
    kind,
    name: tail.toString('utf8', 1, 1 + length),
    target: tail.toString('utf8', 1 + length),
    hidesQuery: (first & hidesQueryBit) !== 0,
  };
}
