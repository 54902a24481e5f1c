/** What a subscriber asks back: its events by number, its certificates, its replays, its requests. */
import type { Scope } from '../../base/scope.ts';
import { bySeqs } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import type { Numbered } from './formats.ts';
import { found } from './operations.ts';
import type { WebhookWorld } from './operations.ts';
import {
  cancelReplay,
  dayRows,
  failureSpan,
  handoutsAfter,
  listDeliveries,
  listReplays,
  startReplay,
} from './sql-read.ts';
import type { DayRow, DeliveryRow, ReplayRow } from './sql-read.ts';

export type Pulled = { readonly items: readonly Numbered[]; readonly lastN: number };

/**
 * The events after number `after`, by the numbers under which they are sent. Numbers whose events have ended with their
 * retention are skipped to the first that is kept; numbers in between whose event was erased stay, without it.
 */
export function pull(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  page: { readonly after: number; readonly limit: number },
): Promise<Pulled> {
  return world.db.scoped(scope, async (tx) => {
    const { progress } = await found(tx, scope, id);
    const handouts = await handoutsAfter(tx, id, page.after, page.limit);
    const wanted = handouts
      .flatMap(({ firstN, seqs }) => seqs.map((seq, index) => ({ n: firstN + index, seq })))
      .filter(({ n }) => n > page.after)
      .slice(0, page.limit);
    if (wanted.length === 0) return { items: [], lastN: progress.lastN };
    const seqs = wanted.map(({ seq }) => seq);
    const range = {
      from: new Date(Math.min(...handouts.map(({ from }) => from.getTime()))),
      until: new Date(Math.max(...handouts.map(({ until }) => until.getTime()))),
    };
    const events = new Map((await bySeqs(tx, seqs, range)).map((event) => [event.seq, event]));
    return {
      items: wanted.map(({ n, seq }) => ({ n, event: events.get(seq) ?? null })),
      lastN: progress.lastN,
    };
  });
}

/** A day (UTC, by when the events got their numbers): so many events of each kind, from this number to that. */
export type Certificate = {
  readonly day: string;
  readonly firstN: number;
  readonly lastN: number;
  readonly count: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** No more will be added. */
  readonly isFinal: boolean;
};

export function certificates(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  range: { readonly from: string; readonly until: string },
): Promise<readonly Certificate[]> {
  // Numbers are given within seconds; a minute after midnight no node gives any of yesterday.
  const openDay = new Date(world.clock.now() - 60_000).toISOString().slice(0, 10);
  return world.db.scoped(scope, async (tx) => {
    await found(tx, scope, id);
    const rows = await dayRows(tx, id, range.from, range.until);
    return [...Map.groupBy(rows, ({ day }) => day)].map(([day, of]) => certificate(day, of, day < openDay));
  });
}

function certificate(day: string, rows: readonly DayRow[], isFinal: boolean): Certificate {
  return {
    day,
    firstN: Math.min(...rows.map(({ firstN }) => firstN)),
    lastN: Math.max(...rows.map(({ lastN }) => lastN)),
    count: rows.reduce((sum, { n }) => sum + n, 0),
    kinds: Object.fromEntries(rows.map(({ kind, n }) => [kind, n])),
    isFinal,
  };
}

export type ReplayRequest =
  | { readonly kind: 'failed' }
  | { readonly kind: 'range'; readonly firstN: number; readonly lastN: number };

/** Sends numbers again, beside what is new: a range of what was handed out, or what was passed over. One at a time. */
export function replay(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  request: ReplayRequest,
): Promise<ReplayRow> {
  return world.db.scoped(scope, async (tx) => {
    const { webhook, progress } = await found(tx, scope, id);
    const range = request.kind === 'failed' ? await failureSpan(tx, id) : request;
    if (range === null) throw refuse('conflict.state', { message: 'Nothing was passed over' });
    // Of a range beyond what was handed out nothing is left to send.
    const lastN = Math.min(range.lastN, progress.lastN);
    const state = range.firstN > lastN ? 'done' : 'running';
    const started = await startReplay(
      tx,
      webhook,
      { kind: request.kind, firstN: range.firstN, lastN, state },
      new Date(world.clock.now()),
    );
    if (started === null) throw refuse('conflict.state', { message: 'A replay is running already' });
    return started;
  });
}

export function replays(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly ReplayRow[]> {
  return world.db.scoped(scope, async (tx) => {
    await found(tx, scope, id);
    return listReplays(tx, id, page);
  });
}

/** Stops the running replay, if there is one. */
export function stopReplay(world: WebhookWorld, scope: Scope, id: string): Promise<void> {
  return world.db.scoped(scope, async (tx) => {
    await found(tx, scope, id);
    await cancelReplay(tx, id);
  });
}

export function deliveries(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  page: { readonly before: string | null; readonly limit: number; readonly isTaken: boolean | null },
): Promise<readonly DeliveryRow[]> {
  return world.db.scoped(scope, async (tx) => {
    await found(tx, scope, id);
    return listDeliveries(tx, id, page);
  });
}
