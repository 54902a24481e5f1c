/** Reads another provider's API for an import: its limits are waited for, passing failures tried again, answers bounded. */
import { setTimeout as wait } from 'node:timers/promises';

const triesMax = 6;
const waitMsMax = 60_000;
const timeoutMs = 60_000;
const answerBytesMax = 268_435_456;

export type Request = {
  readonly method: 'GET' | 'POST';
  /** After the base URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export type Source = {
  /** The answer's JSON; null: it is not there (404), or not for this key (403). Throws when the provider does not give it. */
  readonly read: (request: Request) => Promise<unknown>;
};

export type SourceOptions = {
  readonly baseUrl: string;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** Text of a 5xx that says no for good. */
  readonly isFinal?: RegExp;
};

class SourceFault extends Error {
  override readonly name = 'SourceFault';
}

export function makeSource({ baseUrl, sleep = wait, isFinal }: SourceOptions): Source {
  const base = baseUrl.replace(/\/+$/, '');
  return {
    read: async (request) => {
      for (let tried = 1; ; tried++) {
        const answer = await attempt(base, request, isFinal);
        if (answer.kind === 'read') return answer.value;
        if (answer.kind === 'failed' || tried === triesMax)
          throw new SourceFault(`${request.method} ${request.path}: ${answer.why}`);
        await sleep(Math.min(answer.afterMs ?? 1000 * 2 ** (tried - 1), waitMsMax));
      }
    },
  };
}

type Attempt =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'later'; readonly why: string; readonly afterMs: number | null };

async function attempt(
  base: string,
  { method, path, headers = {}, body }: Request,
  isFinal: RegExp | undefined,
): Promise<Attempt> {
  try {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A key is not for whoever a redirect names.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { status } = response;
    const text = await wholeText(response);
    if (text === null) return { kind: 'failed', why: `answers more than ${answerBytesMax} bytes` };
    if (status >= 500 && isFinal?.test(text) === true)
      return { kind: 'failed', why: `answers ${status} ${text.slice(0, 200)}` };
    if (status === 429 || status >= 500)
      return { kind: 'later', why: `answers ${status}`, afterMs: retryAfter(response.headers) };
    if (status === 404 || status === 403) return { kind: 'read', value: null };
    if (status >= 400) return { kind: 'failed', why: `answers ${status} ${text.slice(0, 200)}` };
    try {
      return { kind: 'read', value: JSON.parse(text) };
    } catch {
      return { kind: 'failed', why: 'does not answer JSON' };
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    const why = `${error instanceof Error ? error.message : String(error)}${cause}`;
    return { kind: 'later', why, afterMs: null };
  }
}

async function wholeText(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > answerBytesMax) return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds; the form with a date is not waited for by its date. */
function retryAfter(headers: Headers): number | null {
  const text = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}
