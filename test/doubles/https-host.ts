/** A real HTTPS server on loopback that plays a DNS provider: answers by path, and remembers what it was asked. */
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { selfSigned } from './certificate.ts';

export type HostAnswer = {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers. */
  readonly silent?: true;
};

export class HttpsHost implements AsyncDisposable {
  answers: Record<string, HostAnswer> = {};
  readonly asked: string[] = [];
  readonly cert: string;
  readonly #server: Server;

  private constructor(server: Server, cert: string) {
    this.#server = server;
    this.cert = cert;
    server.on('request', (request, response) => {
      this.asked.push(`${request.headers.host} ${request.url}`);
      const { status, body = '', headers = {}, silent } = this.answers[request.url ?? ''] ?? { status: 404 };
      if (silent === true) return;
      response.writeHead(status, headers);
      response.end(body);
    });
  }

  /** With a certificate for this one name. */
  static async start(name: string): Promise<HttpsHost> {
    const { cert, key } = selfSigned(name);
    const server = createServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HttpsHost(server, cert);
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
