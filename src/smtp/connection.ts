/** One connection of a listener: bytes between the socket and the session, questions to the hooks, deadlines. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { errorText } from '../base/log.ts';
import { ServerSession } from '../mail/smtp/server.ts';
import type { Question } from '../mail/smtp/session.ts';
import type { Reply } from '../mail/reply.ts';
import type { ListenerOptions } from './listener.ts';
import type { LoginThrottle } from './login-throttle.ts';

type Options<Identity> = ListenerOptions<Identity> & {
  readonly throttle: LoginThrottle;
  /** Bytes that all sessions of the listener hold; each tells its own changes. */
  readonly held: { bytes: number };
  readonly onClose: () => void;
};

const ours: Reply = { code: 451, enhanced: '4.3.0', text: 'an error of ours; try again' };
const fullReply: Reply = { code: 452, enhanced: '4.3.1', text: 'too much mail is arriving; try again' };
const handshakeMs = 30_000;

export class Connection<Identity> {
  readonly #options: Options<Identity>;
  readonly #address: string;
  #socket: Socket;
  #session: ServerSession;
  #identity: Identity | null = null;
  #isSecure = false;
  #dataSince: number | null = null;
  #isRetiring = false;
  #isAnswering = false;
  #isClosed = false;
  #heldBytes = 0;
  #loginTimer: NodeJS.Timeout | null = null;

  constructor(socket: Socket, address: string, options: Options<Identity>) {
    this.#socket = socket;
    this.#address = address;
    this.#options = options;
    this.#session = this.#newSession();
    socket.once('close', () => this.#close());
  }

  async start(): Promise<void> {
    const { tls, requireAuth, loginTimeoutMs } = this.#options;
    // Whoever may not send yet holds a place: not for longer than a login takes.
    if (requireAuth && loginTimeoutMs !== undefined)
      this.#loginTimer = setTimeout(
        () => this.#goodbye({ code: 421, enhanced: '4.4.2', text: 'the login took too long' }),
        loginTimeoutMs,
      );
    if (tls?.implicit === true && !(await this.#handshake())) return;
    this.#session = this.#newSession();
    this.#listen();
    this.#flush();
  }

  /** A graceful stop: now when idle, after the message on its way otherwise. */
  retire(): void {
    this.#isRetiring = true;
    if (!this.#session.isInData && !this.#isAnswering)
      this.#goodbye({ code: 421, enhanced: '4.3.2', text: 'stopping' });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #newSession(): ServerSession {
    const { hostname, sizeMax, recipientsMax, requireAuth, clearAuthFrom, tls } = this.#options;
    return new ServerSession({
      hostname,
      sizeMax,
      recipientsMax,
      requireAuth,
      clearAuth: clearAuthFrom(this.#address),
      isSecure: this.#isSecure,
      offersTls: tls !== undefined && !tls.implicit,
    });
  }

  #listen(): void {
    this.#socket.setTimeout(this.#options.idleTimeoutMs);
    this.#socket.on('timeout', () => this.#goodbye({ code: 421, enhanced: '4.4.2', text: 'timeout' }));
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  #read(chunk: Buffer): void {
    this.#session.push(chunk);
    this.#count();
    this.#serve();
    this.#watchMessage();
  }

  /** Tells what this session holds now; the message that goes beyond the listener's bound gives its bytes back. */
  #count(): void {
    const { held, bufferedBytesMax } = this.#options;
    const before = this.#heldBytes;
    this.#heldBytes = this.#isClosed ? 0 : this.#session.heldBytes;
    held.bytes += this.#heldBytes - before;
    if (held.bytes <= bufferedBytesMax || this.#heldBytes <= before) return;
    this.#session.shed();
    held.bytes += this.#session.heldBytes - this.#heldBytes;
    this.#heldBytes = this.#session.heldBytes;
  }

  /** One message may take so long, from its first sight on, whatever step it began in. */
  #watchMessage(): void {
    if (!this.#session.isInData) {
      this.#dataSince = null;
      return;
    }
    const now = performance.now();
    this.#dataSince ??= now;
    if (now - this.#dataSince > this.#options.dataTimeoutMs) {
      this.#goodbye({ code: 421, enhanced: '4.4.2', text: 'the message took too long' });
    }
  }

  /** Answers questions until there is none or one takes time; replies of one step leave in one write. */
  #serve(): void {
    if (this.#isAnswering) return;
    for (
      let asked = this.#session.question;
      asked !== null && !this.#isClosed;
      asked = this.#session.question
    ) {
      const answer = this.#ask(asked);
      if (answer instanceof Promise) {
        this.#wait(answer);
        break;
      }
      this.#session.answer(answer);
    }
    this.#flush();
  }

  /** Input stops while an answer is awaited, so that a client cannot fill memory meanwhile. */
  #wait(answer: Promise<Reply | null>): void {
    this.#isAnswering = true;
    this.#socket.pause();
    answer
      .catch((error: unknown) => {
        this.#options.log.error({ error: errorText(error) }, 'an SMTP hook failed');
        return ours;
      })
      .then((reply) => {
        this.#isAnswering = false;
        if (this.#isClosed) return;
        this.#session.answer(reply);
        this.#count();
        this.#serve();
        this.#watchMessage();
        if (this.#isAnswering) return;
        this.#socket.resume();
        if (this.#isRetiring && !this.#session.isInData)
          this.#goodbye({ code: 421, enhanced: '4.3.2', text: 'stopping' });
      })
      .catch((error: unknown) => {
        this.#options.log.error({ error: errorText(error) }, 'an SMTP connection broke');
        this.destroy();
      });
  }

  #ask(asked: Question): Reply | null | Promise<Reply | null> {
    const { hooks } = this.#options;
    switch (asked.kind) {
      case 'auth':
        return this.#login(asked);
      case 'mail':
        return hooks.mail(this.#identity, asked.from);
      case 'recipient':
        return hooks.recipient(this.#identity, asked.to, asked.soFar);
      case 'data':
        return this.#options.held.bytes > this.#options.bufferedBytesMax ? fullReply : null;
      case 'message':
        return hooks.message(this.#identity, asked.envelope, asked.bytes, {
          remoteAddress: this.#address,
          helo: this.#session.helo,
          protocol: this.#session.protocol,
          secure: this.#isSecure,
        });
    }
  }

  async #login({ mechanism, user, secret }: Extract<Question, { kind: 'auth' }>): Promise<Reply | null> {
    const { throttle, hooks } = this.#options;
    if (throttle.isBlocked(this.#address, performance.now())) {
      return { code: 421, enhanced: '4.7.0', text: 'too many failed logins; try again later' };
    }
    const attempt = { mechanism, user, secret, remoteAddress: this.#address, secure: this.#isSecure };
    const outcome = await hooks.authenticate(attempt);
    if (outcome.ok) {
      if (this.#loginTimer !== null) clearTimeout(this.#loginTimer);
      throttle.succeeded(this.#address);
      this.#identity = outcome.identity;
      return null;
    }
    throttle.failed(this.#address, performance.now());
    return outcome.reply;
  }

  #flush(): void {
    const output = this.#session.takeOutput();
    if (output !== '' && !this.#socket.destroyed) this.#socket.write(output, 'latin1');
    if (this.#session.wantsTls) this.#startTls();
    else if (this.#session.isClosing) this.#end();
  }

  #goodbye(reply: Reply): void {
    if (this.#isClosed) return;
    this.#session.close(reply);
    this.#flush();
  }

  /** Half-closes, and cuts a peer that does not close its side. */
  #end(): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    socket.removeAllListeners('data');
    socket.resume();
    socket.end();
    setTimeout(() => socket.destroy(), 2000).unref();
  }

  #startTls(): void {
    this.#socket.removeAllListeners('data');
    this.#socket.removeAllListeners('timeout');
    this.#handshake().then(
      (isDone) => {
        if (!isDone) return;
        this.#identity = null;
        this.#session = this.#newSession();
        // RFC 3207 4.2: no second greeting inside TLS.
        this.#session.takeOutput();
        this.#listen();
      },
      () => this.destroy(),
    );
  }

  /** True when TLS is up; a failed handshake closes without a word. */
  async #handshake(): Promise<boolean> {
    const { tls } = this.#options;
    if (tls === undefined) return false;
    const plain = this.#socket;
    const secure = new TLSSocket(plain, { isServer: true, secureContext: tls.context() });
    this.#socket = secure;
    const timer = setTimeout(() => secure.destroy(), handshakeMs);
    return new Promise((resolve) => {
      secure.once('secure', () => {
        clearTimeout(timer);
        this.#isSecure = true;
        resolve(true);
      });
      secure.once('close', () => {
        clearTimeout(timer);
        resolve(false);
        plain.destroy();
      });
      secure.on('error', () => secure.destroy());
    });
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#count();
    if (this.#loginTimer !== null) clearTimeout(this.#loginTimer);
    this.#options.onClose();
  }
}
