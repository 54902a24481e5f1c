/** What the head of a request says about its caller. */
import { isUtf8 } from 'node:buffer';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { tenantIdPattern } from '../base/route.ts';
import type { Some } from '../features/access/index.ts';
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

const someMax = 100;

/** `Lettershop-Subaccounts`: ids to read from, or with a minus before each those to leave out. */
export function readSome(value: string): Some {
  const name = 'Lettershop-Subaccounts';
  const parts = value.split(',').map((part) => part.trim());
  if (parts.length > someMax) throw invalidField(name, 'maxItems', `must name at most ${someMax}`);
  const isHidden = parts.every((part) => part.startsWith('-'));
  const ids = parts.map((part) => (isHidden ? part.slice(1) : part));
  if (!ids.every((id) => tenantId.test(id)))
    throw invalidField(name, 'format', 'must be ids like 1003,1004, or all with a minus to leave them out');
  return { ids: [...new Set(ids.map(Number))], isHidden };
}

const tenantId = new RegExp(`^${tenantIdPattern}$`);

/** `Lettershop-Account`: which of a person's accounts. A key is of one, whatever it says. */
export function readAccount(value: string): string {
  if (/^\d{1,10}$/.test(value)) return value;
  throw invalidField('Lettershop-Account', 'format', 'must be an id');
}
