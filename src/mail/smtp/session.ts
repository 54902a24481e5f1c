/** What a server session is told, what it asks, and what it announces. */
import type { EnvelopeRecipient, EnvelopeSender } from './command.ts';

export type Envelope = { readonly from: EnvelopeSender; readonly recipients: readonly EnvelopeRecipient[] };

export type Question =
  | {
      readonly kind: 'auth';
      readonly mechanism: 'PLAIN' | 'LOGIN';
      readonly user: string;
      readonly secret: string;
    }
  | { readonly kind: 'mail'; readonly from: EnvelopeSender }
  | { readonly kind: 'recipient'; readonly to: EnvelopeRecipient; readonly soFar: number }
  | { readonly kind: 'data' }
  | { readonly kind: 'message'; readonly envelope: Envelope; readonly bytes: Buffer };

export type SessionOptions = {
  readonly hostname: string;
  readonly sizeMax: number;
  readonly recipientsMax: number;
  readonly requireAuth: boolean;
  /** AUTH without TLS is allowed on this connection. */
  readonly clearAuth: boolean;
  readonly isSecure: boolean;
  readonly offersTls: boolean;
};

/** The answer to EHLO: what this connection offers now (RFC 5321 4.1.1.1). */
export function ehloReply(options: SessionOptions): string {
  const { hostname, sizeMax, recipientsMax, isSecure, offersTls, clearAuth, requireAuth } = options;
  const words = [
    hostname,
    'PIPELINING',
    `SIZE ${sizeMax}`,
    '8BITMIME',
    'SMTPUTF8',
    'CHUNKING',
    'DSN',
    'ENHANCEDSTATUSCODES',
  ];
  words.push(`LIMITS RCPTMAX=${recipientsMax}`);
  if (offersTls && !isSecure) words.push('STARTTLS');
  if (isSecure) words.push('REQUIRETLS');
  if (requireAuth && (isSecure || clearAuth)) words.push('AUTH PLAIN LOGIN');
  const last = words.length - 1;
  return words.map((word, at) => `250${at === last ? ' ' : '-'}${word}\r\n`).join('');
}
