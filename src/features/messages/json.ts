import { Type } from 'typebox';
import { fields, line, record, word } from '../../base/route.ts';
import { messageStates } from './model.ts';

export const State = Type.Enum(messageStates);

export const Metadata = record(Type.Unknown(), {
  nameLengthMax: 128,
  entriesMax: 1000,
  description: 'up to 16 KiB as JSON',
});

export const AcceptedReply = fields({
  id: Type.String(),
  messages: Type.Array(
    fields({
      id: Type.String(),
      to: Type.String(),
      state: State,
      why: Type.Optional(
        fields({
          code: Type.String(),
          until: Type.Optional(Type.String()),
          layer: Type.Optional(Type.String()),
          kind: Type.Optional(Type.String()),
          detail: Type.Optional(Type.String()),
        }),
      ),
    }),
  ),
});

export const BounceDomain = word(253, {
  description:
    'a proven domain of the sender, or its bounce host, by which bounces come back; its DNS shows that host',
});

/** What any call may say of its mail. */
export const CallFields = {
  bounceDomain: Type.Optional(BounceDomain),
  campaign: Type.Optional(
    line(100, { description: 'what several calls belong to: to look at, or to cancel, together' }),
  ),
  lane: Type.Optional(Type.Enum(['transactional', 'bulk'])),
  defaultLane: Type.Optional(
    Type.Enum(['transactional', 'bulk'], {
      description:
        'where neither the call, its template, the subaccount nor the account says a lane; transactional when left out',
    }),
  ),
  overQuota: Type.Optional(
    Type.Enum(['hold', 'refuse'], { description: 'wait until the quota allows it, or refuse the call' }),
  ),
  pool: Type.Optional(word(64, { description: 'id or name; a subaccount bound to another pool is refused' })),
  tracking: Type.Optional(
    fields(
      {
        opens: Type.Optional(Type.Boolean({ description: 'a pixel at the end of the HTML' })),
        initialOpens: Type.Optional(Type.Boolean({ description: 'a pixel at its beginning' })),
        clicks: Type.Optional(Type.Boolean({ description: 'links in HTML' })),
        textClicks: Type.Optional(Type.Boolean({ description: 'links in text' })),
        unsubscribe: Type.Optional(
          Type.Boolean({ description: 'say how to unsubscribe, by page and one click; on for mail in bulk' }),
        ),
        hidesQuery: Type.Optional(
          Type.Boolean({ description: 'clicks are told without the query of where they lead' }),
        ),
        domain: Type.Optional(
          word(253, { description: 'a proven tracking domain; the sending domain’s own when left out' }),
        ),
      },
      { description: 'what is left out is as template, domain, subaccount and account say' },
    ),
  ),
  defaultTracking: Type.Optional(
    fields(
      {
        opens: Type.Optional(Type.Boolean()),
        initialOpens: Type.Optional(Type.Boolean()),
        clicks: Type.Optional(Type.Boolean()),
        textClicks: Type.Optional(Type.Boolean()),
      },
      {
        description:
          'where neither the call, its template, the domain, the subaccount nor the account says it; off when left out',
      },
    ),
  ),
  unknownOutcome: Type.Optional(
    Type.Enum(['rather_twice', 'rather_not'], {
      description: 'when nobody can know whether a copy was delivered: send it once more, or never',
    }),
  ),
};
