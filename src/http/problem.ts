/**
 * Errors of the native door: application/problem+json (RFC 9457). A refusal is worded by the one table in
 * `features/refusals`; anything else is our bug and tells the caller nothing but the request's id.
 */
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { isStoreLost } from '../base/database/store-lost.ts';
import type { FieldError, Refusal } from '../base/refusal.ts';
import { isRefusal, refusals, refuse } from '../features/refusals/index.ts';
import type { RefusalCode } from '../features/refusals/index.ts';

export const problemType = 'application/problem+json';

/** `type` is the anchor of the code in our own reference page, a relative reference as RFC 9457 3.1.1 allows. */
export const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri-reference' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    code: Type.String({ description: 'Stable name of the refusal; texts may change, codes do not' }),
    requestId: Type.String(),
    errors: Type.Array(
      Type.Object(
        {
          field: Type.String({ description: 'Path in the request, for instance `to[0].email`' }),
          rule: Type.String(),
          message: Type.String(),
        },
        { additionalProperties: false },
      ),
      { maxItems: 20 },
    ),
  },
  { additionalProperties: false, description: 'Why the request was not done (RFC 9457)' },
);

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: RefusalCode | 'internal';
  readonly requestId: string;
  readonly errors: readonly FieldError[];
};

export type ProblemReply = {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** A bug: to be logged with the request's id. */
  readonly isBug: boolean;
};

/** Seconds to wait where the refusal does not say; a busy store needs longer than a counter. */
const retryAfterDefault: Readonly<Record<number, number>> = { 429: 1, 503: 5 };

/** Null for a bug of ours; what Fastify and node:http object to is a refusal too. */
export function refusalOf(error: unknown): Refusal<RefusalCode> | null {
  return isRefusal(error) ? error : refusalOfPeers(error);
}

export function problemOf(error: unknown, requestId: string): ProblemReply {
  const refusal = refusalOf(error);
  if (refusal === null) {
    const detail = 'Something went wrong on our side. Tell the operator the request id.';
    const problem: Problem = {
      type: 'about:blank',
      title: 'Internal error',
      status: 500,
      detail,
      code: 'internal',
      requestId,
      errors: [],
    };
    return { problem, headers: {}, isBug: true };
  }
  const { status, title } = refusals[refusal.code];
  const problem: Problem = {
    type: typeOf(refusal.code),
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    requestId,
    errors: (refusal.details.errors ?? []).slice(0, 20),
  };
  return { problem, headers: headersOf(status, refusal.details.retryAfterSeconds), isBug: false };
}

/** The draft of rate limit headers names one problem type for used-up quotas; all others are our own. */
function typeOf(code: RefusalCode): string {
  return code === 'quota.exceeded'
    ? 'https://iana.org/assignments/http-problem-types#quota-exceeded'
    : `/api/v1/reference#${code}`;
}

function headersOf(status: number, retryAfterSeconds: number | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  const seconds = retryAfterSeconds ?? retryAfterDefault[status];
  if (seconds !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(seconds)));
  // RFC 9110 11.6.1. Without a Basic challenge: a browser would open its own login window over the console.
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="lettershop"';
  return headers;
}

function refusalOfPeers(error: unknown): ReturnType<typeof refuse> | null {
  return isStoreLost(error) ? refuse('store.unavailable') : refusalOfTransport(error);
}

/** What Fastify and node:http object to before a route sees the request. */
function refusalOfTransport(error: unknown): ReturnType<typeof refuse> | null {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse('request.too_large', { message: 'The body is larger than this route takes' });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('request.unsupported_type');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'ECONNRESET':
    case 'HPE_INVALID_EOF_STATE':
      return refuse('request.invalid', { message: 'The body ended before its announced length' });
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refuse('request.invalid', { message: 'The path is not a valid URL path' });
    case 'HPE_HEADER_OVERFLOW':
      return refuse('request.header_too_large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('request.too_slow');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return refuse('request.too_large', { message: 'The chunk extensions are too large' });
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      return refuse('request.unsupported_type');
    default:
      return typeof code === 'string' && code.startsWith('HPE_')
        ? refuse('request.invalid', { message: 'This is not a valid HTTP request' })
        : null;
  }
}

/** Bytes and not text, so that no charset is added to a type that has no such parameter. */
export function sendProblem(reply: FastifyReply, answer: ProblemReply): void {
  reply
    .code(answer.problem.status)
    .headers({ ...answer.headers, 'content-type': problemType })
    .send(Buffer.from(JSON.stringify(answer.problem)));
}
