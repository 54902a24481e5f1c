/** DKIM key pairs and their records in DNS (RFC 6376 3.6.1, RFC 8463 4). */
import { generateKeyPair as generate } from 'node:crypto';
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
  if (algorithm === 'rsa-sha256') {
    const { privateKey, publicKey } = await promisify(generate)('rsa', { modulusLength: rsaBits });
    const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    return { privateDer: toDer(privateKey), record: `v=DKIM1; k=rsa; p=${spki}` };
  }
  const { privateKey, publicKey } = await promisify(generate)('ed25519');
  // The raw 32 bytes are the end of the SPKI form.
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  return { privateDer: toDer(privateKey), record: `v=DKIM1; k=ed25519; p=${raw}` };
}

function toDer(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' });
}
