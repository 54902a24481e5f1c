import { Type } from 'typebox';
import {
  defineRoute,
  fields,
  Instant,
  instantMs,
  nextCursor,
  pageQuery,
  pageReply,
  tenantIdPattern,
  text,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { refuse } from '../refusals/index.ts';
import { add, list, remove } from './operations.ts';
import type { SuspensionWorld } from './operations.ts';
import { suspensionKinds } from './rules.ts';
import type { Suspension } from './rules.ts';

export type SuspensionRoutesWorld = SuspensionWorld & {
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
};

const SuspensionReply = fields({
  id: Type.String(),
  kind: Type.Enum(suspensionKinds),
  value: Type.String({ description: 'site, recipient domain, pool id or tag' }),
  subaccountId: Type.Union([Type.Integer(), Type.Null()], { description: 'null: of the whole account' }),
  authority: Type.Enum(['operator', 'parent', 'subaccount'], { description: 'who lifts it' }),
  reason: Type.String(),
  setBy: Type.String(),
  until: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
});

function suspensionJson(suspension: Suspension) {
  const { accountId: _accountId, forSubaccount, until, createdAt, ...rest } = suspension;
  return {
    ...rest,
    subaccountId: forSubaccount,
    until: until?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

export function suspensionRoutes(world: SuspensionRoutesWorld): readonly Route[] {
  return [listRoute(world), addRoute(world), liftRoute(world)];
}

function listRoute(world: SuspensionRoutesWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/suspensions',
    tag: 'queue',
    grant: 'messages:read',
    summary: 'List suspensions that hold',
    query: pageQuery({}),
    replies: { 200: pageReply(SuspensionReply) },
    example: { query: {} },
    run: async ({ scope, query }) => {
      const { limit = 50, cursor = '0' } = query;
      const found = await list(world, scope, { after: cursor, limit });
      return { status: 200, body: { items: found.map(suspensionJson), next: nextCursor(found, limit) } };
    },
  });
}

function addRoute(world: SuspensionRoutesWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/suspensions',
    tag: 'queue',
    grant: 'messages:send',
    summary: 'Suspend mail to a site or domain, from a pool or with a tag',
    description:
      'Its mail is held from now on, at the latest within two seconds, and leaves when the suspension ends or is lifted. ' +
      'Held time does not use up the time for retries.',
    body: fields({
      kind: Type.Enum(suspensionKinds),
      value: word(253),
      reason: Type.Optional(text(500)),
      until: Type.Optional(Instant),
      subaccount: Type.Optional(
        word(264, {
          pattern: `^(${tenantIdPattern}|external:.{1,255})$`,
          description: 'of this one only; the whole account when left out',
        }),
      ),
    }),
    replies: { 201: SuspensionReply },
    example: { body: { kind: 'tag', value: 'newsletter', reason: 'wrong link' } },
    run: async ({ scope, body }) => {
      const { kind, value, reason = '', until, subaccount } = body;
      if (subaccount !== undefined && scope.reach !== 'account')
        throw refuse('auth.grant_missing', { message: 'Only the account suspends for a subaccount' });
      const forSubaccount = subaccount === undefined ? null : await world.subaccountOf(scope, subaccount);
      const made = await add(world, scope, {
        kind,
        value,
        reason,
        until: until === undefined ? null : instantMs(until),
        forSubaccount,
      });
      return { status: 201, body: suspensionJson(made) };
    },
  });
}

function liftRoute(world: SuspensionRoutesWorld): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/suspensions/:id',
    tag: 'queue',
    grant: 'messages:send',
    summary: 'Lift a suspension',
    params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
    replies: { 204: null },
    example: { params: { id: '100123' } },
    run: async ({ scope, params }) => {
      await remove(world, scope, params.id);
      return { status: 204 };
    },
  });
}
