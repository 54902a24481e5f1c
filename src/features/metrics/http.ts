import { Type } from 'typebox';
import { defineRoute, fields, tenantIdPattern, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { summary } from './operations.ts';
import type { MetricWorld } from './operations.ts';

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

export function metricRoutes(world: MetricRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/subaccounts/:id/summary',
      tag: 'subaccounts',
      grant: 'metrics:read',
      summary: 'Read how a subaccount sends, and its reputation from its own 30 days',
      params: fields({ id: word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` }) }),
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
    }),
  ];
}
