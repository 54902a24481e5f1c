/**
 * HOT PATH (POST /api/v1/messages): one route as data -> one Fastify route. Whatever does not depend on the request
 * (converters, headers) is made at mount; validators and serialisers at the first request, as those of all routes take most
 * of a start. Measured with a body of 1.9 KiB and 16 connections:
 * 48..60 us CPU a request in the server, where bare Fastify without any check took 43..48 beside it.
 */
import { validateHeaderValue } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { TSchema } from 'typebox';
import { assert, Bug } from '../base/assert.ts';
import { fields, isRawReply } from '../base/route.ts';
import type { Answer, RawBody, ReplyShape, RequestFacts, Route, RouteInput } from '../base/route.ts';
import type { AccountId, Scope } from '../base/scope.ts';
import type { Log } from '../base/log.ts';
import { invalidField, refuse } from '../features/refusals/index.ts';
import { brandHostOf, readCredential } from './credential.ts';
import type { LoginHosts, Credential } from './credential.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import { compileChecker, invalidInput, refuseInput } from './input.ts';
import type { Checker } from './input.ts';
import { PathTable } from './path-table.ts';
import type { KnownPath } from './path-table.ts';
import { compileConverter, flatErrors } from './query.ts';
import type { Converter, FlatInput } from './query.ts';
import { rawStreamOf, takeRawBodies } from './raw-body.ts';
import { assertExample, assertRoutes, routeName } from './route-check.ts';
import { readAccount, readSome, readSubaccount, remoteAddressOf } from './request-facts.ts';

export type AuthenticateFacts = {
  readonly remoteAddress: string;
  readonly requestId: string;
  readonly subaccount?: string;
  readonly account?: string;
  /** Where a person asks, if it is a host of a brand. */
  readonly brandHost?: { readonly name: string; readonly accountId: AccountId };
};
export type Authenticate = (credential: Credential | null, facts: AuthenticateFacts) => Promise<Scope>;

export type Door = {
  readonly authenticate: Authenticate;
  readonly hosts?: LoginHosts;
  readonly log: Log;
  /** A reply that breaks its declared schema is our bug: tests throw (500), production logs and goes on. */
  readonly checkReplies: 'throw' | 'log';
};

declare module 'fastify' {
  interface FastifyRequest {
    scope: Scope | null;
    /** What no route took: the pattern that its path fits, empty for none. */
    unroutedPattern: string | null;
  }
}

/** Throws a Bug when a route is open, unbounded, without an example or there twice. */
export function mountRoutes(app: FastifyInstance, routes: readonly Route[], door: Door): void {
  assertRoutes(routes);
  for (const route of routes) {
    if (route.rawBody === undefined) mountRoute(app, route, door);
    else mountRaw(app, route, route.rawBody, door);
  }
  mountOtherMethods(app, routes);
}

function mountRoute(app: FastifyInstance, route: Route, door: Door): void {
  const read = compileReader(route);
  const answer = compileAnswer(route, door);
  app.route({
    method: route.method,
    url: route.path,
    config: { isStream: route.rawBody !== undefined },
    ...(route.bodyLimitBytes !== undefined && { bodyLimit: route.bodyLimitBytes }),
    onRequest: authenticator(route, door),
    handler: (request, reply) => {
      route
        .run(read(request))
        .then((given) => answer(reply, given))
        .catch((error: unknown) => reply.send(error instanceof Error ? error : new Bug(String(error))));
    },
  });
}

/** In a scope of its own, which knows the route's media types and no JSON. */
function mountRaw(app: FastifyInstance, route: Route, rawBody: RawBody, door: Door): void {
  app.register((own, _options, done) => {
    takeRawBodies(own, rawBody);
    mountRoute(own, route, door);
    done();
  });
}

/** Before the body is read, so that strangers cost no memory. */
function authenticator(
  route: Route,
  { authenticate, hosts }: Pick<Door, 'authenticate' | 'hosts'>,
): (request: FastifyRequest) => Promise<void> {
  const { grant } = route;
  const isChange = route.method !== 'GET' && route.isPersonal !== true;
  return async (request) => {
    const { headers } = request.raw;
    const credential = readCredential(headers, request.method, hosts);
    const isPerson = credential?.kind === 'session';
    const brandHost = isPerson ? brandHostOf(headers, hosts) : null;
    const asked = headers['lettershop-subaccount'];
    const account = headers['lettershop-account'];
    const some = headers['lettershop-subaccounts'];
    if (some !== undefined && route.method !== 'GET') throw readsOnly();
    const scope = await authenticate(credential, {
      remoteAddress: remoteAddressOf(request),
      requestId: request.id,
      ...(typeof asked === 'string' ? { subaccount: readSubaccount(asked) } : {}),
      ...(typeof some === 'string' ? { some: readSome(some) } : {}),
      ...(typeof account === 'string' ? { account: readAccount(account) } : {}),
      ...(brandHost === null ? {} : { brandHost }),
    });
    // Whose request it was, also when it goes no further.
    request.scope = scope;
    if (grant !== null && !scope.grants.has(grant)) {
      throw refuse('auth.grant_missing', { message: `The credential lacks the grant ${grant}` });
    }
    // A suspended tenant reads on and changes nothing (subaccounts/rules.ts, `changes`).
    if (isChange && !scope.canChange) throw refuse('subaccount.inactive');
  };
}

function readsOnly(): Error {
  const message = 'is for reading; a change names its subaccount by Lettershop-Subaccount';
  return invalidField('Lettershop-Subaccounts', 'method', message);
}

type FlatReader = { readonly checker: Checker; readonly convert: Converter };

function flatReader(place: 'query' | 'params', schema = fields({})): FlatReader {
  return { checker: compileChecker(place, schema), convert: compileConverter(schema) };
}

/** Parses a request into the route's input; every broken field of every place is named in one refusal. */
function compileReader(route: Route): (request: FastifyRequest) => RouteInput {
  const params = flatReader('params', route.params);
  const query = flatReader('query', route.query);
  const body = route.body === undefined ? null : compileChecker('body', route.body);
  const headers = route.headers === undefined ? null : compileChecker('headers', route.headers);
  const headerNames = Object.keys(route.headers?.properties ?? {});
  const all = [params.checker, query.checker, body, headers];
  assertExample(
    route,
    all.filter((checker) => checker !== null),
  );
  return (request) => {
    const rawParams = request.params as FlatInput;
    const rawQuery = request.query as FlatInput;
    const input = {
      scope: scopeOf(request),
      params: params.convert(rawParams),
      query: query.convert(rawQuery),
      body: request.body,
      headers: headers === null ? undefined : pick(request, headerNames),
      request: factsOf(request),
    };
    if (body === null && route.rawBody === undefined && !isEmptyBody(request.body)) {
      throw invalidInput([{ field: 'body', rule: 'unknown', message: 'is not expected here' }]);
    }
    const broken = all.flatMap((checker) =>
      checker === null || checker.check(input[checker.place])
        ? []
        : [{ checker, value: input[checker.place] }],
    );
    const unstorable = [...flatErrors(rawParams), ...flatErrors(rawQuery)];
    if (unstorable.length > 0) throw invalidInput(unstorable);
    if (broken.length > 0) refuseInput(broken);
    return route.rawBody === undefined ? input : { ...input, stream: rawStreamOf(request) };
  };
}

function isEmptyBody(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
}

function pick(request: FastifyRequest, names: readonly string[]): Record<string, unknown> {
  const headers = request.raw.headers;
  return Object.fromEntries(
    names.filter((name) => headers[name] !== undefined).map((name) => [name, headers[name]]),
  );
}

function scopeOf(request: FastifyRequest): Scope {
  assert(request.scope !== null, 'a route ran without a scope');
  return request.scope;
}

function factsOf(request: FastifyRequest): RequestFacts {
  const { headers } = request.raw;
  const facts = {
    id: request.id,
    remoteAddress: remoteAddressOf(request),
    header: (name: string): string | undefined => headers[name]?.toString(),
  };
  const key = headers['idempotency-key'];
  return typeof key === 'string' ? { ...facts, idempotencyKey: readIdempotencyKey(key) } : facts;
}

type Declared = {
  readonly shape: ReplyShape;
  readonly json: { readonly shape: TSchema; readonly checker: Checker } | null;
  serialise: ReturnType<FastifyReply['compileSerializationSchema']> | null;
};

function declare(shape: ReplyShape): Declared {
  const isJson = shape !== null && !isRawReply(shape);
  return { shape, json: isJson ? { shape, checker: compileChecker('body', shape) } : null, serialise: null };
}

function compileAnswer(route: Route, door: Door): (reply: FastifyReply, given: Answer) => void {
  const shapes = new Map(
    Object.entries(route.replies).map(([status, shape]: [string, ReplyShape]) => [
      Number(status),
      declare(shape),
    ]),
  );
  const breach = (why: string, reply: FastifyReply): void => {
    const message = `${routeName(route)} broke its declared reply: ${why}`;
    if (door.checkReplies === 'throw') throw new Bug(message);
    door.log.error({ requestId: reply.request.id }, message);
  };
  return (reply, given) => {
    const declared = shapes.get(given.status);
    if (declared === undefined) breach(`status ${given.status}`, reply);
    const { json = null, shape = null } = declared ?? {};
    if (json !== null && !json.checker.check(given.body)) {
      const faults = json.checker.errors(given.body).map(({ field, message }) => `${field} ${message}`);
      breach(faults.join('; '), reply);
    }
    if (shape === null && given.body !== undefined) breach('a body where none was declared', reply);
    reply.code(given.status);
    if (given.headers !== undefined) setHeaders(reply, given.headers);
    if (shape !== null && isRawReply(shape)) reply.header('content-type', given.contentType ?? shape.raw);
    if (declared !== undefined && json !== null) {
      reply.serializer((declared.serialise ??= reply.compileSerializationSchema({ ...json.shape })));
      if (!reply.hasHeader('content-type')) reply.header('content-type', 'application/json; charset=utf-8');
    }
    reply.send(shape === null ? undefined : given.body);
  };
}

/** Throws for a value that could split the reply, while there is still time for a clean 500. */
function setHeaders(reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
  reply.headers(headers);
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] satisfies HTTPMethods[];

/** 405 for each path that exists, 404 for all others. OPTIONS too, as CORS is off. */
function mountOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  const table = new PathTable(app.prefix, routes);
  for (const known of table.overlapping) {
    app.route({
      method: methods.filter((method) => !known.methods.includes(method)),
      url: known.path,
      onRequest: (_request, reply) => refuseMethod(known, reply),
      handler: () => undefined,
    });
  }
  app.route({
    method: [...methods],
    url: '/*',
    onRequest: (request, reply) => {
      const known = table.find(request);
      request.unroutedPattern = known === null ? '' : `${app.prefix}${known.path}`;
      if (known === null) throw refuse('not_found');
      if (known.methods.includes(request.method))
        throw refuse('request.invalid', { message: 'A part of the path is too long' });
      refuseMethod(known, reply);
    },
    handler: () => undefined,
  });
}

function refuseMethod(known: KnownPath, reply: FastifyReply): never {
  const allow = known.methods.join(', ');
  reply.header('allow', allow);
  throw refuse('request.method_not_allowed', { message: `This path answers ${allow}` });
}
