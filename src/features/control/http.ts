import { Type } from 'typebox';
import {
  defineRoute,
  fields,
  idPattern,
  Instant,
  instantMs,
  pageQuery,
  pageReply,
  tenantIdPattern,
  word,
} from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { QueueRow } from '../queue/index.ts';
import { act, actions, waiting } from './operations.ts';
import { overview, why } from './why.ts';
import type { ControlWorld } from './why.ts';

const orNull = Type.Union([Type.String(), Type.Null()]);
const QueueRowReply = fields({
  messageId: Type.String(),
  subaccountId: Type.Integer(),
  to: Type.String(),
  lane: Type.String(),
  state: Type.String(),
  dueAt: Type.String(),
  hold: orNull,
  holdUntil: orNull,
  attempts: Type.Integer(),
  site: Type.Union([Type.String(), Type.Null()], { description: 'where it was tried last' }),
  poolId: Type.Union([Type.String(), Type.Null()], { description: 'null: the default at its attempt' }),
  tags: Type.Array(Type.String()),
});

export function queueRowJson(row: QueueRow) {
  const state = row.hold === null ? (row.leasedBy === null ? 'waiting' : 'leased') : 'held';
  return {
    messageId: row.messageId,
    subaccountId: Number(row.subaccountId),
    to: row.recipient,
    lane: row.lane === 0 ? 'transactional' : 'bulk',
    state,
    dueAt: row.dueAt.toISOString(),
    hold: row.hold,
    holdUntil: row.holdUntil?.toISOString() ?? null,
    attempts: row.attempts,
    site: row.lastSite,
    poolId: row.poolId === '0' ? null : row.poolId,
    tags: row.tags,
  };
}

const Filter = {
  subaccount: Type.Optional(word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` })),
  domain: Type.Optional(word(253, { description: 'of the recipient' })),
  site: Type.Optional(word(253, { description: 'as GET /sites names it' })),
  state: Type.Optional(Type.Enum(['waiting', 'leased', 'held'])),
  hold: Type.Optional(Type.Enum(['scheduled', 'paused', 'quota', 'review', 'suspended', 'manual'])),
  pool: Type.Optional(word(64, { description: 'id or name of the pool that was named for it' })),
  tag: Type.Optional(word(200)),
  olderThanSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 34_560_000 })),
  attemptsMin: Type.Optional(Type.Integer({ minimum: 0, maximum: 30_000 })),
};
const placePattern = '^\\d{1,9}\\.(?:\\d{1,18}|[1-8]\\d{18})$';

const ReasonReply = fields({
  code: Type.String(),
  owner: Type.String({ description: 'whose limit or rule it is' }),
  text: Type.String(),
  movesAt: orNull,
});

export function controlRoutes(world: ControlWorld): readonly Route[] {
  return [...reasons(world), ...queue(world)];
}

function reasons(world: ControlWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/messages/:id/why',
      tag: 'messages',
      grant: 'messages:read',
      summary: 'Tell why a message is still here: what holds it, who set that, and when it moves',
      params: fields({ id: word(19, { pattern: idPattern }) }),
      replies: {
        200: fields({
          messageId: Type.String(),
          state: Type.String(),
          reasons: Type.Array(ReasonReply),
          before: fields(
            {
              messages: Type.Integer(),
              isExact: Type.Boolean({ description: 'false: there are more than 10,000' }),
            },
            { description: 'messages of the same subaccount and lane that are due before it' },
          ),
        }),
      },
      example: { params: { id: '3765478512744464391' } },
      run: async ({ scope, params }) => ({ status: 200, body: await why(world, scope, params.id) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/why',
      tag: 'queue',
      grant: 'messages:read',
      summary: 'Tell why mail of the account, or of the subaccount that the call acts for, waits',
      replies: {
        200: fields({
          waiting: Type.Integer(),
          isExact: Type.Boolean({ description: 'false: of the first 10,000 messages only' }),
          groups: Type.Array(fields({ code: Type.String(), messages: Type.Integer(), movesAt: orNull })),
          reasons: Type.Array(ReasonReply, { description: 'stops, suspensions and slow sites' }),
        }),
      },
      example: {},
      run: async ({ scope }) => ({ status: 200, body: await overview(world, scope) }),
    }),
  ];
}

function queue(world: ControlWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/queue',
      tag: 'queue',
      grant: 'messages:read',
      summary: 'List messages that wait, by subaccount',
      description:
        'A page looks at no more than 10,000 waiting messages: with a filter that matches rarely it may hold few items or none, ' +
        'and there is more as long as `next` is not null.',
      query: pageQuery(Filter, placePattern),
      replies: { 200: pageReply(QueueRowReply) },
      example: { query: { limit: 20, state: 'waiting' } },
      run: async ({ scope, query }) => {
        const page = await waiting(world, scope, query);
        return { status: 200, body: { items: page.items.map(queueRowJson), next: page.next } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/queue/actions',
      tag: 'queue',
      grant: 'messages:send',
      summary:
        'Retry, hold, release, cancel or move all waiting mail that a filter matches; a dry run counts it',
      description:
        'Works for about two seconds in short transactions; while `next` is not null, call again with it as `cursor`. ' +
        'What is being sent at that moment is left alone. Release lets go what was held this way by the caller or below.',
      body: fields({
        action: Type.Enum(actions),
        filter: fields(Filter),
        dryRun: Type.Optional(Type.Boolean({ description: 'change nothing: count and show samples' })),
        cursor: Type.Optional(word(40, { pattern: placePattern })),
        toPool: Type.Optional(word(64, { description: 'id or name, for move_pool' })),
        until: Type.Optional(Instant),
      }),
      replies: {
        200: fields({
          matched: Type.Integer(),
          changed: Type.Integer(),
          samples: Type.Array(QueueRowReply),
          next: orNull,
        }),
      },
      example: { body: { action: 'retry', filter: { domain: 'example.com' } } },
      run: async ({ scope, body }) => {
        const { until, dryRun = false, ...rest } = body;
        const request = { ...rest, dryRun, ...(until === undefined ? {} : { until: instantMs(until) }) };
        const { samples, ...result } = await act(world, scope, request);
        return { status: 200, body: { ...result, samples: samples.map(queueRowJson) } };
      },
    }),
  ];
}
