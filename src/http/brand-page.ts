/**
 * What a login shows before anybody has logged in, by the host that was asked: `/api/brand`, and logos by their hash. No
 * credential; a host that is not known answers the same bytes as one without a brand.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Db } from '../base/database/database.ts';
import { findLogo, logoPath } from '../features/brands/index.ts';
import type { BrandHosts } from '../features/brands/index.ts';
import { refuse } from '../features/refusals/index.ts';
import { hostName } from './credential.ts';
import type { Page } from './pages.ts';

export type BrandPageWorld = {
  readonly db: Db;
  readonly hosts: Pick<BrandHosts, 'shownAt'>;
  /** Whether people log in there by an OpenID provider. `brandHost` null: at the installation's own. */
  readonly hasProvider: (brandHost: string | null) => boolean;
};

const prefix = '/api/brand';
const guarded = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
};

export function brandPages(world: BrandPageWorld): readonly Page[] {
  return [{ prefix, handle: (request, response) => handle(world, request, response) }];
}

async function handle(
  world: BrandPageWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw refuse('not_found');
  const [path = ''] = (request.url ?? '').split('?');
  const hash = /^\/api\/brand\/logo\/([0-9a-f]{40})$/.exec(path)?.[1];
  if (hash !== undefined) return sendLogo(world, hash, request, response);
  if (path !== prefix) throw refuse('not_found');
  const host = hostName(request.headers);
  const { brand, isBrandHost } = world.hosts.shownAt(host);
  const hasProvider = world.hasProvider(isBrandHost ? host : null);
  const { name, color, supportAddress, logoHash } = brand;
  const logo = logoPath(logoHash);
  const body = JSON.stringify({ name, color, supportAddress, logo, isBrandHost, hasProvider });
  response.writeHead(200, {
    ...guarded,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    // Shared caches keep by host, too; a change shows within half a minute.
    'cache-control': 'public, max-age=30',
    vary: 'host',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function sendLogo(
  { db }: BrandPageWorld,
  hash: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const logo = await findLogo(db, hash);
  if (logo === null) throw refuse('not_found');
  response.writeHead(200, {
    ...guarded,
    'content-type': logo.type,
    'content-length': logo.bytes.length,
    'cache-control': 'public, max-age=31536000, immutable',
  });
  response.end(request.method === 'HEAD' ? undefined : logo.bytes);
}
