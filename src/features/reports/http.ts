import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, idPattern, nextCursor, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { reaches } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { answerCsv, answerJson, AnswerReply, WhatQuery } from '../metrics/index.ts';
import { intervals, periods } from './kinds.ts';
import type { Report, ReportContent } from './model.ts';
import { change, create, get, link, list, remove, run } from './operations.ts';
import type { ReportWorld } from './operations.ts';
import { linkDays } from './rules.ts';

const Params = fields({ id: word(19, { pattern: idPattern }) });
const content = {
  name: word(200),
  share: Type.Enum(['none', 'use'], { description: 'use: subaccounts run it too, over their own figures' }),
  query: WhatQuery,
  period: Type.Enum(periods, { description: 'in the time zone of the query' }),
  schedule: Type.Union([
    fields({
      every: Type.Enum(intervals, { description: 'weekly on Mondays, monthly on the first' }),
      hour: Type.Integer({ minimum: 0, maximum: 23 }),
    }),
    Type.Null(),
  ]),
  people: Type.Array(word(19, { pattern: idPattern }), {
    maxItems: 50,
    description: 'users who get it: of the account, or of the subaccount that holds it',
  }),
};
const ReportReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  ...content,
  query: Type.Unknown(),
  nextAt: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
});
const Changes = fields({
  name: Type.Optional(content.name),
  share: Type.Optional(content.share),
  query: Type.Optional(content.query),
  period: Type.Optional(content.period),
  schedule: Type.Optional(content.schedule),
  people: Type.Optional(content.people),
});
const example = {
  name: 'News',
  query: { by: 'tag', timeZone: 'Europe/Vienna' },
  period: 'last_7_days',
} as const;

/** To whom it is only shared, it tells nothing of the account's people. */
function reportJson(scope: Scope, report: Report): Static<typeof ReportReply> {
  const { id, name, share, query, period, subaccountId, people, schedule, nextAt, createdAt } = report;
  const isHeld = reaches(scope.reach, subaccountId);
  return {
    id,
    name,
    share,
    query,
    period,
    subaccountId: Number(subaccountId),
    people: isHeld ? [...people] : [],
    schedule: isHeld ? schedule : null,
    nextAt: isHeld ? (nextAt?.toISOString() ?? null) : null,
    createdAt: createdAt.toISOString(),
  };
}

export function reportRoutes(world: ReportWorld): readonly Route[] {
  return [...collection(world), ...single(world), ...running(world), linkRoute(world)];
}

function collection(world: ReportWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/reports',
      tag: 'reports',
      grant: 'reports:write',
      summary: 'Save a report: a question to the figures, perhaps mailed to people at set times',
      body: fields({
        ...content,
        share: Type.Optional(content.share),
        schedule: Type.Optional(content.schedule),
        people: Type.Optional(content.people),
      }),
      replies: { 201: ReportReply },
      example: { body: example },
      run: async ({ scope, body }) => {
        const wanted: ReportContent = { share: 'none', schedule: null, people: [], ...body };
        return { status: 201, body: reportJson(scope, await create(world, scope, wanted)) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/reports',
      tag: 'reports',
      grant: 'metrics:read',
      summary: 'List reports: own ones, and those that the account shares',
      query: pageQuery({}),
      replies: { 200: pageReply(ReportReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const found = await list(world, scope, { after: cursor, limit });
        const items = found.map((report) => reportJson(scope, report));
        return { status: 200, body: { items, next: nextCursor(found, limit) } };
      },
    }),
  ];
}

function single(world: ReportWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/reports/:id',
      tag: 'reports',
      grant: 'metrics:read',
      summary: 'Read a report as it was saved',
      params: Params,
      replies: { 200: ReportReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: reportJson(scope, await get(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/reports/:id',
      tag: 'reports',
      grant: 'reports:write',
      summary: 'Change a report',
      params: Params,
      body: Changes,
      replies: { 200: ReportReply },
      example: { params: { id: '100123' }, body: { name: 'News of the week' } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: reportJson(scope, await change(world, scope, params.id, body)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/reports/:id',
      tag: 'reports',
      grant: 'reports:write',
      summary: 'Delete a report, and with it every link to it',
      params: Params,
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function running(world: ReportWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/reports/:id/run',
      tag: 'reports',
      grant: 'metrics:read',
      summary: 'Run a report over the figures that the caller sees',
      params: Params,
      replies: { 200: AnswerReply },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: answerJson(await run(world, scope, params.id)),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/reports/:id/export',
      tag: 'reports',
      grant: 'metrics:read',
      summary: 'Run a report, as CSV',
      params: Params,
      replies: { 200: { raw: 'text/csv' } },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => ({
        status: 200,
        headers: { 'content-disposition': 'attachment; filename="report.csv"' },
        body: answerCsv(await run(world, scope, params.id)),
      }),
    }),
  ];
}

function linkRoute(world: ReportWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/reports/:id/links',
    tag: 'reports',
    grant: 'reports:write',
    summary: 'Make a link to a report for somebody without a login, or mail it to a proven sender',
    description:
      'Whoever has the link sees the figures of who holds the report until it expires; with a tag, of mail with that tag only. ' +
      'Deleting the report ends its links.',
    params: Params,
    body: fields({
      days: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: linkDays.max,
          description: `${linkDays.standard} when left out`,
        }),
      ),
      tag: Type.Optional(word(128)),
      senderId: Type.Optional(word(19, { pattern: idPattern })),
    }),
    replies: { 201: fields({ url: Type.String(), expiresAt: Type.String() }) },
    example: { params: { id: '100123' }, body: { days: 3 } },
    run: async ({ scope, params, body }) => {
      const { days = linkDays.standard, tag = null, senderId = null } = body;
      const { url, expiresAt } = await link(world, scope, params.id, { days, tag, senderId });
      return { status: 201, body: { url, expiresAt: expiresAt.toISOString() } };
    },
  });
}
