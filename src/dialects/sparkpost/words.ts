/**
 * How SparkPost says no (contract, section 2): always a list of errors, in one of two families. The classic core has
 * `message` (generic), `description` (specific) and `code`; the newer services have `message` alone.
 */
import type { Answer } from '../../base/route.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { RefusalCode } from '../../features/refusals/index.ts';
import { Told } from '../shared/dialect.ts';
import type { Asked, RefusalWords } from '../shared/dialect.ts';

export type SparkpostError = {
  readonly message: string;
  readonly description?: string;
  /** Digits, as text. */
  readonly code?: string;
  readonly param?: string;
  readonly value?: unknown;
  readonly part?: string;
  readonly line?: number;
};

type Words = { readonly status: number; readonly message: string; readonly code?: string };
type Families = { readonly classic: Words; readonly plain: Words };

const both = (status: number, message: string): Families => ({
  classic: { status, message },
  plain: { status, message },
});
const unauthorized = both(401, 'Unauthorized.');
const forbidden = both(403, 'Forbidden.');
const invalid: Families = {
  classic: { status: 422, message: 'invalid data format/type', code: '1300' },
  plain: { status: 400, message: '' },
};
const later = both(503, 'Service temporarily unavailable');
const conflict: Families = {
  classic: { status: 409, message: 'resource conflict', code: '1602' },
  plain: { status: 409, message: '' },
};

/** An empty message stands for the refusal's own. */
const words: RefusalWords<Families> = {
  'request.invalid': invalid,
  'request.unsupported_type': {
    classic: { status: 415, message: 'unsupported media type', code: '1700' },
    plain: { status: 415, message: 'unsupported media type', code: '1700' },
  },
  'request.too_large': {
    classic: { status: 413, message: 'request entity too large' },
    plain: { status: 413, message: 'request entity too large' },
  },
  'request.header_too_large': both(400, 'request header too large'),
  'request.method_not_allowed': {
    classic: { status: 405, message: 'invalid http method', code: '1102' },
    plain: { status: 405, message: 'invalid http method', code: '1102' },
  },
  'request.too_slow': both(408, 'Request Timeout'),
  'auth.missing': unauthorized,
  'auth.failed': unauthorized,
  'auth.throttled': both(429, 'Too many requests'),
  'auth.cross_site': forbidden,
  'auth.grant_missing': forbidden,
  'auth.address_not_allowed': forbidden,
  'user.not_below': forbidden,
  not_found: {
    classic: { status: 404, message: 'resource not found', code: '1600' },
    plain: { status: 404, message: 'Resource could not be found' },
  },
  'conflict.exists': conflict,
  'conflict.state': conflict,
  'idempotency.running': conflict,
  'idempotency.mismatch': invalid,
  'sender.domain_unproven': {
    classic: { status: 400, message: 'Invalid domain', code: '7001' },
    plain: { status: 400, message: 'Unconfigured or unverified sending domain.' },
  },
  'message.invalid': invalid,
  'message.loop': invalid,
  'template.failed': {
    classic: { status: 422, message: 'substitution render error', code: '3001' },
    plain: { status: 422, message: '' },
  },
  'recipient.invalid': invalid,
  'subaccount.inactive': forbidden,
  'quota.exceeded': {
    classic: { status: 420, message: 'Exceed Sending Limit (daily)', code: '2102' },
    plain: { status: 420, message: 'Exceed Sending Limit (daily)', code: '2102' },
  },
  'limit.reached': conflict,
  'store.full': later,
  'store.unavailable': later,
  busy: later,
};

/** Described by themselves: what our refusal says besides would be in other words than SparkPost's. */
const plainSpoken: ReadonlySet<RefusalCode> = new Set([
  'auth.missing',
  'auth.failed',
  'auth.grant_missing',
  'auth.address_not_allowed',
  'auth.cross_site',
  'user.not_below',
  'subaccount.inactive',
  'not_found',
]);

const classicPaths =
  /^\/api\/v1\/(?:transmissions|templates|utils|recipient-lists|sending-domains|inbound-domains)(?:\/|$)/;

export function word(refusal: Refusal<RefusalCode> | null, asked: Asked): Answer {
  if (refusal === null) return answer(500, [{ message: 'Internal Server Error' }]);
  if (refusal.code === 'not_found' && !asked.isKnownPath)
    return answer(404, [{ message: 'Resource could not be found' }]);
  if (refusal.code === 'request.method_not_allowed') {
    const description = `${asked.method} is not supported on ${asked.path}`;
    return answer(405, [{ message: words[refusal.code].plain.message, description, code: '1102' }]);
  }
  if (refusal.code === 'template.failed' && (refusal.details.errors ?? []).length > 0)
    return answer(422, faultsOf(refusal));
  const isClassic = classicPaths.test(asked.path);
  const { status, message, code } = words[refusal.code][isClassic ? 'classic' : 'plain'];
  const described = isClassic && !plainSpoken.has(refusal.code);
  const retryAfter = refusal.details.retryAfterSeconds;
  return {
    ...answer(status, [
      {
        message: message === '' ? refusal.message : message,
        ...(described ? { description: refusal.message } : {}),
        ...(code === undefined ? {} : { code }),
      },
    ]),
    ...(retryAfter === undefined ? {} : { headers: { 'retry-after': String(Math.ceil(retryAfter)) } }),
  };
}

type Fault = {
  readonly part: string;
  readonly kind: string;
  readonly line: number;
  readonly message: string;
};

const wordsOfParts: Readonly<Record<string, string | undefined>> = {
  subject: 'Header:Subject',
  amp: 'amp_html',
};

/** A part as SparkPost calls it. */
export function partWord(part: string): string {
  return wordsOfParts[part] ?? part;
}

/** What is wrong with a source: codes 3000 (syntax) and 3001 (rendering), with part and line. */
export function faultError({ part, kind, line, message }: Fault): SparkpostError {
  const name = partWord(part);
  const isSyntax = kind === 'syntax';
  return {
    message: isSyntax
      ? 'substitution language syntax error in template content'
      : 'substitution render error',
    description: `Error while ${isSyntax ? 'compiling' : 'rendering'} part ${name}: line ${line}: ${message}`,
    code: isSyntax ? '3000' : '3001',
    part: name,
    line,
  };
}

/** `html, line 3, column 5: what is wrong` */
function faultsOf({ details }: Refusal): readonly SparkpostError[] {
  return (details.errors ?? []).map(({ field: part, rule: kind, message: told }) => {
    const [, line = '1', message = told] = /, line (\d+), column \d+: ([\s\S]*)$/.exec(told) ?? [];
    return faultError({ part, kind, line: Number(line), message });
  });
}

export function answer(status: number, errors: readonly SparkpostError[]): Answer {
  return { status, body: { errors } };
}

/** A "no" of SparkPost's own. */
export function tell(status: number, ...errors: readonly SparkpostError[]): Told {
  return new Told(answer(status, errors));
}
