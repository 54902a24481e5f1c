import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { readingRoutes } from './http-reading.ts';
import {
  authFrom,
  Except,
  AuthInput,
  Kinds,
  MadeWebhookReply,
  Names,
  toldFrom,
  ToldText,
  Url,
  webhookJson,
  WebhookReply,
} from './json.ts';
import { formats } from './kinds.ts';
import { change, create, get, list, remove, rotate, secretOf, sendTest } from './operations.ts';
import type { Tested, WebhookWorld } from './operations.ts';

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const example = { params: { id: '100123' } };
const BatchMax = Type.Integer({ minimum: 1, maximum: 1000, description: 'events per request at most' });

export function webhookRoutes(world: WebhookWorld): readonly Route[] {
  return [
    createRoute(world),
    listRoute(world),
    readRoute(world),
    changeRoute(world),
    removeRoute(world),
    secretRoute(world),
    rotateRoute(world),
    testRoute(world),
    testChangeRoute(world),
    ...readingRoutes(world),
  ];
}

function createRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/webhooks',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Make a webhook of the account or of the subaccount acted for',
    description:
      'Events arrive in batches, in order, at least once, numbered from 1 without gaps, signed by Standard Webhooks. ' +
      'Any 2xx takes the batch. What is not taken is sent again, at growing intervals, for five days.',
    body: fields({
      name: word(200),
      url: Url,
      told: Type.Optional(ToldText),
      except: Type.Optional(Except),
      kinds: Type.Optional(Type.Union([Kinds, Type.Null()])),
      format: Type.Optional(Type.Enum(formats)),
      names: Type.Optional(Type.Union([Names, Type.Null()])),
      batchMax: Type.Optional(BatchMax),
      status: Type.Optional(Type.Enum(['active', 'paused'])),
      auth: Type.Optional(AuthInput),
    }),
    replies: { 201: MadeWebhookReply },
    example: {
      body: {
        name: 'Shop',
        url: 'https://hooks.example.com/mail',
        kinds: ['message.delivered', 'message.bounced'],
      },
    },
    run: async ({ scope, body }) => {
      const made = await create(world, scope, {
        name: body.name,
        url: body.url,
        told: body.told === undefined ? null : toldFrom(body.told),
        except: body.except ?? [],
        kinds: body.kinds ?? null,
        format: body.format ?? 'native',
        names: body.names ?? null,
        batchMax: body.batchMax ?? 500,
        status: body.status ?? 'active',
        auth: authFrom(body.auth ?? { kind: 'none' }),
      });
      return { status: 201, body: { ...webhookJson(made), secret: made.secret } };
    },
  });
}

function listRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/webhooks',
    tag: 'webhooks',
    grant: 'webhooks:read',
    summary: 'List webhooks',
    query: pageQuery({}),
    replies: { 200: pageReply(WebhookReply) },
    example: { query: {} },
    run: async ({ scope, query }) => {
      const { limit = 50, cursor = '0' } = query;
      const items = (await list(world, scope, { after: cursor, limit })).map(webhookJson);
      return { status: 200, body: { items, next: nextCursor(items, limit) } };
    },
  });
}

function readRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/webhooks/:id',
    tag: 'webhooks',
    grant: 'webhooks:read',
    summary: 'Read a webhook and how far it is',
    params: IdParams,
    replies: { 200: WebhookReply },
    example,
    run: async ({ scope, params }) => ({
      status: 200,
      body: webhookJson(await get(world, scope, params.id)),
    }),
  });
}

function changeRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/webhooks/:id',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Change a webhook, pause it, or give it a new start',
    description:
      'What it is told of counts from the next event on. A paused one gets its numbers and is told later. ' +
      'Status `active` also lets an endpoint that was given up go on where it stopped.',
    params: IdParams,
    body: fields({
      name: Type.Optional(word(200)),
      url: Type.Optional(Url),
      told: Type.Optional(ToldText),
      except: Type.Optional(Except),
      kinds: Type.Optional(Type.Union([Kinds, Type.Null()])),
      names: Type.Optional(Type.Union([Names, Type.Null()])),
      batchMax: Type.Optional(BatchMax),
      status: Type.Optional(Type.Enum(['active', 'paused'])),
      auth: Type.Optional(AuthInput),
    }),
    replies: { 200: WebhookReply },
    example: { ...example, body: { name: 'Shop and stock', status: 'active' } },
    run: async ({ scope, params, body }) => {
      const { told, auth, ...rest } = body;
      const changed = await change(world, scope, params.id, {
        ...rest,
        ...(told === undefined ? {} : { told: toldFrom(told) }),
        ...(auth === undefined ? {} : { auth: authFrom(auth) }),
      });
      return { status: 200, body: webhookJson(changed) };
    },
  });
}

function removeRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/webhooks/:id',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Delete a webhook',
    params: IdParams,
    replies: { 204: null },
    example,
    run: async ({ scope, params }) => {
      await remove(world, scope, params.id);
      return { status: 204 };
    },
  });
}

function secretRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/webhooks/:id/secret',
    tag: 'webhooks',
    grant: 'keys:secrets',
    summary: 'Read the signing secret of a webhook once more',
    params: IdParams,
    replies: { 200: fields({ secret: Type.String() }) },
    example,
    run: async ({ scope, params }) => ({
      status: 200,
      body: { secret: await secretOf(world, scope, params.id) },
    }),
  });
}

function rotateRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/webhooks/:id/rotate',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Make a new signing secret; requests are signed with both for the overlap',
    params: IdParams,
    body: fields({
      overlapSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_592_000, default: 86_400 })),
    }),
    replies: { 201: MadeWebhookReply },
    example: { ...example, body: { overlapSeconds: 3600 } },
    run: async ({ scope, params, body }) => {
      const made = await rotate(world, scope, params.id, body.overlapSeconds ?? 86_400);
      return { status: 201, body: { ...webhookJson(made), secret: made.secret } };
    },
  });
}

const TestedReply = fields({
  isTaken: Type.Boolean(),
  status: Type.Union([Type.Integer(), Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()]),
  ms: Type.Number(),
  response: Type.String({ description: 'its first kibibyte' }),
});

function testedJson({ isTaken, status, error, ms, responseBody }: Tested): Static<typeof TestedReply> {
  return { isTaken, status, error, ms: Math.round(ms * 10) / 10, response: responseBody };
}

function testRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/webhooks/:id/test',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Send a made-up event now and see what comes of it',
    params: IdParams,
    replies: { 200: TestedReply },
    example,
    run: async ({ scope, params }) => ({
      status: 200,
      body: testedJson(await sendTest(world, scope, params.id)),
    }),
  });
}

function testChangeRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/webhooks/:id/test-change',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Send a made-up event as if the webhook were changed already, and see what comes of it',
    params: IdParams,
    body: fields({ url: Type.Optional(Url), auth: Type.Optional(AuthInput) }),
    replies: { 200: TestedReply },
    example: { ...example, body: { url: 'https://hooks.example.com/moved' } },
    run: async ({ scope, params, body: { url, auth } }) => {
      const to = {
        ...(url === undefined ? {} : { url }),
        ...(auth === undefined ? {} : { auth: authFrom(auth) }),
      };
      return { status: 200, body: testedJson(await sendTest(world, scope, params.id, to)) };
    },
  });
}
