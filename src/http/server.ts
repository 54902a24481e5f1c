/**
 * The native HTTP door: routes as data under `/api/v1`, `/health`, `/ready`, the OpenAPI document with its reference
 * page, and whatever other doors `main` hangs beside them. Errors are problem+json; bodies, queries and credentials
 * are never logged; a request costs what it must, the rest is done at mount.
 */
import { randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { assert } from '../base/assert.ts';
import type { Route } from '../base/route.ts';
import { refuse } from '../features/refusals/index.ts';
import { boundConnections, boundExpectations, letGo, putBefore, rejectClient } from './connections.ts';
import type { Front } from './connections.ts';
import { mountRoutes } from './mount.ts';
import type { Log } from '../base/log.ts';
import type { LoginHosts } from './credential.ts';
import type { Authenticate } from './mount.ts';
import { observeRequests } from './observe-request.ts';
import type { ObserveRequest } from './observe-request.ts';
import { mountPages } from './pages.ts';
import type { Page } from './pages.ts';
import { problemOf, sendProblem } from './problem.ts';
import { parseJsonBody } from './json-body.ts';
import { parseQuery } from './query.ts';
import { boundBodies, refuseEncoded } from './raw-body.ts';
import { mountReference } from './reference.ts';
import { remoteAddressOf } from './request-facts.ts';
import { securityHeaders } from './security-headers.ts';

export type Tls = { readonly cert: string | Buffer; readonly key: string | Buffer };

/** All in milliseconds. */
export type Timeouts = {
  /** From the first byte of a request to the end of its header. */
  readonly headersMs: number;
  /** To the end of its body. */
  readonly requestMs: number;
  /** Instead of that, for a body that is read as it comes. */
  readonly streamMs: number;
  readonly keepAliveMs: number;
  /** A socket on which nothing moves at all, replies included. */
  readonly idleMs: number;
  /** How often the first two are looked at. */
  readonly checkMs: number;
};

export const defaultTimeouts: Timeouts = {
  headersMs: 15_000,
  requestMs: 120_000,
  streamMs: 3_600_000,
  keepAliveMs: 65_000,
  idleMs: 150_000,
  checkMs: 2_000,
};

export type Mount = {
  readonly prefix: string;
  readonly mount: (app: FastifyInstance, log: Log) => void;
  /** A slash at the end of a path below the prefix means nothing: the routes do not see it. */
  readonly ignoresLastSlash?: true;
};

export type HttpOptions = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly routes: readonly Route[];
  /** Throws a Refusal; called with `null` when no credential came. */
  readonly authenticate: Authenticate;
  /** Where people may log in; anywhere when left out. */
  readonly hosts?: LoginHosts;
  /** Addresses or CIDRs whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  readonly bodyLimitBytes: number;
  readonly log: Log;
  readonly pages?: readonly Page[];
  /** Asked before all else; true when it answers by itself. */
  readonly front?: Front;
  /** Doors with routes and errors of their own: dialects. */
  readonly mounts?: readonly Mount[];
  readonly readiness: () => Promise<{ readonly ready: boolean; readonly why?: string }>;
  readonly tls?: Tls;
  readonly checkReplies: 'throw' | 'log';
  readonly timeouts?: Partial<Timeouts>;
  readonly connectionsMax?: number;
  /** Open connections per remote address; trusted proxies are not counted. */
  readonly connectionsPerAddressMax?: number;
  /** After each reply of a mounted path, with the path's pattern: for metrics. */
  readonly observe?: (method: string, pattern: string, status: number, seconds: number) => void;
  /** After each reply to somebody who was let in, with what was sent and answered: for the log of requests. */
  readonly observeRequest?: ObserveRequest;
};

export type HttpServer = AsyncDisposable & {
  readonly host: string;
  readonly port: number;
  /** No new work; what runs may finish within `graceMs`, then its connections are cut. Idempotent. */
  readonly stop: (graceMs: number) => Promise<void>;
  /** New connections use it; only for a server that was started with TLS. */
  readonly reloadTls: (tls: Tls) => void;
};

/** Listens when it resolves. Rejects with a Bug for a route that must not be mounted, or the error of `listen`. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const app = makeApp(options);
  let isStopping = false;
  prepareErrors(app, options.log);
  prepareReplies(app, options);
  prepareBodies(app);
  boundBodies(app, options.timeouts?.requestMs ?? defaultTimeouts.requestMs);
  app.decorateRequest('scope', null);
  app.decorateRequest('unroutedPattern', null);
  if (options.observeRequest !== undefined) observeRequests(app, options.observeRequest);
  mountHealth(app, async () => (isStopping ? { ready: false, why: 'stopping' } : await options.readiness()));
  mountPages(app, options.pages ?? [], options.log);
  await app.register(
    async (api) => {
      mountRoutes(api, options.routes, options);
      mountReference(api, options.routes);
    },
    { prefix: '/api/v1' },
  );
  for (const { prefix, mount } of options.mounts ?? [])
    await app.register(async (own) => mount(own, options.log), { prefix });
  boundConnections(app.server, options);
  if (options.front !== undefined) putBefore(app.server, options.front);
  const limits = options.routes.map(
    ({ bodyLimitBytes, rawBody }) => bodyLimitBytes ?? rawBody?.sizeBytesMax ?? 0,
  );
  boundExpectations(app.server, Math.max(options.bodyLimitBytes, ...limits));
  await app.listen({ host: options.host, port: options.port });
  const address = app.server.address();
  assert(typeof address === 'object' && address !== null, 'an HTTP server without an address');
  const stop = async (graceMs: number): Promise<void> => {
    isStopping = true;
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
    await app.close().finally(() => clearTimeout(cut));
  };
  return {
    host: address.address,
    port: address.port,
    stop,
    reloadTls: (tls) => {
      assert('setSecureContext' in app.server, 'no TLS here');
      Reflect.apply(app.server.setSecureContext as (tls: Tls) => void, app.server, [tls]);
    },
    [Symbol.asyncDispose]: () => stop(0),
  };
}

function makeApp(options: HttpOptions): FastifyInstance {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const hasStreams = options.routes.some(({ rawBody }) => rawBody !== undefined);
  const slashless = (options.mounts ?? [])
    .filter(({ ignoresLastSlash }) => ignoresLastSlash === true)
    .map(({ prefix }) => `${prefix}/`);
  const http = {
    headersTimeout: timeouts.headersMs,
    connectionsCheckingInterval: timeouts.checkMs,
    maxHeaderSize: 16_384,
    // node:http would answer without our error shape; `prepareReplies` refuses instead.
    requireHostHeader: false,
  };
  return Fastify({
    logger: false,
    genReqId: requestIds(),
    requestIdHeader: false,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    bodyLimit: options.bodyLimitBytes,
    // node:http knows one bound for all: that of single routes is kept by `boundBodies`.
    requestTimeout: hasStreams ? timeouts.streamMs : timeouts.requestMs,
    keepAliveTimeout: timeouts.keepAliveMs,
    connectionTimeout: timeouts.idleMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    rewriteUrl: ({ url = '' }) => withoutLastSlash(url, slashless),
    routerOptions: { maxParamLength: 1024, querystringParser: parseQuery, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      reply.header('lettershop-request-id', request.id);
      sendProblem(reply, problemOf(error, request.id));
    },
    clientErrorHandler: (error, socket) => rejectClient(error, socket),
    ...(options.tls === undefined ? { http } : { https: { ...http, ...options.tls } }),
  });
}

/** Both spellings of a path with one route: two took twice the time at each start. */
function withoutLastSlash(url: string, prefixes: readonly string[]): string {
  if (!prefixes.some((prefix) => url.startsWith(prefix))) return url;
  return url.replace(/^([^?]*)\/(?=\?|$)/, '$1');
}

/** Unique over restarts: 48 random bits of this server, then a counter. */
function requestIds(): () => string {
  const prefix = `req_${randomBytes(6).toString('hex')}`;
  let count = 0;
  return () => `${prefix}${(count++).toString(36)}`;
}

function prepareErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const answer = problemOf(error, request.id);
    if (answer.isBug) {
      const route = request.routeOptions.url;
      log.error({ requestId: request.id, method: request.method, route, error }, 'a request failed');
    }
    // Fastify closes at once after an unread body, and the reset that follows may overtake the reply: see `letGo`.
    reply.removeHeader('connection');
    sendProblem(reply, answer);
  });
  app.setNotFoundHandler((request, reply) => {
    sendProblem(reply, problemOf(refuse('not_found'), request.id));
  });
}

function prepareReplies(app: FastifyInstance, { log, tls, observe }: HttpOptions): void {
  const headers =
    tls === undefined
      ? securityHeaders
      : { ...securityHeaders, 'strict-transport-security': 'max-age=31536000' };
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    reply.header('lettershop-request-id', request.id);
    // RFC 9112 3.2
    if (request.raw.headers.host === undefined && request.raw.httpVersion === '1.1') {
      throw refuse('request.invalid', { message: 'The Host header is missing' });
    }
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    if (!request.raw.complete) letGo(request.raw);
    const pattern = request.unroutedPattern ?? request.routeOptions.url ?? '';
    observe?.(request.method, pattern, reply.statusCode, reply.elapsedTime / 1000);
    log.info(accessFields(request, pattern, reply.statusCode, reply.elapsedTime), 'http');
    done();
  });
}

/** The pattern and never the URL: addresses, cursors and tokens stand in paths and queries. */
function accessFields(request: FastifyRequest, route: string, status: number, ms: number): object {
  const { scope } = request;
  return {
    requestId: request.id,
    method: request.method,
    route,
    status,
    ms: Math.round(ms * 100) / 100,
    remoteAddress: remoteAddressOf(request),
    accountId: scope?.accountId,
    subaccountId: scope?.subaccountId,
    actor: scope?.actor.id,
  };
}

/** JSON in UTF-8 and nothing else: no compressed bodies, so no body grows after its limit was checked. */
function prepareBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    try {
      refuseEncoded(request);
      const type = request.headers['content-type'];
      if (
        type !== 'application/json' &&
        /charset/i.test(type ?? '') &&
        !/charset="?utf-?8/i.test(type ?? '')
      ) {
        throw refuse('request.unsupported_type', { message: 'JSON is UTF-8 (RFC 8259 8.1)' });
      }
      done(null, bytes.length === 0 ? undefined : parseJsonBody(bytes));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function mountHealth(app: FastifyInstance, readiness: HttpOptions['readiness']): void {
  app.get('/health', () => ({ alive: true }));
  app.get('/ready', async (_request, reply) => {
    const { ready, why } = await readiness();
    if (!ready) reply.code(503).header('retry-after', '5');
    return why === undefined ? { ready } : { ready, why };
  });
}
