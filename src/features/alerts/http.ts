import { Type } from 'typebox';
import type { Static } from 'typebox';
import {
  defineRoute,
  fields,
  nextCursor,
  pageQuery,
  pageReply,
  tenantIdPattern,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { measures, targetKinds } from './model.ts';
import type { Alert, Firing } from './model.ts';
import { change, create, firings, get, list, remove, sendTest } from './operations.ts';
import type { AlertWorld, MadeAlert } from './operations.ts';

const IdParams = fields({ id: word(16, { pattern: '^\\d{1,16}$' }) });
const example = { params: { id: '100123' } };
const orNull = Type.Union([Type.String(), Type.Null()]);

const Threshold = Type.Number({
  minimum: 0,
  maximum: 1e12,
  description: 'a share (0.05) for a rate, else a count',
});
const ClearAt = Type.Number({
  minimum: 0,
  maximum: 1e12,
  description: 'once it fires it is over only here; a fifth back from the threshold when left out',
});
const settings = {
  windowHours: Type.Integer({
    minimum: 1,
    maximum: 720,
    description: 'whole hours with the one that has begun',
  }),
  volumeMin: Type.Integer({ minimum: 0, maximum: 1e12, description: 'a rate of fewer fires nothing' }),
  quietMinutes: Type.Integer({
    minimum: 15,
    maximum: 10_080,
    description: 'nobody is told twice within so long',
  }),
};
const Name = word(200);
const MeasureName = Type.Enum(measures, {
  description:
    'domains_lost and webhooks_failing count what stands now; the others look back over the window',
});
const Comparison = Type.Enum(['above', 'below']);
const Status = Type.Enum(['active', 'paused']);
const Target = Type.Union([
  fields({
    kind: Type.Literal('mail'),
    to: Type.String({
      format: 'email',
      maxLength: 254,
      description: 'a person of the account, or a proven sender',
    }),
  }),
  fields({
    kind: Type.Enum(['webhook', 'slack'], { description: 'slack: the format of its incoming webhooks' }),
    to: word(2000, { description: 'http or https; only public addresses, redirects are not followed' }),
  }),
]);
const alertFields = {
  id: Type.String(),
  subaccountId: Type.Integer({ description: 'to whom it belongs' }),
  about: Type.Union([Type.Integer(), Type.Null()], {
    description: 'whose figures; null for the whole account',
  }),
  name: Type.String(),
  measure: MeasureName,
  comparison: Comparison,
  threshold: Type.Number(),
  clearAt: Type.Number(),
  windowHours: Type.Integer(),
  volumeMin: Type.Integer(),
  quietMinutes: Type.Integer(),
  target: fields({ kind: Type.Enum(targetKinds), to: Type.String() }),
  status: Status,
  state: Type.Enum(['ok', 'firing']),
  stateSince: Type.String(),
  toldAt: orNull,
  createdAt: Type.String(),
};
const AlertReply = fields(alertFields);
const MadeReply = fields({
  ...alertFields,
  secret: Type.Union([Type.String(), Type.Null()], {
    description: 'of a webhook: signs by Standard Webhooks; shown this once',
  }),
});
const FiringReply = fields({
  id: Type.String(),
  alertId: Type.String(),
  subaccountId: Type.Integer(),
  at: Type.String(),
  kind: Type.Enum(['fired', 'cleared', 'test']),
  value: Type.Union([Type.Number(), Type.Null()]),
  volume: Type.Union([Type.Integer(), Type.Null()]),
  from: orNull,
  delivery: Type.Enum(['quiet', 'waiting', 'sent', 'failed'], {
    description: 'quiet: nobody was told, its quiet time was not over',
  }),
  attempts: Type.Integer(),
  toldAt: orNull,
  error: Type.String(),
});

function alertJson(alert: Alert): Static<typeof AlertReply> {
  return {
    id: alert.id,
    subaccountId: Number(alert.subaccountId),
    about: alert.onlySubaccountId === null ? null : Number(alert.onlySubaccountId),
    name: alert.name,
    measure: alert.measure,
    comparison: alert.comparison,
    threshold: alert.threshold,
    clearAt: alert.clearAt,
    windowHours: alert.windowHours,
    volumeMin: alert.volumeMin,
    quietMinutes: alert.quietMinutes,
    target: { kind: alert.targetKind, to: alert.target },
    status: alert.status,
    state: alert.state,
    stateSince: alert.stateSince.toISOString(),
    toldAt: alert.toldAt?.toISOString() ?? null,
    createdAt: alert.createdAt.toISOString(),
  };
}

function madeJson({ alert, secret }: MadeAlert): Static<typeof MadeReply> {
  return { ...alertJson(alert), secret };
}

function firingJson({ subaccountId, at, from, toldAt, ...rest }: Firing): Static<typeof FiringReply> {
  return {
    ...rest,
    subaccountId: Number(subaccountId),
    at: at.toISOString(),
    from: from?.toISOString() ?? null,
    toldAt: toldAt?.toISOString() ?? null,
  };
}

export function alertRoutes(world: AlertWorld): readonly Route[] {
  return [createRoute(world), ...reading(world), ...changing(world), ...told(world)];
}

function createRoute(world: AlertWorld): Route {
  return defineRoute({
    method: 'POST',
    path: '/alerts',
    tag: 'alerts',
    grant: 'monitoring:write',
    summary: 'Make an alert of the account or of the subaccount acted for',
    description:
      'Judged once a minute. It fires beyond the threshold, is over at `clearAt`, and tells at most once within its quiet time.',
    body: fields({
      name: Name,
      measure: MeasureName,
      comparison: Type.Optional(Comparison),
      threshold: Threshold,
      clearAt: Type.Optional(ClearAt),
      windowHours: Type.Optional(settings.windowHours),
      volumeMin: Type.Optional(settings.volumeMin),
      quietMinutes: Type.Optional(settings.quietMinutes),
      target: Target,
      status: Type.Optional(Status),
      subaccount: Type.Optional(
        word(264, {
          pattern: `^(${tenantIdPattern}|external:.{1,255})$`,
          description: "of an account's alert: the figures of this one only",
        }),
      ),
    }),
    replies: { 201: MadeReply },
    example: {
      body: {
        name: 'Bounces',
        measure: 'bounce_rate',
        threshold: 0.05,
        windowHours: 24,
        volumeMin: 200,
        target: { kind: 'slack', to: 'https://hooks.example.com/services/T0/B0/x' },
      },
    },
    run: async ({ scope, body }) => {
      const made = await create(world, scope, {
        name: body.name,
        measure: body.measure,
        comparison: body.comparison ?? 'above',
        threshold: body.threshold,
        clearAt: body.clearAt ?? null,
        windowHours: body.windowHours ?? 24,
        volumeMin: body.volumeMin ?? 0,
        quietMinutes: body.quietMinutes ?? 60,
        target: body.target,
        status: body.status ?? 'active',
        subaccount: body.subaccount ?? null,
      });
      return { status: 201, body: madeJson(made) };
    },
  });
}

function reading(world: AlertWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/alerts',
      tag: 'alerts',
      grant: 'monitoring:read',
      summary: 'List alerts',
      query: pageQuery({}),
      replies: { 200: pageReply(AlertReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = '0' } = query;
        const items = (await list(world, scope, { after: cursor, limit })).map(alertJson);
        return { status: 200, body: { items, next: nextCursor(items, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/alerts/:id',
      tag: 'alerts',
      grant: 'monitoring:read',
      summary: 'Read an alert and how it stands',
      params: IdParams,
      replies: { 200: AlertReply },
      example,
      run: async ({ scope, params }) => ({
        status: 200,
        body: alertJson(await get(world, scope, params.id)),
      }),
    }),
  ];
}

function changing(world: AlertWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'PATCH',
      path: '/alerts/:id',
      tag: 'alerts',
      grant: 'monitoring:write',
      summary: 'Change an alert; another webhook gets another secret',
      params: IdParams,
      body: fields({
        name: Type.Optional(Name),
        threshold: Type.Optional(Threshold),
        clearAt: Type.Optional(ClearAt),
        windowHours: Type.Optional(settings.windowHours),
        volumeMin: Type.Optional(settings.volumeMin),
        quietMinutes: Type.Optional(settings.quietMinutes),
        target: Type.Optional(Target),
        status: Type.Optional(Status),
      }),
      replies: { 200: MadeReply },
      example: { ...example, body: { name: 'Bounces of a day', status: 'paused' } },
      run: async ({ scope, params, body }) => ({
        status: 200,
        body: madeJson(await change(world, scope, params.id, body)),
      }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/alerts/:id',
      tag: 'alerts',
      grant: 'monitoring:write',
      summary: 'Remove an alert with its firings',
      params: IdParams,
      replies: { 204: null },
      example,
      run: async ({ scope, params }) => {
        await remove(world, scope, params.id);
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/alerts/:id/test',
      tag: 'alerts',
      grant: 'monitoring:write',
      summary: 'Tell the target of an alert that this is a test, and say what came of it',
      params: IdParams,
      replies: {
        200: fields({
          isTaken: Type.Boolean(),
          status: Type.Union([Type.Integer(), Type.Null()]),
          error: Type.String(),
        }),
      },
      example,
      run: async ({ scope, params }) => ({ status: 200, body: await sendTest(world, scope, params.id) }),
    }),
  ];
}

function told(world: AlertWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/alerts/firings',
      tag: 'alerts',
      grant: 'monitoring:read',
      summary: 'List when alerts fired, were over or tested, the newest first',
      query: pageQuery({}),
      replies: { 200: pageReply(FiringReply) },
      example: { query: {} },
      run: async ({ scope, query }) => {
        const { limit = 50, cursor = null } = query;
        const found = await firings(world, scope, { alertId: null, before: cursor, limit });
        return { status: 200, body: { items: found.map(firingJson), next: nextCursor(found, limit) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/alerts/:id/firings',
      tag: 'alerts',
      grant: 'monitoring:read',
      summary: 'List when one alert fired, was over or tested, the newest first',
      params: IdParams,
      query: pageQuery({}),
      replies: { 200: pageReply(FiringReply) },
      example,
      run: async ({ scope, params, query }) => {
        const { limit = 50, cursor = null } = query;
        const found = await firings(world, scope, { alertId: params.id, before: cursor, limit });
        return { status: 200, body: { items: found.map(firingJson), next: nextCursor(found, limit) } };
      },
    }),
  ];
}
