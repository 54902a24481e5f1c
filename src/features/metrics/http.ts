import { Type } from 'typebox';
import { defineRoute, fields, tenantIdPattern, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { cohorts } from './classes.ts';
import { cohortShares, healthOf, signals } from './health.ts';
import type { Signal } from './health.ts';
import { answerCsv, answerJson, AnswerReply } from './json.ts';
import { figures, removeTag, summary } from './operations.ts';
import type { MetricWorld } from './operations.ts';
import { FiguresQuery, toQuery } from './query.ts';

export type MetricRoutesWorld = MetricWorld & {
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
};

const Sending = fields({
  accepted: Type.Integer(),
  delivered: Type.Integer(),
  hardBounces: Type.Integer(),
  otherBounces: Type.Integer(),
  deferred: Type.Integer(),
  suppressed: Type.Integer(),
  complaints: Type.Integer(),
});

const Reference = fields({ id: word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` }) });
const signalNames = Object.keys(signals) as Signal[];

export function metricRoutes(world: MetricRoutesWorld): readonly Route[] {
  return [
    figuresRoute(world),
    exportRoute(world),
    removeTagRoute(world),
    summaryRoute(world),
    healthRoute(world),
  ];
}

const figureWords =
  'Counted from the event log, exactly, about a second behind it. By one dimension, in steps of time, or both; filters hold ' +
  'together. A mail with two tags counts under both, and once in the total.';

function figuresRoute(world: MetricRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/figures',
    tag: 'figures',
    grant: 'metrics:read',
    summary: 'Read figures: sent, delivered, bounced, rejected, delayed, engaged, and how long it took',
    description: figureWords,
    query: FiguresQuery,
    replies: { 200: AnswerReply },
    example: { query: { by: 'tag', step: 'day', timeZone: 'Europe/Vienna', compare: 'previous' } },
    run: async ({ scope, query }) => ({
      status: 200,
      body: answerJson(await figures(world, scope, toQuery(query))),
    }),
  });
}

function removeTagRoute(world: MetricRoutesWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/figures/remove-tag',
    tag: 'figures',
    grant: 'reports:write',
    summary: 'Take a tag out of the figures that the caller reaches',
    description:
      'What was counted stays in every other figure, and mail keeps its tags. Mail with it that is counted later is counted under it again.',
    body: fields({ tag: word(128) }),
    replies: { 200: fields({ series: Type.Integer({ description: 'that had it' }) }) },
    example: { body: { tag: 'spring-2024' } },
    run: async ({ scope, body }) => ({
      status: 200,
      body: { series: await removeTag(world, scope, body.tag) },
    }),
  });
}

function exportRoute(world: MetricRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/figures/export',
    tag: 'figures',
    grant: 'metrics:read',
    summary: 'Read figures as CSV',
    description: figureWords,
    query: FiguresQuery,
    replies: { 200: { raw: 'text/csv' } },
    example: { query: { by: 'subaccount' } },
    run: async ({ scope, query }) => ({
      status: 200,
      headers: { 'content-disposition': 'attachment; filename="figures.csv"' },
      body: answerCsv(await figures(world, scope, toQuery(query))),
    }),
  });
}

function healthRoute(world: MetricRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/subaccounts/:id/health',
    tag: 'subaccounts',
    grant: 'metrics:read',
    summary:
      'Read the health of a subaccount: a score from its own 30 days, what costs it, and how engaged its recipients are',
    params: Reference,
    replies: {
      200: fields({
        subaccountId: Type.Integer(),
        score: Type.Integer({ description: '0 to 100' }),
        costs: Type.Array(
          fields({
            signal: Type.Enum(signalNames),
            rate: Type.Number(),
            points: Type.Number({ description: 'taken from a hundred' }),
          }),
        ),
        cohorts: Type.Array(
          fields({ cohort: Type.Enum(cohorts), delivered: Type.Integer(), share: Type.Number() }),
        ),
      }),
    },
    example: { params: { id: '1002' } },
    run: async ({ scope, params }) => {
      const subaccountId = await world.subaccountOf(scope, params.id);
      const { total } = await figures(world, scope, toQuery({ subaccount: [subaccountId] }));
      const { score, costs } = healthOf(total);
      return {
        status: 200,
        body: { subaccountId: Number(subaccountId), score, costs, cohorts: cohortShares(total) },
      };
    },
  });
}

function summaryRoute(world: MetricRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/subaccounts/:id/summary',
    tag: 'subaccounts',
    grant: 'metrics:read',
    summary: 'Read how a subaccount sends, and its reputation from its own 30 days',
    params: Reference,
    replies: {
      200: fields({
        subaccountId: Type.Integer(),
        today: Sending,
        last30Days: Sending,
        reputation: Type.Integer({ description: '0 to 100' }),
      }),
    },
    example: { params: { id: '1002' } },
    run: async ({ scope, params }) => {
      const subaccountId = await world.subaccountOf(scope, params.id);
      const { today, last30Days, standing } = await summary(world, scope, subaccountId);
      return {
        status: 200,
        body: { subaccountId: Number(subaccountId), today, last30Days, reputation: standing.score },
      };
    },
  });
}
