import { Type } from 'typebox';
import type { Static } from 'typebox';
import {
  defineRoute,
  fields,
  idPattern,
  Instant,
  line,
  nextCursor,
  pageQuery,
  pageReply,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { kinds, layers } from '../suppressions/index.ts';
import { exportForms, exportKinds } from './model.ts';
import type { Export } from './model.ts';
import { create, get, list, remove, urlOf } from './operations.ts';
import type { ExportWorld } from './operations.ts';
import { expiresAt, grantOf, stateAt } from './rules.ts';

const wish = {
  form: Type.Optional(
    Type.Enum(exportForms, { description: 'whose columns and words; native when left out' }),
  ),
  notify: Type.Optional(line(320, { description: 'an address that gets the link by mail' })),
};
const orNull = <T extends ReturnType<typeof Type.String>>(type: T) => Type.Union([type, Type.Null()]);
const ExportReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  coversAccount: Type.Boolean({ description: 'of all of the account' }),
  kind: Type.Enum(exportKinds),
  form: Type.Enum(exportForms),
  query: Type.Unknown(),
  notify: orNull(Type.String()),
  state: Type.Enum(['waiting', 'working', 'complete', 'failed', 'expired']),
  rows: Type.Integer({ description: 'counted so far' }),
  problem: Type.String(),
  url: orNull(Type.String({ description: 'a ZIP archive with one CSV file; needs no credential' })),
  createdAt: Type.String(),
  finishedAt: orNull(Type.String()),
  expiresAt: orNull(Type.String()),
});
const Params = fields({ id: word(19, { pattern: idPattern }) });
const params = { id: '100123' };

function exportJson(world: ExportWorld, found: Export): Static<typeof ExportReply> {
  const { id, kind, form, query, notify, problem, rowCount, coversAccount } = found;
  return {
    id,
    subaccountId: Number(found.subaccountId),
    coversAccount,
    kind,
    form,
    query,
    notify,
    state: stateAt(found, world.clock.now()),
    rows: rowCount,
    problem,
    url: urlOf(world, found),
    createdAt: found.createdAt.toISOString(),
    finishedAt: found.finishedAt?.toISOString() ?? null,
    expiresAt: expiresAt(found)?.toISOString() ?? null,
  };
}

export function exportRoutes(world: ExportWorld): readonly Route[] {
  return [...asking(world), ...looking(world)];
}

const made =
  'Of everything that the caller reaches, as it is when the link is followed, without what came after this call. ';

function asking(world: ExportWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/exports/suppressions',
      tag: 'exports',
      grant: grantOf.suppressions,
      summary: 'Ask for suppression lists as a file',
      description: `${made}Erased persons are left out.`,
      body: fields({
        ...wish,
        kinds: Type.Optional(Type.Array(Type.Enum(kinds), { minItems: 1, maxItems: kinds.length })),
        layers: Type.Optional(Type.Array(Type.Enum(layers), { minItems: 1, maxItems: layers.length })),
      }),
      replies: { 202: ExportReply },
      example: { body: { kinds: ['hard_bounce', 'complaint'] } },
      run: async ({ scope, body }) => {
        const { form = 'native', notify = null, ...query } = body;
        const asked = await create(world, scope, { kind: 'suppressions', form, notify, query });
        return { status: 202, body: exportJson(world, asked) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/exports/messages',
      tag: 'exports',
      grant: grantOf.messages,
      summary: 'Ask for messages, with what became of them, as a file',
      description: `${made}Oldest first, subaccount by subaccount.`,
      body: fields({
        ...wish,
        from: Type.Optional(Instant),
        until: Type.Optional(Instant),
        tags: Type.Optional(
          Type.Array(word(128), { minItems: 1, maxItems: 100, description: 'any of them' }),
        ),
        senders: Type.Optional(Type.Array(word(320), { minItems: 1, maxItems: 100 })),
        states: Type.Optional(
          Type.Array(word(20), { minItems: 1, maxItems: 20, description: 'in the words of the form' }),
        ),
      }),
      replies: { 202: ExportReply },
      example: { body: { from: '2026-11-01T00:00:00Z', states: ['bounced'] } },
      run: async ({ scope, body }) => {
        const { form = 'native', notify = null, ...query } = body;
        const asked = await create(world, scope, { kind: 'messages', form, notify, query });
        return { status: 202, body: exportJson(world, asked) };
      },
    }),
  ];
}

/** No grant of their own: what a caller may not read, it sees no export of. */
function looking(world: ExportWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/exports',
      tag: 'exports',
      grant: null,
      summary: 'List exports of what the caller may read, newest first',
      query: pageQuery({}),
      replies: { 200: pageReply(ExportReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = null } = query;
        const found = await list(world, scope, { before: cursor, limit });
        const items = found.map((each) => exportJson(world, each));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/exports/:id',
      tag: 'exports',
      grant: null,
      summary: 'Read how far an export is, and where its file is fetched',
      params: Params,
      replies: { 200: ExportReply },
      example: { params },
      run: async ({ scope, params: { id } }) => ({
        status: 200,
        body: exportJson(world, await get(world, scope, id)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/exports/:id',
      tag: 'exports',
      grant: null,
      summary: 'Delete an export, and with it its link',
      params: Params,
      replies: { 204: null },
      example: { params },
      run: async ({ scope, params: { id } }) => {
        await remove(world, scope, id);
        return { status: 204 };
      },
    }),
  ];
}
