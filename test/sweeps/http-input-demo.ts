/** Routes and callers that exist only in tests of the HTTP door: every shape of input a route can ask for. */
import assert from 'node:assert/strict';
import { Type } from 'typebox';
import {
  defineRoute,
  fields,
  Instant,
  instantMs,
  instantText,
  line,
  pageQuery,
  pageReply,
  record,
  text,
  word,
} from '../../src/base/route.ts';
import type { Route } from '../../src/base/route.ts';
import type { AccountId, Grant, Scope, SubaccountId } from '../../src/base/scope.ts';
import { refuse } from '../../src/features/refusals/index.ts';
import { startHttp } from '../../src/http/server.ts';
import type { HttpOptions, HttpServer } from '../../src/http/server.ts';
import type { Log } from '../../src/base/log.ts';
import type { Authenticate } from '../../src/http/mount.ts';

const Address = fields({ email: word(254, { format: 'email' }), name: Type.Optional(word(100)) });
const Letter = fields({
  to: Type.Array(Address, { minItems: 1, maxItems: 3 }),
  subject: word(200),
  lane: Type.Optional(Type.Union([Type.Literal('bulk'), Type.Literal('transactional')])),
  sendAt: Type.Optional(Instant),
  priority: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
  data: Type.Optional(record(text(100), { nameLengthMax: 50, entriesMax: 10 })),
  note: Type.Optional(line(100)),
  format: Type.Optional(Type.Enum(['html', 'text'])),
  replyTo: Type.Optional(Type.Union([Address, Type.Null()])),
});
const LetterReply = fields({
  id: Type.String(),
  to: Type.Array(Type.String()),
  sendAt: Type.Union([Instant, Type.Null()]),
});

const sendLetter = defineRoute({
  method: 'POST',
  path: '/letters',
  tag: 'letters',
  grant: 'messages:send',
  summary: 'Send a letter',
  body: Letter,
  bodyLimitBytes: 100_000,
  replies: { 202: LetterReply },
  example: {
    body: {
      to: [{ email: 'a@example.test', name: 'A' }],
      subject: 'Hello',
      lane: 'bulk',
      sendAt: '2030-01-01T10:00:00+02:00',
      priority: 3,
      data: { first: 'x' },
      note: 'one line',
      format: 'html',
      replyTo: { email: 'r@example.test' },
    },
  },
  run: async ({ body }) => ({
    status: 202,
    body: {
      id: 'l1',
      to: body.to.map(({ email }) => email),
      sendAt: body.sendAt === undefined ? null : instantText(instantMs(body.sendAt)),
    },
  }),
});

const listLetters = defineRoute({
  method: 'GET',
  path: '/letters',
  tag: 'letters',
  grant: 'messages:read',
  summary: 'List letters',
  query: pageQuery({
    isSent: Type.Optional(Type.Boolean()),
    tags: Type.Optional(Type.Array(word(20), { maxItems: 3 })),
  }),
  replies: { 200: pageReply(fields({ limit: Type.Integer(), tags: Type.Array(Type.String()) })) },
  example: { query: { limit: 10, isSent: true, tags: ['a', 'b'] } },
  run: async ({ query }) => ({
    status: 200,
    body: { items: [{ limit: query.limit ?? 0, tags: query.tags ?? [] }], next: null },
  }),
});

const readLetter = defineRoute({
  method: 'GET',
  path: '/letters/:id',
  tag: 'letters',
  grant: 'messages:read',
  summary: 'Read a letter',
  params: fields({ id: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }),
  replies: { 200: fields({ id: Type.Integer(), from: Type.String(), subaccount: Type.String() }) },
  example: { params: { id: 7 } },
  run: async ({ params, request, scope }) => {
    if (params.id === 404) throw refuse('not_found');
    if (params.id === 429) throw refuse('quota.exceeded', { retryAfterSeconds: 7.2 });
    if (params.id === 503) throw refuse('busy');
    if (params.id === 500) throw new Error('a secret inside');
    return { status: 200, body: { id: params.id, from: request.remoteAddress, subaccount: scope.actor.id } };
  },
});

const dropLetter = defineRoute({
  method: 'DELETE',
  path: '/letters/:id',
  tag: 'letters',
  grant: null,
  summary: 'Drop a letter',
  params: fields({ id: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }),
  replies: { 204: null },
  example: { params: { id: 7 } },
  run: async () => ({ status: 204 }),
});

const exportLetters = defineRoute({
  method: 'GET',
  path: '/letters-export',
  tag: 'letters',
  grant: 'messages:read',
  summary: 'Export letters',
  replies: { 200: { raw: 'text/csv; charset=utf-8' } },
  example: {},
  run: async () => ({ status: 200, body: Buffer.from('id\r\n1\r\n') }),
});

export const demoRoutes: readonly Route[] = [sendLetter, listLetters, readLetter, dropLetter, exportLetters];

export const demoSecret = 'demo-secret';

/** Only `access` makes scopes in the program; the demo's caller has none behind it. */
export function demoScope(grants: readonly Grant[], actor = 'key-1'): Scope {
  const scope: Omit<Scope, 'made'> = {
    accountId: 1 as AccountId,
    reach: 'account',
    subaccountId: 1 as SubaccountId,
    grants: new Set(grants),
    canChange: true,
    bounds: { domain: null, addresses: [], expiresAt: null, templates: null },
    requestId: 'demo',
    actor: { kind: 'key', id: actor },
  };
  return scope as Scope;
}

/** Takes `demo-secret` (all grants), `reader` (read only), Basic `pub:demo-secret` and the session `login`. */
export const demoAuthenticate: Authenticate = async (credential, { subaccount }) => {
  if (credential === null) throw refuse('auth.missing');
  const actor = subaccount ?? 'key-1';
  if (credential.kind === 'session') {
    if (credential.token === 'login') return demoScope(['messages:send', 'messages:read'], 'user-1');
  } else if (credential.kind === 'basic' && credential.user !== 'pub') throw refuse('auth.failed');
  else if (credential.secret === demoSecret) return demoScope(['messages:send', 'messages:read'], actor);
  else if (credential.secret === 'reader') return demoScope(['messages:read'], actor);
  throw refuse('auth.failed');
};

export type LogLine = {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
};

export type Demo = AsyncDisposable & {
  readonly server: HttpServer;
  readonly url: string;
  readonly lines: readonly LogLine[];
};

export async function startDemo(changes: Partial<HttpOptions> = {}): Promise<Demo> {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine['level']): Log['info'] =>
    (fields, message) =>
      void lines.push({ level, fields, message });
  const server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: demoRoutes,
    authenticate: demoAuthenticate,
    trustedProxies: [],
    bodyLimitBytes: 1_000_000,
    log: { info: at('info'), warn: at('warn'), error: at('error') },
    readiness: async () => ({ ready: true }),
    checkReplies: 'throw',
    ...changes,
  });
  return {
    server,
    lines,
    url: `http://127.0.0.1:${server.port}/api/v1`,
    [Symbol.asyncDispose]: () => server.stop(0),
  };
}

export type ProblemBody = {
  code: string;
  status: number;
  detail: string;
  requestId: string;
  errors: { field: string }[];
};

/** Asserts that the reply is a problem. */
export async function problem(response: Response): Promise<ProblemBody> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const body: unknown = await response.json();
  return body as ProblemBody;
}

/** A small valid route with some of it replaced. */
export function oneRoute(changes: Partial<Route>): Route {
  const route = defineRoute({
    method: 'POST',
    path: '/things',
    tag: 'things',
    grant: null,
    summary: 'Make a thing',
    body: fields({ name: word(20) }),
    replies: { 201: fields({ name: Type.String() }) },
    example: { body: { name: 'x' } },
    run: async ({ body }) => ({ status: 201, body }),
  });
  return { ...route, ...changes };
}

/** Calls the route of `oneRoute`. */
export async function callThing(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await fetch(`${url}/things`, {
    method: 'POST',
    headers: { authorization: `Bearer ${demoSecret}`, 'content-type': 'application/json', ...headers },
    body: '{"name":"x"}',
  });
}
