/** The keys that people make for themselves. */
import { Type } from 'typebox';
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
import { Addresses, IdParams, keyJson, KeyReply, MadeKeyReply, madeJson } from './json.ts';
import { createOwn, listOwn, removeOwn } from './operations.ts';
import type { KeyWorld } from './operations.ts';

export function ownKeyRoutes(world: KeyWorld): readonly Route[] {
  return [createRoute(world), ...others(world)];
}

function createRoute(world: KeyWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/me/keys',
    tag: 'me',
    grant: null,
    summary: 'Make an API key of your own for this account',
    description:
      'It reaches what you reach and holds what you hold, at most its own grants: with each change of yours it changes, and with your access it ends.',
    body: fields({
      name: word(200),
      grants: Type.Optional(
        Type.Array(word(64), { maxItems: 64, description: 'whatever you hold when left out' }),
      ),
      allowedAddresses: Type.Optional(Addresses),
      expiresAt: Type.Optional(Instant),
    }),
    replies: { 201: MadeKeyReply },
    example: { body: { name: 'My scripts', grants: ['messages:read'] } },
    run: async ({ scope, body }) => {
      const made = await createOwn(world, scope, {
        name: body.name,
        grants: body.grants ?? null,
        allowedAddresses: body.allowedAddresses ?? [],
        expiresAt: body.expiresAt === undefined ? null : instantMs(body.expiresAt),
      });
      return { status: 201, body: madeJson(made) };
    },
  });
}

function others(world: KeyWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/me/keys',
      tag: 'me',
      grant: null,
      summary: 'List your own API keys in this account',
      query: pageQuery({}),
      replies: { 200: pageReply(KeyReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const keys = await listOwn(world, scope, { after: cursor, limit });
        return { status: 200, body: { items: keys.map(keyJson), next: nextCursor(keys, limit) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/me/keys/:id',
      tag: 'me',
      grant: null,
      isPersonal: true,
      summary: 'Delete one of your own API keys',
      params: IdParams,
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await removeOwn(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
