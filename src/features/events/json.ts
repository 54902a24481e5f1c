import { Type } from 'typebox';
import type { Static } from 'typebox';
import { fields } from '../../base/route.ts';
import { eventKinds } from './kinds.ts';
import type { DetailedEvent } from './model.ts';

const OrNull = Type.Union([Type.String(), Type.Null()]);

const MailReply = fields(
  {
    from: OrNull,
    door: Type.String(),
    sizeBytes: Type.Union([Type.Integer(), Type.Null()]),
    campaign: OrNull,
    templateId: OrNull,
    templateSlug: OrNull,
    poolId: Type.Union([Type.String(), Type.Null()], {
      description: 'that the call named or the subaccount has; null: the default one',
    }),
    tracked: Type.Record(Type.String(), Type.Boolean()),
    lane: Type.Union([Type.Enum(['transactional', 'bulk']), Type.Null()], {
      description: 'null: accepted before this was kept',
    }),
    copy: Type.String({ description: 'to, cc, bcc or archive' }),
  },
  { description: 'of the message and its call, while it is there' },
);

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
  mail: Type.Union([MailReply, Type.Null()]),
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
    mail: event.mail,
    data: event.data,
  };
}
