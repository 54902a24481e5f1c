import { Type } from 'typebox';
import type { Static } from 'typebox';
import {
  defineRoute,
  fields,
  Instant,
  instantMs,
  nextCursor,
  pageQuery,
  pageReply,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { doors } from './model.ts';
import type { LogRow } from './model.ts';
import { get, list } from './operations.ts';
import type { LogWorld } from './operations.ts';
import { statusRange } from './rules.ts';

const logFields = {
  id: Type.String(),
  at: Type.String(),
  subaccountId: Type.Integer(),
  requestId: Type.String(),
  door: Type.Enum(doors),
  method: Type.String({ description: 'of HTTP; SEND is a mail by SMTP, AUTH a failed login there' }),
  pattern: Type.String({ description: 'the endpoint; empty for SMTP' }),
  path: Type.String({ description: 'with its query, or sender and number of recipients; secrets as ***' }),
  status: Type.Integer(),
  actor: fields({ kind: Type.Enum(['key', 'user', 'system']), id: Type.String() }),
  remoteAddress: Type.String(),
  userAgent: Type.String({ description: 'by SMTP what the client calls itself' }),
  ms: Type.Number(),
};
const LogReply = fields(logFields);
const WholeLogReply = fields({
  ...logFields,
  request: Type.String({ description: 'masked, at most 8 KiB; of a mail its header' }),
  response: Type.String({ description: 'masked, at most 8 KiB' }),
});
const instant = (given: string | undefined): Date | null =>
  given === undefined ? null : new Date(instantMs(given));

function logJson(row: LogRow): Static<typeof LogReply> {
  return {
    id: row.id,
    at: row.at.toISOString(),
    subaccountId: Number(row.subaccountId),
    requestId: row.requestId,
    door: row.door,
    method: row.method,
    pattern: row.pattern,
    path: row.path,
    status: row.status,
    actor: { kind: row.actor.kind, id: row.actor.id },
    remoteAddress: row.remoteAddress,
    userAgent: row.userAgent,
    ms: Math.round(row.ms * 100) / 100,
  };
}

export function logRoutes(world: LogWorld): readonly Route[] {
  return [listRoute(world), readRoute(world)];
}

function listRoute(world: LogWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/logs',
    tag: 'logs',
    grant: 'logs:read',
    summary: 'List requests at the API and SMTP doors, newest first',
    description: 'Empty until `PATCH /account` sets `logRequests`. Kept for seven days.',
    query: pageQuery({
      door: Type.Optional(Type.Enum(doors)),
      method: Type.Optional(word(10, { pattern: '^[A-Z]+$' })),
      path: Type.Optional(word(200, { description: 'part of the path or of the endpoint' })),
      status: Type.Optional(word(3, { pattern: '^[1-5](?:\\d\\d|xx)$', description: '404, or 4xx' })),
      actorId: Type.Optional(word(64, { description: 'the id of a key or of a person' })),
      requestId: Type.Optional(word(64)),
      subaccount: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
      after: Type.Optional(Instant),
      before: Type.Optional(Instant),
    }),
    replies: { 200: pageReply(LogReply) },
    example: { query: { status: '4xx', limit: 20 } },
    run: async ({ scope, query }) => {
      const { limit = 50 } = query;
      const rows = await list(world, scope, {
        door: query.door ?? null,
        method: query.method ?? null,
        path: query.path ?? null,
        status: statusRange(query.status),
        actorId: query.actorId ?? null,
        requestId: query.requestId ?? null,
        subaccountId: query.subaccount ?? null,
        after: instant(query.after),
        before: instant(query.before),
        cursor: query.cursor ?? null,
        limit,
      });
      return { status: 200, body: { items: rows.map(logJson), next: nextCursor(rows, limit) } };
    },
  });
}

function readRoute(world: LogWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/logs/:id',
    tag: 'logs',
    grant: 'logs:read',
    summary: 'Read a logged request with what was sent and answered',
    params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
    replies: { 200: WholeLogReply },
    example: { params: { id: '100123' } },
    run: async ({ scope, params }) => {
      const row = await get(world, scope, params.id);
      return { status: 200, body: { ...logJson(row), request: row.request, response: row.response } };
    },
  });
}
