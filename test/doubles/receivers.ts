/**
 * Receivers that behave like the world, by a seed: the same seed and the same order of mail give the same trouble. Several hosts
 * on loopback addresses, each with a temper; what each did is counted, so that a test can say what happened to whom.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';

/** Chances are from 0 to 1, for each message unless said otherwise. */
export type Temper = {
  /** The first attempt for a sender and recipient is put off. */
  readonly greylists?: boolean;
  /** Messages that it takes until a storm, and how many refusals a storm has: 421 at each step. */
  readonly stormEvery?: number;
  readonly stormLength?: number;
  /** Milliseconds before each reply. */
  readonly tarpitMs?: number;
  /** Milliseconds before a TLS handshake goes on; needs `tls`. */
  readonly slowTlsMs?: number;
  /** Takes the message, then cuts the connection instead of answering the final dot. */
  readonly dropAfterData?: number;
  /** A 5yz to RCPT, of several kinds. */
  readonly refuses?: number;
  /** Simultaneous connections of one source address, beyond which it answers 421 at once. */
  readonly connectionsMax?: number;
};

export type Receipt = {
  readonly recipient: string;
  readonly from: string;
  /** The address that the connection came from, and what it called itself. */
  readonly source: string;
  readonly ehlo: string;
  readonly at: number;
};

export type ReceiverOptions = {
  readonly seed: number;
  readonly host?: string;
  readonly port?: number;
  readonly temper?: Temper;
  readonly tls?: SecureContext;
  readonly onKept?: (receipt: Receipt) => void;
  /** Told of each recipient refused for good. */
  readonly onRefused?: (recipient: string) => void;
};

const refusals = [
  '550 5.1.1 no such user here',
  '552 5.2.2 mailbox is full',
  '554 5.7.1 message refused by policy',
  '550 5.7.1 your address is listed',
] as const;

/** mulberry32: small, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Receiver implements AsyncDisposable {
  readonly kept: Receipt[] = [];
  /** How often each trouble happened, by name. */
  readonly troubles = new Map<string, number>();
  connectionsNow = 0;
  connectionsMost = 0;
  temper: Temper;
  readonly #server: Server;
  readonly #options: ReceiverOptions;
  readonly #random: () => number;
  readonly #sockets = new Set<Socket>();
  readonly #greylisted = new Set<string>();
  readonly #bySource = new Map<string, number>();
  #taken = 0;
  #stormLeft = 0;

  private constructor(options: ReceiverOptions) {
    this.#options = options;
    this.temper = options.temper ?? {};
    this.#random = seeded(options.seed);
    this.#server = createServer({ noDelay: true }, (socket) => new Conversation(this, socket, options.tls));
  }

  static async start(options: ReceiverOptions): Promise<Receiver> {
    const receiver = new Receiver(options);
    await new Promise<void>((resolve) =>
      receiver.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve),
    );
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** True when the connection is one too many from its source. */
  connected(socket: Socket, source: string): boolean {
    this.#sockets.add(socket);
    const open = (this.#bySource.get(source) ?? 0) + 1;
    this.#bySource.set(source, open);
    this.connectionsNow += 1;
    this.connectionsMost = Math.max(this.connectionsMost, this.connectionsNow);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.connectionsNow -= 1;
      this.#bySource.set(source, (this.#bySource.get(source) ?? 1) - 1);
    });
    const isOne = open > (this.temper.connectionsMax ?? Infinity);
    if (isOne) this.#count('too many connections');
    return isOne;
  }

  /** What it answers to RCPT. */
  recipient(from: string, to: string): string {
    const { greylists, stormEvery, stormLength = 10, refuses = 0 } = this.temper;
    if (stormEvery === undefined) this.#stormLeft = 0;
    if (this.#stormLeft > 0) {
      this.#stormLeft -= 1;
      return this.#trouble('storm', '421 4.7.0 too many messages, try again later');
    }
    this.#taken += 1;
    if (stormEvery !== undefined && this.#taken % stormEvery === 0) this.#stormLeft = stormLength;
    const pair = `${from.replace(/^.*@/, '')} ${to}`;
    if (greylists === true && !this.#greylisted.has(pair)) {
      this.#greylisted.add(pair);
      return this.#trouble('greylisted', '451 4.7.1 greylisted, come back in a while');
    }
    if (refuses > 0 && this.#random() < refuses) {
      const refusal = refusals[Math.floor(this.#random() * refusals.length)] ?? refusals[0];
      this.#options.onRefused?.(to);
      return this.#trouble('refused', refusal);
    }
    return '250 2.1.5 ok';
  }

  /** Keeps the message; true when the answer is to be a cut. */
  message(receipt: Receipt): boolean {
    this.kept.push(receipt);
    this.#options.onKept?.(receipt);
    const isDropped = this.temper.dropAfterData !== undefined && this.#random() < this.temper.dropAfterData;
    if (isDropped) this.#count('dropped after data');
    return isDropped;
  }

  /** Every connection breaks, wherever it is; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #trouble(name: string, reply: string): string {
    this.#count(name);
    return reply;
  }

  #count(name: string): void {
    this.troubles.set(name, (this.troubles.get(name) ?? 0) + 1);
  }
}

const end = Buffer.from('\r\n.\r\n');

/** One connection: a small SMTP server that pipelines. */
class Conversation {
  readonly #receiver: Receiver;
  readonly #source: string;
  readonly #context: SecureContext | undefined;
  #socket: Socket;
  #buffer = Buffer.alloc(0);
  #inBody = false;
  #from = '';
  #to = '';
  #ehlo = '';
  #working: Promise<void> = Promise.resolve();

  constructor(receiver: Receiver, socket: Socket, context: SecureContext | undefined) {
    this.#receiver = receiver;
    this.#socket = socket;
    this.#context = context;
    this.#source = socket.remoteAddress ?? '';
    const isTooMany = receiver.connected(socket, this.#source);
    this.#listen(socket);
    this.#working = isTooMany
      ? this.#end('421 4.7.0 too many connections from you')
      : this.#say('220 receiver ESMTP');
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#working = this.#working.then(() => this.#read());
    });
  }

  async #read(): Promise<void> {
    while (!this.#socket.destroyed) {
      const mark = this.#inBody ? end : Buffer.from('\r\n');
      const found = this.#buffer.indexOf(mark);
      if (found < 0) return;
      const line = this.#inBody ? '' : this.#buffer.toString('utf8', 0, found);
      this.#buffer = this.#buffer.subarray(found + mark.length);
      if (this.#inBody) await this.#bodyEnds();
      else await this.#command(line);
    }
  }

  async #bodyEnds(): Promise<void> {
    this.#inBody = false;
    const receipt = {
      recipient: this.#to,
      from: this.#from,
      source: this.#source,
      ehlo: this.#ehlo,
      at: Date.now(),
    };
    if (this.#receiver.message(receipt)) this.#socket.destroy();
    else await this.#say('250 2.0.0 kept');
  }

  async #command(line: string): Promise<void> {
    const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        this.#ehlo = line.slice(5).trim();
        return this.#say(
          `250-receiver\r\n${this.#context === undefined || this.#socket instanceof TLSSocket ? '' : '250-STARTTLS\r\n'}250 PIPELINING`,
        );
      case 'STAR':
        return this.#startTls();
      case 'MAIL':
        [this.#from, this.#to] = [address, ''];
        return this.#say('250 2.1.0 ok');
      case 'RCPT': {
        const reply = this.#receiver.recipient(this.#from, address);
        if (reply.startsWith('250')) this.#to = address;
        return reply.startsWith('421') ? this.#end(reply) : this.#say(reply);
      }
      case 'DATA':
        this.#inBody = this.#to !== '';
        return this.#say(this.#inBody ? '354 go' : '503 5.5.1 no recipient');
      case 'QUIT':
        return this.#end('221 2.0.0 bye');
      default:
        return this.#say('250 2.0.0 ok');
    }
  }

  async #startTls(): Promise<void> {
    if (this.#context === undefined) return this.#say('502 5.5.1 no TLS here');
    await this.#say('220 2.0.0 go');
    await this.#pause(this.#receiver.temper.slowTlsMs);
    const plain = this.#socket;
    plain.removeAllListeners('data');
    this.#socket = new TLSSocket(plain, { isServer: true, secureContext: this.#context });
    this.#socket.on('error', () => undefined);
    this.#buffer = Buffer.alloc(0);
    this.#listen(this.#socket);
    return undefined;
  }

  async #say(reply: string): Promise<void> {
    await this.#pause(this.#receiver.temper.tarpitMs);
    if (!this.#socket.destroyed) this.#socket.write(`${reply}\r\n`);
  }

  async #end(reply: string): Promise<void> {
    await this.#say(reply);
    this.#socket.destroySoon();
  }

  #pause(ms = 0): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
  }
}
