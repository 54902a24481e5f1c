/** "Why is it here?": of one message, and of everything that a caller has waiting. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { timeline } from '../events/index.ts';
import type { StoredEvent } from '../events/index.ts';
import { findMessage } from '../messages/index.ts';
import type { MessageRow } from '../messages/index.ts';
import { poolOutlook } from '../pools/index.ts';
import { countBefore, findWaiting } from '../queue/index.ts';
import type { QueueRow } from '../queue/index.ts';
import { refuse } from '../refusals/index.ts';
import { moodsOf, sitesOf } from '../sites/index.ts';
import type { SiteWorld } from '../sites/index.ts';
import type { Told } from '../suppressions/index.ts';
import type { MailStop } from '../subaccounts/index.ts';
import { activeFor, covers } from '../suspensions/index.ts';
import type { Suspension } from '../suspensions/index.ts';
import { moodReason, policyReason, reasonsFor, stopReason, suspensionReason } from './rules.ts';
import type { Circumstances, Reason } from './rules.ts';
import { countWaiting } from './sql.ts';

export type ControlWorld = SiteWorld & {
  readonly db: Database;
  readonly clock: Clock;
  /** What stops a subaccount's mail. */
  readonly mailStop: (scope: Scope, subaccountId: SubaccountId) => Promise<MailStop | null>;
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
  /** The id of a pool by id or name; refuses one that the scope may not use. */
  readonly choosePool: (scope: Scope, asked: string) => Promise<string | null>;
};

export type Before = { readonly messages: number; readonly isExact: boolean };
export type Why = {
  readonly messageId: string;
  readonly state: string;
  readonly reasons: readonly Reason[];
  /** Of the same subaccount and lane, before it in line. */
  readonly before: Before;
};

/** Counts of what is before a message are exact to here. */
const exactMax = 10_000;

export async function why(world: ControlWorld, scope: Scope, id: string): Promise<Why> {
  const found = await world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    if (message === null) return null;
    const row = await findWaiting(tx, message.subaccountId, id);
    const before = row === null ? 0 : await countBefore(tx, row, exactMax);
    const isTold = toldStates.has(message.state) || (row !== null && row.attempts > 0);
    return { message, row, before, story: isTold ? await timeline(tx, id) : [] };
  });
  if (found === null) throw refuse('not_found');
  const { message, row, before, story } = found;
  const told = story.findLast(({ kind }) => kind === 'message.suppressed');
  const ended = told === undefined ? finished(message, story) : suppressed(told.data as Told);
  const deferred = story.findLast(({ kind }) => kind === 'message.deferred');
  const reasons =
    row === null
      ? [ended]
      : [...policyReason(row, deferred?.data), ...reasonsFor(row, await circumstances(world, scope, row))];
  return {
    messageId: id,
    state: message.state,
    reasons,
    before: { messages: Math.min(before, exactMax), isExact: before <= exactMax },
  };
}

/** What concerns one waiting message, asked at this moment: rules and limits, nobody else's mail. */
export async function circumstances(
  world: ControlWorld,
  scope: Scope,
  row: QueueRow,
): Promise<Circumstances> {
  const { db, clock } = world;
  const now = clock.now();
  const { accountId } = scope;
  const stop = await world.mailStop(scope, row.subaccountId);
  const outlook = await poolOutlook(db.engine, {
    accountId,
    subaccountId: row.subaccountId,
    poolId: row.poolId,
    now,
  });
  const { site, moods } = await moodsOf(world, accountId, row.domain);
  const suspensions = await activeFor(db.engine, {
    accountId,
    subaccountId: row.subaccountId,
    now: new Date(now),
  });
  const covered = { ...row, poolId: outlook.poolId, site };
  const suspension = suspensionOf(suspensions, row, (each) => covers(each, covered, now));
  return { stop, suspension, moods, warmupUntil: outlook.spentUntil, now };
}

function suspensionOf(
  suspensions: readonly Suspension[],
  row: QueueRow,
  isCovered: (suspension: Suspension) => boolean,
): Suspension | null {
  return suspensions.find(({ id }) => id === row.heldBy) ?? suspensions.find(isCovered) ?? null;
}

/** States whose event tells more. */
const toldStates: ReadonlySet<string> = new Set([
  'bounced',
  'expired',
  'failed',
  'suppressed',
  'undetermined',
]);

/** A bounce that came later is an event of its own kind. */
function finished({ state, stateAt }: MessageRow, story: readonly StoredEvent[]): Reason {
  const said = lastWord(story.findLast(({ kind }) => kind.startsWith(`message.${state}`))?.data);
  const text = `It is not waiting: it is ${state} since ${stateAt.toISOString()}${said === null ? '' : ` (${said})`}.`;
  return { code: 'finished', owner: 'nobody', text, movesAt: null };
}

/** What the other side answered, or how the connection ended. */
function lastWord(data: unknown): string | null {
  const { reply, error } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof error === 'string') return error;
  const { code, enhanced, text } = (reply ?? {}) as { code?: number; enhanced?: string; text?: string };
  return [code, enhanced, text].filter((part) => part !== undefined && part !== null).join(' ') || null;
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

export type Overview = {
  readonly waiting: number;
  readonly isExact: boolean;
  readonly groups: readonly {
    readonly code: string;
    readonly messages: number;
    readonly movesAt: string | null;
  }[];
  readonly reasons: readonly Reason[];
};

const countedMax = 10_000;

/** Everything that the caller has waiting, by what it waits for, and the rules that hold it. */
export async function overview(world: ControlWorld, scope: Scope): Promise<Overview> {
  const { db, clock } = world;
  const now = clock.now();
  const groups = await db.scoped(scope, (tx) => countWaiting(tx, new Date(now), countedMax));
  const stop = await world.mailStop(scope, scope.subaccountId);
  const { accountId, subaccountId } = scope;
  const suspensions = await activeFor(db.engine, { accountId, subaccountId, now: new Date(now) });
  const sites = await sitesOf(world, scope);
  const waiting = groups.reduce((sum, { messages }) => sum + messages, 0);
  return {
    waiting: Math.min(waiting, countedMax),
    isExact: waiting <= countedMax,
    groups: groups.map(({ code, messages, movesAt }) => ({
      code,
      messages,
      movesAt: movesAt?.toISOString() ?? null,
    })),
    reasons: [
      ...(stop === null ? [] : [stopReason(stop)]),
      ...suspensions.map(suspensionReason),
      ...sites.flatMap(({ states }) => states.flatMap((state) => moodReason(state, now))),
    ],
  };
}
