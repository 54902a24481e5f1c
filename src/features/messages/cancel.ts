import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { findWaiting, removeUnleased } from '../queue/index.ts';
import { refuse } from '../refusals/index.ts';
import type { MessageState } from './model.ts';
import type { MessageWorld } from './operations.ts';
import { findMessage, setState } from './sql.ts';
import type { MessageRow } from './sql.ts';

const cancellable: readonly MessageState[] = ['queued', 'held', 'deferred'];

/** Cancels what waits; a message that is being sent at this moment, or is finished, cannot be cancelled. */
export async function cancel(world: MessageWorld, scope: Scope, id: string): Promise<MessageRow> {
  return world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    if (message === null) throw refuse('not_found');
    const refusal = refuse('conflict.state', {
      message: `The message is ${message.state} and cannot be cancelled`,
    });
    if (!cancellable.includes(message.state)) throw refusal;
    if (!(await removeUnleased(tx, message.subaccountId, id))) {
      const waiting = await findWaiting(tx, message.subaccountId, id);
      throw waiting === null
        ? refusal
        : refuse('conflict.state', { message: 'The message is being sent at this moment' });
    }
    const now = new Date(world.clock.now());
    await setState(tx, message, 'cancelled', now);
    await append(tx, now, [
      {
        accountId: scope.accountId,
        subaccountId: message.subaccountId,
        messageId: id,
        submissionId: message.submissionId,
        kind: 'message.cancelled',
        data: { recipient: message.recipient },
      },
    ]);
    return { ...message, state: 'cancelled', stateAt: now };
  });
}
