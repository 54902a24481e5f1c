import { Type } from 'typebox';
import {
  defineRoute,
  fields,
  Instant,
  instantMs,
  pageQuery,
  pageReply,
  word,
  nextCursor,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { secretForms } from '../../base/secrets.ts';
import { change, create, get, list, newPair, remove, rotate } from './operations.ts';
import type { ChangeKey, CreateKey, KeyWorld } from './operations.ts';
import { ownKeyRoutes } from './http-own.ts';
import { Addresses, IdParams, keyJson, KeyReply, MadeKeyReply, madeJson, TemplateIds } from './json.ts';
import type { Key } from './sql.ts';

const DomainLimit = word(253, { description: 'From domains must be it or end in it' });
const Grants = Type.Array(word(64), { maxItems: 64 });

export function keyRoutes(world: KeyWorld): readonly Route[] {
  return [
    createKey(world),
    rotateKey(world),
    createSmtpUser(world),
    ...managing(world, '/keys', 'api'),
    ...managing(world, '/smtp-users', 'smtp'),
    ...ownKeyRoutes(world),
  ];
}

function createKey(world: KeyWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/keys',
    tag: 'keys',
    grant: 'keys:write',
    summary: 'Make an API key for the account or for the subaccount acted for',
    body: fields({
      name: word(200),
      reach: Type.Optional(
        Type.Enum(['account', 'subaccount'], { description: 'account unless acting for a subaccount' }),
      ),
      grants: Type.Optional(
        Type.Array(word(64), { maxItems: 64, description: 'all that the maker holds when left out' }),
      ),
      domainLimit: Type.Optional(DomainLimit),
      allowedAddresses: Type.Optional(Addresses),
      expiresAt: Type.Optional(Instant),
      templates: Type.Optional(TemplateIds),
      secretForm: Type.Optional(Type.Enum(secretForms, { description: 'how the secret looks' })),
    }),
    replies: { 201: MadeKeyReply },
    example: { body: { name: 'Shop', grants: ['messages:send'] } },
    run: async ({ scope, body }) => {
      const pair = newPair('api', body.secretForm);
      const request: CreateKey = {
        kind: 'api',
        name: body.name,
        reach: body.reach ?? (scope.reach === 'account' ? 'account' : 'subaccount'),
        grants: body.grants ?? null,
        domainLimit: body.domainLimit ?? null,
        allowedAddresses: body.allowedAddresses ?? [],
        expiresAt: body.expiresAt === undefined ? null : instantMs(body.expiresAt),
        templates: body.templates ?? null,
      };
      return { status: 201, body: madeJson(await create(world, scope, request, pair)) };
    },
  });
}

function rotateKey(world: KeyWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/keys/:id/rotate',
    tag: 'keys',
    grant: 'keys:write',
    summary: 'Make a new secret; the old one stays valid for the overlap',
    params: IdParams,
    body: fields({
      overlapSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_592_000, default: 86_400 })),
    }),
    replies: { 201: MadeKeyReply },
    example: { params: { id: '100123' }, body: { overlapSeconds: 3600 } },
    run: async ({ scope, params, body }) => ({
      status: 201,
      body: madeJson(await rotate(world, scope, params.id, body.overlapSeconds ?? 86_400)),
    }),
  });
}

function createSmtpUser(world: KeyWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/smtp-users',
    tag: 'keys',
    grant: 'keys:write',
    summary: 'Make an SMTP user: the public id is its name',
    body: fields({
      name: word(200),
      domainLimit: Type.Optional(DomainLimit),
      allowedAddresses: Type.Optional(Addresses),
    }),
    replies: { 201: MadeKeyReply },
    example: { body: { name: 'Printer' } },
    run: async ({ scope, body }) => {
      const made = await create(world, scope, {
        kind: 'smtp',
        name: body.name,
        reach: scope.reach === 'account' ? 'account' : 'subaccount',
        grants: null,
        domainLimit: body.domainLimit ?? null,
        allowedAddresses: body.allowedAddresses ?? [],
        expiresAt: null,
      });
      return { status: 201, body: madeJson(made) };
    },
  });
}

type ChangeBody = Omit<ChangeKey, 'expiresAt'> & { readonly expiresAt?: string | null };

function changeOf({ expiresAt, ...rest }: ChangeBody): ChangeKey {
  if (expiresAt === undefined) return rest;
  return { ...rest, expiresAt: expiresAt === null ? null : instantMs(expiresAt) };
}

function managing(world: KeyWorld, path: Listed, kind: Key['kind']): readonly Route[] {
  const noun = kind === 'api' ? 'API keys' : 'SMTP users';
  return [...reading(world, path, kind, noun), ...changing(world, path, kind, noun)];
}

type Listed = '/keys' | '/smtp-users';

function reading(world: KeyWorld, path: Listed, kind: Key['kind'], noun: string): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path,
      tag: 'keys',
      grant: 'keys:read',
      summary: `List ${noun}`,
      query: pageQuery({}),
      replies: { 200: pageReply(KeyReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const keys = await list(world, scope, { after: cursor, limit, kind });
        return {
          status: 200,
          body: { items: keys.map(keyJson), next: nextCursor(keys, limit) },
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${path}/:id`,
      tag: 'keys',
      grant: 'keys:read',
      summary: `Read one of the ${noun}`,
      params: IdParams,
      replies: { 200: KeyReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: keyJson(await get(world, scope, params.id, kind)),
      }),
    }),
  ];
}

function changing(world: KeyWorld, path: Listed, kind: Key['kind'], noun: string): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: `${path}/:id`,
      tag: 'keys',
      grant: 'keys:write',
      summary: `Change one of the ${noun}: name, status, grants, bounds, expiry`,
      params: IdParams,
      body: fields({
        name: Type.Optional(word(200)),
        status: Type.Optional(Type.Enum(['active', 'inactive'])),
        grants: Type.Optional(Grants),
        domainLimit: Type.Optional(Type.Union([DomainLimit, Type.Null()])),
        allowedAddresses: Type.Optional(Addresses),
        expiresAt: Type.Optional(Type.Union([Instant, Type.Null()])),
        templates: Type.Optional(Type.Union([TemplateIds, Type.Null()])),
      }),
      replies: { 200: KeyReply },
      example: { params: { id: '100123' }, body: { status: 'inactive' } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: keyJson(await change(world, scope, params.id, kind, changeOf(body))),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: `${path}/:id`,
      tag: 'keys',
      grant: 'keys:write',
      summary: `Delete one of the ${noun}`,
      params: IdParams,
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id, kind);
        return { status: 204 };
      },
    }),
  ];
}
