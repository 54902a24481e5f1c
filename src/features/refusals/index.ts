/**
 * Refusals: the one table of every "no" that a caller can get, and what it is in HTTP and SMTP terms.
 * A new code is one line here; the compiler then names each door that has not said how it sounds there.
 * Texts are for people and may change; codes, statuses and enhanced status codes (RFC 3463) may not.
 */
import { Refusal } from '../../base/refusal.ts';
import type { FieldError, RefusalDetails } from '../../base/refusal.ts';

export type RefusalWords = {
  /** HTTP status of the native API. */
  readonly status: number;
  readonly title: string;
  /** SMTP reply: code, enhanced code. The title or the refusal's own message follows. */
  readonly smtp: readonly [number, string];
};

export const refusals = {
  'request.invalid': { status: 400, title: 'The request is not valid', smtp: [501, '5.5.4'] },
  'request.unsupported_type': { status: 415, title: 'The body must be JSON', smtp: [501, '5.5.4'] },
  'request.too_large': { status: 413, title: 'The message is too large', smtp: [552, '5.3.4'] },
  'request.header_too_large': { status: 431, title: 'The request header is too large', smtp: [500, '5.5.2'] },
  'request.method_not_allowed': {
    status: 405,
    title: 'This path does not know the method',
    smtp: [502, '5.5.1'],
  },
  'request.too_slow': { status: 408, title: 'The request took too long', smtp: [421, '4.4.2'] },
  'auth.missing': { status: 401, title: 'Authentication is needed', smtp: [530, '5.7.0'] },
  'auth.failed': { status: 401, title: 'The credential is not valid', smtp: [535, '5.7.8'] },
  'auth.throttled': { status: 429, title: 'Too many failed logins', smtp: [421, '4.7.0'] },
  'auth.cross_site': {
    status: 403,
    title: 'A login session may not be used from another site',
    smtp: [550, '5.7.1'],
  },
  'auth.grant_missing': { status: 403, title: 'The credential lacks the grant', smtp: [550, '5.7.1'] },
  'auth.address_not_allowed': {
    status: 403,
    title: 'The credential may not be used from this address',
    smtp: [550, '5.7.1'],
  },
  'user.not_below': {
    status: 403,
    title: 'This person can do as much as you or more: only somebody above may change that',
    smtp: [550, '5.7.1'],
  },
  not_found: { status: 404, title: 'Not found', smtp: [550, '5.1.1'] },
  'conflict.exists': { status: 409, title: 'It exists already', smtp: [550, '5.5.1'] },
  'conflict.state': { status: 409, title: 'Its state does not allow this', smtp: [550, '5.5.1'] },
  'idempotency.running': {
    status: 409,
    title: 'A request with this Idempotency-Key is still running',
    smtp: [451, '4.5.0'],
  },
  'idempotency.mismatch': {
    status: 422,
    title: 'This Idempotency-Key was used with another payload',
    smtp: [550, '5.5.1'],
  },
  'sender.domain_unproven': {
    status: 403,
    title: 'The From domain is not proven for this subaccount',
    smtp: [550, '5.7.1'],
  },
  'message.invalid': { status: 422, title: 'The message is not valid', smtp: [550, '5.6.0'] },
  'message.loop': { status: 422, title: 'The message goes round in circles', smtp: [554, '5.4.6'] },
  'template.failed': { status: 422, title: 'The template could not be rendered', smtp: [550, '5.6.0'] },
  'recipient.invalid': { status: 422, title: 'The recipient address is not valid', smtp: [553, '5.1.3'] },
  'subaccount.inactive': {
    status: 403,
    title: 'The status of the subaccount does not allow this',
    smtp: [550, '5.7.1'],
  },
  'quota.exceeded': { status: 429, title: 'The quota is used up', smtp: [452, '4.7.1'] },
  'limit.reached': { status: 409, title: 'A limit is reached', smtp: [452, '4.5.3'] },
  'store.full': { status: 503, title: 'The disk is nearly full; try again later', smtp: [452, '4.3.1'] },
  'store.unavailable': { status: 503, title: 'The store cannot be reached; try again', smtp: [451, '4.3.0'] },
  busy: { status: 503, title: 'Too much work is waiting; try again', smtp: [451, '4.3.2'] },
} as const satisfies Record<string, RefusalWords>;

export type RefusalCode = keyof typeof refusals;

/** The refusal to throw. `details.message` replaces the title, `details.errors` names fields and rules. */
export function refuse(code: RefusalCode, details: RefusalDetails = {}): Refusal<RefusalCode> {
  return new Refusal(code, { ...details, message: details.message ?? refusals[code].title });
}

/** A refusal of one field: `invalidField('to[0].email', 'format', 'must be an e-mail address')`. */
export function invalidField(field: string, rule: string, message: string): Refusal<RefusalCode> {
  const error: FieldError = { field, rule, message };
  return refuse('request.invalid', { message: `${field} ${message}`, errors: [error] });
}

export function isRefusal(error: unknown): error is Refusal<RefusalCode> {
  return error instanceof Refusal && error.code in refusals;
}
