import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { reschedule } from '../queue/index.ts';
import { refuse } from '../refusals/index.ts';
import { sendAt } from './request.ts';
import type { MessageWorld } from './operations.ts';
import { findMessage } from './sql.ts';
import type { MessageRow } from './sql.ts';

/** Another time for scheduled mail; one that is past lets it go at once. */
export async function postpone(
  world: MessageWorld,
  scope: Scope,
  id: string,
  at: string,
): Promise<{ readonly message: MessageRow; readonly sendAt: Date }> {
  const now = world.clock.now();
  return world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    if (message === null) throw refuse('not_found');
    const until = new Date(Math.max(sendAt(at, now), now));
    const { subaccountId, submissionId } = message;
    if (!(await reschedule(tx, subaccountId, id, until)))
      throw refuse('conflict.state', { message: 'The message is not scheduled any more' });
    const { accountId } = scope;
    const data = { hold: 'scheduled', until: until.toISOString() };
    const event = {
      accountId,
      subaccountId,
      messageId: id,
      submissionId,
      kind: 'message.held',
      data,
    } as const;
    await append(tx, new Date(now), [event]);
    return { message, sendAt: until };
  });
}
