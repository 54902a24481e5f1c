/** A real HTTPS server on loopback: answers by path, and remembers what it was asked and what was posted to it. */
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { selfSigned } from './certificate.ts';
import type { Pair } from './certificate.ts';

export type HostAnswer = {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers. */
  readonly silent?: true;
};

export class HttpsHost implements AsyncDisposable {
  /** By host and path, or by path alone. */
  answers: Record<string, HostAnswer> = {};
  readonly asked: string[] = [];
  readonly posted: { readonly path: string; readonly type: string; readonly body: Buffer }[] = [];
  readonly cert: string;
  readonly #server: Server;

  private constructor(server: Server, cert: string) {
    this.#server = server;
    this.cert = cert;
    server.on('request', (request, response) => {
      this.asked.push(`${request.headers.host} ${request.url}`);
      const { host = '', 'content-type': type = '' } = request.headers;
      const path = request.url ?? '';
      const answer = this.answers[`${host}${path}`] ?? this.answers[path] ?? { status: 404 };
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'POST') this.posted.push({ path, type, body: Buffer.concat(chunks) });
        if (answer.silent === true) return;
        response.writeHead(answer.status, answer.headers ?? {});
        response.end(answer.body ?? '');
      });
    });
  }

  /** With a certificate for this one name. */
  static start(name: string): Promise<HttpsHost> {
    return HttpsHost.serve(selfSigned(name));
  }

  /** With this certificate, and with others for the names that have their own. */
  static async serve({ cert, key }: Pair, others: Readonly<Record<string, Pair>> = {}): Promise<HttpsHost> {
    const server = createServer({
      cert,
      key,
      SNICallback: (name, done) => done(null, createSecureContext(others[name] ?? { cert, key })),
    });
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
