import { Type } from 'typebox';
import {
  defineRoute,
  fields,
  instantMs,
  line,
  nextCursor,
  pageQuery,
  pageReply,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { listKey } from '../../mail/list-id.ts';
import { filterOf, filters } from './filters.ts';
import { fileRoutes } from './http-files.ts';
import type { ImportWorld } from './imports.ts';
import {
  AnswerReply,
  changeFields,
  EntryFields,
  KindField,
  LayerField,
  suppressionJson,
  SuppressionReply,
} from './json.ts';
import type { LookUp, Told } from './model.ts';
import { addressKey } from './rules.ts';
import { settingRoutes } from './http-settings.ts';
import { change, check, count, get, list, put, remove, removeAddress } from './operations.ts';

export type SuppressionRoutesWorld = ImportWorld & { readonly lookUp: LookUp };

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });

export function suppressionRoutes(world: SuppressionRoutesWorld): readonly Route[] {
  return [
    ...collection(world),
    counting(world),
    ...byAddress(world),
    ...fileRoutes(world),
    ...single(world),
    ...settingRoutes(world),
  ];
}

function collection(world: SuppressionRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/suppressions',
      tag: 'suppressions',
      grant: 'suppressions:read',
      summary: 'List addresses that are not written to, and exceptions',
      query: pageQuery(filters),
      replies: { 200: pageReply(SuppressionReply) },
      example: { query: { domain: 'example.com', kind: 'hard_bounce' } },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const found = await list(world, scope, filterOf(query), { after: cursor, limit });
        return {
          status: 200,
          body: {
            items: found.map((entry) => suppressionJson(entry, world.clock.now())),
            next: nextCursor(found, limit),
          },
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/suppressions',
      tag: 'suppressions',
      grant: 'suppressions:write',
      summary: 'Put up to 1,000 addresses on a list, all or none; those that are there are changed',
      body: fields({
        layer: Type.Optional(LayerField),
        adds: Type.Optional(
          Type.Boolean({ description: 'what an entry stops already stays stopped, whatever this call says' }),
        ),
        entries: Type.Array(EntryFields, { minItems: 1, maxItems: 1000 }),
      }),
      replies: {
        200: fields({
          items: Type.Array(fields({ ...SuppressionReply.properties, isNew: Type.Boolean() })),
        }),
      },
      example: {
        body: {
          layer: 'subaccount',
          entries: [
            { address: 'gone@example.com', kind: 'manual', stopsBulk: true, reason: 'asked by phone' },
          ],
        },
      },
      run: async ({ scope, body }) => {
        const stored = await put(world, scope, body);
        const items = stored.map((entry) => ({
          ...suppressionJson(entry, world.clock.now()),
          isNew: entry.isNew,
        }));
        return { status: 200, body: { items } };
      },
    }),
  ];
}

function counting(world: SuppressionRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/suppressions/counts',
    tag: 'suppressions',
    grant: 'suppressions:read',
    summary: 'Count entries by kind and by where they come from',
    query: fields(filters),
    replies: {
      200: fields({
        items: Type.Array(
          fields({
            kind: KindField,
            source: Type.String(),
            entries: Type.Integer(),
            stopTransactional: Type.Integer(),
            stopBulk: Type.Integer(),
          }),
        ),
      }),
    },
    example: { query: { layer: 'subaccount' } },
    run: async ({ scope, query }) => ({
      status: 200,
      body: { items: await count(world, scope, filterOf(query)) },
    }),
  });
}

function byAddress(world: SuppressionRoutesWorld): readonly Route[] {
  const address = word(320);
  return [
    defineRoute({
      method: 'GET',
      path: '/suppressions/check',
      tag: 'suppressions',
      grant: 'suppressions:read',
      summary: 'Tell whether an address may be written to, transactional and bulk',
      query: fields({
        address,
        list: Type.Optional(word(200, { description: 'the List-Id of the mail; left out: it has none' })),
        sender: Type.Optional(
          word(320, { description: 'its From address; left out: what stops one sender is not asked' }),
        ),
      }),
      replies: { 200: AnswerReply },
      example: { query: { address: 'gone@example.com' } },
      run: async ({ scope, query }) => {
        const { transactional, bulk } = await check(world.lookUp, scope, query.address, {
          list: query.list === undefined ? null : listKey(query.list),
          sender: query.sender ?? null,
        });
        return {
          status: 200,
          body: {
            address: query.address,
            transactional: laneJson(transactional),
            bulk: laneJson(bulk),
          },
        };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/suppressions',
      tag: 'suppressions',
      grant: 'suppressions:write',
      summary: 'Take an address off a list, of one kind or of all',
      query: fields({
        address,
        kind: Type.Optional(KindField),
        layer: Type.Optional(LayerField),
        onlySender: Type.Optional(
          line(320, { description: 'bound to this sender; empty: bound to none; left out: both' }),
        ),
      }),
      replies: { 200: fields({ removed: Type.Integer() }) },
      example: { query: { address: 'gone@example.com', kind: 'manual' } },
      run: async ({ scope, query }) => {
        const { kind = null, onlySender, ...rest } = query;
        const bound = onlySender === undefined ? {} : { onlySender: addressKey(onlySender) };
        const removed = await removeAddress(world, scope, { ...rest, ...bound, kind });
        return { status: 200, body: { removed } };
      },
    }),
  ];
}

function laneJson(told: Told | null) {
  return told === null ? { allowed: true } : { allowed: false, ...told };
}

function single(world: SuppressionRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/suppressions/:id',
      tag: 'suppressions',
      grant: 'suppressions:read',
      summary: 'Read one entry',
      params: IdParams,
      replies: { 200: SuppressionReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: suppressionJson(await get(world, scope, params.id), world.clock.now()),
      }),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/suppressions/:id',
      tag: 'suppressions',
      grant: 'suppressions:write',
      summary: 'Change what an entry stops, its end or its notes',
      params: IdParams,
      body: fields(changeFields),
      replies: { 200: SuppressionReply },
      example: {
        params: { id: '100123' },
        body: { expiresAt: '2030-01-01T00:00:00Z', reason: 'for a while' },
      },
      run: async ({ scope, params, body }) => {
        const { expiresAt, ...rest } = body;
        const until = expiresAt === undefined || expiresAt === null ? null : new Date(instantMs(expiresAt));
        const changed = await change(world, scope, params.id, {
          ...rest,
          ...(expiresAt === undefined ? {} : { expiresAt: until }),
        });
        return { status: 200, body: suppressionJson(changed, world.clock.now()) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/suppressions/:id',
      tag: 'suppressions',
      grant: 'suppressions:write',
      summary: 'Take one entry off its list',
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
