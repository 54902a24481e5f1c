import { Type } from 'typebox';
import type { Static } from 'typebox';
import {
  defineRoute,
  fields,
  idPattern,
  line,
  nextCursor,
  pageQuery,
  pageReply,
  tenantIdPattern,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { grants as allGrants } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { ancestorsMax, embedPageNames, linkSeconds, sessionSeconds, themes } from './model.ts';
import { create, list, remove } from './operations.ts';
import type { EmbedWorld } from './operations.ts';
import type { Embed } from './sql.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(shape: T) =>
  Type.Union([shape, Type.Null()]);

const embedFields = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  name: Type.String(),
  state: Type.Enum(['waiting', 'open'], { description: 'waiting: its link was not opened yet' }),
  pages: Type.Array(Type.Enum(embedPageNames)),
  grants: Type.Array(Type.String()),
  frameAncestors: Type.Array(Type.String()),
  theme: Type.Enum(themes),
  sessionSeconds: Type.Integer(),
  expiresAt: Type.String({ description: 'of the link while it waits, then of the view' }),
  madeBy: orNull(
    fields(
      { kind: Type.Enum(['key', 'user']), id: Type.String() },
      { description: 'who made it; below the account only whoever asks' },
    ),
  ),
  createdAt: Type.String(),
  openedAt: orNull(Type.String()),
  openedFrom: orNull(Type.String({ description: 'address of the browser' })),
  lastUsedAt: orNull(Type.String()),
};
const EmbedReply = fields(embedFields);
const MadeReply = fields({
  ...embedFields,
  url: Type.String({ description: 'what the frame loads, once; shown this once' }),
});

const MakeBody = fields({
  subaccount: Type.Optional(
    word(264, {
      pattern: `^(${tenantIdPattern}|external:.{1,255})$`,
      description: 'its id, or `external:` and your own id; the one acted for when left out',
    }),
  ),
  name: Type.Optional(line(200, { description: 'for lists and the audit log' })),
  pages: Type.Optional(
    Type.Array(Type.Enum(embedPageNames), {
      minItems: 1,
      maxItems: embedPageNames.length,
      description: 'the first is shown first; a usual set to read when left out',
    }),
  ),
  grants: Type.Optional(
    Type.Array(Type.Enum([...allGrants]), {
      maxItems: 64,
      description:
        'at most your own, nothing of people and credentials; what the pages need to be read when left out',
    }),
  ),
  frameAncestors: Type.Array(word(300), {
    minItems: 1,
    maxItems: ancestorsMax,
    description: 'exact origins that may frame it, such as `https://app.example.com`',
  }),
  theme: Type.Optional(Type.Enum(themes, { default: 'auto' })),
  linkSeconds: Type.Optional(
    Type.Integer({ minimum: linkSeconds.least, maximum: linkSeconds.most, default: linkSeconds.usual }),
  ),
  sessionSeconds: Type.Optional(
    Type.Integer({
      minimum: sessionSeconds.least,
      maximum: sessionSeconds.most,
      default: sessionSeconds.usual,
    }),
  ),
});

function embedJson(scope: Scope, embed: Embed): Static<typeof EmbedReply> {
  return {
    id: embed.id,
    subaccountId: Number(embed.subaccountId),
    name: embed.name,
    state: embed.openedAt === null ? 'waiting' : 'open',
    pages: [...embed.pages],
    grants: [...embed.grants],
    frameAncestors: [...embed.frameAncestors],
    theme: embed.theme,
    sessionSeconds: embed.sessionSeconds,
    expiresAt: embed.expiresAt.toISOString(),
    madeBy: makerOf(scope, embed),
    createdAt: embed.createdAt.toISOString(),
    openedAt: embed.openedAt?.toISOString() ?? null,
    openedFrom: embed.openedFrom,
    lastUsedAt: embed.lastUsedAt?.toISOString() ?? null,
  };
}

/** Below the account nobody sees who reaches all of it. */
function makerOf(
  { reach, actor }: Scope,
  { madeByKey, madeByUser }: Embed,
): Static<typeof EmbedReply>['madeBy'] {
  const kind = madeByKey === null ? 'user' : 'key';
  const id = madeByKey ?? madeByUser ?? '';
  return reach === 'account' || (actor.kind === kind && actor.id === id) ? { kind, id } : null;
}

export function embedRoutes(world: EmbedWorld): readonly Route[] {
  return [makeRoute(world), ...others(world)];
}

function makeRoute(world: EmbedWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/embeds',
    tag: 'embeds',
    grant: 'embeds:write',
    summary: 'Make a link that shows pages of a subaccount inside your own product',
    description:
      'For the `src` of a frame, at once and once: opening it begins a view that ends with its time, by `DELETE`, with the ' +
      'status of its subaccount, and as soon as whoever made it could not make it any more. Only pages of the named origins ' +
      'can frame it.',
    body: MakeBody,
    replies: { 201: MadeReply },
    example: {
      body: {
        subaccount: '1003',
        pages: ['messages', 'figures'],
        frameAncestors: ['https://app.example.com'],
      },
    },
    run: async ({ scope, body }) => {
      const { embed, url } = await create(world, scope, {
        subaccount: body.subaccount ?? null,
        name: body.name === undefined || body.name === '' ? 'Embedded view' : body.name,
        pages: body.pages ?? null,
        grants: body.grants ?? null,
        frameAncestors: [...new Set(body.frameAncestors)],
        theme: body.theme ?? 'auto',
        linkSeconds: body.linkSeconds ?? linkSeconds.usual,
        sessionSeconds: body.sessionSeconds ?? sessionSeconds.usual,
      });
      return { status: 201, body: { ...embedJson(scope, embed), url } };
    },
  });
}

function others(world: EmbedWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/embeds',
      tag: 'embeds',
      grant: 'embeds:write',
      summary: 'List embedded views and links that are not over, newest first',
      query: pageQuery({}),
      replies: { 200: pageReply(EmbedReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = null } = query;
        const found = await list(world, scope, { before: cursor, limit });
        const items = found.map((embed) => embedJson(scope, embed));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/embeds/:id',
      tag: 'embeds',
      grant: 'embeds:write',
      summary: 'End an embedded view at once, or take its link back',
      params: fields({ id: word(19, { pattern: idPattern }) }),
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
