/** Submissions as a whole: what became of all copies of a call, and taking them back together. */
import type { Tx } from '../../base/database/database.ts';
import { nextCursor } from '../../base/route.ts';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { cancelWaiting } from '../queue/index.ts';
import { refuse } from '../refusals/index.ts';
import type { MessageState } from './model.ts';
import type { MessageWorld } from './operations.ts';
import { setStates } from './sql.ts';
import { findSubmission, listSubmissions, statesOf, waitingOf } from './sql-submissions.ts';
import type { SubmissionFilter, SubmissionRow } from './sql-submissions.ts';

type Whole = { readonly submission: SubmissionRow; readonly states: ReadonlyMap<MessageState, number> };
type World = Pick<MessageWorld, 'db' | 'clock'>;

export async function getSubmission({ db }: World, scope: Scope, id: string): Promise<Whole> {
  return db.scoped(scope, (tx) => whole(tx, id));
}

/** Newest first, of the scope's subaccount: the one acted for, or the account's own. */
export async function submissions(
  { db }: World,
  scope: Scope,
  page: Omit<SubmissionFilter, 'subaccountId'>,
): Promise<{ readonly items: readonly SubmissionRow[]; readonly next: string | null }> {
  const items = await db.scoped(scope, (tx) =>
    listSubmissions(tx, { ...page, subaccountId: scope.subaccountId }),
  );
  return { items, next: nextCursor(items, page.limit) };
}

/** Takes back, in one transaction, every copy that waits; what is being sent at this moment or has ended stays as it is. */
export async function cancelSubmission(
  world: World,
  scope: Scope,
  id: string,
): Promise<Whole & { readonly cancelled: number }> {
  return world.db.scoped(scope, async (tx) => {
    const found = await whole(tx, id);
    const cancelled = await cancelWithin(world, tx, found.submission);
    if (cancelled === 0)
      throw refuse('conflict.state', { message: 'Nothing of the submission waits any more' });
    return { submission: found.submission, states: await statesOf(tx, id), cancelled };
  });
}

const pageRows = 100;

/** Takes back what waits of a campaign of the scope's subaccount: each submission whole, one after the other. */
export async function cancelCampaign(
  world: World,
  scope: Scope,
  campaign: string,
): Promise<{ readonly submissions: number; readonly cancelled: number }> {
  const counts = { submissions: 0, cancelled: 0 };
  for (let before: string | null = null; ;) {
    const page = { before, limit: pageRows, campaign, templateId: null };
    const { items, next } = await submissions(world, scope, page);
    for (const submission of items) {
      const cancelled = await world.db.scoped(scope, (tx) => cancelWithin(world, tx, submission));
      counts.cancelled += cancelled;
      if (cancelled > 0) counts.submissions += 1;
    }
    if (next === null) return counts;
    before = next;
  }
}

async function whole(tx: Tx, id: string): Promise<Whole> {
  const submission = await findSubmission(tx, id);
  if (submission === null) throw refuse('not_found');
  return { submission, states: await statesOf(tx, id) };
}

async function cancelWithin({ clock }: World, tx: Tx, { id }: SubmissionRow): Promise<number> {
  const waiting = await waitingOf(tx, id);
  if (waiting.length === 0) return 0;
  const rows = await cancelWaiting(tx, waiting);
  const now = new Date(clock.now());
  await setStates(tx, rows, 'cancelled', now);
  const told = rows.map(({ hold, ...row }) => ({
    ...row,
    kind: 'message.cancelled' as const,
    data: { hold },
  }));
  await append(tx, now, told);
  return rows.length;
}
