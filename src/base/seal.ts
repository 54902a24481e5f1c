/**
 * Sealed secrets and keyed signatures of the installation (LETTERSHOP_MASTER_KEY): AES-256-GCM with the newest key; each
 * sealed value names its key, so that older ones still open, and is bound to a context, so that it opens nowhere else.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assert } from './assert.ts';
import { StartFault } from './start-fault.ts';

const version = 1;
const fingerprintBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;

type MasterKey = { readonly key: Buffer; readonly fingerprint: Buffer };

export class Keyring {
  readonly #keys: readonly MasterKey[];
  /** As KeyObjects: an HMAC whose key is given as bytes costs 13 us, with one 2.5. */
  readonly #derived = new Map<string, KeyObject>();

  constructor(keys: readonly Buffer[]) {
    assert(keys.length > 0, 'a keyring needs a key');
    this.#keys = keys.map((key) => ({
      key,
      fingerprint: createHash('sha256')
        .update('lettershop master key')
        .update(key)
        .digest()
        .subarray(0, fingerprintBytes),
    }));
  }

  /** Of the newest key, in hex: kept in the database, so that a node with other keys does not start. */
  fingerprint(): string {
    return this.#newest().fingerprint.toString('hex');
  }

  /** Of all keys, newest first. */
  fingerprints(): readonly string[] {
    return this.#keys.map(({ fingerprint }) => fingerprint.toString('hex'));
  }

  /** version, fingerprint, nonce, tag, ciphertext. */
  seal(plain: Buffer, context: string): Buffer {
    const { key, fingerprint } = this.#newest();
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#derive(key, 'seal'), nonce);
    cipher.setAAD(Buffer.from(context, 'utf8'));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.from([version]), fingerprint, nonce, cipher.getAuthTag(), body]);
  }

  /** Throws when the value was changed, belongs to another context, or its key is not in the ring. */
  open(sealed: Buffer, context: string): Buffer {
    assert(
      sealed[0] === version && sealed.length >= 1 + fingerprintBytes + nonceBytes + tagBytes,
      'not a sealed value',
    );
    let at = 1;
    const take = (bytes: number): Buffer => sealed.subarray(at, (at += bytes));
    const fingerprint = take(fingerprintBytes);
    const master = this.#keys.find((key) => key.fingerprint.equals(fingerprint));
    assert(master !== undefined, 'the master key of a sealed value is missing');
    const decipher = createDecipheriv('aes-256-gcm', this.#derive(master.key, 'seal'), take(nonceBytes));
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(take(tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(at)), decipher.final()]);
  }

  /** HMAC-SHA-256 under a key of its own for each purpose. */
  mac(purpose: string, data: string): Buffer {
    return macWith(this.#derive(this.#newest().key, purpose), data);
  }

  /** The same under every key of the ring, newest first: for what is looked up by its mac after a key was changed. */
  macs(purpose: string, data: string): readonly Buffer[] {
    return this.#keys.map(({ key }) => macWith(this.#derive(key, purpose), data));
  }

  /** True when `mac` (or a truncation of at least 8 bytes) fits under any key of the ring. */
  verifyMac(purpose: string, data: string, mac: Buffer): boolean {
    if (mac.length < 8) return false;
    return this.#keys.some(({ key }) =>
      timingSafeEqual(macWith(this.#derive(key, purpose), data).subarray(0, mac.length), mac),
    );
  }

  #newest(): MasterKey {
    const [newest] = this.#keys;
    assert(newest !== undefined, 'a keyring needs a key');
    return newest;
  }

  #derive(key: Buffer, purpose: string): KeyObject {
    const name = `${key.toString('base64')}/${purpose}`;
    let derived = this.#derived.get(name);
    if (derived === undefined) {
      derived = createSecretKey(Buffer.from(hkdfSync('sha256', key, '', `lettershop ${purpose}`, 32)));
      this.#derived.set(name, derived);
    }
    return derived;
  }
}

function macWith(key: KeyObject, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** `LETTERSHOP_MASTER_KEY`: 32 bytes each, base64, newest first, comma-separated. */
export function parseMasterKeys(text: string): Keyring {
  const keys = text.split(',').map((part) => Buffer.from(part.trim(), 'base64'));
  if (keys.some((key) => key.length !== 32)) {
    throw new StartFault(
      'LETTERSHOP_MASTER_KEY must be 32 bytes in base64, several separated by commas, newest first',
    );
  }
  return new Keyring(keys);
}
