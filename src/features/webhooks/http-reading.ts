import { Type } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { nativeEvent } from './formats.ts';
import {
  certificateJson,
  CertificateReply,
  deliveryJson,
  DeliveryReply,
  replayJson,
  ReplayReply,
} from './json.ts';
import type { WebhookWorld } from './operations.ts';
import { certificates, deliveries, pull, replay, replays, stopReplay } from './reading.ts';

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const example = { params: { id: '100123' } };
const Day = (description: string): ReturnType<typeof word> => word(10, { format: 'date', description });
const Sequence = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const daysMs = 30 * 86_400_000;

export function readingRoutes(world: WebhookWorld): readonly Route[] {
  return [
    pullRoute(world),
    certificatesRoute(world),
    deliveriesRoute(world),
    replayRoute(world),
    replaysRoute(world),
    stopReplayRoute(world),
  ];
}

function pullRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/webhooks/:id/events',
    tag: 'webhooks',
    grant: 'webhooks:read',
    summary: 'Pull the events of a webhook by the numbers under which they are sent',
    description: 'Pass `next` as `after`; at the end of what there is, `next` is where to go on later.',
    params: IdParams,
    query: fields({
      after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    }),
    replies: {
      200: fields({
        items: Type.Array(Type.Unknown(), { description: 'as they are pushed' }),
        next: Type.Integer(),
        lastSequence: Type.Integer(),
      }),
    },
    example: { ...example, query: { after: 0, limit: 100 } },
    run: async ({ scope, params, query }) => {
      const { after = 0, limit = 100 } = query;
      const { items, lastN } = await pull(world, scope, params.id, { after, limit });
      return {
        status: 200,
        body: { items: items.map(nativeEvent), next: items.at(-1)?.n ?? after, lastSequence: lastN },
      };
    },
  });
}

function certificatesRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/webhooks/:id/certificates',
    tag: 'webhooks',
    grant: 'webhooks:read',
    summary: 'Read how many events got their numbers per day, to compare with what arrived',
    params: IdParams,
    query: fields({
      from: Type.Optional(Day('UTC; 30 days ago when left out')),
      until: Type.Optional(Day('today when left out')),
    }),
    replies: { 200: fields({ items: Type.Array(CertificateReply) }) },
    example: { ...example, query: { from: '2026-01-01' } },
    run: async ({ scope, params, query }) => {
      const now = world.clock.now();
      const from = query.from ?? new Date(now - daysMs).toISOString().slice(0, 10);
      const until = query.until ?? new Date(now).toISOString().slice(0, 10);
      const days = await certificates(world, scope, params.id, { from, until });
      return { status: 200, body: { items: days.map(certificateJson) } };
    },
  });
}

function deliveriesRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/webhooks/:id/deliveries',
    tag: 'webhooks',
    grant: 'webhooks:read',
    summary: 'List the requests that were made, newest first',
    description: 'The last thousand of seven days.',
    params: IdParams,
    query: pageQuery({ isTaken: Type.Optional(Type.Boolean()) }),
    replies: { 200: pageReply(DeliveryReply) },
    example: { ...example, query: { isTaken: false } },
    run: async ({ scope, params, query }) => {
      const { limit = 50, cursor = null, isTaken = null } = query;
      const rows = await deliveries(world, scope, params.id, { before: cursor, limit, isTaken });
      return { status: 200, body: { items: rows.map(deliveryJson), next: nextCursor(rows, limit) } };
    },
  });
}

function replayRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/webhooks/:id/replays',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Send a range of numbers again, or what was passed over',
    params: IdParams,
    body: Type.Union([
      fields({ kind: Type.Literal('range'), first: Sequence, last: Sequence }),
      fields({ kind: Type.Literal('failed') }),
    ]),
    replies: { 201: ReplayReply },
    example: { ...example, body: { kind: 'range', first: 1, last: 100 } },
    run: async ({ scope, params, body }) => {
      const request =
        body.kind === 'failed' ? body : { kind: body.kind, firstN: body.first, lastN: body.last };
      return { status: 201, body: replayJson(await replay(world, scope, params.id, request)) };
    },
  });
}

function replaysRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/webhooks/:id/replays',
    tag: 'webhooks',
    grant: 'webhooks:read',
    summary: 'List replays, newest first',
    params: IdParams,
    query: pageQuery({}),
    replies: { 200: pageReply(ReplayReply) },
    example: { ...example, query: {} },
    run: async ({ scope, params, query }) => {
      const { limit = 50, cursor = null } = query;
      const rows = await replays(world, scope, params.id, { before: cursor, limit });
      return { status: 200, body: { items: rows.map(replayJson), next: nextCursor(rows, limit) } };
    },
  });
}

function stopReplayRoute(world: WebhookWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/webhooks/:id/replays/stop',
    tag: 'webhooks',
    grant: 'webhooks:write',
    summary: 'Stop the running replay',
    params: IdParams,
    replies: { 204: null },
    example,
    run: async ({ scope, params }) => {
      await stopReplay(world, scope, params.id);
      return { status: 204 };
    },
  });
}
