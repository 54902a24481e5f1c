import type { Scope } from '../../base/scope.ts';
import { refuse } from '../refusals/index.ts';
import { asOfNow } from './late.ts';
import type { MessageWorld } from './operations.ts';
import { findContent, findMessage } from './sql.ts';

/** The copy as it left, or as it would leave now, composed again from what is stored. */
export async function content(world: MessageWorld, scope: Scope, id: string): Promise<Buffer> {
  const found = await world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    const stored = message === null ? null : await findContent(tx, id);
    return message === null || stored === null ? null : { message, stored };
  });
  if (found === null) throw refuse('not_found');
  const { message, stored } = found;
  const isUnmade = stored.options.hasLateTemplate === true;
  return world.render(isUnmade ? await asOfNow(world, stored, message) : stored, message);
}
