import { Type } from 'typebox';
import type { Database } from '../../base/database/database.ts';
import { defineRoute, fields, pageQuery, pageReply, word, idPattern } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { eventKinds } from './kinds.ts';
import { list } from './sql.ts';

const EventReply = fields({
  seq: Type.String({
    description: 'rises in the order of commits; read on from the last one and nothing is missed',
  }),
  at: Type.String(),
  kind: Type.Enum(eventKinds),
  subaccountId: Type.Integer(),
  messageId: Type.Union([Type.String(), Type.Null()]),
  submissionId: Type.Union([Type.String(), Type.Null()]),
  data: Type.Unknown(),
});

export function eventRoutes(world: { readonly db: Database }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/events',
      tag: 'events',
      grant: 'events:read',
      summary: 'List events in the order of their commits, oldest first',
      description: 'Start without a cursor, then pass `next` as the cursor: polling this way skips nothing.',
      query: pageQuery({
        kind: Type.Optional(Type.Enum(eventKinds)),
        message: Type.Optional(word(19, { pattern: idPattern })),
      }),
      replies: { 200: pageReply(EventReply) },
      example: { query: { limit: 100 } },
      run: async ({ scope, query }) => {
        const after = query.cursor ?? '0';
        const events = await world.db.scoped(scope, (tx) =>
          list(tx, scope.reach, {
            after,
            limit: query.limit ?? 50,
            kinds: query.kind === undefined ? null : [query.kind],
            messageId: query.message ?? null,
          }),
        );
        // The cursor is given even at the end of the log: polling goes on from there.
        const items = events.map((event) => ({
          seq: event.seq,
          kind: event.kind,
          messageId: event.messageId,
          submissionId: event.submissionId,
          data: event.data,
          subaccountId: Number(event.subaccountId),
          at: event.at.toISOString(),
        }));
        return { status: 200, body: { items, next: events.at(-1)?.seq ?? after } };
      },
    }),
  ];
}
