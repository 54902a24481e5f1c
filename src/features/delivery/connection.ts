/**
 * One connection to a remote SMTP server, from greeting to QUIT, sending one message after the other. HOT PATH. Every
 * ending is a value: what the server said, or where and how the connection broke. Deadlines per phase (RFC 5321 4.5.3.2).
 */
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { dotStuff } from '../../mail/smtp/dot-stuff.ts';
import { noCapabilities, parseCapabilities, ReplyParser } from '../../mail/smtp/reply-parser.ts';
import type { Capabilities } from '../../mail/smtp/reply-parser.ts';
import type { Reply } from '../../mail/reply.ts';
import { Broken, brokenError, errorCode } from './broken.ts';
import { mailCommand, rcptCommand } from './transaction.ts';
import type { ConnectFailure, OpenConnection, Transaction, TransactionOutcome } from './transaction.ts';

type Waiter = { readonly resolve: (reply: Reply) => void; readonly reject: (error: Broken) => void };

const quitMs = 2000;
const splitBytes = 65_536;

export class SmtpConnection implements AsyncDisposable {
  readonly #options: OpenConnection;
  #socket: Socket;
  #parser = new ReplyParser();
  #waiting: Waiter[] = [];
  #ready: Reply[] = [];
  #broken: Broken | null = null;
  #timer: NodeJS.Timeout | null = null;
  #capabilities: Capabilities = noCapabilities;
  #isReusable = true;
  #needsReset = false;
  #messagesSent = 0;
  #secure: TLSSocket | null = null;

  private constructor(options: OpenConnection, socket: Socket) {
    this.#options = options;
    this.#socket = socket;
    this.#attach(socket);
  }

  /** Connects, greets, upgrades to TLS and logs in as asked; a failure says in which phase. */
  static async open(
    options: OpenConnection,
  ): Promise<{ ok: true; connection: SmtpConnection } | { ok: false; failure: ConnectFailure }> {
    const connection = new SmtpConnection(options, options.dial(options));
    let phase: ConnectFailure['phase'] = 'connect';
    try {
      for await (const next of connection.#prepare()) {
        if (typeof next === 'string') phase = next;
        else {
          connection.destroy();
          return { ok: false, failure: { phase, reply: next } };
        }
      }
      connection.#clearDeadline();
      return { ok: true, connection };
    } catch (error) {
      connection.destroy();
      return { ok: false, failure: { phase, error: brokenError(error) } };
    }
  }

  get capabilities(): Capabilities {
    return this.#capabilities;
  }
  get isReusable(): boolean {
    return this.#isReusable && this.#broken === null;
  }
  get messagesSent(): number {
    return this.#messagesSent;
  }
  get tls(): { protocol: string; cipher: string; authorized: boolean } | null {
    if (this.#secure === null) return null;
    const protocol = this.#secure.getProtocol() ?? 'unknown';
    return { protocol, cipher: this.#secure.getCipher()?.name ?? '', authorized: this.#secure.authorized };
  }

  /** Phases as they begin; a reply that ends the attempt. */
  async *#prepare(): AsyncGenerator<ConnectFailure['phase'] | Reply> {
    const { deadlines, tls, ehloName, auth, verifyCertificate } = this.#options;
    await this.#connected(deadlines.connect);
    if (tls === 'implicit') {
      yield 'tls';
      await this.#upgrade();
    }
    yield 'greeting';
    const greeting = await this.#reply(deadlines.greeting);
    if (greeting.code !== 220) return yield greeting;
    yield 'ehlo';
    const refusal = await this.#hello(ehloName);
    if (refusal !== null) return yield refusal;
    if (tls !== 'never' && tls !== 'implicit' && (this.#capabilities.startTls || tls === 'required')) {
      yield 'tls';
      const answer = await this.#command('STARTTLS', deadlines.tls);
      if (answer.code === 220) {
        await this.#upgrade();
        yield 'ehlo';
        const again = await this.#hello(ehloName);
        if (again !== null) return yield again;
      } else if (tls === 'required' || verifyCertificate) return yield answer;
    }
    if (auth === undefined) return undefined;
    yield 'auth';
    const answer = await this.#login(auth);
    return answer.code === 235 ? undefined : yield answer;
  }

  /** Sends one message to one recipient. Never throws for what the network or the server does. */
  async deliver(transaction: Transaction): Promise<TransactionOutcome> {
    const unsupported = this.#unsupported(transaction);
    if (unsupported !== null) return { kind: 'unsupported', what: unsupported };
    let phase: 'mail' | 'rcpt' | 'data' | 'final' = 'mail';
    let isDotSent = false;
    try {
      const envelope = await this.#envelope(transaction, (next) => (phase = next));
      if (envelope !== null) return envelope;
      phase = 'final';
      let wire = dotStuff(transaction.body);
      // A large body goes first and the dot alone after it, so that a cut in its middle is no unknown outcome; a small
      // one leaves in one write with its dot.
      if ((transaction.sizeBytes ?? 0) > splitBytes) {
        await this.#write(wire.slice(0, -1));
        if (this.#broken !== null) throw this.#broken;
        wire = wire.slice(-1);
      }
      const mayEnd = transaction.beforeFinalDot();
      if (!(typeof mayEnd === 'boolean' ? mayEnd : await mayEnd)) {
        this.destroy();
        return { kind: 'abandoned' };
      }
      if (this.#broken !== null) throw this.#broken;
      isDotSent = true;
      await this.#write(wire);
      const reply = await this.#reply(this.#options.deadlines.finalDot);
      if (reply.code >= 200 && reply.code < 300) {
        this.#messagesSent += 1;
        return { kind: 'accepted', reply };
      }
      return this.#refused('final', reply);
    } catch (error) {
      this.#isReusable = false;
      return { kind: 'broken', phase, afterFinalDot: isDotSent, error: brokenError(error) };
    }
  }

  /** MAIL, RCPT and DATA, in one write where pipelining is offered (RFC 2920); null when the body may follow. */
  async #envelope(
    transaction: Transaction,
    at: (phase: 'mail' | 'rcpt' | 'data') => void,
  ): Promise<TransactionOutcome | null> {
    const { deadlines } = this.#options;
    const mail = mailCommand(transaction, this.#capabilities);
    const rcpt = rcptCommand(transaction, this.#capabilities);
    if (!this.#capabilities.pipelining) {
      if (this.#needsReset) await this.#command('RSET', deadlines.mail);
      this.#needsReset = false;
      const first = await this.#command(mail, deadlines.mail);
      if (first.code >= 300) return this.#refused('mail', first);
      at('rcpt');
      const second = await this.#command(rcpt, deadlines.rcpt);
      if (second.code >= 300) return this.#refused('rcpt', second);
      at('data');
      const third = await this.#command('DATA', deadlines.data);
      return third.code === 354 ? null : this.#refused('data', third);
    }
    const reset = this.#needsReset ? 'RSET\r\n' : '';
    this.#socket.write(`${reset}${mail}\r\n${rcpt}\r\nDATA\r\n`, 'utf8');
    if (this.#needsReset) await this.#reply(deadlines.mail);
    this.#needsReset = false;
    const first = await this.#reply(deadlines.mail);
    // RFC 5321 3.8: a server that says 421 closes; the other replies never come.
    if (first.code === 421) return this.#refused('mail', first);
    if (first.code < 300) at('rcpt');
    const second = await this.#reply(deadlines.rcpt);
    if (second.code === 421) return this.#refused('rcpt', second);
    if (first.code < 300 && second.code < 300) at('data');
    const third = await this.#reply(deadlines.data);
    if (first.code < 300 && second.code < 300 && third.code === 354) return null;
    // RFC 2920 3.1: a 354 without a recipient is ended by a lone dot; whatever is said to it is no delivery.
    if (third.code === 354) {
      this.#socket.write('.\r\n');
      await this.#reply(deadlines.finalDot);
    }
    if (first.code >= 300) return this.#refused('mail', first);
    if (second.code >= 300) return this.#refused('rcpt', second);
    return this.#refused('data', third);
  }

  #refused(phase: 'mail' | 'rcpt' | 'data' | 'final', reply: Reply): TransactionOutcome {
    if (reply.code === 421) this.#isReusable = false;
    // A code below 400 where none belongs (a 250 to DATA, a 354 at the end) is a protocol error.
    if (reply.code < 400) {
      this.#isReusable = false;
      throw new Broken('protocol', `unexpected reply ${reply.code} at ${phase}`);
    }
    this.#needsReset = true;
    return { kind: 'refused', phase, reply };
  }

  #unsupported({ needs, sizeBytes }: Transaction): 'smtputf8' | 'size' | 'requiretls' | null {
    if (needs.smtputf8 && !this.#capabilities.smtputf8) return 'smtputf8';
    if (needs.requireTls === true && !(this.#capabilities.requireTls && this.#secure?.authorized === true))
      return 'requiretls';
    const { sizeMax } = this.#capabilities;
    return sizeMax !== null && sizeBytes !== undefined && sizeBytes > sizeMax ? 'size' : null;
  }

  async #hello(name: string): Promise<Reply | null> {
    const { deadlines } = this.#options;
    const ehlo = await this.#command(`EHLO ${name}`, deadlines.ehlo);
    if (ehlo.code === 250) {
      this.#capabilities = parseCapabilities(ehlo);
      return null;
    }
    if (ehlo.code === 421) return ehlo;
    const helo = await this.#command(`HELO ${name}`, deadlines.ehlo);
    this.#capabilities = noCapabilities;
    return helo.code === 250 ? null : helo;
  }

  async #login({ user, secret }: { user: string; secret: string }): Promise<Reply> {
    const { deadlines } = this.#options;
    if (
      this.#secure === null &&
      !this.#socket.remoteAddress?.startsWith('127.') &&
      this.#socket.remoteAddress !== '::1'
    ) {
      throw new Broken('tls', 'the login is not sent without TLS');
    }
    if (this.#capabilities.auth.includes('PLAIN')) {
      return this.#command(
        `AUTH PLAIN ${Buffer.from(`\0${user}\0${secret}`).toString('base64')}`,
        deadlines.mail,
      );
    }
    const start = await this.#command('AUTH LOGIN', deadlines.mail);
    if (start.code !== 334) return start;
    const next = await this.#command(Buffer.from(user).toString('base64'), deadlines.mail);
    if (next.code !== 334) return next;
    return this.#command(Buffer.from(secret).toString('base64'), deadlines.mail);
  }

  #command(line: string, deadlineMs: number): Promise<Reply> {
    this.#socket.write(`${line}\r\n`, 'utf8');
    return this.#reply(deadlineMs);
  }

  /** Writes chunks in as few segments as the system likes; waits for the buffer of a large body to drain. */
  async #write(chunks: readonly Buffer[]): Promise<void> {
    const socket = this.#socket;
    let isFull = false;
    socket.cork();
    for (const chunk of chunks) isFull = !socket.write(chunk) || isFull;
    socket.uncork();
    if (!isFull || socket.writableLength < 1_048_576) return;
    this.#setDeadline(this.#options.deadlines.block);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  #reply(deadlineMs: number): Promise<Reply> {
    const ready = this.#ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#broken !== null) return Promise.reject(this.#broken);
    this.#setDeadline(deadlineMs);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #attach(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      for (const event of this.#parser.push(chunk)) {
        if (event.kind === 'garbage') return this.#break(new Broken('protocol', event.text));
        this.#take(event.reply);
      }
      return undefined;
    });
    socket.on('error', (error) => this.#break(new Broken(errorCode(error), error.message)));
    socket.on('close', () => this.#break(new Broken('closed', 'the server closed the connection')));
  }

  #take(reply: Reply): void {
    if (reply.code === 421) this.#isReusable = false;
    const waiter = this.#waiting.shift();
    if (waiter === undefined) {
      // Nothing was asked: a 421 before closing, or noise that a server may not make.
      if (this.#ready.length >= 4) this.#break(new Broken('protocol', 'replies that nobody asked for'));
      else this.#ready.push(reply);
      return;
    }
    if (this.#waiting.length === 0) this.#clearDeadline();
    waiter.resolve(reply);
  }

  #break(error: Broken): void {
    if (this.#broken !== null) return;
    this.#broken = error;
    this.#isReusable = false;
    this.#clearDeadline();
    this.#socket.destroy();
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }

  async #connected(deadlineMs: number): Promise<void> {
    const socket = this.#socket;
    if (!socket.connecting) return;
    this.#setDeadline(deadlineMs);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      this.#waiting.push({ resolve: () => undefined, reject });
    });
    this.#waiting = [];
    this.#clearDeadline();
  }

  /** Handshake over the present socket; what came in clear before it is dropped (RFC 3207 6). */
  async #upgrade(): Promise<void> {
    const { serverName, verifyCertificate, deadlines } = this.#options;
    const plain = this.#socket;
    plain.removeAllListeners('data');
    plain.removeAllListeners('close');
    this.#ready = [];
    this.#parser = new ReplyParser();
    const isName = !/^[\d.]+$|:/.test(serverName);
    const secure = tlsConnect({
      socket: plain,
      rejectUnauthorized: verifyCertificate,
      minVersion: 'TLSv1.2',
      ...(isName ? { servername: serverName } : {}),
    });
    this.#socket = secure;
    this.#setDeadline(deadlines.tls);
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve);
      secure.once('error', (error) => reject(new Broken('tls', error.message)));
      secure.once('close', () => reject(new Broken('tls', 'the handshake was cut')));
      this.#waiting.push({ resolve: () => undefined, reject });
    });
    this.#waiting = [];
    this.#clearDeadline();
    secure.removeAllListeners('error');
    secure.removeAllListeners('close');
    this.#secure = secure;
    this.#attach(secure);
  }

  /** One timer, moved: creating one per command costs more than the command. */
  #setDeadline(ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#break(new Broken('timeout', `no answer within ${ms / 1000} s`)), ms);
  }

  #clearDeadline(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  destroy(): void {
    this.#break(new Broken('closed', 'closed by us'));
  }

  /** QUIT with a short deadline. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#broken === null) {
      await this.#command('QUIT', quitMs).catch(() => undefined);
      this.destroy();
    }
  }
}
