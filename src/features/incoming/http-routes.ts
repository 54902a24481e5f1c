import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { AuthInput, authKinds, Url } from '../webhooks/index.ts';
import { test } from './mails.ts';
import { routeFormats } from './kinds.ts';
import type { RouteWithHealth, RouteWorld } from './model.ts';
import { failureText } from './rules.ts';
import { change, create, get, list, remove, rotate } from './routes.ts';

const idWord = word(16, { pattern: '^\\d{1,16}$' });
const IdParams = fields({ id: idWord });
const example = { params: { id: '100123' } };
const tag = 'inbound routes';

const Pattern = word(64, {
  description: 'of what stands before the @; a star for anything: `help`, `reply-*`, `*`',
});
const Status = Type.Enum(['active', 'paused'], {
  description: 'paused: mail is taken and waits',
});

const routeFields = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  inboundDomainId: Type.String(),
  domain: Type.String(),
  name: Type.String(),
  format: Type.Enum(routeFormats),
  pattern: Type.String(),
  url: Type.String(),
  status: Status,
  auth: fields({
    kind: Type.Enum(authKinds),
    name: Type.String({ description: 'the user, the headers, or where tokens are' }),
  }),
  failures: Type.Integer({ description: 'in a row' }),
  failingSince: Type.Union([Type.String(), Type.Null()]),
  nextTryAt: Type.Union([Type.String(), Type.Null()]),
  lastFailure: Type.String({ description: 'why the last request that was not taken was not' }),
  lastFailureAt: Type.Union([Type.String(), Type.Null()]),
  lastTakenAt: Type.Union([Type.String(), Type.Null()]),
  oldSecretUntil: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
};
const RouteReply = fields(routeFields);
const MadeRouteReply = fields({
  ...routeFields,
  secret: Type.String({ description: 'signs by Standard Webhooks; shown this once' }),
});

function routeJson({ route, health }: RouteWithHealth): Static<typeof RouteReply> {
  return {
    id: route.id,
    subaccountId: route.subaccountId,
    inboundDomainId: route.domainId,
    domain: route.domain,
    name: route.name,
    format: route.format,
    pattern: route.pattern,
    url: route.url,
    status: route.status,
    auth: { kind: route.authKind, name: route.authName },
    failures: health.failures,
    failingSince: health.failingSince?.toISOString() ?? null,
    nextTryAt: health.failures === 0 ? null : (health.nextAt?.toISOString() ?? null),
    lastFailure: health.lastFailure,
    lastFailureAt: health.lastFailureAt?.toISOString() ?? null,
    lastTakenAt: health.lastTakenAt?.toISOString() ?? null,
    oldSecretUntil: route.oldSecretUntil?.toISOString() ?? null,
    createdAt: route.createdAt.toISOString(),
  };
}

export function routeRoutes(world: RouteWorld): readonly Route[] {
  return [...reading(world), makingRoute(world), ...changing(world), ...trying(world)];
}

function reading(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/inbound-routes',
      tag,
      grant: 'inbound:read',
      summary: 'List inbound routes, of one domain if it is named',
      query: pageQuery({ inboundDomainId: Type.Optional(idWord) }),
      replies: { 200: pageReply(RouteReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const page = { domainId: query.inboundDomainId ?? null, after: query.cursor ?? '0', limit };
        const found = await list(world, scope, page);
        const next = nextCursor(
          found.map(({ route }) => route),
          limit,
        );
        return { status: 200, body: { items: found.map(routeJson), next } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/inbound-routes/:id',
      tag,
      grant: 'inbound:read',
      summary: 'Read one inbound route, and how its endpoint is',
      params: IdParams,
      replies: { 200: RouteReply },
      example,
      run: async ({ scope, params }) => ({
        status: 200,
        body: routeJson(await get(world, scope, params.id)),
      }),
    }),
  ];
}

function makingRoute(world: RouteWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/inbound-routes',
    tag,
    grant: 'inbound:write',
    summary: 'Say where mail of an inbound domain goes',
    description:
      'Each mail is posted for each of its recipients, parsed and signed by Standard Webhooks, at least once. Any 2xx takes it. ' +
      'What is not taken is sent again, at growing intervals, for five days; a mail that is refused by itself for one. Of ' +
      'several routes that match, the most specific pattern counts.',
    body: fields({
      inboundDomainId: idWord,
      pattern: Type.Optional(Pattern),
      url: Url,
      name: Type.Optional(word(200)),
      format: Type.Optional(Type.Enum(routeFormats, { description: 'how mail is worded; does not change' })),
      auth: Type.Optional(AuthInput),
      status: Type.Optional(Status),
    }),
    replies: { 201: MadeRouteReply },
    example: {
      body: {
        inboundDomainId: '100123',
        pattern: 'help',
        url: 'https://client.example/mail',
        status: 'paused',
      },
    },
    run: async ({ scope, body }) => {
      const made = await create(world, scope, {
        domainId: body.inboundDomainId,
        name: body.name ?? '',
        format: body.format ?? 'native',
        pattern: body.pattern ?? '*',
        url: body.url,
        auth: body.auth ?? { kind: 'none' },
        status: body.status ?? 'active',
      });
      return { status: 201, body: { ...routeJson(made), secret: made.secret } };
    },
  });
}

function changing(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: '/inbound-routes/:id',
      tag,
      grant: 'inbound:write',
      summary: 'Change an inbound route; set active, an endpoint that failed has a new start',
      params: IdParams,
      body: fields({
        inboundDomainId: Type.Optional(idWord),
        pattern: Type.Optional(Pattern),
        url: Type.Optional(Url),
        name: Type.Optional(word(200)),
        auth: Type.Optional(AuthInput),
        status: Type.Optional(Status),
      }),
      replies: { 200: RouteReply },
      example: { ...example, body: { name: 'help desk' } },
      run: async ({ scope, params, body: { inboundDomainId, ...input } }) => {
        const moved = inboundDomainId === undefined ? {} : { domainId: inboundDomainId };
        return {
          status: 200,
          body: routeJson(await change(world, scope, params.id, { ...input, ...moved })),
        };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/inbound-routes/:id',
      tag,
      grant: 'inbound:write',
      summary: 'Remove an inbound route; received mail stays to be read',
      params: IdParams,
      replies: { 204: null },
      example,
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function trying(world: RouteWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/inbound-routes/:id/rotate',
      tag,
      grant: 'inbound:write',
      summary: 'Give an inbound route a new signing secret; for a day requests are signed with both',
      params: IdParams,
      replies: { 200: MadeRouteReply },
      example,
      run: async ({ scope, params }) => {
        const made = await rotate(world, scope, params.id);
        return { status: 200, body: { ...routeJson(made), secret: made.secret } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/inbound-routes/:id/test',
      tag,
      grant: 'inbound:write',
      summary: 'Send something that is no mail to the endpoint of a route, and say what came of it',
      params: IdParams,
      replies: {
        200: fields({
          isTaken: Type.Boolean(),
          status: Type.Union([Type.Integer(), Type.Null()]),
          error: Type.String(),
        }),
      },
      example,
      run: async ({ scope, params }) => {
        const outcome = await test(world, scope, params.id);
        const status = outcome.kind === 'unreachable' ? null : outcome.status;
        return {
          status: 200,
          body: { isTaken: outcome.kind === 'taken', status, error: failureText(outcome) },
        };
      },
    }),
  ];
}
