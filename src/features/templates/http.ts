import { Type } from 'typebox';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { renderingRoutes } from './http-rendering.ts';
import type { SubaccountOf } from './http-rendering.ts';
import { starterRoutes } from './http-starters.ts';
import {
  fullContent,
  givenContent,
  headJson,
  HeadReply,
  IdParams,
  names,
  shownJson,
  ShownReply,
  sources,
  templateSources,
  UseReply,
  VersionQuery,
  VersionReply,
  versionWish,
} from './json.ts';
import type { TemplateKind, TemplateWorld } from './model.ts';
import { change, create, get, list, publish, remove, revert, versions } from './operations.ts';
import { usesOf } from './writing.ts';

const bodyLimitBytes = 8_388_608;
const examples = {
  template: {
    name: 'Order shipped',
    subject: 'Your order {{ number }}',
    text: 'Hi {{ name }}, it is on its way.',
  },
  snippet: { name: 'Footer', text: 'Acme, 1 Main Street' },
} as const;

export function templateRoutes(world: TemplateWorld, subaccountOf: SubaccountOf): readonly Route[] {
  const shared = [...reading(world, 'template'), ...versioning(world, 'template')];
  const rendering = [...renderingRoutes(world, subaccountOf), ...starterRoutes(world)];
  return [...writing(world, 'template', templateSources), ...shared, ...rendering];
}

export function snippetRoutes(world: TemplateWorld): readonly Route[] {
  const shared = [...reading(world, 'snippet'), ...versioning(world, 'snippet')];
  return [...writing(world, 'snippet', sources), ...shared, using(world)];
}

const id = { id: '100123' };

function writing(
  world: TemplateWorld,
  kind: TemplateKind,
  content: typeof sources | typeof templateSources,
): readonly Route[] {
  const base = { tag: `${kind}s`, grant: 'templates:write' } as const;
  return [
    defineRoute({
      ...base,
      method: 'POST',
      path: `/${kind}s`,
      summary: `Make a ${kind}; what it says is its first draft`,
      body: fields({ name: word(200), ...names, ...content }),
      bodyLimitBytes,
      replies: { 201: ShownReply },
      example: { body: examples[kind] },
      run: async ({ scope, body }) => ({
        status: 201,
        body: shownJson(await create(world, scope, kind, body, fullContent(body))),
      }),
    }),
    defineRoute({
      ...base,
      method: 'PATCH',
      path: `/${kind}s/:id`,
      summary: `Change a ${kind}: names, sharing, and what it says as a new draft`,
      params: IdParams,
      body: fields({ name: Type.Optional(word(200)), ...names, ...content }),
      bodyLimitBytes,
      replies: { 200: ShownReply },
      example: { params: id, body: { text: 'Hi {{ name }}.' } },
      run: async ({ scope, params, body: { name, slug, labels, description, share, ...given } }) => {
        const changed = {
          ...(name === undefined ? {} : { name }),
          ...(slug === undefined ? {} : { slug }),
          ...(labels === undefined ? {} : { labels }),
          ...(description === undefined ? {} : { description }),
          ...(share === undefined ? {} : { share }),
          content: givenContent(given),
        };
        return { status: 200, body: shownJson(await change(world, scope, kind, params.id, changed)) };
      },
    }),
    defineRoute({
      ...base,
      method: 'DELETE',
      path: `/${kind}s/:id`,
      summary: `Remove a ${kind} with all its versions; accepted mail keeps what it was written from`,
      params: IdParams,
      replies: { 204: null },
      example: { params: id },
      run: async ({ scope, params }) => {
        await remove(world, scope, kind, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function reading(world: TemplateWorld, kind: TemplateKind): readonly Route[] {
  const base = { tag: `${kind}s`, grant: 'templates:read', method: 'GET' } as const;
  return [
    defineRoute({
      ...base,
      path: `/${kind}s`,
      summary: `List ${kind}s, shared ones included`,
      query: pageQuery({
        search: Type.Optional(word(200, { description: 'part of name or slug' })),
        slug: Type.Optional(word(100)),
        label: Type.Optional(word(100)),
      }),
      replies: { 200: pageReply(HeadReply) },
      example: { query: { limit: 20 } },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0', search = null, slug = null, label = null } = query;
        const page = { kind, after: cursor, limit, search, slug, label };
        const items = await list(world, scope, page);
        return { status: 200, body: { items: items.map(headJson), next: nextCursor(items, limit) } };
      },
    }),
    defineRoute({
      ...base,
      path: `/${kind}s/:id`,
      summary: `Read one ${kind} with what a version says: the draft, of a shared one what is published`,
      params: IdParams,
      query: VersionQuery,
      replies: { 200: ShownReply },
      example: { params: id },
      run: async ({ scope, params, query }) => ({
        status: 200,
        body: shownJson(await get(world, scope, kind, params.id, versionWish(query.version))),
      }),
    }),
    defineRoute({
      ...base,
      path: `/${kind}s/:id/versions`,
      summary: `List the versions of a ${kind}, newest first: the last hundred, and the published one`,
      params: IdParams,
      replies: { 200: fields({ items: Type.Array(VersionReply) }) },
      example: { params: id },
      run: async ({ scope, params }) => {
        const found = await versions(world, scope, kind, params.id);
        const { draftVersion, publishedVersion } = found.template;
        const items = found.versions.map(({ version, createdAt }) => ({
          number: version,
          isDraft: version === draftVersion,
          isPublished: version === publishedVersion,
          createdAt: createdAt.toISOString(),
        }));
        return { status: 200, body: { items } };
      },
    }),
  ];
}

function using(world: TemplateWorld): Route {
  return defineRoute({
    tag: 'snippets',
    grant: 'templates:read',
    method: 'GET',
    path: '/snippets/:id/uses',
    summary:
      'List the templates that show a snippet by its name; those that take names from data are not told',
    params: IdParams,
    replies: { 200: fields({ items: Type.Array(UseReply), isWhole: Type.Boolean() }) },
    example: { params: id },
    run: async ({ scope, params }) => {
      const { uses, isWhole } = await usesOf(world, scope, params.id);
      return { status: 200, body: { items: uses.map((use) => ({ ...use })), isWhole } };
    },
  });
}

const VersionNumber = Type.Integer({ minimum: 1, maximum: 999_999_999 });

function versioning(world: TemplateWorld, kind: TemplateKind): readonly Route[] {
  const base = { tag: `${kind}s`, grant: 'templates:write', method: 'POST' } as const;
  return [
    defineRoute({
      ...base,
      path: `/${kind}s/:id/publish`,
      summary: `Publish the draft of a ${kind}, or an older version`,
      params: IdParams,
      body: fields({ version: Type.Optional(VersionNumber) }),
      replies: { 200: HeadReply },
      example: { params: id, body: {} },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: headJson(await publish(world, scope, kind, params.id, body.version ?? 'draft')),
      }),
    }),
    defineRoute({
      ...base,
      path: `/${kind}s/:id/revert`,
      summary: `Make a new draft of an old version of a ${kind}`,
      params: IdParams,
      body: fields({ version: VersionNumber }),
      replies: { 200: ShownReply },
      example: { params: id, body: { version: 1 } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: shownJson(await revert(world, scope, kind, params.id, body.version)),
      }),
    }),
  ];
}
