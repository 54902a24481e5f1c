import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { present } from '../../base/assert.ts';
import { defineRoute, fields, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { isRefusal, refuse } from '../refusals/index.ts';
import { exportEntries } from './export.ts';
import { filterOf, filters } from './filters.ts';
import { cutText, getImport, importEntries, imports } from './imports.ts';
import type { ImportWorld } from './imports.ts';
import { FullReportReply, fullReportJson, KindField, LayerField, reportJson, ReportReply } from './json.ts';

const mediaTypes = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;
const importBytesMax = 512 * 1024 * 1024;

export function fileRoutes(world: ImportWorld): readonly Route[] {
  return [importRoute(world), exportRoute(world), ...reports(world)];
}

function importRoute(world: ImportWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/suppressions/imports',
    tag: 'suppressions',
    grant: 'suppressions:write',
    summary: 'Import a file of addresses, read as it comes; answers what became of its lines',
    description:
      'CSV with a header (`address` or `email`; `kind`, `stopsTransactional`, `stopsBulk`, `expiresAt`, `reason`, `sender`, `list`, ' +
      '`onlyList`, `onlySender`, `createdAt`; other columns are passed over) or without one (addresses in the first column), or JSON lines with the same ' +
      'names. Bad lines are reported and keep no other from its list. A body that ends early keeps what was read: the import is ' +
      '`cut`. To send a file again does no harm.',
    query: fields({ layer: Type.Optional(LayerField), kind: Type.Optional(KindField) }),
    rawBody: { types: Object.values(mediaTypes), sizeBytesMax: importBytesMax },
    replies: { 200: FullReportReply },
    example: {
      query: { kind: 'unsubscribe' },
      raw: { type: mediaTypes.csv, text: 'address,reason\r\ngone@example.com,asked by phone\r\n' },
    },
    run: async ({ scope, query, stream }) => {
      const { type, bytes } = present(stream);
      const imported = await importEntries(world, scope, {
        format: type === mediaTypes.csv ? 'csv' : 'ndjson',
        kind: query.kind ?? 'manual',
        body: bytes,
        ...(query.layer === undefined ? {} : { layer: query.layer }),
      });
      const { brokenBy, report } = imported;
      if (isRefusal(brokenBy)) throw refuse(brokenBy.code, { message: cutText(imported) });
      return { status: 200, body: fullReportJson(report) };
    },
  });
}

function exportRoute(world: ImportWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/suppressions/export',
    tag: 'suppressions',
    grant: 'suppressions:read',
    summary: 'Export lists as CSV or JSON lines, in the form that imports read',
    description:
      "Cells that a spreadsheet would take for a formula begin with ', which an import takes away again. Erased persons are left out.",
    query: fields({ ...filters, format: Type.Optional(Type.Enum(['csv', 'ndjson'])) }),
    replies: { 200: { raw: mediaTypes.csv } },
    example: { query: { format: 'csv', layer: 'account' } },
    run: async ({ scope, query }) => {
      const { format = 'csv', ...rest } = query;
      const rows = exportEntries(world, scope, filterOf(rest), format);
      return {
        status: 200,
        body: Readable.from(rows, { objectMode: false }),
        contentType: `${mediaTypes[format]}; charset=utf-8`,
        headers: { 'content-disposition': `attachment; filename="suppressions.${format}"` },
      };
    },
  });
}

function reports(world: ImportWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/suppressions/imports',
      tag: 'suppressions',
      grant: 'suppressions:read',
      summary: 'List imports, newest first',
      query: pageQuery({}),
      replies: { 200: pageReply(ReportReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = null } = query;
        const found = await imports(world, scope, { before: cursor, limit });
        return { status: 200, body: { items: found.map(reportJson), next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/suppressions/imports/:id',
      tag: 'suppressions',
      grant: 'suppressions:read',
      summary: 'Read what became of an import, with its first thousand bad lines',
      params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
      replies: { 200: FullReportReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: fullReportJson(await getImport(world, scope, params.id)),
      }),
    }),
  ];
}
