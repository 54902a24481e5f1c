/** API keys: how they are made, what is stored of them, how they are kept out of logs (design, section 4). */
import { createHash, randomBytes } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz234567';

/** `length` random characters, unbiased. */
function randomText(length: number, from: string): string {
  const limit = 256 - (256 % from.length);
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < limit && text.length < length) text += from[byte % from.length];
    }
  }
  return text;
}

/**
 * The public half: an index only, no secret. `lk_` for API keys, `su_` for SMTP users. It may begin as the secret does, where
 * callers tell their keys apart by that.
 */
export function makePublicId(prefix: 'lk' | 'su', beginning = ''): string {
  return `${prefix}_${beginning}${randomText(20 - beginning.length, lower)}`;
}

/** The secret half: 238 bits, with a recognisable prefix. Shown once, stored as a hash. */
export function makeSecret(): string {
  return `ls_${randomText(40, alphabet)}`;
}

const viewPrefix = 'lsv_';

/** Of a view inside another product: no key has one of this form. */
export function makeViewSecret(): string {
  return `${viewPrefix}${randomText(43, alphabet)}`;
}

export function isViewSecret(secret: string): boolean {
  return secret.startsWith(viewPrefix);
}

/** How a secret looks: our own, or 40 hex digits, of which the public id then shows the first four. */
export const secretForms = ['own', 'hex40'] as const;
export type SecretForm = (typeof secretForms)[number];

/** A secret in the form that programs written for another service expect: 160 bits in lower-case hex. */
export function makeHexSecret(): string {
  return randomBytes(20).toString('hex');
}

/** One-time tokens (login links, sessions): 256 bits, base64url. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

export const hashBytes = 32;

/** SHA-256: enough for secrets of high entropy (contract smtp-and-standards 10.4). */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

/** Linear patterns; each keeps what tells the reader what was there. */
const leaks: readonly (readonly [RegExp, string])[] = [
  // A header or field of that name, in plain text, JSON or a query.
  [/(authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?)[^\r\n"',}&]+/gi, '$1***'],
  [/\b(basic|bearer)([ \t]{1,4})[\w.~+/-]{6,}=*/gi, '$1$2***'],
  // RFC 4954: the initial response.
  [/\b(auth[ \t]{1,4}[\w-]{1,20}[ \t]{1,4})[\w+/]{4,}=*/gi, '$1***'],
  [/(^|[^A-Za-z0-9])(ls_|lsv_|whsec_|whsk_|mlsn\.)[\w+/-]{8,}=*/g, '$1$2***'],
  // RFC 7468: a private key, as text or within JSON.
  [/(-----BEGIN (?:[A-Z]{1,10} )?PRIVATE KEY-----)[^-]{1,8000}/g, '$1***'],
  // user:password@ in a URL.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,200}@/gi, '$1***@'],
];

/** Text without anything that looks like one of our secrets or like a credential in a header, command or URL. */
export function redact(text: string): string {
  return leaks.reduce((rest, [pattern, kept]) => rest.replaceAll(pattern, kept), text);
}
