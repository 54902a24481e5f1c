/** Which time a report covers and when it is mailed, in its zone: pure. */
import type { ReportPeriod, Schedule } from './kinds.ts';

type LocalDay = { readonly year: number; readonly month: number; readonly day: number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function localParts(ms: number, timeZone: string): readonly number[] {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  return (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map((type) => parts.get(type) ?? 0);
}

function localDay(ms: number, timeZone: string): LocalDay {
  const [year = 0, month = 0, day = 0] = localParts(ms, timeZone);
  return { year, month, day };
}

/** What the zone's clock is ahead of UTC. */
function aheadMs(ms: number, timeZone: string): number {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = localParts(ms, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/** The instant at which a zone's clock shows that hour of that day; days and months beyond their ends go on. A clock that
 * jumps over it shows the hour after. */
function instantOf({ year, month, day }: LocalDay, hour: number, timeZone: string): number {
  const plain = Date.UTC(year, month - 1, day, hour);
  const guess = plain - aheadMs(plain, timeZone);
  return plain - aheadMs(guess, timeZone);
}

export function rangeOf(
  period: ReportPeriod,
  timeZone: string,
  now: number,
): { readonly from: number; readonly until: number } {
  const today = localDay(now, timeZone);
  const midnight = instantOf(today, 0, timeZone);
  const daysBack = (days: number): number => instantOf({ ...today, day: today.day - days }, 0, timeZone);
  const firstOf = (months: number): number =>
    instantOf({ ...today, month: today.month + months, day: 1 }, 0, timeZone);
  switch (period) {
    case 'yesterday':
      return { from: daysBack(1), until: midnight };
    case 'last_7_days':
      return { from: daysBack(7), until: midnight };
    case 'last_30_days':
      return { from: daysBack(30), until: midnight };
    case 'this_month':
      return { from: firstOf(0), until: now + 1 };
    case 'last_month':
      return { from: firstOf(-1), until: firstOf(0) };
  }
}

/** The first time after `now`. */
export function nextAt({ every, hour }: Schedule, timeZone: string, now: number): number {
  const today = localDay(now, timeZone);
  for (let ahead = 0; ahead <= 32; ahead++) {
    const at = instantOf({ ...today, day: today.day + ahead }, hour, timeZone);
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day + ahead));
    const isDay =
      every === 'daily' ||
      (every === 'weekly' && date.getUTCDay() === 1) ||
      (every === 'monthly' && date.getUTCDate() === 1);
    if (isDay && at > now) return at;
  }
  return now + 32 * dayMs;
}

const linkDaysMax = 31;
export const linkDays = { standard: 7, max: linkDaysMax } as const;
