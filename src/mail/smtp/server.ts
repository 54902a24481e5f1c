/**
 * The server's side of an SMTP session (RFC 5321, 2920, 3030, 3207, 4954, 6152, 6531): pure, without socket or clock.
 * HOT PATH. Bytes go in by `push`; replies come out as one string per step (`takeOutput`); what the session cannot decide
 * itself it asks (`question`), and goes on when it is answered. Pipelined commands wait in the buffer meanwhile.
 */
import type { Reply } from '../reply.ts';
import { parseMail, parseRcpt } from './command.ts';
import type { EnvelopeRecipient, EnvelopeSender, Parsed } from './command.ts';
import { ehloReply } from './session.ts';
import type { Question, SessionOptions } from './session.ts';
import { Chunks } from './chunks.ts';
import type { ChunksEnd } from './chunks.ts';
import { DataReader } from './data.ts';
import type { DataEnd } from './data.ts';
import { AuthExchange } from './server-auth.ts';

const lineMax = 2048;
const authLineMax = 12_288;
const faultsMax = 20;

type Transaction = {
  from: EnvelopeSender;
  recipients: EnvelopeRecipient[];
  /** Of BDAT; null while none came. */
  chunks: Chunks | null;
};

export class ServerSession {
  readonly #options: SessionOptions;
  #buffer: Buffer = Buffer.alloc(0);
  #output = '';
  #question: Question | null = null;
  #helo = '';
  #isExtended = false;
  #transaction: Transaction | null = null;
  #data: DataReader | null = null;
  #chunk: { left: number; isLast: boolean; isRefused: boolean } | null = null;
  #auth: AuthExchange | null = null;
  #isAuthenticated = false;
  #faults = 0;
  #state: 'open' | 'startTls' | 'closing' = 'open';

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#output = `220 ${options.hostname} ESMTP\r\n`;
  }

  get question(): Question | null {
    return this.#question;
  }
  get helo(): string {
    return this.#helo;
  }
  get isInData(): boolean {
    return this.#data !== null || this.#chunk !== null;
  }
  get isClosing(): boolean {
    return this.#state === 'closing';
  }
  /** The 220 to STARTTLS is in the output: write it, then shake hands; everything buffered was discarded. */
  get wantsTls(): boolean {
    return this.#state === 'startTls';
  }
  /** Bytes of the message, until it is answered, and of unread input that this session holds. */
  get heldBytes(): number {
    const asked = this.#question?.kind === 'message' ? this.#question.bytes.length : 0;
    const message = this.#data ?? this.#transaction?.chunks;
    return this.#buffer.length + asked + (asked > 0 ? 0 : (message?.heldBytes ?? 0));
  }
  get isBetweenMails(): boolean {
    return this.#transaction === null && !this.isInData;
  }

  /** RFC 3848 and 6531 4.3: the `with` word of the Received field. */
  get protocol(): string {
    if (!this.#isExtended) return 'SMTP';
    const base = this.#transaction?.from.parameters.smtputf8 === true ? 'UTF8SMTP' : 'ESMTP';
    return `${base}${this.#options.isSecure ? 'S' : ''}${this.#isAuthenticated ? 'A' : ''}`;
  }

  /** There is no room: what the message under way holds is let go, and its end is answered with 452. */
  shed(): void {
    if (this.#question === null) (this.#data ?? this.#transaction?.chunks)?.shed();
  }

  takeOutput(): string {
    const output = this.#output;
    this.#output = '';
    return output;
  }

  push(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#run();
  }

  /** Ends the session with this reply (421 at a deadline or a stop). */
  close(reply: Reply): void {
    this.#say(reply.code, reply.enhanced, reply.text);
    this.#state = 'closing';
  }

  /** The answer to the question: null accepts; for `message` a reply is always given. */
  answer(reply: Reply | null): void {
    const asked = this.#question;
    this.#question = null;
    if (asked === null) return;
    switch (asked.kind) {
      case 'auth':
        this.#isAuthenticated = reply === null;
        this.#say(reply?.code ?? 235, reply?.enhanced ?? '2.7.0', reply?.text ?? 'welcome');
        break;
      case 'mail':
        if (reply === null) {
          this.#transaction = { from: asked.from, recipients: [], chunks: null };
          this.#say(250, '2.1.0', 'ok');
        } else this.#say(reply.code, reply.enhanced, reply.text);
        break;
      case 'recipient':
        if (reply === null) {
          this.#transaction?.recipients.push(asked.to);
          this.#say(250, '2.1.5', 'ok');
        } else this.#say(reply.code, reply.enhanced, reply.text);
        break;
      case 'data':
        if (reply === null) {
          this.#data = new DataReader(this.#options.sizeMax);
          this.#output += '354 go on, end with a dot on a line of its own\r\n';
        } else this.#say(reply.code, reply.enhanced, reply.text);
        break;
      case 'message':
        this.#transaction = null;
        this.#say(reply?.code ?? 451, reply?.enhanced ?? '4.3.0', reply?.text ?? 'no answer');
        break;
    }
    if (reply?.code === 421) this.#state = 'closing';
    this.#run();
  }

  #run(): void {
    while (this.#state === 'open' && this.#question === null && this.#buffer.length > 0) {
      if (
        this.#data !== null
          ? !this.#readData(this.#data)
          : this.#chunk !== null
            ? !this.#readChunk(this.#chunk)
            : !this.#readLine()
      )
        return;
    }
    if (this.#state === 'closing') this.#buffer = Buffer.alloc(0);
  }

  /** True when there may be more to do. */
  #readData(reader: DataReader): boolean {
    const chunk = this.#buffer;
    const step = reader.push(chunk, 0);
    if (step.kind === 'more') {
      this.#buffer = Buffer.alloc(0);
      return false;
    }
    this.#data = null;
    if (step.kind === 'end') this.#buffer = chunk.subarray(step.next);
    this.#endMessage(step.kind === 'end' ? step.end : step);
    return true;
  }

  /** RFC 3030 2: exact octet counts, no dot-stuffing. */
  #readChunk(chunk: { left: number; isLast: boolean; isRefused: boolean }): boolean {
    const part = this.#buffer.subarray(0, chunk.left);
    this.#buffer = this.#buffer.subarray(part.length);
    chunk.left -= part.length;
    const transaction = this.#transaction;
    if (!chunk.isRefused && part.length > 0) transaction?.chunks?.add(part);
    if (chunk.left > 0) return false;
    this.#chunk = null;
    const chunks = transaction?.chunks;
    if (chunk.isRefused || chunks === null || chunks === undefined)
      this.#say(503, '5.5.1', 'no transaction takes this chunk');
    else if (chunk.isLast || chunks.isLost) this.#endMessage(chunks.finish());
    else this.#say(250, '2.0.0', 'chunk taken');
    return true;
  }

  #endMessage(end: DataEnd | ChunksEnd): void {
    const transaction = this.#transaction;
    if (end.kind === 'complete' && transaction !== null) return this.#askMessage(transaction, end.bytes);
    this.#transaction = null;
    if (end.kind === 'bare') {
      this.#say(521, '5.5.2', 'lines must end in CRLF: the message was not taken');
      this.#state = 'closing';
    } else if (end.kind === 'nul') this.#say(550, '5.6.0', 'the message has a NUL octet');
    else if (end.kind === 'shed') this.#say(452, '4.3.1', 'too much mail is arriving; try again');
    else this.#say(552, '5.3.4', `the message exceeds ${this.#options.sizeMax} bytes`);
    return undefined;
  }

  #askMessage(transaction: Transaction, bytes: Buffer): void {
    const end =
      bytes.length === 0 || bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, Buffer.from('\r\n')]);
    const envelope = { from: transaction.from, recipients: transaction.recipients };
    this.#question = { kind: 'message', envelope, bytes: end };
  }

  #readLine(): boolean {
    const end = this.#buffer.indexOf(10);
    const limit = this.#auth === null ? lineMax : authLineMax;
    if (end < 0 ? this.#buffer.length > limit : end >= limit) {
      this.#say(500, '5.5.2', 'the line is too long');
      this.#state = 'closing';
      return true;
    }
    if (end < 0) return false;
    const hasCr = end > 0 && this.#buffer[end - 1] === 13;
    const line = this.#buffer.toString('utf8', 0, hasCr ? end - 1 : end);
    this.#buffer = this.#buffer.subarray(end + 1);
    if (!hasCr || line.includes('\r')) {
      this.#fault(500, '5.5.2', 'lines must end in CRLF');
      return true;
    }
    if (this.#auth !== null) this.#continueAuth(this.#auth, line);
    else this.#command(line);
    return true;
  }

  #command(line: string): void {
    const space = line.indexOf(' ');
    const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase();
    const rest = space < 0 ? '' : line.slice(space + 1).trim();
    if (/[\0\uFFFD]/.test(line)) return this.#fault(501, '5.5.2', 'the line is not valid UTF-8 text');
    switch (verb) {
      case 'MAIL':
        return this.#mail(rest);
      case 'RCPT':
        return this.#rcpt(rest);
      case 'DATA':
        return this.#dataCommand(rest);
      case 'BDAT':
        return this.#bdat(rest);
      case 'EHLO':
      case 'HELO':
        return this.#hello(verb, rest);
      case 'AUTH':
        return this.#authCommand(rest);
      case 'STARTTLS':
        return this.#startTls(rest);
      case 'RSET':
        if (rest !== '') return this.#fault(501, '5.5.4', 'RSET takes no parameter');
        this.#transaction = null;
        return this.#say(250, '2.0.0', 'reset');
      case 'NOOP':
        return this.#say(250, '2.0.0', 'ok');
      case 'QUIT':
        if (rest !== '') return this.#fault(501, '5.5.4', 'QUIT takes no parameter');
        this.#say(221, '2.0.0', 'bye');
        this.#state = 'closing';
        return undefined;
      case 'VRFY':
        if (rest === '') return this.#fault(501, '5.5.4', 'syntax: VRFY address');
        return this.#say(252, '2.1.5', 'send some mail, it will be tried');
      case 'EXPN':
        return this.#say(502, '5.5.1', 'not offered');
      case 'HELP':
        return this.#say(
          214,
          '2.0.0',
          'EHLO, HELO, STARTTLS, AUTH, MAIL, RCPT, DATA, BDAT, RSET, NOOP, VRFY, EXPN, HELP, QUIT',
        );
      default:
        return this.#fault(500, '5.5.1', 'the command is not known');
    }
  }

  #hello(verb: 'EHLO' | 'HELO', rest: string): void {
    if (rest === '' || rest.length > 255 || /\s/.test(rest))
      return this.#fault(501, '5.5.4', `syntax: ${verb} name`);
    this.#transaction = null;
    this.#helo = rest.replaceAll(/[^\u0021-\u007e]/g, '?');
    this.#isExtended = verb === 'EHLO';
    if (verb === 'HELO') {
      this.#output += `250 ${this.#options.hostname}\r\n`;
      return undefined;
    }
    this.#output += ehloReply(this.#options);
    return undefined;
  }

  #mail(rest: string): void {
    if (this.#helo === '') return this.#fault(503, '5.5.1', 'say EHLO first');
    if (this.#transaction !== null) return this.#fault(503, '5.5.1', 'a transaction is open');
    if (this.#options.requireAuth && !this.#isAuthenticated)
      return this.#fault(530, '5.7.0', 'authentication is needed');
    const parsed = parseMail(rest, this.#options);
    if (!parsed.ok) return this.#refuse(parsed);
    this.#question = { kind: 'mail', from: parsed.value };
    return undefined;
  }

  #rcpt(rest: string): void {
    const transaction = this.#transaction;
    if (transaction === null || transaction.chunks !== null)
      return this.#fault(503, '5.5.1', 'MAIL comes first');
    const parsed = parseRcpt(rest, transaction.from.parameters.smtputf8);
    if (!parsed.ok) return this.#refuse(parsed);
    if (transaction.recipients.length >= this.#options.recipientsMax)
      return this.#say(452, '4.5.3', 'too many recipients');
    this.#question = { kind: 'recipient', to: parsed.value, soFar: transaction.recipients.length };
    return undefined;
  }

  #dataCommand(rest: string): void {
    const transaction = this.#transaction;
    if (rest !== '') return this.#fault(501, '5.5.4', 'DATA takes no parameter');
    if (transaction === null || transaction.chunks !== null)
      return this.#fault(503, '5.5.1', 'MAIL and RCPT come first');
    if (transaction.recipients.length === 0) return this.#fault(503, '5.5.1', 'no valid recipients');
    this.#question = { kind: 'data' };
    return undefined;
  }

  #bdat(rest: string): void {
    const match = /^(\d{1,10})(?: +(LAST))?$/i.exec(rest);
    if (match === null) return this.#fault(501, '5.5.4', 'syntax: BDAT size [LAST]');
    const transaction = this.#transaction;
    const isRefused = transaction === null || transaction.recipients.length === 0;
    if (transaction !== null && !isRefused) transaction.chunks ??= new Chunks(this.#options.sizeMax);
    this.#chunk = { left: Number(match[1]), isLast: match[2] !== undefined, isRefused };
    if (this.#chunk.left === 0) this.#readChunk(this.#chunk);
    return undefined;
  }

  #startTls(rest: string): void {
    const { offersTls, isSecure } = this.#options;
    if (isSecure) return this.#fault(503, '5.5.1', 'TLS is on already');
    if (!offersTls) return this.#fault(502, '5.5.1', 'STARTTLS is not offered');
    if (rest !== '') return this.#fault(501, '5.5.4', 'STARTTLS takes no parameter');
    this.#say(220, '2.0.0', 'ready for TLS');
    // RFC 3207 4.2: nothing that came in clear after STARTTLS may have an effect.
    this.#buffer = Buffer.alloc(0);
    this.#state = 'startTls';
    return undefined;
  }

  #authCommand(rest: string): void {
    const { isSecure, clearAuth, requireAuth } = this.#options;
    if (!requireAuth) return this.#fault(502, '5.5.1', 'there is nothing to log in to');
    if (!this.#isExtended) return this.#fault(503, '5.5.1', 'say EHLO first');
    if (this.#isAuthenticated || this.#transaction !== null) return this.#fault(503, '5.5.1', 'not now');
    if (!isSecure && !clearAuth) return this.#fault(538, '5.7.11', 'TLS is needed first');
    const [mechanism = '', initial] = rest.split(/ +/);
    const name = mechanism.toUpperCase();
    if (name !== 'PLAIN' && name !== 'LOGIN') return this.#fault(504, '5.5.4', 'PLAIN and LOGIN are offered');
    const exchange = new AuthExchange(name);
    this.#auth = exchange;
    if (initial === undefined) this.#output += `334 ${exchange.challenge()}\r\n`;
    else this.#continueAuth(exchange, initial === '=' ? '' : initial);
    return undefined;
  }

  #continueAuth(exchange: AuthExchange, line: string): void {
    const step = exchange.step(line);
    if (step.kind === 'challenge') {
      this.#output += `334 ${step.text}\r\n`;
      return;
    }
    this.#auth = null;
    if (step.kind === 'failed') this.#fault(501, step.enhanced, step.text);
    else
      this.#question = { kind: 'auth', mechanism: exchange.mechanism, user: step.user, secret: step.secret };
  }

  #refuse(parsed: Extract<Parsed<unknown>, { ok: false }>): void {
    this.#fault(parsed.code, parsed.enhanced, parsed.text);
  }

  /** A reply to something that a well-behaved client does not say; too many of them end the session. */
  #fault(code: number, enhanced: string, text: string): void {
    this.#faults += 1;
    if (this.#faults > faultsMax) {
      this.#say(421, '4.7.0', 'too many errors');
      this.#state = 'closing';
      return;
    }
    this.#say(code, enhanced, text);
  }

  #say(code: number, enhanced: string | null, text: string): void {
    const clean = text.replaceAll(/[^\u0020-\u007e]+/g, ' ').slice(0, 450);
    this.#output += `${code} ${enhanced === null ? '' : `${enhanced} `}${clean}\r\n`;
  }
}
