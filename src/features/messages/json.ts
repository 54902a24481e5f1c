import { Type } from 'typebox';
import { fields } from '../../base/route.ts';
import { messageStates } from './model.ts';

export const State = Type.Enum(messageStates);

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
