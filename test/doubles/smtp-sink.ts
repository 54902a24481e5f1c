/** A real SMTP receiver for tests, with a parser of its own: keeps what it gets, and misbehaves where it is told to. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';

export type Phase = 'connect' | 'ehlo' | 'mail' | 'rcpt' | 'data' | 'body' | 'final';

/** What the sink does at a phase; undefined behaves well. `recipient` is known from RCPT on. */
export type Misbehaviour =
  | { readonly reply: string }
  | { readonly cut: 'close' | 'reset' }
  | { readonly silent: true };

export type Occasion = {
  readonly phase: Phase;
  readonly recipient: string;
  readonly connection: number;
  readonly message: number;
};

export type Kept = {
  readonly from: string;
  readonly to: string;
  readonly bytes: Buffer;
  readonly connection: number;
  /** The name that the client wanted by TLS, null in clear. */
  readonly tls: string | null;
};

export type SinkOptions = {
  readonly behave?: (occasion: Occasion) => Misbehaviour | undefined;
  readonly extensions?: readonly string[];
  readonly host?: string;
  /** What a login is answered in the end. */
  readonly login?: string;
  /** Any free one when left out. */
  readonly port?: number;
  /** Offers STARTTLS; by the name that the client wants, undefined cuts the handshake. */
  readonly tls?: (serverName: string) => SecureContext | undefined;
};

const end = Buffer.from('\r\n.\r\n');
const defaultExtensions = [
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'SIZE 52428800',
  'DSN',
  'ENHANCEDSTATUSCODES',
];

export class SmtpSink implements AsyncDisposable {
  readonly kept: Kept[] = [];
  connections = 0;
  /** Recipients of whole messages, in order, also of those whose reply was never sent. */
  readonly finalDots: string[] = [];
  /** Every command line, in order. */
  readonly commands: string[] = [];
  readonly #server: Server;
  readonly #options: SinkOptions;
  readonly #sockets = new Set<Socket>();

  private constructor(options: SinkOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket, ++this.connections, false));
  }

  static async start(options: SinkOptions = {}): Promise<SmtpSink> {
    const sink = new SmtpSink(options);
    await new Promise<void>((resolve) =>
      sink.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve),
    );
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket, connection: number, isSecure: boolean): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    let message = 0;
    let from = '';
    let to = '';
    let buffer = Buffer.alloc(0);
    let inBody = false;
    let bdat: { left: number; isLast: boolean } | null = null;
    let chunks: Buffer[] = [];
    let prompts = 0;
    const at = (phase: Phase, good: string): boolean => {
      const wish = this.#options.behave?.({ phase, recipient: to, connection, message });
      if (wish === undefined) socket.write(`${good}\r\n`);
      else if ('reply' in wish) socket.write(`${wish.reply}\r\n`);
      else if ('cut' in wish) {
        if (wish.cut === 'reset') socket.resetAndDestroy();
        else socket.destroySoon();
        return false;
      } else if ('silent' in wish) return false;
      return wish === undefined || ('reply' in wish && /^[23]/.test(wish.reply));
    };
    const endChunk = (isLast: boolean): void => {
      const bytes = Buffer.concat(chunks);
      if (!isLast) {
        if (!at('data', '250 2.0.0 chunk taken')) chunks = [];
        return;
      }
      chunks = [];
      this.finalDots.push(to);
      if (at('final', '250 2.0.0 kept'))
        this.kept.push({ from, to, bytes, connection, tls: tlsName(socket) });
    };
    const command = (line: string): void => {
      this.commands.push(line);
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') {
        const offers = this.#options.tls !== undefined && !isSecure ? ['STARTTLS'] : [];
        const words = ['sink', ...offers, ...(this.#options.extensions ?? defaultExtensions)];
        at(
          'ehlo',
          words.map((word, index) => `250${index === words.length - 1 ? ' ' : '-'}${word}`).join('\r\n'),
        );
      } else if (verb === 'STAR' && this.#options.tls !== undefined) {
        this.#secure(socket, connection);
      } else if (verb === 'MAIL') {
        from = /<([^>]*)>/.exec(line)?.[1] ?? '';
        to = '';
        message += 1;
        if (!at('mail', '250 2.1.0 ok')) from = '';
      } else if (verb === 'RCPT') {
        to = /<([^>]*)>/.exec(line)?.[1] ?? '';
        if (!at('rcpt', '250 2.1.5 ok')) to = '';
      } else if (verb === 'DATA') {
        if (to === '') socket.write('503 5.5.1 no recipient\r\n');
        else inBody = at('data', '354 go');
        if (inBody) {
          const wish = this.#options.behave?.({ phase: 'body', recipient: to, connection, message });
          if (wish !== undefined && 'cut' in wish) socket.once('data', () => socket.destroy());
        }
      } else if (verb === 'BDAT') {
        const [, size, last] = line.split(' ');
        bdat = { left: Number(size), isLast: last !== undefined };
      } else if (verb === 'AUTH') {
        // LOGIN asks twice; its answers are no commands.
        prompts = line.toUpperCase() === 'AUTH LOGIN' ? 2 : 0;
        socket.write(
          `${prompts > 0 ? '334 VXNlcm5hbWU6' : (this.#options.login ?? '235 2.7.0 welcome')}\r\n`,
        );
      } else if (prompts > 0) {
        prompts -= 1;
        socket.write(
          `${prompts > 0 ? '334 UGFzc3dvcmQ6' : (this.#options.login ?? '235 2.7.0 welcome')}\r\n`,
        );
      } else if (verb === 'QUIT') socket.end('221 2.0.0 bye\r\n');
      else socket.write('250 2.0.0 ok\r\n');
    };
    socket.on('data', (chunk: Buffer) => {
      buffer = Buffer.concat([buffer, chunk]);
      while (!socket.destroyed) {
        if (bdat !== null) {
          const part = buffer.subarray(0, bdat.left);
          buffer = buffer.subarray(part.length);
          chunks.push(part);
          bdat.left -= part.length;
          if (bdat.left > 0) return;
          const { isLast } = bdat;
          bdat = null;
          endChunk(isLast);
          continue;
        }
        if (inBody) {
          const found = buffer.indexOf(end);
          if (found < 0) return;
          const bytes = Buffer.from(
            buffer
              .subarray(0, found + 2)
              .toString('latin1')
              .replaceAll('\r\n..', '\r\n.'),
            'latin1',
          );
          buffer = buffer.subarray(found + end.length);
          inBody = false;
          this.finalDots.push(to);
          if (at('final', '250 2.0.0 kept'))
            this.kept.push({ from, to, bytes, connection, tls: tlsName(socket) });
          continue;
        }
        const lineEnd = buffer.indexOf('\r\n');
        if (lineEnd < 0) return;
        const line = buffer.toString('utf8', 0, lineEnd);
        buffer = buffer.subarray(lineEnd + 2);
        command(line);
      }
    });
    if (!isSecure) at('connect', '220 sink ESMTP');
  }

  #secure(plain: Socket, connection: number): void {
    plain.removeAllListeners('data');
    const secure = new TLSSocket(plain, {
      isServer: true,
      SNICallback: (name, done) => {
        const context = this.#options.tls?.(name);
        if (context === undefined) done(new Error(`no certificate for ${name}`));
        else done(null, context);
      },
    });
    this.#serve(secure, connection, true);
    plain.write('220 2.0.0 go\r\n');
  }
}

function tlsName(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket)) return null;
  return typeof socket.servername === 'string' ? socket.servername : '';
}
