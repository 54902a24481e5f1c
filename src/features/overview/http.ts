import { Type } from 'typebox';
import { defineRoute, fields, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { steps } from '../reputation/index.ts';
import { subaccountStatuses } from '../subaccounts/index.ts';
import type { SubaccountStatus } from '../subaccounts/index.ts';
import { Crowds } from './crowds.ts';
import { manyWaitingMin, troubles, waitingCountedMax } from './model.ts';
import { count, list } from './operations.ts';
import type { OverviewWorld } from './operations.ts';
import { placeOf, placePattern } from './rules.ts';

const anyStatus = subaccountStatuses.join('|');
const TroubleName = Type.Enum(troubles, {
  description: `from the worst; many_waiting: ${manyWaitingMin} or more that nothing holds, as of ten seconds ago`,
});

function counted(names: readonly string[]) {
  return fields(Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Integer())])));
}

const HealthReply = fields({
  id: Type.Integer(),
  name: Type.String(),
  externalId: Type.Union([Type.String(), Type.Null()]),
  isOwn: Type.Boolean({ description: 'the account itself, as a sender' }),
  status: Type.Enum(subaccountStatuses, { description: 'the strictest of stage and stops' }),
  step: Type.Enum(steps, { description: 'what reputation does against it' }),
  troubles: Type.Array(TroubleName),
  recent: fields(
    {
      accepted: Type.Integer(),
      delivered: Type.Integer(),
      bounced: Type.Integer(),
      complained: Type.Integer(),
    },
    { description: 'of this hour and the 23 before it' },
  ),
  waiting: Type.Integer({ description: `messages in the queue, counted up to ${waitingCountedMax}` }),
});

export function overviewRoutes(parts: Omit<OverviewWorld, 'crowds'>): readonly Route[] {
  const world = { ...parts, crowds: new Crowds(parts.db, parts.clock) };
  return [countRoute(world), listRoute(world)];
}

function countRoute(world: OverviewWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/overview',
    tag: 'figures',
    grant: 'metrics:read',
    summary: 'Count the subaccounts by status and by trouble',
    replies: {
      200: fields({
        total: Type.Integer(),
        inTrouble: Type.Integer(),
        byStatus: counted(subaccountStatuses),
        byTrouble: counted(troubles),
      }),
    },
    example: {},
    run: async ({ scope }) => ({ status: 200, body: await count(world, scope) }),
  });
}

function listRoute(world: OverviewWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/overview/subaccounts',
    tag: 'figures',
    grant: 'metrics:read',
    summary: 'List the health of subaccounts, those in trouble first',
    description:
      'The worst trouble decides, then the second, and so on; then the number. Between two pages a subaccount may get into trouble ' +
      'or out of it, and is then listed twice or not.',
    query: pageQuery(
      {
        status: Type.Optional(
          word(200, {
            pattern: `^(${anyStatus})(,(${anyStatus}))*$`,
            description: 'one or several, separated by commas',
          }),
        ),
        trouble: Type.Optional(TroubleName),
        search: Type.Optional(word(200, { description: 'part of name or external id' })),
      },
      placePattern,
    ),
    replies: { 200: pageReply(HealthReply) },
    example: { query: { status: 'active,paused', trouble: 'bounces_over_limit' } },
    run: async ({ scope, query }) => {
      const { limit = 50, cursor, trouble = null, search = null } = query;
      const statuses = (query.status?.split(',') as SubaccountStatus[] | undefined) ?? null;
      const after = cursor === undefined ? null : placeOf(cursor);
      const { items, next } = await list(world, scope, { limit, after, trouble, search, statuses });
      return {
        status: 200,
        body: {
          items: items.map((each) => ({ ...each, id: Number(each.id), troubles: [...each.troubles] })),
          next,
        },
      };
    },
  });
}
