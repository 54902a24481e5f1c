/** What the head of a request says about its caller. */
import { isUtf8 } from 'node:buffer';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { invalidField } from '../features/refusals/index.ts';

/**
 * The caller's IP address. `request.ip` follows X-Forwarded-For through trusted proxies only; when the first untrusted
 * entry is no address, the proxy's own stands in.
 */
export function remoteAddressOf(request: FastifyRequest): string {
  const { ip } = request;
  const address = isIP(ip) === 0 ? (request.raw.socket.remoteAddress ?? '0.0.0.0') : ip;
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** `Lettershop-Subaccount`: an id, or `external:` with the caller's own id in UTF-8. Whose it is, `access` finds out. */
export function readSubaccount(value: string): string {
  // node:http gives header bytes as Latin-1.
  const bytes = Buffer.from(value, 'latin1');
  const name = isUtf8(bytes) ? bytes.toString('utf8') : '';
  if (/^(?:\d{1,10}|external:.{1,255})$/.test(name)) return name;
  throw invalidField('Lettershop-Subaccount', 'format', 'must be an id or external:<your id>');
}

/** `Lettershop-Account`: which of a person's accounts. A key is of one, whatever it says. */
export function readAccount(value: string): string {
  if (/^\d{1,10}$/.test(value)) return value;
  throw invalidField('Lettershop-Account', 'format', 'must be an id');
}
