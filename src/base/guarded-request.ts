/**
 * Outgoing HTTP to an address that somebody else may steer (contract smtp-and-standards 10.5): resolved once, refused if
 * any of the addresses is not to be connected to, connected to the one that was checked. No redirects; time and size end.
 */
import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import type { AddressFilter } from './address-filter.ts';

export type OutgoingRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};
export type OutgoingReply = { readonly status: number; readonly body: string };
/** Rejects when the address is not allowed, the time is over or the reply too large. */
export type GuardedRequest = (request: OutgoingRequest) => Promise<OutgoingReply>;

const timeoutMs = 10_000;
const bytesMax = 1_048_576;

export function makeGuardedRequest(filter: AddressFilter): GuardedRequest {
  return async ({ method, url, headers, body }) => {
    const { protocol, hostname } = url;
    if ((protocol !== 'https:' && protocol !== 'http:') || url.username !== '' || url.password !== '')
      throw new Error(`"${url.origin}" is not an http or https address`);
    const host = hostname.replaceAll(/[[\]]/g, '');
    const checked = await allowedAddress(filter, host);
    const sent = (protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      lookup: pinned(checked),
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return await new Promise<OutgoingReply>((resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', (reply) => {
        const chunks: Buffer[] = [];
        let size = 0;
        reply.on('error', reject);
        reply.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > bytesMax) sent.destroy(new Error(`the reply of ${url.origin} is too large`));
          else chunks.push(chunk);
        });
        reply.on('end', () =>
          resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      sent.end(body);
    });
  };
}

async function allowedAddress(filter: AddressFilter, host: string): Promise<LookupAddress> {
  const family = isIP(host);
  const addresses = family === 0 ? await lookup(host, { all: true }) : [{ address: host, family }];
  for (const { address } of addresses) {
    const judged = filter.check(address);
    if (!judged.ok) throw new Error(`${host} is not connected to: ${judged.reason} (LETTERSHOP_NET_ALLOW)`);
  }
  const [first] = addresses;
  if (first === undefined) throw new Error(`${host} has no address`);
  return first;
}

/** No second look-up: it might give another address. */
function pinned(checked: LookupAddress): LookupFunction {
  return (_host, options, done) => {
    if (options.all === true) done(null, [checked]);
    else done(null, checked.address, checked.family);
  };
}
