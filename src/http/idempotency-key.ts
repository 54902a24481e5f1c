import { invalidField } from '../features/refusals/index.ts';

/** A string of RFC 8941 3.3.3 in quotes, or bare as most programs send it; 1..255 printable ASCII characters. */
const quoted = /^"((?:[ !#-[\]-~]|\\["\\]){1,255})"$/;
const bare = /^[!#-+\--:<-[\]-~]{1,255}$/;

/** draft-ietf-httpapi-idempotency-key-header-07. Throws `request.invalid` for a malformed one. */
export function readIdempotencyKey(value: string): string {
  const inner = quoted.exec(value)?.[1];
  if (inner !== undefined) return inner.replace(/\\(["\\])/g, '$1');
  if (bare.test(value)) return value;
  throw invalidField('Idempotency-Key', 'format', 'must be a quoted string of 1 to 255 ASCII characters');
}
