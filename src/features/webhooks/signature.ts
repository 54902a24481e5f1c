/** Standard Webhooks 1.0: what is signed, and how secrets look. */
import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';

/** `whsec_` and 32 random bytes in base64. */
export function makeSigningSecret(): string {
  return prefix + randomBytes(32).toString('base64');
}

/** One signature per secret, newest first: during a rotation either verifies. */
export function signatureHeader(
  secrets: readonly string[],
  signed: { readonly id: string; readonly timestampSeconds: number; readonly body: string },
): string {
  const content = `${signed.id}.${signed.timestampSeconds}.${signed.body}`;
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(prefix.length), 'base64');
      return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
    })
    .join(' ');
}
