/**
 * What Domain Connect needs in public: the templates and the key record for DNS providers, and the page to which a browser
 * comes back. What comes back is not believed: the domain's DNS is looked at. Without scripts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connectPapers, hasten, readState } from '../features/domains/index.ts';
import type { ConnectWorld } from '../features/domains/index.ts';
import { hastenTracking } from '../features/tracking/index.ts';
import type { TrackingWorld } from '../features/tracking/index.ts';
import type { Page } from './pages.ts';
import { html, sendHtml } from './status-html.ts';

export function connectPages(world: ConnectWorld, tracking: TrackingWorld): readonly Page[] {
  const handle: Page['handle'] = async (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    if (request.method !== 'GET' && request.method !== 'HEAD') return notHere(response);
    if (path === '/domain-connect/done') return done(world, tracking, response, new URLSearchParams(query));
    return papers(world, path, request, response);
  };
  return [{ prefix: '/domain-connect', handle }];
}

function notHere(response: ServerResponse): void {
  sendHtml(response, 405, 'Not here', html`<p>Only reading is possible here.</p>`);
}

async function done(
  world: ConnectWorld,
  tracking: TrackingWorld,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  const [noun, id = ''] = (readState(world, query.get('state') ?? '') ?? '').split('.');
  if (noun === 'domains') await hasten(world, id);
  if (noun === 'tracking-domains') await hastenTracking(tracking, id);
  if (query.has('error')) {
    const body = html`<p>
      The DNS provider did not set the records. Nothing was changed; they can also be entered by hand.
    </p>`;
    return sendHtml(response, 200, 'Not set up', body);
  }
  const body = html`<p>The records are looked for now. You can close this page.</p>`;
  return sendHtml(response, 200, 'Thank you', body);
}

async function papers(
  world: ConnectWorld,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { templates, key } = await connectPapers(world);
  const files: Readonly<Record<string, unknown>> = {
    '/domain-connect': {
      templates: Object.keys(templates).map((service) => `/domain-connect/${service}.json`),
      key,
    },
    '/domain-connect/sending.json': templates.sending,
    '/domain-connect/tracking.json': templates.tracking,
  };
  const file = files[path];
  if (file === undefined) return sendHtml(response, 404, 'Not found', html`<p>There is no such page.</p>`);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(file, null, 2)}\n`);
  return undefined;
}
