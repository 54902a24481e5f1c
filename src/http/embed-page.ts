/**
 * `/embed/<token>`: the document of a view inside another product, which only the origins of its link can frame, and the
 * exchange of the token for the view's secret. The document is sent as often as it is asked for and spends nothing, so that
 * what looks at links in advance does not use them up; the page in it asks for the secret by a POST, which is answered once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Throttle } from '../features/access/index.ts';
import { look, open } from '../features/embeds/index.ts';
import type { EmbedWorld } from '../features/embeds/index.ts';
import { basePath, sendCanvas, sendDocument, sendFrame, sendNotBuilt } from './console-page.ts';
import type { ConsoleWorld } from './console-page.ts';
import { refuseCrossSite } from './credential.ts';
import type { Page, PageFacts } from './pages.ts';
import { securityHeaders } from './security-headers.ts';
import { html, sendHtml } from './status-html.ts';

export type EmbedPageWorld = EmbedWorld & {
  readonly console: ConsoleWorld;
  readonly throttle: Throttle;
};

export function embedPages(world: EmbedPageWorld): readonly Page[] {
  const handle: Page['handle'] = async (request, response, facts) => {
    response.setHeader('x-robots-tag', 'noindex');
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const [, token = '', below = ''] = /^\/embed\/([\w-]{43})(\/.*)?$/.exec(path) ?? [];
    const { method } = request;
    if (method === 'POST' && below === '') return exchange(world, token, request, response, facts);
    if (method !== 'GET' && method !== 'HEAD')
      return sendHtml(response, 405, 'Not here', html`<p>Only reading is possible here.</p>`);
    return show(world, { token, below, query }, response, facts);
  };
  return [{ prefix: '/embed', handle }];
}

async function exchange(
  world: EmbedPageWorld,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  { id, remoteAddress }: PageFacts,
): Promise<void> {
  // By the page of the document alone.
  refuseCrossSite(request.headers);
  const opened = await open(world, token, { requestId: id, remoteAddress });
  response.writeHead(200, {
    ...securityHeaders,
    'referrer-policy': 'no-referrer',
    'content-type': 'application/json; charset=utf-8',
  });
  response.end(JSON.stringify(opened));
}

type Asked = { readonly token: string; readonly below: string; readonly query: string };

async function show(
  world: EmbedPageWorld,
  { token, below, query }: Asked,
  response: ServerResponse,
  { remoteAddress }: PageFacts,
): Promise<void> {
  world.throttle.check(remoteAddress);
  const view = await look(world, token);
  if (view === null) {
    world.throttle.failed(remoteAddress);
    return sendHtml(response, 404, 'Not found', html`<p>This link is not known, or too old.</p>`);
  }
  const { files, publicUrl } = world.console;
  const frameAncestors = view.frameAncestors.join(' ');
  if (below === '/frame') return sendFrame(response, query === 'pictures', `'self' ${frameAncestors}`);
  if (below === '/canvas') return sendCanvas(response, `'self' ${frameAncestors}`);
  if (files === null) return sendNotBuilt(response);
  const { pages, theme } = view;
  const embed = { path: `${basePath(publicUrl())}/embed/${token}`, pages, theme };
  return sendDocument(world.console, files, response, {
    facts: { embed },
    frameAncestors,
  });
}
