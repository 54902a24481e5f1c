/**
 * One connection to a remote SMTP server, from greeting to QUIT, sending one message after the other. HOT PATH. Every
 * ending is a value: what the server said, or where and how the connection broke. Deadlines per phase (RFC 5321 4.5.3.2).
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { dotStuff } from '../../mail/smtp/dot-stuff.ts';
import { noCapabilities, parseCapabilities, ReplyParser } from '../../mail/smtp/reply-parser.ts';
import type { Capabilities } from '../../mail/smtp/reply-parser.ts';
import type { Reply } from '../../mail/reply.ts';
import { Broken, brokenError, errorCode } from './broken.ts';
import { login } from './login.ts';
import { beginTls } from './peer.ts';
import { Transcript } from './transcript.ts';
import { bdatChunks, lastChunk, mailCommand, rcptCommand, unsupportedBy } from './transaction.ts';
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
  #transactions = 0;
  #secure: TLSSocket | null = null;
  #isPeerProven = false;
  readonly #transcript = new Transcript();

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
    const failed = (why: Pick<ConnectFailure, 'reply' | 'error'>): { ok: false; failure: ConnectFailure } => {
      const { transcript } = connection;
      connection.destroy();
      return { ok: false, failure: { phase, transcript, ...why } };
    };
    try {
      for await (const next of connection.#prepare()) {
        if (typeof next !== 'string') return failed({ reply: next });
        phase = next;
      }
      connection.#clearDeadline();
      return { ok: true, connection };
    } catch (error) {
      return failed({ error: brokenError(error) });
    }
  }

  get capabilities(): Capabilities {
    return this.#capabilities;
  }
  get isReusable(): boolean {
    const { mailMax } = this.#capabilities;
    const isUsedUp = mailMax !== null && this.#transactions >= mailMax;
    return this.#isReusable && !isUsedUp && this.#broken === null;
  }
  /** The server is who the recipient's domain names (RFC 8689 4.2.1). */
  get isPeerProven(): boolean {
    return this.#isPeerProven;
  }
  /** Of the opening and of the last transaction. */
  get transcript(): string {
    return this.#transcript.text;
  }
  get tls(): { protocol: string; cipher: string; authorized: boolean } | null {
    if (this.#secure === null) return null;
    const protocol = this.#secure.getProtocol() ?? 'unknown';
    return { protocol, cipher: this.#secure.getCipher()?.name ?? '', authorized: this.#secure.authorized };
  }

  /** Phases as they begin; a reply that ends the attempt. */
  async *#prepare(): AsyncGenerator<ConnectFailure['phase'] | Reply> {
    const { deadlines, tls, ehloName, auth, verifyCertificate, policy } = this.#options;
    await this.#connected(deadlines.connect);
    if (policy !== undefined) this.#transcript.note(`policy: ${policy}`);
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
      if (!this.#capabilities.startTls) throw new Broken('starttls', 'the server offers no STARTTLS');
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
    const answer = await login(auth, {
      isSecure: this.#secure !== null,
      remoteAddress: this.#socket.remoteAddress,
      offered: this.#capabilities,
      command: (line) => this.#command(line, deadlines.mail),
    });
    return answer.code === 235 ? undefined : yield answer;
  }

  /** Sends one message to one recipient. Never throws for what the network or the server does. */
  async deliver(transaction: Transaction): Promise<TransactionOutcome> {
    const unsupported = unsupportedBy(this.#capabilities, transaction, this.#isPeerProven);
    if (unsupported !== null) return { kind: 'unsupported', what: unsupported };
    let phase: 'mail' | 'rcpt' | 'data' | 'final' = 'mail';
    let isDotSent = false;
    this.#transactions += 1;
    this.#transcript.beginTransaction();
    try {
      const envelope = await this.#envelope(transaction, (next) => (phase = next));
      if (envelope !== null) return envelope;
      const body = await this.#body(transaction);
      if ('kind' in body) return body;
      phase = 'final';
      const { wire } = body;
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
        return { kind: 'accepted', reply };
      }
      return this.#refused('final', reply);
    } catch (error) {
      this.#isReusable = false;
      return { kind: 'broken', phase, afterFinalDot: isDotSent, error: brokenError(error) };
    }
  }

  #isInChunks({ sizeBytes = 0 }: Transaction): boolean {
    return this.#capabilities.chunking && sizeBytes > splitBytes;
  }

  /**
   * What ends the message. A large body goes first and its end alone after it, so that a cut in its middle is no unknown
   * outcome, in chunks where they are offered, as each of them may be refused; a small one leaves in one write with its dot.
   */
  async #body(transaction: Transaction): Promise<{ readonly wire: readonly Buffer[] } | TransactionOutcome> {
    if (this.#isInChunks(transaction)) {
      for (const chunk of bdatChunks(transaction.body)) {
        await this.#write(chunk);
        const reply = await this.#reply(this.#options.deadlines.block);
        if (reply.code >= 300) return this.#refused('data', reply);
      }
      return { wire: [lastChunk] };
    }
    const wire = dotStuff(transaction.body);
    if ((transaction.sizeBytes ?? 0) <= splitBytes) return { wire };
    await this.#write(wire.slice(0, -1));
    if (this.#broken !== null) throw this.#broken;
    return { wire: wire.slice(-1) };
  }

  /** MAIL, RCPT and DATA (none before chunks), in one write where pipelining is offered (RFC 2920); null when the body may follow. */
  async #envelope(
    transaction: Transaction,
    at: (phase: 'mail' | 'rcpt' | 'data') => void,
  ): Promise<TransactionOutcome | null> {
    const { deadlines } = this.#options;
    const mail = mailCommand(transaction, this.#capabilities);
    const rcpt = rcptCommand(transaction, this.#capabilities);
    const isInChunks = this.#isInChunks(transaction);
    if (!this.#capabilities.pipelining) {
      if (this.#needsReset) await this.#command('RSET', deadlines.mail);
      this.#needsReset = false;
      const first = await this.#command(mail, deadlines.mail);
      if (first.code >= 300) return this.#refused('mail', first);
      at('rcpt');
      const second = await this.#command(rcpt, deadlines.rcpt);
      if (second.code >= 300) return this.#refused('rcpt', second);
      at('data');
      if (isInChunks) return null;
      const third = await this.#command('DATA', deadlines.data);
      return third.code === 354 ? null : this.#refused('data', third);
    }
    const reset = this.#needsReset ? 'RSET\r\n' : '';
    this.#say(`${reset}${mail}\r\n${rcpt}\r\n${isInChunks ? '' : 'DATA\r\n'}`);
    if (this.#needsReset) await this.#reply(deadlines.mail);
    this.#needsReset = false;
    const first = await this.#reply(deadlines.mail);
    // RFC 5321 3.8: a server that says 421 closes; the other replies never come.
    if (first.code === 421) return this.#refused('mail', first);
    if (first.code < 300) at('rcpt');
    const second = await this.#reply(deadlines.rcpt);
    if (second.code === 421) return this.#refused('rcpt', second);
    if (first.code < 300 && second.code < 300) at('data');
    if (isInChunks) {
      if (first.code >= 300) return this.#refused('mail', first);
      return second.code >= 300 ? this.#refused('rcpt', second) : null;
    }
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

  #command(line: string, deadlineMs: number): Promise<Reply> {
    this.#say(`${line}\r\n`);
    return this.#reply(deadlineMs);
  }

  #say(lines: string): void {
    this.#transcript.said(lines);
    this.#socket.write(lines, 'utf8');
  }

  /** Writes chunks in as few segments as the system likes; waits for the buffer of a large body to drain. */
  async #write(chunks: readonly Buffer[]): Promise<void> {
    const socket = this.#socket;
    let isFull = false;
    this.#transcript.wrote(chunks);
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
    this.#transcript.heard(reply);
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
    this.#transcript.note(error.message);
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
    const { serverName, verifyCertificate, deadlines, judgePeer } = this.#options;
    const plain = this.#socket;
    plain.removeAllListeners('data');
    plain.removeAllListeners('close');
    this.#ready = [];
    this.#parser = new ReplyParser();
    const secure = beginTls(plain, { serverName, verifyCertificate });
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
    this.#transcript.note(`${secure.getProtocol() ?? 'TLS'} from here on`);
    const { problem, isProven } = judgePeer?.(secure) ?? { problem: null, isProven: secure.authorized };
    if (problem !== null) {
      this.#transcript.note(problem);
      throw new Broken('policy', problem);
    }
    this.#isPeerProven = isProven;
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
