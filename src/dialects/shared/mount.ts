/**
 * Hangs a dialect's routes under its prefix, beside the native API on the same port. Every error, also one of the transport
 * or an unknown path, is told in the dialect's words.
 */
import { validateHeaderValue } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { assert } from '../../base/assert.ts';
import type { Answer, RequestFacts } from '../../base/route.ts';
import type { Log } from '../../base/log.ts';
import { refuse } from '../../features/refusals/index.ts';
import { refusalOf } from '../../http/problem.ts';
import { PathTable } from '../../http/path-table.ts';
import { flatErrors } from '../../http/query.ts';
import type { FlatInput } from '../../http/query.ts';
import { invalidInput } from '../../http/input.ts';
import { refuseEncoded } from '../../http/raw-body.ts';
import { remoteAddressOf } from '../../http/request-facts.ts';
import { Told } from './dialect.ts';
import type { Asked, Call, Caller, Dialect, DialectRoute } from './dialect.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Stands for every path of a dialect that is not there. */
    isUnknown?: boolean;
  }
}

/** A path of a provider refuses those that it lacks; any other method is of no path. */
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies HTTPMethods[];

export function mountDialect<C extends Caller>(app: FastifyInstance, dialect: Dialect<C>, log: Log): void {
  const table = new PathTable(app.prefix, dialect.routes);
  takeBodies(app, dialect);
  tellErrors(app, dialect, log);
  for (const route of dialect.routes) mountRoute(app, route, dialect);
  for (const { path: url, methods: known } of table.overlapping) {
    const method = methods.filter((each) => !known.includes(each));
    app.route({ method, url, onRequest: refuseMethod, handler: () => undefined });
  }
  // Not the handler of what is not found: the console answers whatever nobody else does.
  for (const url of ['/', '/*'])
    app.all(url, {
      config: { isUnknown: true },
      onRequest: async (request) => {
        const known = hasOthers(request.method) ? table.find(request) : null;
        if (known !== null && !known.methods.includes(request.method)) await refuseMethod();
      },
      handler: () => Promise.reject(refuse('not_found')),
    });
}

function refuseMethod(): Promise<never> {
  return Promise.reject(refuse('request.method_not_allowed'));
}

function hasOthers(method: string): boolean {
  return method === 'HEAD' || (methods as readonly string[]).includes(method);
}

function mountRoute<C extends Caller>(
  app: FastifyInstance,
  route: DialectRoute<C>,
  dialect: Dialect<C>,
): void {
  const callers = new WeakMap<FastifyRequest, C>();
  const identify = async (request: FastifyRequest): Promise<void> => {
    const caller = await dialect.identify(route, callOf(request));
    request.scope = caller.scope;
    callers.set(request, caller);
  };
  app.route({
    method: route.method,
    url: route.path,
    ...(route.bodyLimitBytes === undefined ? {} : { bodyLimit: route.bodyLimitBytes }),
    [dialect.credentialIn === 'head' ? 'onRequest' : 'preHandler']: identify,
    handler: async (request, reply) => {
      const call = callOf(request);
      const unstorable = [request.params, request.query].flatMap((place) => flatErrors(place as FlatInput));
      if (unstorable.length > 0) throw invalidInput(unstorable);
      const caller = callers.get(request);
      assert(caller !== undefined, 'a route of a dialect ran without a caller');
      return give(reply, await route.run(caller, call));
    },
  });
}

function callOf(request: FastifyRequest): Call {
  const query = Object.entries(request.query as Readonly<Record<string, string | string[]>>).map(
    ([name, value]) => [name, typeof value === 'string' ? value : (value.at(-1) ?? '')] as const,
  );
  return {
    params: request.params as Readonly<Record<string, string>>,
    query: Object.fromEntries(query),
    body: request.body,
    request: factsOf(request),
  };
}

function factsOf(request: FastifyRequest): RequestFacts {
  const { headers } = request.raw;
  return {
    id: request.id,
    remoteAddress: remoteAddressOf(request),
    header: (name) => headers[name]?.toString(),
  };
}

/** Any type: what a dialect takes, it says itself. */
function takeBodies<C extends Caller>(app: FastifyInstance, dialect: Dialect<C>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    try {
      refuseEncoded(request);
      const type = request.headers['content-type'] ?? '';
      done(null, bytes.length === 0 ? undefined : dialect.readBody(type, bytes));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function tellErrors<C extends Caller>(app: FastifyInstance, dialect: Dialect<C>, log: Log): void {
  const asked = (request: FastifyRequest, refusal: ReturnType<typeof refusalOf>): Asked => ({
    method: request.method,
    path: request.originalUrl.split('?')[0]?.slice(dialect.prefix.length) ?? '',
    isKnownPath:
      request.routeOptions.config.isUnknown !== true || refusal?.code === 'request.method_not_allowed',
  });
  app.setErrorHandler(async (error, request, reply) => {
    reply.removeHeader('connection');
    if (error instanceof Told) return give(reply, error.answer);
    const refusal = refusalOf(error);
    if (refusal === null) {
      const route = request.routeOptions.url;
      log.error({ requestId: request.id, method: request.method, route, error }, 'a request failed');
    }
    return give(reply, dialect.word(refusal, asked(request, refusal)));
  });
}

function give(reply: FastifyReply, { status, body, headers = {}, contentType }: Answer): FastifyReply {
  for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
  reply.code(status).headers(headers);
  if (body === undefined) return reply.send();
  const type = contentType ?? 'application/json';
  // Bytes: no charset is added to the type, of which one SDK demands exactly this text.
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return reply.header('content-type', type).send(Buffer.from(bytes));
}
