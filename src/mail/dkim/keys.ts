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

export type ReadKey =
  | (DkimKeyPair & { readonly ok: true; readonly algorithm: DkimAlgorithm })
  | { readonly ok: false; readonly problem: string };

/**
 * A private key as somebody has it: PEM, or the base64 of its DER, PKCS #1 or #8. RSA of 1024 to 4096 bits (RFC 8301 3.2:
 * verifiers need not take less, nor more) or Ed25519.
 */
export function readPrivateKey(text: string): ReadKey {
  const key = parsed(text.trim());
  if (key === null)
    return { ok: false, problem: 'must be a private key, as PEM or as the base64 of its DER' };
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== 'rsa' && type !== 'ed25519') return { ok: false, problem: 'must be an RSA or an Ed25519 key' };
  const bits = details?.modulusLength ?? rsaBits;
  if (type === 'rsa' && (bits < 1024 || bits > 4096))
    return { ok: false, problem: 'must have 1024 to 4096 bits' };
  const algorithm = type === 'rsa' ? 'rsa-sha256' : 'ed25519-sha256';
  return { ok: true, algorithm, privateDer: toDer(key), record: recordOf(createPublicKey(key), algorithm) };
}

function parsed(text: string): KeyObject | null {
  const attempts = text.startsWith('-----BEGIN')
    ? [() => createPrivateKey(text)]
    : (['pkcs8', 'pkcs1'] as const).map(
        (type) => () => createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type }),
      );
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // Another form, or none.
    }
  }
  return null;
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
