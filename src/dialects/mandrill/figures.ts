/** Counts as Mandrill shows them (contract, section 3: StatsWindow). */
import { orNull, pages } from './caller.ts';
import type { MandrillCaller } from './caller.ts';

export type Stats = {
  readonly sent: number;
  readonly hard_bounces: number;
  readonly soft_bounces: number;
  readonly rejects: number;
  readonly complaints: number;
  readonly unsubs: number;
  readonly opens: number;
  readonly unique_opens: number;
  readonly clicks: number;
  readonly unique_clicks: number;
};

export const noStats: Stats = {
  sent: 0,
  hard_bounces: 0,
  soft_bounces: 0,
  rejects: 0,
  complaints: 0,
  unsubs: 0,
  opens: 0,
  unique_opens: 0,
  clicks: 0,
  unique_clicks: 0,
};

type Sending = {
  readonly accepted: number;
  readonly hardBounces: number;
  readonly otherBounces: number;
  readonly suppressed: number;
  readonly complaints: number;
};

type Summary = { readonly today: Sending; readonly last30Days: Sending };

export function statsFrom(sending: Sending): Stats {
  return {
    ...noStats,
    sent: sending.accepted - sending.suppressed,
    hard_bounces: sending.hardBounces,
    soft_bounces: sending.otherBounces,
    rejects: sending.suppressed,
    complaints: sending.complaints,
  };
}

/** Of one subaccount, today or the last 30 days. */
export async function statsOf(
  { world, all }: MandrillCaller,
  { subaccount, days }: { readonly subaccount: number; readonly days: 1 | 30 },
): Promise<Stats> {
  const params = { id: String(subaccount) };
  const summary = await world.native.call<Summary>(all, 'GET /subaccounts/:id/summary', { params });
  return statsFrom(days === 1 ? summary.today : summary.last30Days);
}

export type Sums = { readonly month: number };

/** What each subaccount sent in the calendar month. */
export async function subaccountSums(caller: MandrillCaller): Promise<ReadonlyMap<number, Sums>> {
  const month = new Date(caller.world.now()).toISOString().slice(0, 7);
  const lines = await orNull(
    pages<{ subaccountId: number; used: number }>(caller.world, caller.all, 'GET /usage', { month }),
  );
  return new Map((lines ?? []).map(({ subaccountId, used }) => [subaccountId, { month: used }]));
}
