/**
 * An SMTP listener: sockets, TLS, deadlines and bounds around the pure session (src/mail/smtp/server.ts). What a session
 * asks is answered by the hooks. HOT PATH: one read, one step, one write; a hook that answers at once costs no tick.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { errorText } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import type { EnvelopeRecipient, EnvelopeSender } from '../mail/smtp/command.ts';
import type { Envelope } from '../mail/smtp/session.ts';
import type { Reply } from '../mail/reply.ts';
import { Connection } from './connection.ts';
import { LoginThrottle } from './login-throttle.ts';

export type AuthAttempt = {
  readonly mechanism: 'PLAIN' | 'LOGIN';
  readonly user: string;
  readonly secret: string;
  readonly remoteAddress: string;
  readonly secure: boolean;
};

export type ConnectionFacts = {
  readonly remoteAddress: string;
  readonly helo: string;
  /** RFC 3848: `ESMTPSA` and the like. */
  readonly protocol: string;
  readonly secure: boolean;
};

type MaybeNow<T> = T | Promise<T>;

/** What the session cannot decide. Null accepts; a hook that throws is answered 451 and logged. */
export type SubmissionHooks<Identity> = {
  readonly authenticate: (
    attempt: AuthAttempt,
  ) => Promise<
    { readonly ok: true; readonly identity: Identity } | { readonly ok: false; readonly reply: Reply }
  >;
  readonly mail: (identity: Identity | null, from: EnvelopeSender) => MaybeNow<Reply | null>;
  readonly recipient: (
    identity: Identity | null,
    to: EnvelopeRecipient,
    soFar: number,
  ) => MaybeNow<Reply | null>;
  readonly message: (
    identity: Identity | null,
    envelope: Envelope,
    bytes: Buffer,
    connection: ConnectionFacts,
  ) => Promise<Reply>;
};

export type ListenerOptions<Identity> = {
  readonly host: string;
  readonly port: number;
  readonly hostname: string;
  readonly tls?: { readonly implicit: boolean; readonly context: () => SecureContext };
  readonly requireAuth: boolean;
  readonly clearAuthFrom: (address: string) => boolean;
  readonly sizeMax: number;
  readonly recipientsMax: number;
  readonly connectionsMax: number;
  readonly perAddressConnectionsMax: number;
  readonly idleTimeoutMs: number;
  /** For one whole message, however slowly its bytes come. */
  readonly dataTimeoutMs: number;
  /** From the connection to its login, where one is needed; no bound when left out. */
  readonly loginTimeoutMs?: number;
  /** Bytes that all sessions together may hold; the message that goes beyond it is answered 452. */
  readonly bufferedBytesMax: number;
  readonly hooks: SubmissionHooks<Identity>;
  readonly log: Log;
};

export class SmtpListener<Identity> implements AsyncDisposable {
  readonly #options: ListenerOptions<Identity>;
  readonly #server: Server;
  readonly #connections = new Set<Connection<Identity>>();
  readonly #perAddress = new Map<string, number>();
  readonly #throttle = new LoginThrottle();
  readonly #held = { bytes: 0 };
  #stopping: Promise<void> | null = null;

  private constructor(options: ListenerOptions<Identity>) {
    this.#options = options;
    this.#server = createServer({ noDelay: true, allowHalfOpen: false }, (socket) => this.#accept(socket));
  }

  /** Listens; `port` 0 takes any free one. */
  static async start<Identity>(options: ListenerOptions<Identity>): Promise<SmtpListener<Identity>> {
    const listener = new SmtpListener(options);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen({ host: options.host, port: options.port, backlog: 1024 }, () => {
        listener.#server.off('error', reject);
        resolve();
      });
    });
    listener.#server.on('error', (error) =>
      options.log.error({ error: error.message }, 'the SMTP listener failed'),
    );
    return listener;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Of messages that are being read or stored. */
  get heldBytes(): number {
    return this.#held.bytes;
  }

  /** No new connections; idle ones are told 421, those with a message on the way may finish within `graceMs`. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop(1000);
  }

  async #stop(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.retire();
    const timer = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    const { connectionsMax, perAddressConnectionsMax, log } = this.#options;
    const address = plainAddress(socket.remoteAddress ?? '');
    const mine = this.#perAddress.get(address) ?? 0;
    socket.on('error', () => socket.destroy());
    if (this.#stopping !== null) return refuseSocket(socket, '421 4.3.2 stopping');
    if (this.#connections.size >= connectionsMax)
      return refuseSocket(socket, '421 4.3.2 too many connections');
    if (mine >= perAddressConnectionsMax)
      return refuseSocket(socket, '421 4.7.0 too many connections from your address');
    this.#perAddress.set(address, mine + 1);
    const connection = new Connection<Identity>(socket, address, {
      ...this.#options,
      throttle: this.#throttle,
      held: this.#held,
      onClose: () => {
        this.#connections.delete(connection);
        const left = (this.#perAddress.get(address) ?? 1) - 1;
        if (left === 0) this.#perAddress.delete(address);
        else this.#perAddress.set(address, left);
      },
    });
    this.#connections.add(connection);
    connection.start().catch((error: unknown) => {
      log.warn({ error: errorText(error) }, 'an SMTP connection failed');
      connection.destroy();
    });
    return undefined;
  }
}

function refuseSocket(socket: Socket, line: string): void {
  socket.end(`${line}\r\n`);
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
