import { Type } from 'typebox';
import {
  defineRoute,
  fields,
  Instant,
  instantMs,
  instantText,
  pageQuery,
  pageReply,
  nextCursor,
  tenantIdPattern,
  text,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { measureNames, steps } from './model.ts';
import type { Finding, Limits, MeasureName, Reputation, StepTaken } from './model.ts';
import { exempt, get, history, limitsOf, list, raise, reset, setLimits } from './operations.ts';
import type { ReputationWorld, View } from './operations.ts';

export type ReputationRoutesWorld = ReputationWorld & {
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
};

const Reference = fields({ id: word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` }) });
const orNull = Type.Union([Type.String(), Type.Null()]);
const StepName = Type.Enum(steps, {
  description: 'warn: it is told; slow: fewer an hour; review: its mail is held; pause: nothing leaves',
});
const FindingReply = fields({
  measure: Type.Enum(measureNames),
  harm: Type.Integer(),
  volume: Type.Integer({ description: 'attempts that ended, or for complaints deliveries' }),
  rate: Type.Number(),
  from: Type.String(),
  until: Type.String(),
  step: StepName,
  limit: Type.Union([Type.Number(), Type.Null()], {
    description: 'the rate from which on that step is taken',
  }),
});
const setBy = Type.String({
  description: 'system, parent or operator: each undoes its own and those before it',
});
const stateReply = {
  subaccountId: Type.Integer(),
  step: StepName,
  setBy,
  since: orNull,
  until: Type.Union([Type.String(), Type.Null()], {
    description: 'when it ends by itself, or goes on if the figures still say so',
  }),
  evidence: Type.Array(FindingReply, { description: 'what led to the step' }),
  reason: Type.String(),
  exemptUntil: orNull,
};
const StateReply = fields(stateReply);
const ReputationReply = fields({
  ...stateReply,
  figures: Type.Array(FindingReply, { description: 'of now, one for each measure' }),
});
const StepReply = fields({
  id: Type.String(),
  at: Type.String(),
  from: StepName,
  step: StepName,
  cause: Type.String({ description: 'figures, ended, raised, reset or exempted' }),
  setBy,
  evidence: Type.Array(FindingReply),
  until: orNull,
  reason: Type.String(),
});
const Reason = Type.Optional(text(500, { description: 'why; the subaccount reads it' }));

const Rate = Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
  description: 'from this rate on; null: never',
});
const Measure = fields({
  windowHours: Type.Integer({ minimum: 1, maximum: 720 }),
  volumeMin: Type.Integer({ minimum: 1, maximum: 1e9, description: 'fewer prove nothing' }),
  harmMin: Type.Integer({ minimum: 1, maximum: 1e9, description: 'fewer prove nothing' }),
  warn: Rate,
  slow: Rate,
  review: Rate,
  pause: Rate,
});
const measureFields: Record<MeasureName, typeof Measure> = {
  hard_bounces: Measure,
  unknown_users: Measure,
  complaints: Measure,
  trap_blocks: Measure,
};
const LimitsBody = fields(measureFields);

function stateJson(reputation: Reputation) {
  const { subaccountId, step, setBy: by, since, until, evidence, reason, exemptUntil } = reputation;
  return {
    subaccountId: Number(subaccountId),
    step,
    setBy: by,
    since: textOf(since),
    until: textOf(until),
    evidence,
    reason,
    exemptUntil: textOf(exemptUntil),
  };
}

function textOf(ms: number | null): string | null {
  return ms === null ? null : instantText(ms);
}

function viewJson({
  reputation,
  findings,
}: View): ReturnType<typeof stateJson> & { figures: readonly Finding[] } {
  return { ...stateJson(reputation), figures: findings };
}

function stepJson({ at, until, ...rest }: StepTaken) {
  return { ...rest, at: at.toISOString(), until: until?.toISOString() ?? null };
}

export function reputationRoutes(world: ReputationRoutesWorld): readonly Route[] {
  return [...reading(world), ...overriding(world), ...limits(world)];
}

function reading(world: ReputationRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/reputation',
      tag: 'reputation',
      grant: 'metrics:read',
      summary: 'List subaccounts with a step or an exemption',
      query: pageQuery({ step: Type.Optional(StepName) }),
      replies: { 200: pageReply(StateReply) },
      example: { query: { step: 'review' } },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0', step = null } = query;
        const found = await list(world, scope, { after: Number(cursor), limit, step });
        const last = found.length === limit ? found.at(-1) : undefined;
        const next = last === undefined ? null : String(last.subaccountId);
        return { status: 200, body: { items: found.map(stateJson), next } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/subaccounts/:id/reputation',
      tag: 'reputation',
      grant: 'metrics:read',
      summary: 'Read the reputation of a subaccount: the step that holds, its evidence, the figures of now',
      params: Reference,
      replies: { 200: ReputationReply },
      example: { params: { id: '1002' } },
      run: async ({ scope, params }) => {
        const id = await world.subaccountOf(scope, params.id);
        return { status: 200, body: viewJson(await get(world, scope, id)) };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/subaccounts/:id/reputation/steps',
      tag: 'reputation',
      grant: 'metrics:read',
      summary: 'List the steps that were taken, the newest first, with what led to each',
      params: Reference,
      query: pageQuery({}),
      replies: { 200: pageReply(StepReply) },
      example: { params: { id: '1002' } },
      run: async ({ scope, params, query }) => {
        const id = await world.subaccountOf(scope, params.id);
        const { limit = 50, cursor = null } = query;
        const found = await history(world, scope, id, { before: cursor, limit });
        return { status: 200, body: { items: found.map(stepJson), next: nextCursor(found, limit) } };
      },
    }),
  ];
}

function overriding(world: ReputationRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/subaccounts/:id/reputation/raise',
      tag: 'reputation',
      grant: 'subaccounts:write',
      summary: 'Take a step against a subaccount by hand',
      description:
        'It stays to its end, whatever the figures say, and does not keep them from a stricter step.',
      params: Reference,
      body: fields({
        step: Type.Enum(['warn', 'slow', 'review', 'pause']),
        until: Type.Optional(Instant),
        reason: Reason,
      }),
      replies: { 200: ReputationReply },
      example: { params: { id: '1002' }, body: { step: 'slow', reason: 'a new list, let us see' } },
      run: async ({ scope, params, body }) => {
        const id = await world.subaccountOf(scope, params.id);
        const until = body.until === undefined ? null : instantMs(body.until);
        const { step, reason = '' } = body;
        return { status: 200, body: viewJson(await raise(world, scope, id, { step, until, reason })) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/subaccounts/:id/reputation/reset',
      tag: 'reputation',
      grant: 'subaccounts:write',
      summary: 'End the step that holds; held mail leaves, figures count anew from the next full hour',
      params: Reference,
      body: fields({ reason: Reason }),
      replies: { 200: ReputationReply },
      example: { params: { id: '1002' }, body: { reason: 'the list was cleaned' } },
      run: async ({ scope, params, body }) => {
        const id = await world.subaccountOf(scope, params.id);
        return { status: 200, body: viewJson(await reset(world, scope, id, body.reason ?? '')) };
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/subaccounts/:id/reputation/exemption',
      tag: 'reputation',
      grant: 'subaccounts:write',
      summary: "Let a subaccount's figures lead to nothing until then; null ends that",
      params: Reference,
      body: fields({ until: Type.Union([Instant, Type.Null()]), reason: Reason }),
      replies: { 200: ReputationReply },
      example: { params: { id: '1002' }, body: { until: null, reason: 'the campaign is over' } },
      run: async ({ scope, params, body }) => {
        const id = await world.subaccountOf(scope, params.id);
        const until = body.until === null ? null : instantMs(body.until);
        return {
          status: 200,
          body: viewJson(await exempt(world, scope, id, { until, reason: body.reason ?? '' })),
        };
      },
    }),
  ];
}

const exampleMeasure = {
  windowHours: 24,
  volumeMin: 100,
  harmMin: 5,
  warn: 0.05,
  slow: 0.08,
  review: 0.12,
  pause: null,
};
const exampleLimits: Limits = {
  hard_bounces: exampleMeasure,
  unknown_users: exampleMeasure,
  complaints: { ...exampleMeasure, windowHours: 168, warn: 0.001, slow: 0.002, review: 0.003 },
  trap_blocks: exampleMeasure,
};

function limits(world: ReputationRoutesWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/reputation/limits',
      tag: 'reputation',
      grant: 'metrics:read',
      summary: 'Read the rates from which on steps are taken',
      replies: { 200: LimitsBody },
      example: {},
      run: async ({ scope }) => ({ status: 200, body: await limitsOf(world.db.engine, scope.accountId) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/reputation/limits',
      tag: 'reputation',
      grant: 'settings:write',
      summary: 'Set the rates from which on steps are taken against subaccounts of the account',
      body: LimitsBody,
      replies: { 200: LimitsBody },
      example: { body: exampleLimits },
      run: async ({ scope, body }) => ({ status: 200, body: await setLimits(world, scope, body) }),
    }),
  ];
}
