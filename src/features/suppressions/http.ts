import { Type } from 'typebox';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { defineRoute, fields, pageQuery, pageReply, word, nextCursor } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { onlySubaccount } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import { listSuppressions, removeSuppression } from './sql.ts';

const SuppressionReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  address: Type.String(),
  layer: Type.String(),
  kind: Type.String(),
  source: Type.String(),
  createdAt: Type.String(),
});

export function suppressionRoutes(world: { readonly db: Database; readonly clock: Clock }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/suppressions',
      tag: 'suppressions',
      grant: 'suppressions:read',
      summary: 'List addresses that are not written to',
      query: pageQuery({}),
      replies: { 200: pageReply(SuppressionReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const rows = await world.db.scoped(scope, (tx) =>
          listSuppressions(tx, {
            subaccountId: onlySubaccount(scope.reach),
            after: query.cursor ?? '0',
            limit,
          }),
        );
        const items = rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
        return {
          status: 200,
          body: { items, next: nextCursor(rows, limit) },
        };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/suppressions/:id',
      tag: 'suppressions',
      grant: 'suppressions:write',
      summary: 'Take an address off the list',
      params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
      replies: { 204: null },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        await world.db.scoped(scope, async (tx) => {
          const removed = await removeSuppression(tx, params.id);
          if (removed === null) throw refuse('not_found');
          await append(tx, new Date(world.clock.now()), [
            {
              accountId: scope.accountId,
              subaccountId: removed.subaccountId,
              kind: 'suppression.removed',
              data: { address: removed.address, kind: removed.kind },
            },
          ]);
        });
        return { status: 204 };
      },
    }),
  ];
}
