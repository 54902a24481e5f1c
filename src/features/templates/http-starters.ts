import { Type } from 'typebox';
import { defineRoute, fields, record, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { refuse } from '../refusals/index.ts';
import { fullContent, names, shownJson, ShownReply } from './json.ts';
import type { TemplateWorld } from './model.ts';
import { create } from './operations.ts';
import { starters } from './starters.ts';

const StarterReply = fields({
  slug: Type.String(),
  name: Type.String(),
  labels: Type.Array(Type.String()),
  description: Type.String(),
  subject: Type.String(),
  html: Type.String(),
  text: Type.String(),
  example: record(Type.Unknown(), {
    nameLengthMax: 128,
    entriesMax: 100,
    description: 'data to look at it with',
  }),
});

/** The starter library: the same for everybody. */
export function starterRoutes(world: TemplateWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/templates/starters',
      tag: 'templates',
      grant: 'templates:read',
      summary: 'List the designs of the starter library, with what they say',
      replies: { 200: fields({ items: Type.Array(StarterReply) }) },
      example: {},
      run: async () => ({
        status: 200,
        body: { items: starters.map((starter) => ({ ...starter, labels: [...starter.labels] })) },
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/templates/starters/copy',
      tag: 'templates',
      grant: 'templates:write',
      summary: 'Make a template of a design of the starter library',
      body: fields({
        starter: word(100, { description: 'its slug' }),
        name: Type.Optional(word(200)),
        slug: names.slug,
        labels: names.labels,
      }),
      replies: { 201: ShownReply },
      example: { body: { starter: 'welcome' } },
      run: async ({ scope, body }) => {
        const { starter, ...given } = body;
        const found = starters.find(({ slug }) => slug === starter);
        if (found === undefined) throw refuse('not_found');
        const { name, labels, subject, html, text, slug } = found;
        const made = { name, labels, slug, ...given };
        const content = fullContent({ subject, html, text });
        return { status: 201, body: shownJson(await create(world, scope, 'template', made, content)) };
      },
    }),
  ];
}
