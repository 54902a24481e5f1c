/** What is written after a request, in one transaction: how far the webhook is, the log of deliveries, events. */
import type { Tx } from '../../base/database/database.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { loggedBody, loggedHeaders } from './compose.ts';
import type { Composed } from './compose.ts';
import type { Answer } from './post.ts';
import { limits } from './rules.ts';
import type { Health, Judgement } from './rules.ts';
import { insertDelivery, mend, moveReplay, passOver, record } from './sql-progress.ts';
import type { Claimed, Delivery, ProgressNow, Replay, Standing } from './sql-progress.ts';
import type { DeliveryKind } from './model.ts';

/** How far a run is; what is recorded follows it. */
export type RunState = {
  lastN: number;
  sentN: number;
  health: Health;
  isSlow: boolean;
  hasReplay: boolean;
};

export type Sent = {
  readonly composed: Composed;
  readonly answer: Answer;
  readonly judgement: Judgement;
  readonly replay: Replay | null;
};

/** Another node has the webhook: the transaction is undone. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export async function recordSent(
  tx: Tx,
  { webhook, lease }: Claimed,
  state: RunState,
  sent: Sent,
  now: Date,
): Promise<Standing> {
  const { health, moves, isPassedOver, nextAt } = sent.judgement;
  const { replay } = sent;
  const { firstN, lastN } = span(sent.composed);
  if (moves && replay !== null) {
    await moveReplay(tx, webhook.id, { id: replay.id, nextN: lastN + 1, isDone: false });
    if (!isPassedOver) await mend(tx, webhook.id, firstN, lastN);
  }
  const standing = await record(tx, webhook.id, {
    lease,
    ...progressOf(health, state),
    sentN: moves && replay === null ? lastN : state.sentN,
    nextAt: new Date(nextAt),
  });
  // Nothing of a lease that was lost may stay: not the replay's move either.
  if (standing === null) throw new LeaseLost();
  const kind = replay !== null ? 'replay' : state.health.breaker === 'closed' ? 'live' : 'probe';
  await insertDelivery(tx, webhook, deliveryOf(webhook, kind, { ...sent, failures: health.failures }, now));
  if (isPassedOver) await passOver(tx, webhook, { firstN, lastN, cause: 'refused' }, now);
  await tellNews(tx, webhook, sent, now);
  return standing;
}

/** Numbers whose events are gone, or a replay of failures that has none left. */
export async function recordWithoutSending(
  tx: Tx,
  { webhook, lease }: Claimed,
  state: RunState,
  what: {
    readonly replay: Replay | null;
    readonly ended: { readonly firstN: number; readonly lastN: number } | null;
  },
  now: Date,
): Promise<Standing> {
  const { replay, ended } = what;
  const lastN = ended?.lastN ?? replay?.nextN ?? 0;
  if (replay !== null)
    await moveReplay(tx, webhook.id, { id: replay.id, nextN: lastN + 1, isDone: ended === null });
  const standing = await record(tx, webhook.id, {
    lease,
    ...progressOf(state.health, state),
    sentN: replay === null ? lastN : state.sentN,
    nextAt: now,
  });
  if (standing === null) throw new LeaseLost();
  if (replay !== null || ended === null) return standing;
  await passOver(tx, webhook, { ...ended, cause: 'ended' }, now);
  const { firstN: first, lastN: last } = ended;
  await tell(tx, webhook, [['webhook.passed_over', { first, last, cause: 'ended' }]], now);
  return standing;
}

export function noteAnswer(state: RunState, { outcome }: Answer): void {
  if (outcome.kind === 'taken') Object.assign(state, { isSlow: outcome.ms > limits.slowMs });
}

export function deliveryOf(
  webhook: Claimed['webhook'],
  kind: DeliveryKind,
  {
    composed,
    answer,
    failures,
  }: { readonly composed: Composed; readonly answer: Answer; readonly failures: number },
  now: Date,
): Delivery {
  const { outcome } = answer;
  const { firstN, lastN } = span(composed);
  return {
    at: now,
    kind,
    firstN: firstN === 0 ? null : firstN,
    lastN: lastN === 0 ? null : lastN,
    failures,
    isTaken: outcome.kind === 'taken',
    status: outcome.kind === 'unreachable' ? null : outcome.status,
    error: outcome.kind === 'unreachable' ? outcome.error : null,
    ms: outcome.ms,
    requestHeaders: loggedHeaders(webhook, composed.headers),
    requestBody: loggedBody(composed.body),
    requestBytes: Buffer.byteLength(composed.body),
    responseHeaders: answer.headers,
    responseBody: answer.body,
  };
}

function span({ items }: Composed): { firstN: number; lastN: number } {
  return { firstN: items[0]?.n ?? 0, lastN: items.at(-1)?.n ?? 0 };
}

async function tellNews(
  tx: Tx,
  webhook: Claimed['webhook'],
  { composed, answer, judgement }: Sent,
  now: Date,
): Promise<void> {
  const { news, health, isPassedOver } = judgement;
  const { outcome } = answer;
  const error = outcome.kind === 'unreachable' ? outcome.error : `status ${outcome.status}`;
  const since = (instant(health.failingSince) ?? now).toISOString();
  const { host } = new URL(webhook.url);
  const trouble = { name: webhook.name, host, since, error };
  const { firstN: first, lastN: last } = span(composed);
  await tell(
    tx,
    webhook,
    [
      ...(isPassedOver ? [['webhook.passed_over', { first, last, cause: 'refused' }] as const] : []),
      ...(news === null ? [] : [[`webhook.${news}`, news === 'recovered' ? {} : trouble] as const]),
    ],
    now,
  );
}

function instant(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

function progressOf(health: Health, { isSlow }: RunState): Omit<ProgressNow, 'lease' | 'sentN' | 'nextAt'> {
  return {
    breaker: health.breaker,
    failures: health.failures,
    failingSince: instant(health.failingSince),
    refusedSince: instant(health.refusedSince),
    retryCount: health.retryCount,
    isSlow,
  };
}

function tell(
  tx: Tx,
  { id, accountId, subaccountId }: Claimed['webhook'],
  told: readonly (readonly [EventKind, Readonly<Record<string, unknown>>])[],
  now: Date,
): Promise<void> {
  const events = told.map(([kind, data]) => {
    return { accountId, subaccountId, kind, data: { webhookId: id, ...data } };
  });
  return append(tx, now, events);
}
