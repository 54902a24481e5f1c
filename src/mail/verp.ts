/**
 * Return paths: one per copy, opaque and signed (contract smtp-and-standards 2.3), so that a bounce names its message
 * and a forged one names none. `b+<id: 13 base32><day: 3><mac: 16 base32>@domain`, lower case, 34 octets before the @.
 * The day makes it age without a look at the store. What stands before the @ also marks a copy in its own header.
 */
import type { Keyring } from '../base/seal.ts';

const digits = 'abcdefghijklmnopqrstuvwxyz234567';
export const idDigits = 13;
const dayDigits = 3;
const dayMs = 86_400_000;
export const macBytes = 10;
const purpose = 'return path';

export function encodeNumber(number: bigint, width: number): string {
  let rest = number;
  let text = '';
  for (let at = 0; at < width; at++) {
    text = `${digits[Number(rest & 31n)]}${text}`;
    rest >>= 5n;
  }
  return text;
}

export function decodeNumber(text: string): bigint {
  let number = 0n;
  for (const char of text) number = (number << 5n) | BigInt(digits.indexOf(char));
  return number;
}

export function encodeBytes(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += digits[(held >> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + digits[(held << (5 - bits)) & 31] : text;
}

export function decodeBytes(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const char of text) {
    held = (held << 5) | digits.indexOf(char);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
      held &= (1 << bits) - 1;
    }
  }
  return Buffer.from(bytes);
}

/** `b+...`, without a domain. `beganAt` (milliseconds) does not move between the attempts of a copy: neither does its path. */
export function makeMark(messageId: string, beganAt: number, ring: Keyring): string {
  return `b+${signedNumber(messageId, beganAt, purpose, ring)}`;
}

const submissionPurpose = 'submission';

/**
 * `s+...`, without a domain: names a submission in the Message-ID that its copies share, so that a complaint which kept
 * nothing else proves that its sender has one of them.
 */
export function makeSubmissionMark(submissionId: string, madeAt: number, ring: Keyring): string {
  return `s+${signedNumber(submissionId, madeAt, submissionPurpose, ring)}`;
}

function signedNumber(number: string, madeAt: number, of: string, ring: Keyring): string {
  const id = encodeNumber(BigInt(number), idDigits);
  const day = encodeNumber(BigInt(Math.floor(madeAt / dayMs)), dayDigits);
  return `${id}${day}${encodeBytes(ring.mac(of, id + day).subarray(0, macBytes))}`;
}

/** The envelope sender of one copy. */
export function makeReturnPath(messageId: string, beganAt: number, domain: string, ring: Keyring): string {
  return `${makeMark(messageId, beganAt, ring)}@${domain}`;
}

export type Mark = { readonly messageId: string; readonly madeAt: number };

/** What a mark or a return path names; null when it is not ours or was tampered with. Case does not matter. */
export function readMark(text: string, ring: Keyring): Mark | null {
  const found = readSigned(text, 'b', purpose, ring);
  return found === null ? null : { messageId: found.number, madeAt: found.madeAt };
}

/** As `readMark`, of a submission. */
export function readSubmissionMark(
  text: string,
  ring: Keyring,
): { readonly submissionId: string; readonly madeAt: number } | null {
  const found = readSigned(text, 's', submissionPurpose, ring);
  return found === null ? null : { submissionId: found.number, madeAt: found.madeAt };
}

function readSigned(
  text: string,
  kind: 'b' | 's',
  of: string,
  ring: Keyring,
): { readonly number: string; readonly madeAt: number } | null {
  const match = /^([bs])\+([a-z2-7]{13})([a-z2-7]{3})([a-z2-7]{16})(?:@|$)/.exec(text.toLowerCase());
  if (match === null) return null;
  const [, prefix, id = '', day = '', mac = ''] = match;
  if (prefix !== kind || !ring.verifyMac(of, id + day, decodeBytes(mac))) return null;
  return { number: decodeNumber(id).toString(), madeAt: Number(decodeNumber(day)) * dayMs };
}
