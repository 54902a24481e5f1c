/**
 * The one way from a page to the server: a call of the API, named and typed by `calls.ts`, or one of the login's own
 * (`login.ts`). The session is a cookie that scripts cannot read; which account and subaccount a call means, the lens
 * says, so that two windows can look at two accounts.
 */
import { facts } from '../shell/facts.ts';
import type { Calls } from './calls.ts';
import { takeEarly } from './early.ts';
import { lensHeaders } from './lens.ts';
import type { Lens } from './lens.ts';
import { proof, viewEnded } from './view.ts';

export type Call = keyof Calls;
export type Reply<C extends Call> = Calls[C]['reply'];
type Part<C extends Call, Name extends string> = Calls[C] extends Record<Name, infer Value> ? Value : never;
type Given<C extends Call, Name extends string> =
  Calls[C] extends Record<Name, infer Value>
    ? object extends Value
      ? Partial<Record<Name, Value>>
      : Record<Name, Value>
    : object;
/** What a call takes: `path`, `query`, `body`, as far as it has them. */
export type Input<C extends Call> = Given<C, 'path'> & Given<C, 'query'> & Given<C, 'body'>;
export type Query<C extends Call> = Part<C, 'query'>;
/** One of the items of a list. */
export type Item<C extends Call> = Reply<C> extends { readonly items: readonly (infer One)[] } ? One : never;

export type FieldError = { readonly field: string; readonly rule: string; readonly message: string };

/** What the server says when it does not do what was asked (problem+json), or that it could not be reached. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string;
  readonly errors: readonly FieldError[];

  constructor(told: {
    status: number;
    code: string;
    detail: string;
    requestId?: string;
    errors?: readonly FieldError[];
  }) {
    super(told.detail);
    this.status = told.status;
    this.code = told.code;
    this.requestId = told.requestId ?? '';
    this.errors = told.errors ?? [];
  }
}

type Loose = {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
};

/** Makes the call; throws a `Problem`, but for a session that has ended. */
export async function call<C extends Call>(
  name: C,
  input: Input<C>,
  lens: Lens,
  signal?: AbortSignal,
): Promise<Reply<C>> {
  const { path, query, body } = input as Loose;
  const [method = 'GET', pattern = ''] = name.split(' ');
  const filled = pattern.replace(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(path?.[part] ?? ''));
  try {
    return (await send(`/api/v1${filled}${queryText(query)}`, {
      method,
      headers: lensHeaders(lens),
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    })) as Reply<C>;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return leave();
    throw error;
  }
}

/**
 * The session has ended: to the login, and back here afterwards; a view says so where it is, as nothing else of ours can be
 * framed. Never settles, so no page shows a fault on the way.
 */
function leave(): Promise<never> {
  if (facts.embed !== null) {
    viewEnded();
    return new Promise(() => undefined);
  }
  const { pathname, search } = window.location;
  const here = pathname.slice(facts.base.length) + search;
  window.location.assign(`${facts.base}/login${here === '/' ? '' : `?next=${encodeURIComponent(here)}`}`);
  return new Promise(() => undefined);
}

export type Posted = { readonly id: string; readonly data: unknown };

/**
 * The live tail of events, as they are committed, until the stream ends or `signal` does. `after` is the last one that was
 * seen, so that nothing is missed between two streams; `onOpen` is called once the server has begun to tell.
 */
export async function* follow(
  query: Query<'GET /events/tail'>,
  lens: Lens,
  after: string | null,
  signal: AbortSignal,
  onOpen: () => void,
): AsyncGenerator<Posted> {
  const answer = await fetch(`${facts.base}/api/v1/events/tail${queryText(query)}`, {
    credentials: proof().credentials,
    headers: {
      ...proof().headers,
      ...lensHeaders(lens),
      ...(after === null ? {} : { 'last-event-id': after }),
    },
    signal,
  });
  if (answer.status === 401) await leave();
  if (!answer.ok || answer.body === null) throw await problemOf(answer, true);
  onOpen();
  let text = '';
  for await (const piece of piecesOf(answer.body)) {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (id !== undefined && data !== undefined) yield { id, data: JSON.parse(data) as unknown };
    }
  }
}

async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function queryText(query: Loose['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values
      .filter((each) => each !== undefined && each !== null && each !== '')
      .map((each) => [name, String(each)]);
  });
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

type Sending = {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
};

/** JSON both ways; a `Blob` goes as it is, and comes back when the answer is no JSON. */
export async function send(address: string, { body, headers, ...rest }: Sending): Promise<unknown> {
  const isRaw = body instanceof Blob;
  let answer: Response;
  try {
    answer = await ((rest.method === 'GET' ? takeEarly(address, headers) : undefined) ??
      fetch(`${facts.base}${address}`, {
        ...rest,
        credentials: proof().credentials,
        headers: {
          ...proof().headers,
          ...headers,
          ...(body === undefined ? {} : { 'content-type': isRaw ? body.type : 'application/json' }),
        },
        ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
      }));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem({ status: 0, code: 'unreachable', detail: 'The server cannot be reached.' });
  }
  const isJson = /[/+]json\b/.test(answer.headers.get('content-type') ?? '');
  if (!answer.ok) throw await problemOf(answer, isJson);
  if (answer.status === 204) return undefined;
  return isJson ? answer.json() : answer.blob();
}

async function problemOf(answer: Response, isJson: boolean): Promise<Problem> {
  const told = (isJson ? await answer.json().catch(() => ({})) : {}) as Partial<{
    code: string;
    detail: string;
    message: string;
    requestId: string;
    errors: readonly FieldError[];
  }>;
  return new Problem({
    status: answer.status,
    code: told.code ?? 'unknown',
    detail: told.detail ?? told.message ?? `The server answered ${answer.status}.`,
    requestId: told.requestId ?? answer.headers.get('lettershop-request-id') ?? '',
    errors: told.errors ?? [],
  });
}
