/**
 * Return paths: one per copy, opaque and signed (contract smtp-and-standards 2.3), so that a bounce names its message
 * and a forged one names none. `b+<id: 13 base32><mac: 16 base32>@domain`, lower case, 32 octets before the @.
 */
import type { Keyring } from '../base/seal.ts';

const digits = 'abcdefghijklmnopqrstuvwxyz234567';
const idDigits = 13;
const macBytes = 10;
const purpose = 'return path';

function encodeId(id: string): string {
  let rest = BigInt(id);
  let text = '';
  for (let at = 0; at < idDigits; at++) {
    text = `${digits[Number(rest & 31n)]}${text}`;
    rest >>= 5n;
  }
  return text;
}

function decodeId(text: string): string | null {
  let id = 0n;
  for (const char of text) {
    const value = digits.indexOf(char);
    if (value < 0) return null;
    id = (id << 5n) | BigInt(value);
  }
  return id < 2n ** 63n ? id.toString() : null;
}

function encodeBytes(bytes: Buffer): string {
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

function macText(ring: Keyring, id: string): string {
  return encodeBytes(ring.mac(purpose, id).subarray(0, macBytes));
}

function decodeBytes(text: string): Buffer {
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

/** The envelope sender of one copy. */
export function makeReturnPath(messageId: string, domain: string, ring: Keyring): string {
  return `b+${encodeId(messageId)}${macText(ring, messageId)}@${domain}`;
}

/** The message that a return path belongs to; null when it is not ours or was tampered with. Case does not matter. */
export function readReturnPath(address: string, ring: Keyring): string | null {
  const match = /^b\+([a-z2-7]{13})([a-z2-7]{16})@/.exec(address.toLowerCase());
  if (match === null) return null;
  const id = decodeId(match[1] ?? '');
  if (id === null) return null;
  return ring.verifyMac(purpose, id, decodeBytes(match[2] ?? '')) ? id : null;
}
