import { Type } from 'typebox';
import type { Static } from 'typebox';
import { fields } from '../../base/route.ts';
import { eventKinds } from './kinds.ts';
import type { DetailedEvent } from './model.ts';

const OrNull = Type.Union([Type.String(), Type.Null()]);

export const EventReply = fields({
  seq: Type.String({
    description: 'rises in the order of commits; read on from the last one and nothing is missed',
  }),
  at: Type.String(),
  kind: Type.Enum(eventKinds),
  subaccountId: Type.Integer(),
  messageId: OrNull,
  submissionId: OrNull,
  recipient: OrNull,
  subject: OrNull,
  tags: Type.Array(Type.String()),
  metadata: Type.Unknown(),
  data: Type.Unknown(),
});

export function eventJson(event: DetailedEvent): Static<typeof EventReply> {
  return {
    seq: event.seq,
    at: event.at.toISOString(),
    kind: event.kind,
    subaccountId: Number(event.subaccountId),
    messageId: event.messageId,
    submissionId: event.submissionId,
    recipient: event.recipient,
    subject: event.subject,
    tags: [...event.tags],
    metadata: event.metadata,
    data: event.data,
  };
}
