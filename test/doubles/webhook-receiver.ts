/** A subscriber on loopback: real HTTP, keeps what it was sent, answers as the test says. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type SentEvent = {
  readonly sequence: number;
  readonly kind: string;
  readonly subaccountId: number;
  readonly messageId: string | null;
  readonly recipient: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly isErased?: boolean;
};

export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly isReplay: boolean;
  readonly events: readonly SentEvent[];
  /** Whether it was answered with success. */
  isTaken: boolean;
};

/** A status, or what to do with the response; `hang` never answers. */
export type Reaction = number | 'hang' | 'cut' | ((response: ServerResponse) => void);

export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  react: (received: Received) => Reaction = () => 204;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        // A provider's format may be a form, which its test reads for itself.
        const isJson = request.headers['content-type'] === 'application/json';
        const parsed = (isJson ? JSON.parse(body) : { events: [] }) as {
          isReplay?: boolean;
          events: SentEvent[];
        };
        const received: Received = {
          path: request.url ?? '',
          headers: request.headers,
          body,
          isReplay: parsed.isReplay === true,
          events: parsed.events,
          isTaken: false,
        };
        this.received.push(received);
        this.#answer(received, response);
      });
    });
  }

  static async start(port = 0): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(port, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** Of what was taken, in the order of arrival, doubles included. */
  taken(isReplay = false): readonly SentEvent[] {
    return this.received
      .filter((each) => each.isTaken && each.isReplay === isReplay)
      .flatMap(({ events }) => events);
  }

  /** The numbers taken, in the order of their first arrival. */
  sequences(): readonly number[] {
    return [...new Set(this.taken().map(({ sequence }) => sequence))];
  }

  /** Ends what is kept open, so that the next request connects anew. */
  dropConnections(): void {
    this.#server.closeAllConnections();
  }

  #answer(received: Received, response: ServerResponse): void {
    const reaction = this.react(received);
    if (reaction === 'hang') return;
    if (reaction === 'cut') response.destroy();
    else if (typeof reaction === 'function') reaction(response);
    else {
      received.isTaken = reaction >= 200 && reaction < 300;
      response.writeHead(reaction).end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
