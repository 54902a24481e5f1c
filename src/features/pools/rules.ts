/** Which source address a message leaves from: pure; days are UTC. */

export type WarmupPlan = {
  /** Messages on the first, second ... day; empty for a warm address. */
  readonly caps: readonly number[];
  /** YYYY-MM-DD. */
  readonly startedOn: string | null;
};

/** The plan where none is given: about the doubling that receivers expect; the last day is followed by no limit. */
export const usualCaps: readonly number[] = [
  50, 100, 200, 400, 800, 1500, 3000, 6000, 12_000, 25_000, 50_000, 100_000,
];

const dayMs = 86_400_000;

export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

export function nextDayAt(now: number): number {
  return (Math.floor(now / dayMs) + 1) * dayMs;
}

/** What an address may send today by its plan; null when the plan is over or there is none, 0 before it begins. */
export function capOn(plan: WarmupPlan, now: number): number | null {
  if (plan.startedOn === null) return null;
  const day = Math.floor((now - Date.parse(plan.startedOn)) / dayMs);
  if (day < 0) return 0;
  return plan.caps[day] ?? null;
}

/** How much of a day's cap a node takes at once: what a kill wastes at most. */
export function blockOf(cap: number): number {
  return Math.max(Math.min(cap, 20), Math.ceil(cap / 10));
}
