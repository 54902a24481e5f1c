import { Type } from 'typebox';
import type { TNull, TSchema, TUnion } from 'typebox';
import { defineRoute, fields, pageQuery, pageReply, word, idPattern } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { queueRowJson, waiting, why } from './why.ts';
import type { WhyWorld } from './why.ts';
import { refuse } from '../refusals/index.ts';
import { findTranscript } from './sql-transcripts.ts';

const QueueRowReply = fields({
  messageId: Type.String(),
  subaccountId: Type.Integer(),
  to: Type.String(),
  lane: Type.String(),
  state: Type.String(),
  dueAt: Type.String(),
  hold: Type.Union([Type.String(), Type.Null()]),
  holdUntil: Type.Union([Type.String(), Type.Null()]),
  attempts: Type.Integer(),
});

export function deliveryRoutes(world: WhyWorld): readonly Route[] {
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
          reasons: Type.Array(
            fields({
              code: Type.String(),
              owner: Type.String({ description: 'whose limit or rule it is' }),
              text: Type.String(),
              movesAt: Type.Union([Type.String(), Type.Null()]),
            }),
          ),
        }),
      },
      example: { params: { id: '3765478512744464391' } },
      run: async ({ scope, params }) => ({ status: 200, body: await why(world, scope, params.id) }),
    }),
    transcriptRoute(world),
    defineRoute({
      method: 'GET',
      path: '/queue',
      tag: 'messages',
      grant: 'messages:read',
      summary: 'List messages that wait, by subaccount',
      query: pageQuery({}, '^\\d{1,9}\\.(?:\\d{1,18}|[1-8]\\d{18})$'),
      replies: { 200: pageReply(QueueRowReply) },
      example: { query: { limit: 20 } },
      run: async ({ scope, query }) => {
        const page = await waiting(world, scope, query);
        return { status: 200, body: { items: page.items.map(queueRowJson), next: page.next } };
      },
    }),
  ];
}

function orNull<const T extends TSchema>(shape: T): TUnion<[T, TNull]> {
  return Type.Union([shape, Type.Null()]);
}

function transcriptRoute({ db }: WhyWorld): Route {
  return defineRoute({
    method: 'GET',
    path: '/messages/:id/transcript',
    tag: 'messages',
    grant: 'messages:content',
    summary: 'Read what was said in the last attempt that did not go through',
    description:
      'Kept for a week, at most 8 KiB, without content and secrets. Empty when no attempt failed lately.',
    params: fields({ id: word(19, { pattern: idPattern }) }),
    replies: {
      200: fields({
        messageId: Type.String(),
        attempt: orNull(Type.Integer()),
        at: orNull(Type.String()),
        text: orNull(Type.String({ description: 'lines of C: (client) and S: (server)' })),
      }),
    },
    example: { params: { id: '3765478512744464391' } },
    run: async ({ scope, params }) => {
      const row = await db.scoped(scope, (tx) => findTranscript(tx, params.id));
      if (row === null) throw refuse('not_found');
      const { attempt, at, text } = row;
      return { status: 200, body: { messageId: params.id, attempt, at: at?.toISOString() ?? null, text } };
    },
  });
}
