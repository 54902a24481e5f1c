/**
 * One GET or POST over HTTPS to a host that somebody else's DNS names: resolved by ourselves, refused when any of its addresses is not a
 * public one, connected to the address that was checked (no second look-up), no redirects, bounded in time and size.
 */
import { request } from 'node:https';
import type { AddressFilter } from './address-filter.ts';
import type { DnsOutcome } from './dns/index.ts';

export type HttpsOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export type HttpsGet = (url: string) => Promise<HttpsOutcome>;
export type HttpsPost = (url: string, sent: PostedBody) => Promise<HttpsOutcome>;

export type PostedBody = {
  readonly body: Buffer;
  readonly contentType: string;
  readonly filename: string;
};

export type HttpsGetOptions = {
  readonly resolve: (name: string, type: 'A' | 'AAAA') => Promise<DnsOutcome>;
  readonly filter: AddressFilter;
  /** 443 and the system's authorities when left out: others are for tests, whose servers have neither. */
  readonly port?: number;
  readonly ca?: string;
  readonly timeoutMs?: number;
};

const bodyBytesMax = 65_536;
const hostPattern =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function makeHttpsGet(options: HttpsGetOptions): HttpsGet {
  return (text) => ask(text, null, options);
}

export function makeHttpsPost(options: HttpsGetOptions): HttpsPost {
  return (text, sent) => ask(text, sent, options);
}

async function ask(text: string, posted: PostedBody | null, options: HttpsGetOptions): Promise<HttpsOutcome> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const problem = urlProblem(url);
  if (url === null || problem !== null) return { kind: 'failed', reason: problem ?? 'not a URL' };
  const found = await checkedAddress(url.hostname, options);
  if ('reason' in found) return { kind: 'failed', reason: found.reason };
  return exchange(url, { address: found.address, posted }, options);
}

function fieldsOf(url: URL, posted: PostedBody | null): Record<string, string> {
  if (posted === null) return { host: url.hostname, accept: 'application/json, text/plain' };
  return {
    host: url.hostname,
    'content-type': posted.contentType,
    'content-length': String(posted.body.length),
    'content-disposition': `attachment; filename="${posted.filename}"`,
  };
}

function urlProblem(url: URL | null): string | null {
  if (url === null) return 'not a URL';
  if (url.protocol !== 'https:') return 'only https is asked';
  if (url.username !== '' || url.password !== '') return 'a URL with a login in it';
  if (url.port !== '') return 'only the port of https is asked';
  return hostPattern.test(url.hostname) ? null : 'the host must be a name';
}

/** The first address of the name when all of them may be reached. */
async function checkedAddress(
  host: string,
  { resolve, filter }: HttpsGetOptions,
): Promise<{ readonly address: string } | { readonly reason: string }> {
  const outcomes = await Promise.all([resolve(host, 'A'), resolve(host, 'AAAA')]);
  const addresses = outcomes.flatMap((outcome) =>
    outcome.kind === 'found'
      ? outcome.records.flatMap((record) =>
          record.type === 'A' || record.type === 'AAAA' ? [record.data] : [],
        )
      : [],
  );
  const [address] = addresses;
  if (address === undefined) return { reason: 'the host has no address' };
  for (const each of addresses) {
    const judged = filter.check(each);
    if (!judged.ok) return { reason: `the host has a ${judged.reason}` };
  }
  return { address };
}

function exchange(
  url: URL,
  { address, posted }: { readonly address: string; readonly posted: PostedBody | null },
  { port = 443, ca, timeoutMs = 5000 }: HttpsGetOptions,
): Promise<HttpsOutcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isDone = false;
    const finish = (outcome: HttpsOutcome): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      sent.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish({ kind: 'failed', reason: 'no answer in time' }), timeoutMs);
    const sent = request(
      {
        host: address,
        port,
        servername: url.hostname,
        path: `${url.pathname}${url.search}`,
        method: posted === null ? 'GET' : 'POST',
        headers: fieldsOf(url, posted),
        agent: false,
        maxHeaderSize: 8192,
        ...(ca === undefined ? {} : { ca }),
      },
      (reply) => {
        reply.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > bodyBytesMax) finish({ kind: 'failed', reason: 'the answer is too long' });
          else chunks.push(chunk);
        });
        reply.on('error', () => finish({ kind: 'failed', reason: 'the connection broke' }));
        reply.on('end', () =>
          finish({
            kind: 'answered',
            status: reply.statusCode ?? 0,
            contentType: reply.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', () => finish({ kind: 'failed', reason: 'no connection' }));
    sent.end(posted?.body);
  });
}
