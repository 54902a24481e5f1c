/** The queue as people see and change it. */
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import { setStates } from '../messages/index.ts';
import {
  beginning,
  cancelWaiting,
  everything,
  hasten,
  holdByHand,
  lookAt,
  movePool,
  releaseByHand,
} from '../queue/index.ts';
import type { HeldRow, HoldReason, Place, QueueFilter, QueueRow } from '../queue/index.ts';
import { invalidField, isRefusal } from '../refusals/index.ts';
import { domainsOf } from '../sites/index.ts';
import { insertAction } from './sql.ts';
import type { ControlWorld } from './why.ts';

/** As it is asked for. */
export type Asked = {
  readonly subaccount?: string;
  readonly domain?: string;
  readonly site?: string;
  readonly state?: 'waiting' | 'leased' | 'held';
  readonly hold?: HoldReason;
  readonly pool?: string;
  readonly tag?: string;
  readonly olderThanSeconds?: number;
  readonly attemptsMin?: number;
};

async function filterOf(world: ControlWorld, scope: Scope, asked: Asked): Promise<QueueFilter> {
  const { domain, site, pool, olderThanSeconds } = asked;
  if (domain !== undefined && site !== undefined)
    throw invalidField('site', 'exclusive', 'cannot be used together with domain');
  const named = asked.subaccount === undefined ? null : await world.subaccountOf(scope, asked.subaccount);
  const ofSite =
    site === undefined ? null : [...(await domainsOf(world, site.toLowerCase())), site.toLowerCase()];
  return {
    ...everything,
    subaccountId: named ?? onlySubaccount(scope.reach),
    domains: domain === undefined ? ofSite : [domain.toLowerCase()],
    site: site?.toLowerCase() ?? null,
    state: asked.state ?? null,
    hold: asked.hold ?? null,
    poolId: pool === undefined ? null : ((await usable(world, scope, pool)) ?? noPool),
    tag: asked.tag ?? null,
    beganBefore:
      olderThanSeconds === undefined ? null : new Date(world.clock.now() - olderThanSeconds * 1000),
    attemptsMin: asked.attemptsMin ?? null,
  };
}

/** A pool that is not there, or not theirs, has none of their mail: both in the same way. */
const noPool = '-1';

async function usable(world: ControlWorld, scope: Scope, pool: string): Promise<string | null> {
  try {
    return await world.choosePool(scope, pool);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** The cursor is `subaccount.message`. */
export function placeOf(cursor: string | undefined): Place {
  const [subaccountId = '0', messageId = '0'] = (cursor ?? '0.0').split('.');
  return cursor === undefined ? beginning : { subaccountId: Number(subaccountId), messageId };
}

function cursorOf(place: Place | null): string | null {
  return place === null ? null : `${place.subaccountId}.${place.messageId}`;
}

export type QueuePage = { readonly items: readonly QueueRow[]; readonly next: string | null };

/** Rows looked at for one page: so long a page takes however rarely its filter matches. */
const examinedPerPage = 10_000;

/** Waiting messages by subaccount and id. A page may have fewer than asked, even none, and still a next one. */
export async function waiting(
  world: ControlWorld,
  scope: Scope,
  query: Asked & { readonly limit?: number; readonly cursor?: string },
): Promise<QueuePage> {
  const filter = await filterOf(world, scope, query);
  const limit = query.limit ?? 50;
  const after = placeOf(query.cursor);
  const part = await world.db.scoped(scope, async (tx) => {
    // Most pages are full after a short look.
    const short = await lookAt(tx, filter, { after, examine: limit * 2, limit });
    if (short.last === null || short.rows.length === limit) return short;
    return lookAt(tx, filter, { after, examine: examinedPerPage, limit });
  });
  return { items: part.rows, next: cursorOf(part.last) };
}

export const actions = ['retry', 'hold', 'release', 'cancel', 'move_pool'] as const;
export type Action = (typeof actions)[number];

export type ActionRequest = {
  readonly action: Action;
  readonly filter: Asked;
  readonly dryRun: boolean;
  readonly cursor?: string;
  /** move_pool: where to. */
  readonly toPool?: string;
  /** hold: when it expires, 72 hours when left out. */
  readonly until?: number;
};

export type ActionResult = {
  readonly matched: number;
  readonly changed: number;
  readonly samples: readonly QueueRow[];
  /** Where to go on; null when the whole queue was looked at. */
  readonly next: string | null;
};

const rowsPerTransaction = 500;
/** One call works so long, then hands back where to go on. */
const callMs = 2000;
const samplesMax = 10;
const holdMs = 72 * 3_600_000;

/** Looks for what matches and, unless it is a dry run, does it, in short transactions with their events. */
export async function act(world: ControlWorld, scope: Scope, request: ActionRequest): Promise<ActionResult> {
  const filter = await filterOf(world, scope, request.filter);
  const apply = await applierOf(world, scope, request);
  const endsAt = performance.now() + callMs;
  let after: Place | null = placeOf(request.cursor);
  let [matched, changed] = [0, 0];
  const samples: QueueRow[] = [];
  while (after !== null && performance.now() < endsAt) {
    const limit = request.dryRun ? samplesMax : rowsPerTransaction;
    const at = { after, examine: examinedPerPage, limit };
    const part = await world.db.scoped(scope, async (tx) => {
      const found = await lookAt(tx, filter, at);
      if (!request.dryRun && found.rows.length > 0) changed += await apply(tx, found.rows);
      return found;
    });
    samples.push(...part.rows.slice(0, samplesMax - samples.length));
    matched += request.dryRun ? part.matched : part.rows.length;
    after = request.dryRun ? part.end : part.last;
  }
  if (!request.dryRun) await record(world, scope, request, changed);
  return { matched, changed, samples, next: cursorOf(after) };
}

type Apply = (tx: Tx, rows: readonly QueueRow[]) => Promise<number>;

async function applierOf(world: ControlWorld, scope: Scope, request: ActionRequest): Promise<Apply> {
  const { clock } = world;
  const by = scope.reach === 'account' ? -1 : -2;
  switch (request.action) {
    case 'retry':
      return async (tx, rows) => (await hasten(tx, rows, new Date(clock.now()))).length;
    case 'hold': {
      const until = request.until ?? clock.now() + holdMs;
      if (until <= clock.now()) throw invalidField('until', 'minimum', 'must be in the future');
      return async (tx, rows) => {
        const now = new Date(clock.now());
        const held = await holdByHand(tx, rows, { now, until: new Date(until), by });
        await setStates(tx, held, 'held', now);
        return tell(tx, now, held, 'message.held', { hold: 'manual', until: new Date(until).toISOString() });
      };
    }
    case 'release':
      return async (tx, rows) => {
        const now = new Date(clock.now());
        const free = await releaseByHand(tx, rows, { now, by });
        await setStates(tx, free, 'queued', now);
        return tell(tx, now, free, 'message.released', { hold: 'manual' });
      };
    case 'cancel':
      return async (tx, rows) => {
        const now = new Date(clock.now());
        const gone = await cancelWaiting(tx, rows);
        await setStates(tx, gone, 'cancelled', now);
        return tell(tx, now, gone, 'message.cancelled', {});
      };
    case 'move_pool': {
      const pool = request.toPool === undefined ? null : await world.choosePool(scope, request.toPool);
      if (pool === null) throw invalidField('toPool', 'required', 'must name the pool to move to');
      return async (tx, rows) => (await movePool(tx, rows, pool)).length;
    }
  }
}

async function tell(
  tx: Tx,
  now: Date,
  rows: readonly HeldRow[],
  kind: NewEvent['kind'],
  data: NewEvent['data'],
): Promise<number> {
  await append(
    tx,
    now,
    rows.map(({ accountId, subaccountId, messageId, submissionId }) => {
      return { accountId, subaccountId, messageId, submissionId, kind, data };
    }),
  );
  return rows.length;
}

/** The call itself, for events and audit. */
async function record(
  world: ControlWorld,
  scope: Scope,
  { action, filter }: ActionRequest,
  changed: number,
): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const now = new Date(world.clock.now());
    await insertAction(tx, scope, { action, filter, changed, now });
    const { accountId, subaccountId } = scope;
    const data = { action, filter, changed };
    await append(tx, now, [{ accountId, subaccountId, kind: 'queue.changed', data }]);
  });
}
