/** A line between a node and its database that can be cut or stopped: whatever runs over it meets what a network does. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export class Cutter implements AsyncDisposable {
  readonly #path: string;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();

  private constructor(path: string) {
    this.#path = path;
    this.#server = createServer({ noDelay: true }, (near) => this.#join(near));
  }

  /** To the unix socket at `path`. */
  static async start(path: string): Promise<Cutter> {
    const cutter = new Cutter(path);
    await new Promise<void>((resolve) => cutter.#server.listen(0, '127.0.0.1', resolve));
    return cutter;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Every connection breaks; new ones go through. */
  cut(): void {
    for (const [near] of this.#pairs) near.resetAndDestroy();
  }

  /** Nothing moves for a while, then everything does. */
  async stall(ms: number): Promise<void> {
    const stopped = [...this.#pairs].flat();
    for (const socket of stopped) socket.pause();
    await new Promise((resolve) => setTimeout(resolve, ms));
    for (const socket of stopped) socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(near: Socket): void {
    const far = connect(this.#path);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const part = (): void => {
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [one, other] of [pair, [far, near]] as const) {
      one.on('data', (chunk: Buffer) => {
        if (!other.write(chunk)) one.pause();
      });
      other.on('drain', () => one.resume());
      one.on('error', part).on('close', part);
    }
  }
}
