import { Type } from 'typebox';
import type { Static } from 'typebox';
import { present } from '../../base/assert.ts';
import {
  defineRoute,
  fields,
  idPattern,
  line,
  nextCursor,
  pageQuery,
  pageReply,
  record,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { putModes } from './model.ts';
import type { CountedList, ListRecipient, ListWorld, PutReport } from './model.ts';
import {
  change,
  changeRecipient,
  create,
  get,
  importFile,
  list,
  putAll,
  recipients,
  remove,
  removeRecipient,
} from './operations.ts';
import { recipientsMax, tagsMax } from './rules.ts';

const bodyLimitBytes = 50_331_648;
const mediaTypes = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

const Id = word(19, { pattern: idPattern });
const IdParams = fields({ id: Id });
const RecipientParams = fields({ id: Id, recipient: Id });
const Values = record(Type.Unknown(), { nameLengthMax: 128, entriesMax: 1000 });

const names = {
  slug: Type.Optional(
    word(100, { pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$', description: 'unique for its holder' }),
  ),
  description: Type.Optional(line(1024)),
  attributes: Type.Optional(
    record(line(1000), {
      nameLengthMax: 128,
      entriesMax: 100,
      description: 'your own words about it; nothing reads them',
    }),
  ),
};

const about = {
  name: Type.Optional(line(256)),
  data: Type.Optional(Values),
  metadata: Type.Optional(Values),
  tags: Type.Optional(Type.Array(word(128), { maxItems: tagsMax })),
};
const Recipient = fields({ address: line(320, { description: 'local@domain' }), ...about });
const Recipients = Type.Array(Recipient, { maxItems: recipientsMax });
const Mode = Type.Enum([...putModes], {
  description: 'merge, when left out: others stay; replace: others go',
});

const ListReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  slug: Type.String(),
  name: Type.String(),
  description: Type.String(),
  attributes: Values,
  recipients: Type.Integer({ description: 'how many' }),
  createdAt: Type.String(),
  updatedAt: Type.String(),
});
const RecipientReply = fields({
  id: Type.String(),
  address: Type.String(),
  name: Type.String(),
  data: Values,
  metadata: Values,
  tags: Type.Array(Type.String()),
  createdAt: Type.String(),
});
const Report = fields({
  read: Type.Integer(),
  added: Type.Integer(),
  changed: Type.Integer(),
  bad: Type.Integer(),
  badLines: Type.Array(
    fields({
      line: Type.Integer({ description: 'of the file, or the place in the array, from 1' }),
      field: Type.String(),
      rule: Type.String(),
      message: Type.String(),
    }),
    { description: 'the first thousand' },
  ),
});

function listJson({ createdAt, updatedAt, ...list }: CountedList): Static<typeof ListReply> {
  const { id, slug, name, description, attributes, recipients: count } = list;
  return {
    id,
    subaccountId: Number(list.subaccountId),
    slug,
    name,
    description,
    attributes,
    recipients: count,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function recipientJson({ createdAt, ...recipient }: ListRecipient): Static<typeof RecipientReply> {
  const { id, address, name, data, metadata, tags } = recipient;
  return { id, address, name, data, metadata, tags: [...tags], createdAt: createdAt.toISOString() };
}

function reportJson({ badLines, ...counts }: PutReport): Static<typeof Report> {
  return { ...counts, badLines: badLines.map((each) => ({ ...each })) };
}

const id = '100123';
const example = { address: 'ada@inbox.test', name: 'Ada', data: { city: 'London' }, tags: ['early'] };

export function listRoutes(world: ListWorld): readonly Route[] {
  return [...writing(world), ...reading(world), ...filling(world), ...editing(world)];
}

function writing(world: ListWorld): readonly Route[] {
  const base = { tag: 'lists', grant: 'lists:write' } as const;
  return [
    defineRoute({
      ...base,
      method: 'POST',
      path: '/lists',
      summary: 'Make a recipient list; bad recipients are reported and keep no other from it',
      body: fields({ name: word(200), ...names, recipients: Type.Optional(Recipients) }),
      bodyLimitBytes,
      replies: { 201: fields({ list: ListReply, report: Report }) },
      example: { body: { name: 'Beta testers', recipients: [example] } },
      run: async ({ scope, body: { recipients: given = [], ...input } }) => {
        const made = await create(world, scope, input, given);
        return { status: 201, body: { list: listJson(made.list), report: reportJson(made.report) } };
      },
    }),
    defineRoute({
      ...base,
      method: 'PATCH',
      path: '/lists/:id',
      summary: 'Change what a list is called and says of itself',
      params: IdParams,
      body: fields({ name: Type.Optional(word(200)), ...names }),
      replies: { 200: ListReply },
      example: { params: { id }, body: { description: 'since May' } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: listJson(await change(world, scope, params.id, body)),
      }),
    }),
    defineRoute({
      ...base,
      method: 'DELETE',
      path: '/lists/:id',
      summary: 'Remove a list with its recipients; accepted mail to it goes on',
      params: IdParams,
      replies: { 204: null },
      example: { params: { id } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function reading(world: ListWorld): readonly Route[] {
  const base = { tag: 'lists', grant: 'lists:read', method: 'GET' } as const;
  return [
    defineRoute({
      ...base,
      path: '/lists',
      summary: 'List recipient lists',
      query: pageQuery({
        search: Type.Optional(word(200, { description: 'part of name or slug' })),
        slug: Type.Optional(word(100)),
      }),
      replies: { 200: pageReply(ListReply) },
      example: { query: { limit: 20 } },
      run: async ({ scope, query: { limit = 50, cursor = '0', search = null, slug = null } }) => {
        const items = await list(world, scope, { after: cursor, limit, search, slug });
        return { status: 200, body: { items: items.map(listJson), next: nextCursor(items, limit) } };
      },
    }),
    defineRoute({
      ...base,
      path: '/lists/:id',
      summary: 'Read one list',
      params: IdParams,
      replies: { 200: ListReply },
      example: { params: { id } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: listJson(await get(world, scope, params.id)),
      }),
    }),
    defineRoute({
      ...base,
      path: '/lists/:id/recipients',
      summary: 'List the recipients of a list',
      params: IdParams,
      query: pageQuery({ address: Type.Optional(word(320)) }),
      replies: { 200: pageReply(RecipientReply) },
      example: { params: { id }, query: { limit: 20 } },
      run: async ({ scope, params, query: { limit = 50, cursor = '0', address = null } }) => {
        const items = await recipients(world, scope, params.id, { after: cursor, limit, address });
        return { status: 200, body: { items: items.map(recipientJson), next: nextCursor(items, limit) } };
      },
    }),
  ];
}

function filling(world: ListWorld): readonly Route[] {
  const base = { tag: 'lists', grant: 'lists:write', method: 'POST' } as const;
  return [
    defineRoute({
      ...base,
      path: '/lists/:id/recipients',
      summary: 'Add recipients to a list or change them by address; all of the good ones, or none',
      params: IdParams,
      body: fields({ recipients: Recipients, mode: Type.Optional(Mode) }),
      bodyLimitBytes,
      replies: { 200: Report },
      example: { params: { id }, body: { recipients: [example] } },
      run: async ({ scope, params, body: { recipients: given, mode = 'merge' } }) => ({
        status: 200,
        body: reportJson(await putAll(world, scope, params.id, given, mode)),
      }),
    }),
    defineRoute({
      ...base,
      path: '/lists/:id/import',
      summary: 'Fill a list from a file; bad lines are reported, a body that ends early changes nothing',
      description:
        'CSV with a header (`address` or `email`; `name`; `tags`, divided by `;`; `metadata.…`; every other column is data by its ' +
        'name) or without one (addresses in the first column), or JSON lines with the names of the API.',
      params: IdParams,
      query: fields({ mode: Type.Optional(Mode) }),
      rawBody: { types: Object.values(mediaTypes), sizeBytesMax: bodyLimitBytes },
      replies: { 200: Report },
      example: {
        params: { id },
        query: { mode: 'merge' },
        raw: { type: mediaTypes.csv, text: 'email,name,city\r\nada@inbox.test,Ada,London\r\n' },
      },
      run: async ({ scope, params, query: { mode = 'merge' }, stream }) => {
        const { type, bytes } = present(stream);
        const format = type === mediaTypes.csv ? 'csv' : 'ndjson';
        const report = await importFile(world, scope, params.id, { format, mode, body: bytes });
        return { status: 200, body: reportJson(report) };
      },
    }),
  ];
}

function editing(world: ListWorld): readonly Route[] {
  const base = { tag: 'lists', grant: 'lists:write', path: '/lists/:id/recipients/:recipient' } as const;
  const params = { id, recipient: '100124' };
  return [
    defineRoute({
      ...base,
      method: 'PATCH',
      summary: 'Change one recipient of a list',
      params: RecipientParams,
      body: fields({ address: Type.Optional(line(320)), ...about }),
      replies: { 200: RecipientReply },
      example: { params, body: { name: 'Ada L.' } },
      run: async ({ scope, params: named, body }) => ({
        status: 200,
        body: recipientJson(await changeRecipient(world, scope, named.id, named.recipient, body)),
      }),
    }),
    defineRoute({
      ...base,
      method: 'DELETE',
      summary: 'Take one recipient out of a list',
      params: RecipientParams,
      replies: { 204: null },
      example: { params },
      run: async ({ scope, params: named }) => {
        await removeRecipient(world, scope, named.id, named.recipient);
        return { status: 204 };
      },
    }),
  ];
}
