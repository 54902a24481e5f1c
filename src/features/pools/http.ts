import { Type } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { addressRoutes } from './http-addresses.ts';
import { change, create, get, list, remove } from './operations.ts';
import type { PoolWorld, RemovingWorld } from './operations.ts';
import type { Pool } from './sql.ts';

const PoolReply = fields({
  id: Type.String(),
  name: Type.String(),
  isDefault: Type.Boolean({ description: 'for subaccounts without a pool of their own' }),
  signingDomainId: Type.Union([Type.String(), Type.Null()], {
    description: 'signs what leaves by the pool while it is proven, besides the domain that the mail is from',
  }),
  feedbackDomainId: Type.Union([Type.String(), Type.Null()], {
    description: 'signs it likewise, and is where the feedback headers lead (RFC 9477)',
  }),
  createdAt: Type.String(),
});
const DomainId = Type.Optional(
  Type.Union([word(16, { pattern: '^\\d{1,16}$' }), Type.Null()], {
    description: 'a proven domain that the account itself holds; null: none',
  }),
);
const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const Name = word(64, { pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$' });

function poolJson({ createdAt, ...pool }: Pool) {
  return { ...pool, createdAt: createdAt.toISOString() };
}

export function poolRoutes(world: RemovingWorld): readonly Route[] {
  return [...collection(world), ...single(world), ...addressRoutes(world)];
}

function collection(world: PoolWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/pools',
      tag: 'pools',
      grant: 'pools:read',
      summary: 'List pools',
      query: pageQuery({}),
      replies: { 200: pageReply(PoolReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const pools = await list(world, scope, { after: cursor, limit });
        return { status: 200, body: { items: pools.map(poolJson), next: nextCursor(pools, limit) } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/pools',
      tag: 'pools',
      grant: 'pools:write',
      summary: 'Make a pool',
      body: fields({ name: Name }),
      replies: { 201: PoolReply },
      example: { body: { name: 'newsletters' } },
      run: async ({ scope, body }) => ({
        status: 201,
        body: poolJson(await create(world, scope, body.name)),
      }),
    }),
  ];
}

function single(world: RemovingWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/pools/:id',
      tag: 'pools',
      grant: 'pools:read',
      summary: 'Read a pool',
      params: IdParams,
      replies: { 200: PoolReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({ status: 200, body: poolJson(await get(world, scope, params.id)) }),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/pools/:id',
      tag: 'pools',
      grant: 'pools:write',
      summary:
        'Rename a pool, make it the default of the account, or say which domains sign what leaves by it',
      params: IdParams,
      body: fields({
        name: Type.Optional(Name),
        isDefault: Type.Optional(Type.Boolean({ description: 'true: another one steps down' })),
        signingDomainId: DomainId,
        feedbackDomainId: DomainId,
      }),
      replies: { 200: PoolReply },
      example: { params: { id: '100123' }, body: { name: 'campaigns', isDefault: true } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: poolJson(await change(world, scope, params.id, body)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/pools/:id',
      tag: 'pools',
      grant: 'pools:write',
      summary: 'Delete a pool that is not the default, has no addresses and binds no subaccount',
      params: IdParams,
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
