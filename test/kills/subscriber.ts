/**
 * A subscriber of the webhook runs: real HTTP, and what it keeps is bounded however much comes. Its events are numbered from
 * 1 without gaps, so that one number says what it has: a lower one is a double, the next one is new, a higher one is a gap.
 * Only what it answers with success counts as taken.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bits } from './bits.ts';

export type Mood = 'take' | 'error' | 'hang' | 'reset' | 'slow';

type Told = {
  readonly sequence: number;
  readonly kind: string;
  readonly subaccountId: number;
  readonly recipient: string | null;
};

const slowMs = 2500;

/** The number in the address of a run's recipient; null of other mail. */
export function numberOf(recipient: string | null): number | null {
  const found = /^m(\d+)@/.exec(recipient ?? '');
  return found === null ? null : Number(found[1]);
}

export class Subscriber implements AsyncDisposable {
  /** The number that it waits for. */
  next = 1;
  doubles = 0;
  /** Numbers that came before the one it waited for. */
  gaps = 0;
  requests = 0;
  /** What it did, besides taking. */
  readonly moods = new Map<Mood, number>();
  /** Events taken, doubles not, by kind, and the accepted ones by subaccount. */
  readonly kinds = new Map<string, number>();
  readonly acceptedBy = new Map<number, number>();
  /** Mail of the run that it was told was accepted, and delivered. */
  readonly accepted = new Bits();
  readonly delivered = new Bits();
  /** Mail that it was told of twice under different numbers. */
  repeated = 0;
  mood: () => Mood = () => 'take';
  #server: Server | null = null;
  #port = 0;

  static async start(): Promise<Subscriber> {
    const subscriber = new Subscriber();
    await subscriber.open();
    return subscriber;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** On the port that it had before. */
  async open(): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Nobody listens any more. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.requests += 1;
      const mood = this.mood();
      this.moods.set(mood, (this.moods.get(mood) ?? 0) + 1);
      const take = (): void => {
        if (response.destroyed) return;
        this.#take((JSON.parse(body) as { events: readonly Told[] }).events);
        response.writeHead(204).end();
      };
      if (mood === 'take') take();
      else if (mood === 'slow') setTimeout(take, slowMs);
      else if (mood === 'reset') request.socket.resetAndDestroy();
      else if (mood === 'error') response.writeHead(503).end('not now');
    });
  }

  #take(events: readonly Told[]): void {
    for (const { sequence, kind, subaccountId, recipient } of events) {
      if (sequence < this.next) {
        this.doubles += 1;
        continue;
      }
      if (sequence > this.next) this.gaps += 1;
      this.next = sequence + 1;
      this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
      if (kind === 'message.accepted')
        this.acceptedBy.set(subaccountId, (this.acceptedBy.get(subaccountId) ?? 0) + 1);
      const seen =
        kind === 'message.accepted' ? this.accepted : kind === 'message.delivered' ? this.delivered : null;
      const n = numberOf(recipient);
      if (seen !== null && n !== null && !seen.add(n)) this.repeated += 1;
    }
  }
}
