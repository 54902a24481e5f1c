import { Type } from 'typebox';
import type { Static } from 'typebox';
import {
  defineRoute,
  fields,
  idPattern,
  nextCursor,
  pageQuery,
  pageReply,
  text,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { MetadataField } from './model.ts';
import { change, create, list, remove, shown } from './operations.ts';
import type { FieldWorld } from './operations.ts';

const Params = fields({ id: word(19, { pattern: idPattern }) });
const ViewTemplate = text(1024, {
  description: 'Handlebars; {{value}} is the field’s own, others go by their names. Empty: as it is',
});
const FieldReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  name: Type.String(),
  viewTemplate: ViewTemplate,
  share: Type.Enum(['none', 'use'], { description: 'use: the account’s, for all of its subaccounts' }),
  createdAt: Type.String(),
});
const params = { id: '100123' };
const viewTemplate = '<a href="https://shop.example/orders/{{value}}">{{value}}</a>';

function fieldJson({ subaccountId, createdAt, ...rest }: MetadataField): Static<typeof FieldReply> {
  return { ...rest, subaccountId: Number(subaccountId), createdAt: createdAt.toISOString() };
}

export function fieldRoutes(world: FieldWorld): readonly Route[] {
  return [...collection(world), ...single(world), shownRoute(world)];
}

function collection(world: FieldWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/metadata-fields',
      tag: 'metadata',
      grant: 'templates:write',
      summary: 'Name a field of metadata: a column of exports, and how its values are shown',
      body: fields({ name: word(64, { pattern: '^[\\w.-]+$' }), viewTemplate: Type.Optional(ViewTemplate) }),
      replies: { 201: FieldReply },
      example: { body: { name: 'order', viewTemplate } },
      run: async ({ scope, body }) => {
        const made = await create(world, scope, { viewTemplate: '', ...body });
        return { status: 201, body: fieldJson(made) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/metadata-fields',
      tag: 'metadata',
      grant: 'templates:read',
      summary: 'List fields of metadata: own ones, and the account’s',
      query: pageQuery({}),
      replies: { 200: pageReply(FieldReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const found = await list(world, scope, { after: cursor, limit });
        return { status: 200, body: { items: found.map(fieldJson), next: nextCursor(found, limit) } };
      },
    }),
  ];
}

function single(world: FieldWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: '/metadata-fields/:id',
      tag: 'metadata',
      grant: 'templates:write',
      summary: 'Change how the values of a field are shown',
      params: Params,
      body: fields({ viewTemplate: ViewTemplate }),
      replies: { 200: FieldReply },
      example: { params, body: { viewTemplate } },
      run: async ({ scope, params: { id }, body }) => ({
        status: 200,
        body: fieldJson(await change(world, scope, id, body.viewTemplate)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/metadata-fields/:id',
      tag: 'metadata',
      grant: 'templates:write',
      summary: 'Remove a field; what mail carries stays',
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

function shownRoute(world: FieldWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/messages/:id/metadata',
    tag: 'metadata',
    grant: 'messages:read',
    summary: 'Read what a message carries in the fields that have a name, and how it is shown',
    params: Params,
    replies: {
      200: fields({
        items: Type.Array(
          fields({
            name: Type.String(),
            value: Type.String(),
            view: Type.Union([Type.String({ description: 'HTML' }), Type.Null()]),
          }),
        ),
      }),
    },
    example: { params: { id: '3765478512744464391' } },
    run: async ({ scope, params: { id } }) => ({
      status: 200,
      body: { items: [...(await shown(world, scope, id))] },
    }),
  });
}
