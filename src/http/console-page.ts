/**
 * The console at `/`: one document for every page of it, its assets by hashed names (kept by browsers for ever), and the
 * frame for tenants' HTML. Nothing here knows who asks: everything that a person sees comes through the API.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../features/refusals/index.ts';
import { formOf } from './console-files.ts';
import type { ConsoleFiles } from './console-files.ts';
import { canvasDocument, canvasPolicy, frameDocument, framePolicy } from './console-frame.ts';
import type { Page } from './pages.ts';
import { escapeHtml, html, sendHtml } from './status-html.ts';

/** What one document of the console is told and may be done with. */
export type ConsoleDocument = {
  readonly facts: Readonly<Record<string, unknown>>;
  /** Who may frame it: `'none'`, or origins. */
  readonly frameAncestors: string;
};

export type ConsoleWorld = {
  /** Null: not built. */
  readonly files: ConsoleFiles | null;
  /** How the outside reaches us; its path is what proxies put before ours. */
  readonly publicUrl: () => string;
};

const guarded = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

export function consolePages(world: ConsoleWorld): readonly Page[] {
  return [{ prefix: '/', handle: async (request, response) => handle(world, request, response) }];
}

function handle(world: ConsoleWorld, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw refuse('not_found');
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const asset = /^\/assets\/([\w.-]+)$/.exec(path)?.[1];
  if (asset !== undefined) return sendAsset(world, request, response, asset);
  // A program that has mistyped a path is told so in its own language.
  if (/^\/(?:api|assets)\//.test(path)) throw refuse('not_found');
  if (path === '/frame') return sendFrame(response, query === 'pictures', "'self'");
  if (path === '/canvas') return sendCanvas(response, "'self'");
  if (world.files === null) return sendNotBuilt(response);
  return sendDocument(world, world.files, response, { facts: {}, frameAncestors: "'none'" });
}

export function sendNotBuilt(response: ServerResponse): void {
  sendHtml(response, 503, 'Lettershop is running', notBuilt);
}

const notBuilt = html`<p>
  The console has not been built. Start the program by <code>npm start</code>, or build it by
  <code>node tools/ensure-console.mjs</code> and start again.
</p>`;

/** The path that stands before ours outside, without a slash at its end. */
export function basePath(publicUrl: string): string {
  return new URL(publicUrl).pathname.replace(/\/+$/, '');
}

export function sendDocument(
  world: Pick<ConsoleWorld, 'publicUrl'>,
  files: ConsoleFiles,
  response: ServerResponse,
  { facts: told, frameAncestors }: ConsoleDocument,
): void {
  const nonce = randomBytes(16).toString('base64url');
  const base = basePath(world.publicUrl());
  const facts = escapeHtml(JSON.stringify({ base, nonce, ...told }));
  const document = files.index
    .replace('name="lettershop" content="{}"', () => `name="lettershop" content="${facts}"`)
    .replaceAll(/(src|href)="\.\//g, (_, name: string) => `${name}="${escapeHtml(base)}/`);
  response.writeHead(200, {
    ...guarded,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': consolePolicy(nonce, frameAncestors),
    'cross-origin-resource-policy': 'same-origin',
    // No address of a view, which holds its spent token, goes anywhere.
    ...(frameAncestors === "'none'" ? {} : { 'referrer-policy': 'no-referrer' }),
  });
  response.end(document);
}

/** No inline script at all; a style element only with this answer's nonce. Frames: only `/frame` and `/canvas`. */
export function consolePolicy(nonce: string, frameAncestors: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ');
}

/** `frameAncestors`: every document around it, as the browser asks all of them. */
export function sendFrame(response: ServerResponse, hasPictures: boolean, frameAncestors: string): void {
  sendFramed(response, frameDocument, framePolicy(hasPictures, frameAncestors));
}

/** What the designer of a template draws in. */
export function sendCanvas(response: ServerResponse, frameAncestors: string): void {
  sendFramed(response, canvasDocument, canvasPolicy(frameAncestors));
}

function sendFramed(response: ServerResponse, document: string, policy: string): void {
  response.writeHead(200, {
    ...guarded,
    'referrer-policy': 'no-referrer',
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
  });
  response.end(document);
}

function sendAsset(
  { files }: ConsoleWorld,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
): void {
  const asset = files?.assets.get(name);
  if (asset === undefined) throw refuse('not_found');
  const { bytes, encoding } = formOf(asset, request.headers['accept-encoding'] ?? '');
  response.writeHead(200, {
    'content-type': asset.type,
    'content-length': bytes.length,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
