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
  record,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { actorKinds, auditActions } from './model.ts';
import type { AuditEntry } from './model.ts';
import { get, list } from './operations.ts';
import type { AuditWorld } from './operations.ts';
import { fieldsOf, nounOf, tableOf } from './rules.ts';

const EntryReply = fields({
  id: Type.String(),
  at: Type.String(),
  subaccountId: Type.Integer(),
  actor: fields({
    kind: Type.Enum(actorKinds, { description: 'system: the operator, at the machine' }),
    id: Type.String(),
  }),
  requestId: Type.Union([Type.String(), Type.Null()]),
  action: Type.Enum(auditActions),
  subject: Type.String({ description: 'subaccount, key, domain, quota, pool, suppression, account, ...' }),
  subjectId: Type.String(),
  changes: record(Type.Unknown(), {
    nameLengthMax: 64,
    entriesMax: 1000,
    description: 'by field: [before, after] of a change, else the value; long values are cut, secrets hidden',
  }),
});
const instant = (given: string | undefined): Date | null =>
  given === undefined ? null : new Date(instantMs(given));

function entryJson(entry: AuditEntry): Static<typeof EntryReply> {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    subaccountId: Number(entry.subaccountId),
    actor: { kind: entry.actorKind, id: entry.actorId },
    requestId: entry.requestId,
    action: entry.action,
    subject: nounOf(entry.subject),
    subjectId: entry.subjectId,
    changes: fieldsOf(entry.action, entry.changes),
  };
}

export function auditRoutes(world: AuditWorld): readonly Route[] {
  return [listRoute(world), readRoute(world)];
}

function listRoute(world: AuditWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/audit',
    tag: 'audit',
    grant: 'audit:read',
    summary: 'List who changed what, newest first',
    query: pageQuery({
      subject: Type.Optional(word(64, { description: 'subaccount, key, domain, ...' })),
      subjectId: Type.Optional(word(64)),
      actorKind: Type.Optional(Type.Enum(actorKinds)),
      actorId: Type.Optional(word(64, { description: 'the id of a key or of a person' })),
      action: Type.Optional(Type.Enum(auditActions)),
      subaccount: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
      requestId: Type.Optional(word(64)),
      after: Type.Optional(Instant),
      before: Type.Optional(Instant),
    }),
    replies: { 200: pageReply(EntryReply) },
    example: { query: { subject: 'key', limit: 20 } },
    run: async ({ scope, query }) => {
      const { limit = 50 } = query;
      const entries = await list(world, scope, {
        subject: query.subject === undefined ? null : tableOf(query.subject),
        subjectId: query.subjectId ?? null,
        actorKind: query.actorKind ?? null,
        actorId: query.actorId ?? null,
        action: query.action ?? null,
        subaccountId: query.subaccount ?? null,
        requestId: query.requestId ?? null,
        after: instant(query.after),
        before: instant(query.before),
        cursor: query.cursor ?? null,
        limit,
      });
      return { status: 200, body: { items: entries.map(entryJson), next: nextCursor(entries, limit) } };
    },
  });
}

function readRoute(world: AuditWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/audit/:id',
    tag: 'audit',
    grant: 'audit:read',
    summary: 'Read an entry of the audit log',
    params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
    replies: { 200: EntryReply },
    example: { params: { id: '100123' } },
    run: async ({ scope, params }) => ({
      status: 200,
      body: entryJson(await get(world, scope, params.id)),
    }),
  });
}
