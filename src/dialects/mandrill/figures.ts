/** Counts as Mandrill shows them (contract, section 3: StatsWindow, TimeSeriesPoint), from the native figures. */
import { orNull, pages } from './caller.ts';
import type { MandrillCaller } from './caller.ts';
import { timeText } from './times.ts';

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

type Figures = {
  readonly accepted: number;
  readonly bounced: { readonly total: number; readonly hard: number };
  readonly bouncedLater: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly complained: number;
  readonly unsubscribed: number;
  readonly opened: number;
  readonly openers: number;
  readonly clicked: number;
  readonly clickers: number;
  readonly score: number;
};

export type FigureRow = {
  readonly at: string | null;
  readonly value: string | null;
  readonly isOther: boolean;
  readonly firstAt: string | null;
  readonly figures: Figures;
};

type Answer = { readonly total: Figures; readonly items: readonly FigureRow[] };

/** A bounce that came later as a mail is told as a hard one; what was given up as a soft one. */
export function statsFrom(figures: Figures): Stats {
  const { accepted, bounced, bouncedLater, rejected } = figures;
  const of = (isMeant: (name: string) => boolean): number =>
    Object.entries(rejected).reduce((sum, [name, n]) => (isMeant(name) ? sum + n : sum), 0);
  const rejects = of((name) => name.startsWith('suppressed:') || name === 'failed');
  return {
    sent: accepted - rejects - of((name) => name === 'cancelled' || name === 'dropped'),
    hard_bounces: bounced.hard + bouncedLater,
    soft_bounces: bounced.total - bounced.hard + of((name) => name === 'expired'),
    rejects,
    complaints: figures.complained,
    unsubs: figures.unsubscribed,
    opens: figures.opened,
    unique_opens: figures.openers,
    clicks: figures.clicked,
    unique_clicks: figures.clickers,
  };
}

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

const dayMs = 86_400_000;
/** As long as figures are kept by day. */
export const keptDays = 1099;

/** The beginning of the first of so many days of UTC; the last is today. */
function since({ world }: MandrillCaller, days: number): string {
  return new Date((Math.floor(world.now() / dayMs) - days + 1) * dayMs).toISOString();
}

/** What is asked of the native figures besides the time. */
export type What = Readonly<Record<string, unknown>>;

/** Of everything that the key reaches. */
export function figuresOf(caller: MandrillCaller, days: number, what: What): Promise<Answer> {
  const query = { from: since(caller, days), ...what };
  return caller.world.native.call<Answer>(caller.all, 'GET /figures', { query });
}

/** Of the last days, today's included. */
export async function statsOf(caller: MandrillCaller, days: number, what: What = {}): Promise<Stats> {
  return statsFrom((await figuresOf(caller, days, what)).total);
}

const windows = {
  today: 1,
  last_7_days: 7,
  last_30_days: 30,
  last_60_days: 60,
  last_90_days: 90,
} as const;

export async function windowsOf(
  caller: MandrillCaller,
  what: What = {},
): Promise<Readonly<Record<string, Stats>>> {
  const told = Object.entries(windows).map(
    async ([name, days]) => [name, await statsOf(caller, days, what)] as const,
  );
  return Object.fromEntries(await Promise.all(told));
}

/** `score`: the health of its mail; `firstAt`: its first day. */
export type Valued = {
  readonly value: string;
  readonly stats: Stats;
  readonly score: number;
  readonly firstAt: string | null;
};

/** Each value of a dimension that has any mail, with its counts of all time; at most 1000. */
export async function statsBy(
  caller: MandrillCaller,
  by: 'tag' | 'senderAddress',
  what: What = {},
): Promise<readonly Valued[]> {
  const { items } = await figuresOf(caller, keptDays, { by, limit: 1000, ...what });
  return items.flatMap(({ value, firstAt, figures }) =>
    value === null ? [] : { value, stats: statsFrom(figures), score: figures.score, firstAt },
  );
}

/** The hours with data of the last 30 days. */
export async function seriesOf(caller: MandrillCaller, what: What): Promise<readonly unknown[]> {
  const { items } = await figuresOf(caller, 30, { ...what, step: 'hour' });
  return items.map(point);
}

function point({ at, figures }: FigureRow): unknown {
  return { time: timeText(at ?? ''), ...statsFrom(figures) };
}

/** Of mail with any tag: that of all mail without that of mail that has none, so that two tags of a mail count once. */
export async function taggedSeries(caller: MandrillCaller): Promise<readonly unknown[]> {
  const [all, byTag] = await Promise.all([
    figuresOf(caller, 30, { step: 'hour' }),
    figuresOf(caller, 30, { step: 'hour', by: 'tag', limit: 1000 }),
  ]);
  const untagged = new Map(
    byTag.items.flatMap(({ at, value, isOther, figures }) =>
      value === null && !isOther ? [[at, statsFrom(figures)] as const] : [],
    ),
  );
  return all.items.flatMap(({ at, figures }) => {
    const without = untagged.get(at);
    const counts = Object.entries(statsFrom(figures)).map(
      ([name, n]) => [name, n - (without?.[name as keyof Stats] ?? 0)] as const,
    );
    if (counts.every(([, n]) => n === 0)) return [];
    return [{ time: timeText(at ?? ''), ...Object.fromEntries(counts) }];
  });
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

/** What a subaccount sent since Monday and in all, and the day of the first. */
export async function sentBy(
  caller: MandrillCaller,
  subaccount: number,
): Promise<{ readonly week: number; readonly total: number; readonly firstAt: string | null }> {
  const { items } = await figuresOf(caller, keptDays, { subaccount: [subaccount], step: 'day' });
  const days = items.map(({ at, figures }) => ({ at: at ?? '', sent: statsFrom(figures).sent }));
  const today = Math.floor(caller.world.now() / dayMs);
  // The first day since 1970 was a Thursday.
  const monday = new Date((today - ((today + 3) % 7)) * dayMs).toISOString();
  const sum = (some: typeof days): number => some.reduce((total, { sent }) => total + sent, 0);
  return {
    week: sum(days.filter(({ at }) => at >= monday)),
    total: sum(days),
    firstAt: days.find(({ sent }) => sent > 0)?.at ?? null,
  };
}
