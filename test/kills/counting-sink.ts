/** The relay of the kill runs: counts whole messages per recipient, answers after a small random delay. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

const end = Buffer.from('\r\n.\r\n');

export class CountingSink implements AsyncDisposable {
  /** Final dots seen per recipient, also those whose answer nobody read. */
  readonly dots = new Map<string, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #random: () => number;
  readonly #onDot: (recipient: string) => void;

  private constructor(random: () => number, onDot?: (recipient: string) => void) {
    this.#random = random;
    const count = (recipient: string): unknown =>
      this.dots.set(recipient, (this.dots.get(recipient) ?? 0) + 1);
    this.#onDot = onDot ?? count;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** `onDot` is told instead of the map, where there are too many to keep. */
  static async start(random: () => number, onDot?: (recipient: string) => void): Promise<CountingSink> {
    const sink = new CountingSink(random, onDot);
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    let rest = Buffer.alloc(0);
    let inData = false;
    let recipient = '';
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.write('220 sink\r\n');
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const at = rest.indexOf(inData ? end : '\r\n');
        if (at < 0) return;
        const line = rest.toString('latin1', 0, at);
        rest = rest.subarray(at + (inData ? end.length : 2));
        if (inData) {
          inData = false;
          this.#onDot(recipient);
          setTimeout(() => socket.write('250 2.0.0 kept\r\n'), Math.floor(this.#random() * 8));
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'EHLO') socket.write('250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n');
        else if (verb === 'DATA') {
          inData = true;
          socket.write('354 go\r\n');
        } else if (verb === 'QUIT') socket.end('221 bye\r\n');
        else {
          if (verb === 'RCPT') recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
          socket.write('250 2.0.0 ok\r\n');
        }
      }
    });
  }
}
