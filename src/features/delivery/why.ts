/** "Why is it here?": from the queue row, the statuses and the site's state to reasons that a person understands. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { timeline } from '../events/index.ts';
import { findMessage } from '../messages/index.ts';
import type { MessageRow } from '../messages/index.ts';
import { findWaiting, listWaiting } from '../queue/index.ts';
import type { HoldReason, QueueRow } from '../queue/index.ts';
import { refuse } from '../refusals/index.ts';
import type { Told } from '../suppressions/index.ts';
import type { MailStop } from '../subaccounts/index.ts';

export type SiteState = {
  readonly site: string;
  readonly parked: number;
  readonly backsOffUntil: number | null;
};

export type WhyWorld = {
  readonly db: Database;
  readonly clock: Clock;
  /** What this node knows of the site of a recipient domain. */
  readonly siteState: (domain: string) => SiteState | null;
  /** Subaccounts whose mail must not leave now, with their status. */
  readonly mailStop: (scope: Scope, subaccountId: SubaccountId) => Promise<MailStop | null>;
};

export type Reason = {
  readonly code: string;
  readonly owner: 'caller' | 'parent' | 'account' | 'operator' | 'recipient' | 'system' | 'nobody';
  readonly text: string;
  readonly movesAt: string | null;
};

export type Why = { readonly messageId: string; readonly state: string; readonly reasons: readonly Reason[] };

export async function why(world: WhyWorld, scope: Scope, id: string): Promise<Why> {
  const found = await world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    if (message === null) return null;
    const row = await findWaiting(tx, message.subaccountId, id);
    return { message, row, story: message.state === 'suppressed' ? await timeline(tx, id) : [] };
  });
  if (found === null) throw refuse('not_found');
  const { message, row, story } = found;
  if (row === null) {
    const told = story.findLast(({ kind }) => kind === 'message.suppressed');
    const reason = told === undefined ? finished(message) : suppressed(told.data as Told);
    return { messageId: id, state: message.state, reasons: [reason] };
  }
  const stopped = await world.mailStop(scope, message.subaccountId);
  const site = world.siteState(row.domain);
  return { messageId: id, state: message.state, reasons: reasonsFor(row, stopped, site, world.clock.now()) };
}

function finished(message: MessageRow): Reason {
  return {
    code: 'finished',
    owner: 'nobody',
    text: `It is not waiting: it is ${message.state} since ${message.stateAt.toISOString()}.`,
    movesAt: null,
  };
}

const listOwners: Record<Told['layer'], Reason['owner']> = {
  subaccount: 'caller',
  account: 'account',
  installation: 'operator',
};

function suppressed({ layer, kind }: Told): Reason {
  const cause = kind === undefined ? '' : ` (${kind.replaceAll('_', ' ')})`;
  const text = `It was not sent: its recipient is on the suppression list of the ${layer}${cause}.`;
  return { code: 'suppressed', owner: listOwners[layer], text, movesAt: null };
}

const holdTexts: Record<HoldReason, readonly [Reason['owner'], string]> = {
  scheduled: ['caller', 'It is scheduled for later.'],
  paused: ['parent', 'Its subaccount is paused.'],
  quota: ['parent', 'The quota is used up; it leaves when the window turns.'],
  review: ['system', 'It is held for review.'],
};

/** Pure: every reason that holds, the strongest first. */
export function reasonsFor(
  row: QueueRow,
  stopped: MailStop | null,
  site: SiteState | null,
  now: number,
): readonly Reason[] {
  const reasons: Reason[] = [];
  if (stopped !== null) {
    reasons.push({
      code: 'status',
      owner: stopped.authority,
      text: `The ${stopped.authority === 'account' ? 'account' : 'subaccount'} is ${stopped.status}.`,
      movesAt: null,
    });
  }
  if (row.hold !== null) {
    const [owner, text] = holdTexts[row.hold];
    reasons.push({ code: row.hold, owner, text, movesAt: row.holdUntil?.toISOString() ?? null });
  }
  if (row.leasedBy !== null) {
    const text = `Node ${row.leasedBy} has it in hand and sends it as soon as its site takes it.`;
    reasons.push({ code: 'leased', owner: 'system', text, movesAt: null });
  }
  if (site !== null && site.backsOffUntil !== null && site.backsOffUntil > now) {
    reasons.push({
      code: 'site_backs_off',
      owner: 'recipient',
      text: `The site ${site.site} could not be reached; it is tried again later.`,
      movesAt: new Date(site.backsOffUntil).toISOString(),
    });
  }
  if (row.hold === null && row.leasedBy === null && row.dueAt.getTime() > now) {
    const text = `Attempt ${row.attempts} failed for now; the next one is set.`;
    reasons.push({ code: 'retry', owner: 'recipient', text, movesAt: row.dueAt.toISOString() });
  }
  if (reasons.length === 0) {
    reasons.push({ code: 'turn', owner: 'system', text: 'It is due and waits for its turn.', movesAt: null });
  }
  return reasons;
}

export type QueuePage = { readonly items: readonly QueueRow[]; readonly next: string | null };

/** Waiting messages by subaccount and id; the cursor is `subaccount.message`. */
export async function waiting(
  world: WhyWorld,
  scope: Scope,
  query: { readonly limit?: number; readonly cursor?: string },
): Promise<QueuePage> {
  const limit = query.limit ?? 50;
  const [afterSubaccount = '0', afterMessage = '0'] = (query.cursor ?? '0.0').split('.');
  const items = await world.db.scoped(scope, (tx) =>
    listWaiting(tx, {
      afterSubaccount: Number(afterSubaccount),
      afterMessage,
      limit,
      subaccountId: onlySubaccount(scope.reach),
    }),
  );
  const last = items.at(-1);
  return {
    items,
    next: last !== undefined && items.length === limit ? `${last.subaccountId}.${last.messageId}` : null,
  };
}

export function queueRowJson(row: QueueRow) {
  const state = row.hold === null ? (row.leasedBy === null ? 'waiting' : 'leased') : 'held';
  return {
    messageId: row.messageId,
    subaccountId: Number(row.subaccountId),
    to: row.recipient,
    lane: row.lane === 0 ? 'transactional' : 'bulk',
    state,
    dueAt: row.dueAt.toISOString(),
    hold: row.hold,
    holdUntil: row.holdUntil?.toISOString() ?? null,
    attempts: row.attempts,
  };
}
