import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { Database } from '../../base/database/database.ts';
import { defineRoute, fields, pageQuery, pageReply, word, idPattern, nextCursor } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import { onlySubaccount } from '../../base/scope.ts';
import { decodeWords } from '../../mail/headers/index.ts';
import { refuse } from '../refusals/index.ts';
import { findCapture, listCaptures } from './sql.ts';
import type { CaptureRow } from './sql.ts';

const CaptureReply = fields({
  id: Type.String(),
  subaccountId: Type.Integer(),
  messageId: Type.String(),
  mailFrom: Type.String(),
  to: Type.String(),
  subject: Type.String(),
  sizeBytes: Type.Integer(),
  at: Type.String(),
});

function captureJson(capture: CaptureRow): Static<typeof CaptureReply> {
  return {
    id: capture.id,
    subaccountId: capture.subaccountId,
    messageId: capture.messageId,
    mailFrom: capture.mailFrom,
    to: capture.recipient,
    subject: decodeWords(capture.subject),
    sizeBytes: capture.sizeBytes,
    at: capture.at.toISOString(),
  };
}

export function captureRoutes(world: { readonly db: Database }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/captures',
      tag: 'captures',
      grant: 'messages:content',
      summary: 'List mail in the built-in mailbox (capture mode), newest first',
      query: pageQuery({ message: Type.Optional(word(19, { pattern: idPattern })) }),
      replies: { 200: pageReply(CaptureReply) },
      example: { query: { limit: 20 } },
      run: async ({ scope, query }) => {
        const limit = query.limit ?? 50;
        const captures = await world.db.scoped(scope, (tx) =>
          listCaptures(tx, {
            subaccountId: onlySubaccount(scope.reach),
            before: query.cursor ?? null,
            limit,
            messageId: query.message ?? null,
          }),
        );
        const next = nextCursor(captures, limit);
        return { status: 200, body: { items: captures.map(captureJson), next } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/captures/:id/content',
      tag: 'captures',
      grant: 'messages:content',
      summary: 'Read a captured mail as it arrived, byte for byte',
      params: fields({ id: word(16, { pattern: '^\\d{1,16}$' }) }),
      replies: { 200: { raw: 'message/rfc822' } },
      example: { params: { id: '100123' } },
      run: async ({ scope, params }) => {
        const capture = await world.db.scoped(scope, (tx) => findCapture(tx, params.id));
        if (capture === null) throw refuse('not_found');
        return { status: 200, body: capture.content };
      },
    }),
  ];
}
