import { Type } from 'typebox';
import type { TNull, TSchema, TUnion } from 'typebox';
import type { Database } from '../../base/database/database.ts';
import { defineRoute, fields, word, idPattern } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { refuse } from '../refusals/index.ts';
import { findTranscript } from './sql-transcripts.ts';

function orNull<const T extends TSchema>(shape: T): TUnion<[T, TNull]> {
  return Type.Union([shape, Type.Null()]);
}

export function transcriptRoutes({ db }: { readonly db: Database }): readonly Route[] {
  return [
    defineRoute({
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
        return {
          status: 200,
          body: { messageId: params.id, attempt, at: at?.toISOString() ?? null, text },
        };
      },
    }),
  ];
}
