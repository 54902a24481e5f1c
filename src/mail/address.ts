/** E-mail addresses and domain names as values (RFC 5321 4.1.2, 6531). HOT PATH: a plain address costs under 1 us. */
import { domainToASCII } from 'node:url';
import { decodeWords, encodePhrase } from './headers/words.ts';

/** Lower-case A-label form, at least two labels. */
export type DomainName = string & { readonly domainName: unique symbol };

export type Address = {
  readonly local: string;
  readonly domain: DomainName;
  /** `local@domain`, with the domain in its canonical form. */
  readonly text: string;
};

const plainAtoms = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const plainDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
// RFC 6531 3.3: UTF-8 beside the ASCII atoms; no control characters, no spaces, no surrogates.
const wideAtoms =
  /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\p{Cc}\p{Cs}\p{Z}\p{ASCII}])+(?:\.(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\p{Cc}\p{Cs}\p{Z}\p{ASCII}])+)*$/u;
const quotedLocal = /^"(?:[^"\\\p{Cc}\p{Cs}]|\\[\u0020-\u007e])*"$/u;
const localBytesMax = 64;

/** A domain name of at least two labels, as an A-label, or null. No trailing dot, no address literals. */
export function parseDomainName(text: string): DomainName | null {
  if (text.length > 253) return null;
  const lower = text.toLowerCase();
  if (plainDomain.test(lower)) return isNumeric(lower) ? null : (lower as DomainName);
  if (/^\p{ASCII}*$/u.test(lower) || /[\p{Cc}\p{Z}\p{Cs}]/u.test(text)) return null;
  const ascii = domainToASCII(text);
  return ascii.length <= 253 && plainDomain.test(ascii) && !isNumeric(ascii) ? (ascii as DomainName) : null;
}

/** `127.0.0.1` is an address, not a name: the last label of a name is never a number. */
function isNumeric(domain: string): boolean {
  return /(?:^|\.)\d+$/.test(domain);
}

/** An address, or null when it is not valid. */
export function parseAddress(text: string): Address | null {
  const at = text.lastIndexOf('@');
  if (at <= 0 || text.length > 320) return null;
  const local = text.slice(0, at);
  const domain = parseDomainName(text.slice(at + 1));
  if (domain === null) return null;
  if (plainAtoms.test(local)) {
    if (local.length > localBytesMax) return null;
  } else if (
    !(wideAtoms.test(local) || quotedLocal.test(local)) ||
    Buffer.byteLength(local) > localBytesMax
  ) {
    return null;
  }
  return { local, domain, text: `${local}@${domain}` };
}

/** True when only a hop with SMTPUTF8 takes it (RFC 6531 3.4): the domain alone could be an A-label. */
export function needsSmtputf8({ local }: Address): boolean {
  return /\P{ASCII}/u.test(local);
}

export type NamedAddress = { readonly address: Address; readonly name?: string };

/** `Name <local@domain>` with the name quoted or encoded as needed (RFC 5322 3.4, RFC 2047 5). */
export function formatMailbox({ address, name }: NamedAddress): string {
  return name === undefined || name === '' ? address.text : `${encodePhrase(name)} <${address.text}>`;
}

/**
 * The mailboxes of an address header: names, quoted strings, comments and groups are understood; null when it is broken.
 */
export function parseMailboxList(value: string): readonly NamedAddress[] | null {
  const parts = splitList(value);
  if (parts === null) return null;
  const boxes: NamedAddress[] = [];
  for (const part of parts) {
    const box = parseMailbox(part);
    if (box === null) return null;
    boxes.push(box);
  }
  return boxes;
}

/** One mailbox: `local@domain`, `Name <local@domain>`, `"Name, X" <local@domain>`. */
export function parseMailbox(text: string): NamedAddress | null {
  const trimmed = text.trim();
  const angle = /^([\s\S]*)<([^<>]*)>$/.exec(trimmed);
  if (angle === null) {
    const address = parseAddress(trimmed);
    return address === null ? null : { address };
  }
  const address = parseAddress((angle[2] ?? '').trim());
  if (address === null) return null;
  const name = decodeWords(unquote((angle[1] ?? '').trim()));
  return name === '' ? { address } : { address, name };
}

function unquote(text: string): string {
  return text.replaceAll(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replaceAll(/\\(.)/g, '$1'));
}

/** Splits at commas outside quotes, angles and comments; drops comments and the frame of groups. */
function splitList(value: string): string[] | null {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    if (char === '\\' && (isQuoted || depth > 0)) {
      if (depth === 0) part += char + (value[at + 1] ?? '');
      at += 1;
    } else if (depth > 0) {
      if (char === '(') depth += 1;
      if (char === ')') depth -= 1;
    } else if (char === '"') {
      isQuoted = !isQuoted;
      part += char;
    } else if (isQuoted) part += char;
    else if (char === '(') depth += 1;
    else if (char === ':' && !part.includes('<')) part = '';
    else if (char === ',' || char === ';') {
      if (part.trim() !== '') parts.push(part);
      part = '';
    } else part += char;
  }
  if (depth > 0 || isQuoted) return null;
  if (part.trim() !== '') parts.push(part);
  return parts;
}
