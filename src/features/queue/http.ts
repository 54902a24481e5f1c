import { Type } from 'typebox';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { defineRoute, fields, tenantIdPattern, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import { findWeight, putWeight } from './sql-weights.ts';

export type TurnRoutesWorld = {
  readonly db: Database;
  readonly clock: Clock;
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
};

const Reference = fields({ id: word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` }) });
const TurnsReply = fields({
  subaccountId: Type.Integer(),
  weight: Type.Integer({ description: 'turns where another subaccount of the account has one' }),
});

export function turnRoutes(world: TurnRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/subaccounts/:id/turns',
      tag: 'queue',
      grant: 'subaccounts:read',
      summary: "Read a subaccount's weight in turn taking",
      params: Reference,
      replies: { 200: TurnsReply },
      example: { params: { id: '1002' } },
      run: async ({ scope, params }) => {
        const id = await world.subaccountOf(scope, params.id);
        const weight = await world.db.scoped(scope, (tx) => findWeight(tx, id));
        return { status: 200, body: { subaccountId: Number(id), weight } };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/subaccounts/:id/turns',
      tag: 'queue',
      grant: 'subaccounts:write',
      summary: "Set a subaccount's weight in turn taking, within the share of its account",
      params: Reference,
      body: fields({ weight: Type.Integer({ minimum: 1, maximum: 100 }) }),
      replies: { 200: TurnsReply },
      example: { params: { id: '1002' }, body: { weight: 3 } },
      run: async ({ scope, params, body }) => {
        const id = await world.subaccountOf(scope, params.id);
        if (scope.reach !== 'account')
          throw refuse('auth.grant_missing', { message: 'Only the account changes weights' });
        await world.db.scoped(scope, async (tx) => {
          await putWeight(tx, scope.accountId, id, body.weight);
          const data = { weight: body.weight };
          await append(tx, new Date(world.clock.now()), [
            { accountId: scope.accountId, subaccountId: id, kind: 'turns.changed', data },
          ]);
        });
        return { status: 200, body: { subaccountId: Number(id), weight: body.weight } };
      },
    }),
  ];
}
