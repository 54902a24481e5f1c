/** Reading messages: how they are shown, and the routes. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defineRoute, fields, idPattern, pageQuery, pageReply, word } from '../../base/route.ts';
import type { Route } from '../../base/route.ts';
import type { StoredEvent } from '../events/index.ts';
import { content } from './content.ts';
import { Metadata, State } from './json.ts';
import { getWithTimeline, list } from './operations.ts';
import type { MessageWorld } from './operations.ts';
import type { MessageRow } from './sql.ts';

const OrNull = Type.Union([Type.String(), Type.Null()]);

export const messageFields = {
  id: Type.String(),
  subaccountId: Type.Integer(),
  submissionId: Type.String(),
  from: Type.String(),
  to: Type.String(),
  subject: Type.String(),
  state: State,
  stateAt: Type.String(),
  attempts: Type.Integer(),
  door: Type.String(),
  sizeBytes: Type.Integer(),
  tags: Type.Array(Type.String()),
  metadata: Metadata,
  templateId: OrNull,
  templateSlug: Type.Union([Type.String(), Type.Null()], { description: 'as it was called then' }),
};
export const MessageReply = fields(messageFields);

const TimelineEvent = fields({
  seq: Type.String(),
  at: Type.String(),
  kind: Type.String(),
  data: Type.Unknown(),
});

const ListedReply = fields({ ...messageFields, timeline: Type.Optional(Type.Array(TimelineEvent)) });

export function messageJson(message: MessageRow): Static<typeof MessageReply> {
  return {
    id: message.id,
    subaccountId: Number(message.subaccountId),
    submissionId: message.submissionId,
    from: message.from,
    to: message.recipient,
    subject: message.subject,
    state: message.state,
    stateAt: message.stateAt.toISOString(),
    attempts: message.attempts,
    door: message.door,
    sizeBytes: message.sizeBytes,
    tags: [...message.tags],
    metadata: { ...message.metadata },
    templateId: message.templateId,
    templateSlug: message.templateSlug,
  };
}

function eventJson(event: StoredEvent): Static<typeof TimelineEvent> {
  return { seq: event.seq, at: event.at.toISOString(), kind: event.kind, data: event.data };
}

export const IdParams = fields({ id: word(19, { pattern: idPattern }) });

export function readingRoutes(world: MessageWorld): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/messages',
      tag: 'messages',
      grant: 'messages:read',
      summary: 'List messages, newest first',
      query: pageQuery({
        state: Type.Optional(State),
        to: Type.Optional(word(320)),
        tag: Type.Optional(word(128)),
        submission: Type.Optional(word(19, { pattern: idPattern })),
        id: Type.Optional(
          Type.Array(word(19, { pattern: idPattern }), { maxItems: 500, description: 'one of them' }),
        ),
        timeline: Type.Optional(Type.Boolean({ description: 'each with its timeline' })),
      }),
      replies: { 200: pageReply(ListedReply) },
      example: { query: { limit: 20 } },
      run: async ({ scope, query }) => {
        const page = await list(world, scope, query);
        const items = page.items.map((message) => ({
          ...messageJson(message),
          ...(page.timelines === null
            ? {}
            : { timeline: (page.timelines.get(message.id) ?? []).map(eventJson) }),
        }));
        return { status: 200, body: { items, next: page.next } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/messages/:id',
      tag: 'messages',
      grant: 'messages:read',
      summary: 'Read one message with its timeline',
      params: IdParams,
      replies: { 200: fields({ ...messageFields, timeline: Type.Array(TimelineEvent) }) },
      example: { params: { id: '3765478512744464391' } },
      run: async ({ scope, params }) => {
        const { message, timeline } = await getWithTimeline(world, scope, params.id);
        return { status: 200, body: { ...messageJson(message), timeline: timeline.map(eventJson) } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/messages/:id/content',
      tag: 'messages',
      grant: 'messages:content',
      summary:
        'Read a message as it left or would leave now, without its DKIM signature and with its links as they were written',
      params: IdParams,
      replies: { 200: { raw: 'message/rfc822' } },
      example: { params: { id: '3765478512744464391' } },
      run: async ({ scope, params }) => ({
        status: 200,
        body: await content(world, scope, params.id),
      }),
    }),
  ];
}
