/**
 * One request to an endpoint: connected as `address.ts` allows, redirects not followed, a deadline for each phase and for
 * the whole, and no more read of the answer than its beginning.
 */
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { errorText } from '../../base/log.ts';
import { guardedConnector } from './address.ts';
import type { Network } from './address.ts';
import type { Keyring } from '../../base/seal.ts';
import type { Endpoint, Outcome } from './model.ts';
import { Tokens } from './tokens.ts';

export const deadlines = { connectMs: 5000, headersMs: 10_000, bodyMs: 2000, wholeMs: 15_000 } as const;
const excerptBytes = 1024;
const headersExcerpt = 2000;

export type Answer = {
  readonly outcome: Outcome;
  /** Beginnings, for the log of deliveries. */
  readonly headers: string;
  readonly body: string;
};

export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
  /** As much of the answer's body as is read. */
  bytesMax?: number,
) => Promise<Answer>;

/** Connections are kept between requests, unlimited per host: how many requests run is the caller's to bound. */
export class Poster implements AsyncDisposable {
  readonly #agent: Agent;
  readonly #tokens: Tokens;

  constructor(network: Network) {
    this.#tokens = new Tokens((...request) => this.post(...request));
    this.#agent = new Agent({
      connect: guardedConnector(network, deadlines.connectMs),
      pipelining: 1,
      keepAliveTimeout: 4000,
      keepAliveMaxTimeout: 30_000,
      maxHeaderSize: 16_384,
      headersTimeout: deadlines.headersMs,
      bodyTimeout: deadlines.bodyMs,
    });
  }

  /** Never throws: what failed is an outcome. */
  post: Post = async (url, headers, body, signal, bytesMax = excerptBytes) => {
    const started = performance.now();
    const ms = (): number => performance.now() - started;
    try {
      const reply = await request(url, {
        method: 'POST',
        headers,
        body,
        dispatcher: this.#agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlines.wholeMs)]),
      });
      const status = reply.statusCode;
      const excerpt = await beginning(reply.body, bytesMax);
      return {
        outcome:
          status >= 200 && status < 300
            ? { kind: 'taken', status, ms: ms() }
            : { kind: 'refused', status, ms: ms(), retryAfterMs: retryAfterMs(status, reply.headers) },
        headers: headerText(reply.headers),
        body: excerpt,
      };
    } catch (error) {
      return {
        outcome: { kind: 'unreachable', error: reason(error), ms: ms() },
        headers: '',
        body: '',
      };
    }
  };

  /** To the webhook's endpoint, with the token that it asks for if it is of that kind. */
  send = (
    ring: Keyring,
    webhook: Pick<Endpoint, 'id' | 'url' | 'authKind' | 'sealedAuth'>,
    request: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
    signal: AbortSignal,
  ): Promise<Answer> => this.#tokens.send(ring, webhook, request, signal);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

/** At most so much, for at most two seconds; a longer or slower rest is cut off with its connection. */
async function beginning(body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => body.destroy(), deadlines.bodyMs);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= bytesMax) break;
    }
  } catch {
    // The status is known; what is missing is only an excerpt.
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
  return printable(Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8'));
}

/** What PostgreSQL does not store is left out. */
function printable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}

function headerText(headers: Dispatcher.ResponseData['headers']): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${[value].flat().join(', ')}`);
  return printable(lines.join('\n').slice(0, headersExcerpt));
}

/** Seconds, or a date (RFC 9110 10.2.3), of a 429 or 503. */
function retryAfterMs(status: number, headers: Dispatcher.ResponseData['headers']): number | null {
  const value = headers['retry-after'];
  if ((status !== 429 && status !== 503) || typeof value !== 'string') return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

function reason(error: unknown): string {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'HeadersTimeoutError'))
    return 'no answer in time';
  if (error instanceof Error && error.name === 'ConnectTimeoutError') return 'no connection in time';
  return printable(errorText(error).slice(0, 300));
}
