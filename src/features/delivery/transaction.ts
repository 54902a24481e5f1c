/** What opening a connection and sending one message need, and how they can end. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Reply } from '../../mail/reply.ts';
import type { Capabilities } from '../../mail/smtp/reply-parser.ts';

export type Dial = (target: { address: string; port: number; localAddress?: string }) => Socket;

/** Milliseconds each. */
export type Deadlines = {
  readonly connect: number;
  readonly greeting: number;
  readonly ehlo: number;
  readonly tls: number;
  readonly mail: number;
  readonly rcpt: number;
  readonly data: number;
  readonly block: number;
  readonly finalDot: number;
};

const minute = 60_000;
export const defaultDeadlines: Deadlines = {
  connect: 30_000,
  greeting: 5 * minute,
  ehlo: 5 * minute,
  tls: minute,
  mail: 5 * minute,
  rcpt: 5 * minute,
  data: 2 * minute,
  block: 3 * minute,
  finalDot: 10 * minute,
};

export type BrokenError = { readonly code: string; readonly text: string };

export type ConnectFailure = {
  readonly phase: 'connect' | 'greeting' | 'ehlo' | 'tls' | 'auth';
  readonly reply?: Reply;
  readonly error?: BrokenError;
  readonly transcript: string;
};

export type TransactionOutcome =
  | { readonly kind: 'accepted'; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly phase: 'mail' | 'rcpt' | 'data' | 'final'; readonly reply: Reply }
  | {
      readonly kind: 'broken';
      readonly phase: 'mail' | 'rcpt' | 'data' | 'final';
      readonly afterFinalDot: boolean;
      readonly error: BrokenError;
    }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'unsupported'; readonly what: 'smtputf8' | 'size' | 'requiretls' };

/** What a policy makes of a handshake: why the session must not go on, and whether the server is proven (RFC 8689 4.2.1). */
export type PeerVerdict = { readonly problem: string | null; readonly isProven: boolean };

export type OpenConnection = {
  readonly dial: Dial;
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string;
  readonly ehloName: string;
  readonly tls: 'opportunistic' | 'required' | 'never' | 'implicit';
  readonly serverName: string;
  readonly verifyCertificate: boolean;
  readonly auth?: { readonly user: string; readonly secret: string };
  readonly deadlines: Deadlines;
  /** Asked after the handshake; without it a server is proven by the known authorities. */
  readonly judgePeer?: (peer: TLSSocket) => PeerVerdict;
  /** Policies in force, for the transcript. */
  readonly policy?: string;
};

export type Transaction = {
  readonly from: string;
  readonly to: string;
  readonly sizeBytes?: number;
  readonly needs: { readonly eightBit: boolean; readonly smtputf8: boolean; readonly requireTls?: boolean };
  readonly dsn?: {
    readonly ret?: string;
    readonly envid?: string;
    readonly notify?: readonly string[];
    readonly orcpt?: string;
  };
  /** The whole message, CRLF lines, not dot-stuffed. */
  readonly body: readonly Buffer[];
  /** False: the dot is not sent and the connection is cut; the message was not delivered. */
  readonly beforeFinalDot: () => boolean | Promise<boolean>;
};

/** What the message needs and the server does not have; REQUIRETLS also wants a server that is proven (RFC 8689 4.2.1). */
export function unsupportedBy(
  { smtputf8, requireTls, sizeMax }: Capabilities,
  { needs, sizeBytes }: Transaction,
  isPeerProven: boolean,
): 'smtputf8' | 'size' | 'requiretls' | null {
  if (needs.smtputf8 && !smtputf8) return 'smtputf8';
  if (needs.requireTls === true && !(requireTls && isPeerProven)) return 'requiretls';
  return sizeMax !== null && sizeBytes !== undefined && sizeBytes > sizeMax ? 'size' : null;
}

/** The MAIL command of a transaction, with the parameters that the server offers. */
export function mailCommand(transaction: Transaction, offered: Capabilities): string {
  const { from, needs, sizeBytes, dsn } = transaction;
  let line = `MAIL FROM:<${from}>`;
  if (offered.sizeMax !== null && sizeBytes !== undefined) line += ` SIZE=${sizeBytes}`;
  if (needs.eightBit && offered.eightBitMime) line += ' BODY=8BITMIME';
  if (needs.smtputf8 && offered.smtputf8) line += ' SMTPUTF8';
  if (needs.requireTls === true) line += ' REQUIRETLS';
  if (offered.dsn && dsn?.ret !== undefined) line += ` RET=${dsn.ret}`;
  if (offered.dsn && dsn?.envid !== undefined) line += ` ENVID=${dsn.envid}`;
  return line;
}

/**
 * The RCPT command of a transaction (RFC 3461 4.1, 4.2 for its parameters). A recipient whose original nobody named is its
 * own: reports then name the address that we know, whatever it becomes on its way.
 */
export function rcptCommand({ to, dsn }: Transaction, offered: Capabilities): string {
  let line = `RCPT TO:<${to}>`;
  if (!offered.dsn) return line;
  if (dsn?.notify !== undefined) line += ` NOTIFY=${dsn.notify.join(',')}`;
  const original = dsn?.orcpt ?? ownOriginal(to);
  if (original !== null) line += ` ORCPT=${original}`;
  return line;
}

/** xtext (RFC 3461 4); null for what needs another type. */
function ownOriginal(to: string): string | null {
  if (!/^[!-~]{1,320}$/.test(to)) return null;
  // Of printable characters only these two are special.
  return `rfc822;${to.replaceAll('+', '+2B').replaceAll('=', '+3D')}`;
}

const chunkBytesMax = 1_048_576;
const crlf = Buffer.from('\r\n');

export const lastChunk = Buffer.from('BDAT 0 LAST\r\n');

/** The body of a message as chunks with their BDAT commands (RFC 3030 2), all but the last, empty one. */
export function bdatChunks(body: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const isEnded = body.findLast(({ length }) => length > 0)?.at(-1) === 10;
  const chunks: Buffer[][] = [];
  let pieces: Buffer[] = [];
  let size = 0;
  const close = (): void => {
    if (size > 0) chunks.push([Buffer.from(`BDAT ${size}\r\n`), ...pieces]);
    pieces = [];
    size = 0;
  };
  for (const part of isEnded ? body : [...body, crlf]) {
    for (let from = 0; from < part.length;) {
      const piece = part.subarray(from, from + chunkBytesMax - size);
      pieces.push(piece);
      size += piece.length;
      from += piece.length;
      if (size === chunkBytesMax) close();
    }
  }
  close();
  return chunks;
}
