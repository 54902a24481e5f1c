/** API keys: how they are made, what is stored of them, how they are kept out of logs (design, section 4). */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

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

/** The public half: an index only, no secret. `lk_` for API keys, `su_` for SMTP users. */
export function makePublicId(prefix: 'lk' | 'su'): string {
  return `${prefix}_${randomText(20, lower)}`;
}

/** The secret half: 238 bits, with a recognisable prefix. Shown once, stored as a hash. */
export function makeSecret(): string {
  return `ls_${randomText(40, alphabet)}`;
}

/** One-time tokens (login links, sessions): 256 bits, base64url. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** SHA-256: enough for secrets of high entropy (contract smtp-and-standards 10.4). */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

/** Compares hashes in constant time. */
export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Blanks out what looks like one of our secrets or a credential header. */
export function redact(text: string): string {
  return text
    .replaceAll(/\bls_[A-Za-z0-9]{8,}/g, 'ls_***')
    .replaceAll(/\b(basic|bearer)\s+[A-Za-z0-9+/=._~-]+/gi, '$1 ***')
    .replaceAll(/\b(AUTH\s+PLAIN)\s+\S+/gi, '$1 ***');
}
