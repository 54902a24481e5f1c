import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusals, refuse } from '../../features/refusals/index.ts';
import type { RefusalCode } from '../../features/refusals/index.ts';
import { word } from './words.ts';

type Error = Readonly<Record<string, unknown>>;
const codes = Object.keys(refusals) as RefusalCode[];

/** Status, and message and code as the contract has them; `own`: the refusal's own words. */
const classic: Readonly<Record<RefusalCode, readonly [number, string, string?]>> = {
  'request.invalid': [422, 'invalid data format/type', '1300'],
  'request.unsupported_type': [415, 'unsupported media type', '1700'],
  'request.too_large': [413, 'request entity too large'],
  'request.header_too_large': [400, 'request header too large'],
  'request.method_not_allowed': [405, 'invalid http method', '1102'],
  'request.too_slow': [408, 'Request Timeout'],
  'auth.missing': [401, 'Unauthorized.'],
  'auth.failed': [401, 'Unauthorized.'],
  'auth.throttled': [429, 'Too many requests'],
  'auth.cross_site': [403, 'Forbidden.'],
  'auth.grant_missing': [403, 'Forbidden.'],
  'auth.address_not_allowed': [403, 'Forbidden.'],
  'user.not_below': [403, 'Forbidden.'],
  not_found: [404, 'resource not found', '1600'],
  'conflict.exists': [409, 'resource conflict', '1602'],
  'conflict.state': [409, 'resource conflict', '1602'],
  'idempotency.running': [409, 'resource conflict', '1602'],
  'idempotency.mismatch': [422, 'invalid data format/type', '1300'],
  'sender.domain_unproven': [400, 'Invalid domain', '7001'],
  'message.invalid': [422, 'invalid data format/type', '1300'],
  'message.loop': [422, 'invalid data format/type', '1300'],
  'template.failed': [422, 'substitution render error', '3001'],
  'recipient.invalid': [422, 'invalid data format/type', '1300'],
  'subaccount.inactive': [403, 'Forbidden.'],
  'quota.exceeded': [420, 'Exceed Sending Limit (daily)', '2102'],
  'limit.reached': [409, 'resource conflict', '1602'],
  'store.full': [503, 'Service temporarily unavailable'],
  'store.unavailable': [503, 'Service temporarily unavailable'],
  busy: [503, 'Service temporarily unavailable'],
};

/** Where the newer services answer in another way. */
const plain: Partial<Record<RefusalCode, readonly [number, string, string?]>> = {
  'request.invalid': [400, 'own'],
  not_found: [404, 'Resource could not be found'],
  'conflict.exists': [409, 'own'],
  'conflict.state': [409, 'own'],
  'idempotency.running': [409, 'own'],
  'idempotency.mismatch': [400, 'own'],
  'sender.domain_unproven': [400, 'Unconfigured or unverified sending domain.'],
  'message.invalid': [400, 'own'],
  'message.loop': [400, 'own'],
  'template.failed': [422, 'own'],
  'recipient.invalid': [400, 'own'],
  'limit.reached': [409, 'own'],
};

function said(code: RefusalCode, path: string): readonly unknown[] {
  const { status, body } = word(refuse(code, { message: 'own' }), { method: 'GET', path, isKnownPath: true });
  const { errors } = body as { errors: readonly Error[] };
  assert.equal(errors.length, 1, code);
  const [{ message, code: number, description } = {}] = errors;
  assert.equal(typeof message, 'string');
  // What a stranger may not know is in nobody's description.
  if (status === 401 || status === 403) assert.deepEqual([number, description], [undefined, undefined], code);
  return number === undefined ? [status, message] : [status, message, number];
}

test('each refusal has its status, message and code in both families, and none is a general one', () => {
  assert.deepEqual(codes.toSorted(), Object.keys(classic).toSorted());
  for (const code of codes) {
    assert.deepEqual(said(code, '/api/v1/transmissions'), classic[code], code);
    assert.deepEqual(said(code, '/api/v1/webhooks'), plain[code] ?? classic[code], code);
  }
});

test('a bug of ours says nothing of itself', () => {
  const asked = { method: 'GET', path: '/api/v1/webhooks', isKnownPath: true };
  assert.deepEqual(word(null, asked), {
    status: 500,
    body: { errors: [{ message: 'Internal Server Error' }] },
  });
});
