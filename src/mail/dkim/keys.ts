/** DKIM key pairs and their records in DNS (RFC 6376 3.6.1, RFC 8463 4). */
import { createPrivateKey, createPublicKey, generateKeyPair as generate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { DkimAlgorithm } from './sign.ts';

export type DkimKeyPair = {
  /** PKCS #8. */
  readonly privateDer: Buffer;
  /** The TXT value, to be published at `<selector>._domainkey.<domain>`. */
  readonly record: string;
};

const rsaBits = 2048;

export async function generateKeyPair(algorithm: DkimAlgorithm): Promise<DkimKeyPair> {
  const { privateKey, publicKey } =
    algorithm === 'rsa-sha256'
      ? await promisify(generate)('rsa', { modulusLength: rsaBits })
      : await promisify(generate)('ed25519');
  return { privateDer: toDer(privateKey), record: recordOf(publicKey, algorithm) };
}

/** The record of a private key that came from elsewhere; null when it is no key of that algorithm. */
export function recordOfPrivate(privateDer: Buffer, algorithm: DkimAlgorithm): string | null {
  try {
    const key = createPrivateKey({ key: privateDer, format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType !== (algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519')) return null;
    return recordOf(createPublicKey(key), algorithm);
  } catch {
    return null;
  }
}

function recordOf(publicKey: KeyObject, algorithm: DkimAlgorithm): string {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  if (algorithm === 'rsa-sha256') return `v=DKIM1; k=rsa; p=${spki.toString('base64')}`;
  // The raw 32 bytes are the end of the SPKI form.
  return `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString('base64')}`;
}

function toDer(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' });
}
