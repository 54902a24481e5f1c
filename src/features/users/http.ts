import { Type } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import {
  IdParams,
  GivenFields,
  grantList,
  PersonReply,
  personJson,
  SubaccountPartReply,
  Subaccounts,
} from './json.ts';
import { change, get, list, remove, setSubaccounts } from './operations.ts';
import type { UserWorld } from './operations.ts';
import { roles } from './model.ts';
import { pageGrants, roleGrants } from './roles.ts';

export function userRoutes(world: UserWorld): readonly Route[] {
  return [...reading(world), ...changing(world), ...subaccountsOf(world), rolesRoute()];
}

function reading(world: UserWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/users',
      tag: 'users',
      grant: 'users:read',
      summary: 'List people with access',
      query: pageQuery({}),
      replies: { 200: pageReply(PersonReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const people = await list(world, scope, { after: cursor, limit });
        return { status: 200, body: { items: people.map(personJson), next: nextCursor(people, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/users/:id',
      tag: 'users',
      grant: 'users:read',
      summary: 'Read one person',
      params: IdParams,
      replies: { 200: PersonReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: personJson(await get(world, scope, params.id)),
      }),
    }),
  ];
}

function changing(world: UserWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: '/users/:id',
      tag: 'users',
      grant: 'users:write',
      summary: 'Change what a person can do in all of the account, or in the subaccount acted for',
      description: 'Nobody changes an equal or higher one, or gives more than they have themselves.',
      params: IdParams,
      body: fields(GivenFields),
      replies: { 200: PersonReply },
      example: { params: { id: '100123' }, body: { role: 'developer', hiddenPages: ['billing'] } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: personJson(await change(world, scope, params.id, body)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/users/:id',
      tag: 'users',
      grant: 'users:write',
      summary: 'Take a person out of the account, as far as you reach; or leave it yourself',
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

function subaccountsOf(world: UserWorld): readonly Route[] {
  const Listed = fields({ subaccounts: Type.Array(SubaccountPartReply) });
  return [
    defineRoute({
      method: 'GET',
      path: '/users/:id/subaccounts',
      tag: 'users',
      grant: 'users:read',
      summary: 'List the chosen subaccounts of a person',
      params: IdParams,
      replies: { 200: Listed },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        const { subaccounts } = personJson(await get(world, scope, params.id));
        return { status: 200, body: { subaccounts } };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/users/:id/subaccounts',
      tag: 'users',
      grant: 'users:write',
      summary: 'Overwrite the list of subaccounts that a person reaches',
      description:
        'Each must be one that you see. An entry without a role keeps what the person has there. Subaccounts that you do not see stay as they are.',
      params: IdParams,
      body: fields({ subaccounts: Type.Array(Subaccounts.items, { minItems: 1, maxItems: 1000 }) }),
      replies: { 200: Listed },
      example: { params: { id: '100123' }, body: { subaccounts: [{ id: 1002, role: 'reporting' }] } },
      run: async ({ scope, params, body }) => {
        const { subaccounts } = personJson(await setSubaccounts(world, scope, params.id, body.subaccounts));
        return { status: 200, body: { subaccounts } };
      },
    }),
  ];
}

function rolesRoute(): Route {
  const named = Type.Array(fields({ name: Type.String(), grants: Type.Array(Type.String()) }));
  return defineRoute({
    method: 'GET',
    path: '/roles',
    tag: 'users',
    grant: 'users:read',
    summary: 'List roles and pages with the grants that each stands for',
    replies: { 200: fields({ roles: named, pages: named }) },
    example: {},
    run: async () => ({
      status: 200,
      body: {
        roles: roles.map((name) => ({
          name,
          grants: name === 'custom' ? [] : grantList(new Set(roleGrants[name])),
        })),
        pages: Object.entries(pageGrants).map(([name, grants]) => ({ name, grants: [...grants] })),
      },
    }),
  });
}
