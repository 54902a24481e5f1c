import { Type } from 'typebox';
import {
  defineRoute,
  fields,
  pageQuery,
  pageReply,
  text,
  word,
  nextCursor,
  tenantIdPattern,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { change, create, get, list } from './operations.ts';
import type { SubaccountWorld } from './operations.ts';
import { settableStatuses, subaccountStatuses } from './rules.ts';
import type { Subaccount } from './sql.ts';

const Status = Type.Enum(subaccountStatuses);
const SubaccountReply = fields({
  id: Type.Integer(),
  name: Type.String(),
  externalId: Type.Union([Type.String(), Type.Null()]),
  status: Status,
  isOwn: Type.Boolean({ description: 'the account itself, as a sender' }),
  notes: Type.String(),
  createdAt: Type.String(),
});
const Reference = fields({
  id: word(264, {
    pattern: `^(${tenantIdPattern}|external:.{1,255})$`,
    description: 'number, or external:<your id>',
  }),
});

function subaccountJson(subaccount: Subaccount) {
  return {
    id: Number(subaccount.id),
    name: subaccount.name,
    externalId: subaccount.externalId,
    status: subaccount.status,
    isOwn: subaccount.isOwn,
    notes: subaccount.notes,
    createdAt: subaccount.createdAt.toISOString(),
  };
}

export function subaccountRoutes(world: SubaccountWorld): readonly Route[] {
  return [...collection(world), ...single(world)];
}

function collection(world: SubaccountWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/subaccounts',
      tag: 'subaccounts',
      grant: 'subaccounts:write',
      summary: 'Make a subaccount',
      body: fields({
        name: word(200),
        externalId: Type.Optional(word(255, { description: 'yours: unique in the account, never changes' })),
        notes: Type.Optional(text(10_000)),
      }),
      replies: { 201: SubaccountReply },
      example: { body: { name: 'Client one', externalId: 'client-1' } },
      run: async ({ scope, body }) => {
        const input = { name: body.name, externalId: body.externalId ?? null, notes: body.notes ?? '' };
        return { status: 201, body: subaccountJson(await create(world, scope, input)) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/subaccounts',
      tag: 'subaccounts',
      grant: 'subaccounts:read',
      summary: 'List subaccounts',
      query: pageQuery({
        status: Type.Optional(Status),
        search: Type.Optional(word(200, { description: 'part of name or external id' })),
      }),
      replies: { 200: pageReply(SubaccountReply) },
      example: { query: { status: 'active', search: 'client' } },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const filter = {
          after: Number(cursor),
          limit,
          status: query.status ?? null,
          search: query.search ?? null,
        };
        const found = await list(world, scope, filter);
        const next = nextCursor(found, limit);
        return { status: 200, body: { items: found.map(subaccountJson), next } };
      },
    }),
  ];
}

function single(world: SubaccountWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/subaccounts/:id',
      tag: 'subaccounts',
      grant: 'subaccounts:read',
      summary: 'Read one subaccount',
      params: Reference,
      replies: { 200: SubaccountReply },
      example: { params: { id: 'external:client-1' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: subaccountJson(await get(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/subaccounts/:id',
      tag: 'subaccounts',
      grant: 'subaccounts:write',
      summary: 'Change name, notes or status of a subaccount',
      params: Reference,
      body: fields({
        name: Type.Optional(word(200)),
        notes: Type.Optional(text(10_000)),
        status: Type.Optional(Type.Enum(settableStatuses)),
      }),
      replies: { 200: SubaccountReply },
      example: { params: { id: 'external:client-1' }, body: { status: 'paused' } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: subaccountJson(await change(world, scope, params.id, body)),
      }),
    }),
  ];
}
