/** Secrets of webhooks at rest: sealed, and bound to their webhook. */
import type { Keyring } from '../../base/seal.ts';

export function sealText(ring: Keyring, webhookId: string, text: string): Buffer {
  return ring.seal(Buffer.from(text, 'utf8'), `webhook/${webhookId}`);
}

export function sealedText(ring: Keyring, webhookId: string, sealed: Buffer): string {
  return ring.open(sealed, `webhook/${webhookId}`).toString('utf8');
}
