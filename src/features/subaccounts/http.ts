import { Type } from 'typebox';
import type { Tx } from '../../base/database/database.ts';
import {
  defineRoute,
  fields,
  Instant,
  instantMs,
  nextCursor,
  pageQuery,
  pageReply,
  tenantIdPattern,
  text,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import { secretForms } from '../../base/secrets.ts';
import type { SecretForm } from '../../base/secrets.ts';
import { refuse } from '../refusals/index.ts';
import { ProfileFields, subaccountJson, SubaccountReply, SwitchFields } from './json.ts';
import { change, count, create, get, list, remove, retire, unretire } from './operations.ts';
import type { SubaccountWorld } from './operations.ts';
import { settableStatuses, subaccountStatuses } from './rules.ts';
import type { SubaccountStatus } from './rules.ts';
import type { Subaccount } from './sql.ts';

export type FirstKey = {
  readonly name: string;
  readonly grants: readonly string[] | null;
  readonly allowedAddresses: readonly string[];
  readonly secretForm: SecretForm | undefined;
};

/** What the routes need from features below: their rows are made and removed in the same transaction. */
export type SubaccountRoutesWorld = SubaccountWorld & {
  readonly firstKey: (
    tx: Tx,
    scope: Scope,
    subaccount: Subaccount,
    key: FirstKey,
  ) => Promise<{ readonly publicId: string; readonly secret: string }>;
  readonly firstQuota: (
    tx: Tx,
    scope: Scope,
    subaccount: Subaccount,
    quota: Readonly<Partial<Record<'hour' | 'day' | 'month', number>>>,
  ) => Promise<void>;
  /** Refuses a pool that the account does not have. */
  readonly checkPool: (tx: Tx, poolId: string) => Promise<void>;
  /** What a tombstone does not keep: keys, denylist, people. */
  readonly removeWith: (tx: Tx, subaccount: Subaccount) => Promise<void>;
};

const Reference = fields({
  id: word(264, {
    pattern: `^(${tenantIdPattern}|external:.{1,255})$`,
    description: 'number, or external:<your id>',
  }),
});
const PoolId = word(16, {
  pattern: '^\\d{1,16}$',
  description: 'its default pool; naming another is refused',
});
const anyStatus = subaccountStatuses.join('|');
const filters = {
  status: Type.Optional(
    word(200, {
      pattern: `^(${anyStatus})(,(${anyStatus}))*$`,
      description: 'one or several, separated by commas',
    }),
  ),
  trial: Type.Optional(Type.Boolean()),
  search: Type.Optional(word(200, { description: 'part of name or external id' })),
};

type Filters = { readonly status?: string; readonly trial?: boolean; readonly search?: string };

function filterOf(query: Filters) {
  return {
    statuses: (query.status?.split(',') as SubaccountStatus[] | undefined) ?? null,
    isTrial: query.trial ?? null,
    search: query.search ?? null,
  };
}

export function subaccountRoutes(world: SubaccountRoutesWorld): readonly Route[] {
  return [createRoute(world), ...collection(world), ...single(world), ...ending(world)];
}

function createRoute(world: SubaccountRoutesWorld): Route {
  const Quota = Type.Optional(Type.Integer({ minimum: 0, maximum: 1e12 }));
  return defineRoute({
    method: 'POST',
    path: '/subaccounts',
    tag: 'subaccounts',
    grant: 'subaccounts:write',
    summary: 'Make a subaccount, if asked with its first key, in one transaction',
    body: fields({
      name: word(200),
      externalId: Type.Optional(word(255, { description: 'yours: unique in the account, never changes' })),
      notes: Type.Optional(text(10_000)),
      trial: Type.Optional(Type.Boolean()),
      profile: Type.Optional(ProfileFields),
      switches: Type.Optional(SwitchFields),
      poolId: Type.Optional(PoolId),
      quota: Type.Optional(fields({ hour: Quota, day: Quota, month: Quota })),
      key: Type.Optional(
        fields({
          name: word(200),
          grants: Type.Optional(
            Type.Array(word(64), {
              maxItems: 64,
              description: 'all that a subaccount may hold when left out',
            }),
          ),
          allowedAddresses: Type.Optional(
            Type.Array(word(64), { maxItems: 100, description: 'IP addresses or CIDRs that may use it' }),
          ),
          secretForm: Type.Optional(Type.Enum(secretForms)),
        }),
      ),
    }),
    replies: {
      201: fields({
        ...SubaccountReply.properties,
        key: Type.Optional(
          fields({ publicId: Type.String(), secret: Type.String({ description: 'shown this once' }) }),
        ),
      }),
    },
    example: { body: { name: 'Client one', externalId: 'client-1', key: { name: 'Shop' } } },
    run: async ({ scope, body }) => {
      needs(scope, body.key !== undefined, 'keys:write');
      needs(scope, body.quota !== undefined, 'quotas:write');
      const { poolId } = body;
      if (poolId !== undefined) await world.db.scoped(scope, (tx) => world.checkPool(tx, poolId));
      const input = {
        name: body.name,
        externalId: body.externalId ?? null,
        notes: body.notes ?? '',
        isTrial: body.trial ?? false,
        profile: body.profile ?? {},
        switches: body.switches ?? {},
        poolId: poolId ?? null,
      };
      const { subaccount, added } = await create(world, scope, input, async (tx, made) => {
        if (body.quota !== undefined) await world.firstQuota(tx, scope, made, body.quota);
        if (body.key === undefined) return null;
        const { name, grants = null, allowedAddresses = [], secretForm } = body.key;
        return world.firstKey(tx, scope, made, { name, grants, allowedAddresses, secretForm });
      });
      return {
        status: 201,
        body: { ...subaccountJson(scope, subaccount), ...(added === null ? {} : { key: added }) },
      };
    },
  });
}

function needs(scope: Scope, isAsked: boolean, grant: 'keys:write' | 'quotas:write'): void {
  if (isAsked && !scope.grants.has(grant))
    throw refuse('auth.grant_missing', { message: `The credential lacks the grant ${grant}` });
}

function collection(world: SubaccountRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/subaccounts',
      tag: 'subaccounts',
      grant: 'subaccounts:read',
      summary: 'List subaccounts',
      query: pageQuery(filters),
      replies: { 200: pageReply(SubaccountReply) },
      example: { query: { status: 'active,paused', search: 'client' } },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const found = await list(world, scope, { after: Number(cursor), limit, ...filterOf(query) });
        const items = found.map((each) => subaccountJson(scope, each));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/subaccounts/counts',
      tag: 'subaccounts',
      grant: 'subaccounts:read',
      summary: 'Count subaccounts by status',
      query: fields(filters),
      replies: {
        200: fields({
          total: Type.Integer(),
          byStatus: fields(
            Object.fromEntries(subaccountStatuses.map((status) => [status, Type.Optional(Type.Integer())])),
          ),
        }),
      },
      example: { query: { trial: false } },
      run: async ({ scope, query }) => {
        const counts = await count(world, scope, filterOf(query));
        const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
        return { status: 200, body: { total, byStatus: Object.fromEntries(counts) } };
      },
    }),
  ];
}

function single(world: SubaccountRoutesWorld): readonly Route[] {
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
        body: subaccountJson(scope, await get(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/subaccounts/:id',
      tag: 'subaccounts',
      grant: 'subaccounts:write',
      summary: 'Change a subaccount; a status sets or lifts the stop of the account',
      params: Reference,
      body: fields({
        name: Type.Optional(word(200)),
        notes: Type.Optional(text(10_000)),
        trial: Type.Optional(Type.Boolean()),
        profile: Type.Optional(ProfileFields),
        switches: Type.Optional(SwitchFields),
        poolId: Type.Optional(Type.Union([PoolId, Type.Null()])),
        status: Type.Optional(Type.Enum(settableStatuses)),
        reason: Type.Optional(text(500, { description: 'why the status changes' })),
      }),
      replies: { 200: SubaccountReply },
      example: { params: { id: '1002' }, body: { status: 'paused', reason: 'asked by the client' } },
      run: async ({ scope, params, body }) => {
        const { trial, ...input } = body;
        const { poolId } = input;
        if (typeof poolId === 'string') await world.db.scoped(scope, (tx) => world.checkPool(tx, poolId));
        const changed = await change(world, scope, params.id, {
          ...input,
          ...(trial === undefined ? {} : { isTrial: trial }),
        });
        return { status: 200, body: subaccountJson(scope, changed) };
      },
    }),
  ];
}

function ending(world: SubaccountRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/subaccounts/:id/retire',
      tag: 'subaccounts',
      grant: 'subaccounts:write',
      summary: 'Retire a subaccount now or on a day; everything of it is purged 30 days later',
      params: Reference,
      body: fields({ at: Type.Optional(Instant) }),
      replies: { 200: SubaccountReply },
      example: { params: { id: '1002' }, body: { at: '2026-12-31T00:00:00Z' } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: subaccountJson(
          scope,
          await retire(world, scope, params.id, body.at === undefined ? null : instantMs(body.at)),
        ),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/subaccounts/:id/unretire',
      tag: 'subaccounts',
      grant: 'subaccounts:write',
      summary: 'Take a pending retirement back',
      params: Reference,
      replies: { 200: SubaccountReply },
      example: { params: { id: '1002' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: subaccountJson(scope, await unretire(world, scope, params.id, 'parent')),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/subaccounts/:id',
      tag: 'subaccounts',
      grant: 'subaccounts:write',
      summary: 'Delete a subaccount: keys and denylist go, activity stays under its number',
      params: Reference,
      replies: { 204: null },
      example: { params: { id: '1002' } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id, world.removeWith);
        return { status: 204 };
      },
    }),
  ];
}
