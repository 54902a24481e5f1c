/**
 * Links of mail: pixels (`/o/`), redirects (`/c/`) and the way to unsubscribe (`/u/`). HOT PATH: stands before the API's
 * server, asks no store, logs nothing and waits for nothing; what happened goes into the log in batches (`Engagements`).
 * A link leads only where a mail of ours leads, and only on the host that it was made for. A host that is known for links
 * serves nothing else.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import type { Keyring } from '../base/seal.ts';
import { machineOf } from '../features/tracking/index.ts';
import type { Engagement, Engagements } from '../features/tracking/index.ts';
import { hostOf, readLink } from '../mail/tracking/index.ts';
import type { TrackedLink } from '../mail/tracking/index.ts';
import { addressList, isOf } from './connections.ts';
import type { Front } from './connections.ts';
import { html, sendHtml } from './status-html.ts';

type UnsubscribeLink = Extract<TrackedLink, { kind: 'unsubscribe' | 'leave' }>;

export type TrackingDoorWorld = {
  readonly ring: Keyring;
  readonly clock: Clock;
  readonly log: Log;
  readonly engagements: Pick<Engagements, 'add'>;
  readonly unsubscribe: (link: UnsubscribeLink, by: 'link' | 'one_click') => Promise<void>;
  /** Of hosts that serve links and nothing else. */
  readonly isTrackingHost: (host: string) => boolean;
  /** CIDRs whose X-Forwarded-Host and place count. */
  readonly trustedProxies: readonly string[];
  /** The header in which a trusted proxy says the country; null: nobody says it. */
  readonly placeHeader: string | null;
};

/** 1x1, transparent. */
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const pixelHeaders = {
  'content-type': 'image/gif',
  'content-length': pixel.length,
  'cache-control': 'no-store, private, max-age=0',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
  'cross-origin-resource-policy': 'cross-origin',
};
const userAgentCharsMax = 400;
const bodyBytesMax = 8192;
const bodyMs = 15_000;

const kinds = {
  click: 'message.clicked',
  open: 'message.opened',
  initial_open: 'message.initially_opened',
} as const satisfies Record<Exclude<TrackedLink, UnsubscribeLink>['kind'], Engagement['kind']>;

export function makeTrackingDoor(world: TrackingDoorWorld): Front {
  const proxies = addressList(world.trustedProxies);
  return (request, response) => {
    const url = request.url ?? '';
    const isLink = /^\/[cou]\//.test(url);
    const isTrusted = isOf(proxies, request.socket.remoteAddress);
    const host = hostFor(request, isTrusted);
    if (!isLink && !world.isTrackingHost(host)) return false;
    if (!isLink) return passOver(url, response);
    const query = url.indexOf('?');
    const link = readLink(query < 0 ? url : url.slice(0, query), host, world.ring);
    if (link === null) sendUnknown(response);
    else if (link.kind === 'leave') answerLeave(world, link, request, response);
    else if (link.kind === 'unsubscribe') answerUnsubscribe(world, link, request, response);
    else answerEngagement(world, link, request, response, isTrusted);
    return true;
  };
}

/** In lower case, without a port. */
function hostFor({ headers }: IncomingMessage, isTrusted: boolean): string {
  const forwarded = isTrusted ? headers['x-forwarded-host'] : undefined;
  const [first = ''] = (typeof forwarded === 'string' ? forwarded : (headers.host ?? '')).split(',');
  return hostOf(`http://${first.trim()}`);
}

/** On a host for links: health for balancers goes through, search engines are sent away, all else is not there. */
function passOver(url: string, response: ServerResponse): boolean {
  if (url === '/health' || url === '/ready') return false;
  if (url === '/robots.txt') {
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'max-age=86400' });
    response.end('User-agent: *\nDisallow: /\n');
    return true;
  }
  sendUnknown(response);
  return true;
}

function sendUnknown(response: ServerResponse): void {
  response.setHeader('x-robots-tag', 'noindex');
  sendHtml(response, 404, 'Not found', html`<p>This link is not known, or it was not copied whole.</p>`);
}

function answerEngagement(
  world: TrackingDoorWorld,
  link: Exclude<TrackedLink, UnsubscribeLink>,
  request: IncomingMessage,
  response: ServerResponse,
  isTrusted: boolean,
): void {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 });
    response.end();
    return;
  }
  // Whoever only asks what would be there has neither seen nor followed anything.
  if (method === 'GET') world.engagements.add(engagementOf(world, link, request, isTrusted));
  if (link.kind === 'click') return leadTo(link.target, response);
  response.writeHead(200, pixelHeaders);
  response.end(method === 'HEAD' ? undefined : pixel);
}

function leadTo(target: string, response: ServerResponse): void {
  response.writeHead(302, {
    location: target,
    'content-length': 0,
    'cache-control': 'no-store, private, max-age=0',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
  });
  response.end();
}

/** Whoever visits is unsubscribed and led on; a machine that looks at links is led on alone. */
function answerLeave(
  world: TrackingDoorWorld,
  link: Extract<TrackedLink, { kind: 'leave' }>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method, headers } = request;
  if (method !== 'GET' && method !== 'HEAD') return answerUnsubscribe(world, link, request, response);
  if (method === 'HEAD' || machineIn(headers) !== null) return leadTo(link.target, response);
  world
    .unsubscribe(link, 'link')
    .then(() => leadTo(link.target, response))
    .catch((error: unknown) => sayLater(world, error, response));
}

function engagementOf(
  { clock, placeHeader }: TrackingDoorWorld,
  link: Exclude<TrackedLink, UnsubscribeLink>,
  request: IncomingMessage,
  isTrusted: boolean,
): Engagement {
  const { headers } = request;
  const userAgent = readable(headers['user-agent'] ?? '');
  const machine = machineIn(headers);
  const place = placeHeader === null || !isTrusted ? undefined : headers[placeHeader.toLowerCase()];
  const country = typeof place === 'string' && /^[A-Za-z]{2}$/.test(place) ? place.toUpperCase() : null;
  const { subaccountId, messageId, retentionDays } = link;
  return {
    kind: kinds[link.kind],
    subaccountId,
    messageId,
    retentionDays,
    at: new Date(clock.now()),
    data: {
      userAgent,
      isMachine: machine !== null,
      ...(machine === null ? {} : { machine }),
      ...(country === null ? {} : { country }),
      ...(link.kind === 'click' ? { url: link.hidesQuery ? withoutQuery(link.target) : link.target } : {}),
      ...(link.kind === 'click' && link.name !== '' ? { name: link.name } : {}),
    },
  };
}

function machineIn(headers: IncomingHttpHeaders): ReturnType<typeof machineOf> {
  return machineOf({
    userAgent: readable(headers['user-agent'] ?? ''),
    header: (name) => {
      const value = headers[name];
      return typeof value === 'string' ? value : undefined;
    },
  });
}

function withoutQuery(url: string): string {
  return url.replace(/\?[^#]*/, '');
}

/** Header bytes come as Latin-1; what is no text is left out. */
function readable(text: string): string {
  return text.slice(0, userAgentCharsMax).replaceAll(/\p{Cc}/gu, '');
}

function answerUnsubscribe(
  world: TrackingDoorWorld,
  link: UnsubscribeLink,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('x-robots-tag', 'noindex');
  const { method } = request;
  if (method === 'GET' || method === 'HEAD') {
    sendHtml(
      response,
      200,
      'Unsubscribe',
      html`<p>No more mail of this kind to <b>${link.recipient}</b>?</p>
        <form method="post">
          <input type="hidden" name="confirm" value="yes" /><button>Unsubscribe</button>
        </form>`,
    );
    return;
  }
  if (method !== 'POST') {
    response.setHeader('allow', 'GET, HEAD, POST');
    return sendHtml(response, 405, 'Not here', html`<p>This page is read and confirmed, nothing else.</p>`);
  }
  confirm(world, link, request, response).catch((error: unknown) => sayLater(world, error, response));
}

function sayLater({ log }: TrackingDoorWorld, error: unknown, response: ServerResponse): void {
  log.warn({ error: errorText(error) }, 'somebody could not be unsubscribed');
  if (response.headersSent || response.destroyed) return void response.destroy();
  response.setHeader('retry-after', '30');
  sendHtml(
    response,
    503,
    'Later, please',
    html`<p>This does not work at the moment. Please try again soon.</p>`,
  );
}

/** RFC 8058 3.2: what a mailbox provider posts; our own page posts `confirm`. Both as a form of either kind. */
async function confirm(
  world: TrackingDoorWorld,
  link: UnsubscribeLink,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const said = (name: string, value: string): boolean =>
    new RegExp(`(?:^|&)${name}=${value}(?:&|\\s*$)`, 'i').test(body) ||
    new RegExp(`name="?${name}"?\\s*\\r?\\n(?:[^\\r\\n]+\\r?\\n)*\\r?\\n${value}\\s`, 'i').test(body);
  const isOneClick = said('List-Unsubscribe', 'One-Click');
  if (!isOneClick && !said('confirm', 'yes')) {
    // What is left of an overlong body is not read.
    response.setHeader('connection', 'close');
    return sendHtml(
      response,
      400,
      'Not understood',
      html`<p>Nothing was changed. Open the link and use its button.</p>`,
    );
  }
  await world.unsubscribe(link, isOneClick ? 'one_click' : 'link');
  sendHtml(
    response,
    200,
    'Unsubscribed',
    html`<p><b>${link.recipient}</b> gets no more mail of this kind. You can close this page.</p>`,
  );
}

/** The first so many octets, as Latin-1; what has come when the time is over. */
function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const done = (): void => {
      clearTimeout(deadline);
      resolve(Buffer.concat(chunks).toString('latin1'));
    };
    const deadline = setTimeout(done, bodyMs);
    request.on('data', (chunk: Buffer) => {
      if (length >= bodyBytesMax) return;
      chunks.push(chunk.subarray(0, bodyBytesMax - length));
      length += chunk.length;
      if (length >= bodyBytesMax) done();
    });
    request.once('end', done);
    request.once('error', (error) => {
      clearTimeout(deadline);
      reject(error);
    });
  });
}
