/**
 * How fast to go towards one site from one source address: pure, the clock and chance are given. A pace says what is kept back
 * of the profile (each level halves connections and rate), until when nothing is sent, and why. What a receiver answers moves
 * it: trouble pauses and slows down, then one connection probes; what goes well brings one level back at a time.
 */
import type { SiteProfile } from './profiles.ts';

export type PaceReason = 'none' | 'busy' | 'storm' | 'block' | 'unreachable';

export type Pace = {
  /** 0 is the whole profile; each more halves it. */
  readonly level: number;
  /** Troubles in a row without a message that went well; above 0 one connection probes. */
  readonly strikes: number;
  readonly until: number | null;
  readonly reason: PaceReason;
  readonly since: number;
  /** Messages that went well since the last change of level. */
  readonly good: number;
};

export const fullPace: Pace = { level: 0, strikes: 0, until: null, reason: 'none', since: 0, good: 0 };

export type Trouble = Exclude<PaceReason, 'none'>;

export const levelMax = 6;
/** Messages that must go well for one level more. */
export const goodPerLevel = 20;

/** First pause, the longest one, and how many levels it costs. Pauses double from strike to strike. */
const reactions: Record<Trouble, { readonly pauseMs: number; readonly pauseMaxMs: number; levels: number }> =
  {
    unreachable: { pauseMs: 15_000, pauseMaxMs: 600_000, levels: 0 },
    busy: { pauseMs: 30_000, pauseMaxMs: 600_000, levels: 1 },
    storm: { pauseMs: 60_000, pauseMaxMs: 1_200_000, levels: 1 },
    block: { pauseMs: 300_000, pauseMaxMs: 7_200_000, levels: 2 },
  };

/** What trouble does. While a pause lasts, more of it (what was under way fails together) changes nothing. */
export function slowDown(
  pace: Pace,
  trouble: Trouble,
  { now, random }: { now: number; random: number },
): Pace {
  if (pace.until !== null && pace.until > now) return pace;
  const { pauseMs, pauseMaxMs, levels } = reactions[trouble];
  const pause = Math.min(pauseMs * 2 ** Math.min(pace.strikes, 10), pauseMaxMs) * (0.8 + 0.4 * random);
  return {
    level: Math.min(levelMax, pace.level + levels),
    strikes: pace.strikes + 1,
    until: Math.round(now + pause),
    reason: trouble,
    since: pace.reason === 'none' ? now : pace.since,
    good: 0,
  };
}

/** What a connection that opened does: a site that could not be reached is reached again. */
export function reached(pace: Pace): Pace {
  if (pace.reason !== 'unreachable') return pace;
  return pace.level === 0 ? fullPace : { ...pace, strikes: 0, until: null, reason: 'busy' };
}

/**
 * What a message that went well does: probing ends with the first, levels come back one by one. One that was under way when
 * the pause began is no probe.
 */
export function wentWell(pace: Pace, now: number): Pace {
  if (pace.reason === 'none' || (pace.until !== null && pace.until > now)) return pace;
  const good = pace.good + 1;
  if (pace.level === 0) return fullPace;
  if (good < goodPerLevel) return { ...pace, strikes: 0, until: null, good };
  return pace.level === 1 ? fullPace : { ...pace, level: pace.level - 1, strikes: 0, until: null, good: 0 };
}

export type Allowed = { readonly connections: number; readonly messagesPerSecond: number | null };

/** What may be used now of a profile. A profile without a rate gets one from its connections when it must slow down. */
export function allowed(profile: SiteProfile, pace: Pace, now: number): Allowed {
  if (pace.until !== null && pace.until > now) return { connections: 0, messagesPerSecond: 0 };
  const part = 1 / 2 ** pace.level;
  const rate = profile.messagesPerSecond ?? (pace.level > 0 ? profile.connections * 5 : null);
  return {
    connections: pace.strikes > 0 ? 1 : Math.max(1, Math.floor(profile.connections * part)),
    messagesPerSecond: rate === null ? null : rate * part,
  };
}

/** When the next message may start, after one that starts now. */
export function nextSlot(now: number, nextAt: number, messagesPerSecond: number | null): number {
  return messagesPerSecond === null ? now : Math.max(now, nextAt) + 1000 / messagesPerSecond;
}

/** How an attempt ended, as far as the site's mood goes. */
export type Mood = 'good' | 'soft' | 'block' | 'neutral';

type Answer = { readonly code: number; readonly text: string };

/** `bounceClass` as the tables of bounces class the reply; a bad address or greylisting says nothing about our pace. */
export function moodOf(reply: Answer, bounceClass: string | null): Mood {
  if (reply.code < 400) return 'good';
  if (bounceClass === 'block') return 'block';
  if (reply.code >= 500 || /gr[ae]y-?list/i.test(reply.text)) return 'neutral';
  return 'soft';
}

export type Recent = readonly { readonly subaccountId: number; readonly mood: Mood }[];

const recentMax = 30;
const recentMin = 10;

export function remember(recent: Recent, subaccountId: number, mood: Mood): Recent {
  if (mood === 'neutral') return recent;
  return [...recent.slice(-(recentMax - 1)), { subaccountId, mood }];
}

/**
 * Whether the last answers are a storm or a block: of the subaccounts that sent lately, at least half were refused at least
 * half of the time. So one sender with a bad list slows down nobody but where it is alone.
 */
export function troubleIn(recent: Recent): 'storm' | 'block' | null {
  if (recent.length < recentMin) return null;
  const senders = Map.groupBy(recent, ({ subaccountId }) => subaccountId);
  const refused = [...senders.values()].filter(
    (answers) => answers.filter(({ mood }) => mood !== 'good').length * 2 >= answers.length,
  );
  if (refused.length * 2 < senders.size || refused.length === 0) return null;
  const bad = refused.flat().filter(({ mood }) => mood !== 'good');
  return bad.filter(({ mood }) => mood === 'block').length * 2 >= bad.length ? 'block' : 'storm';
}

/** An account's own limits for a site; null leaves the profile's. */
export type OwnLimits = {
  readonly connections: number | null;
  readonly messagesPerConnection: number | null;
  readonly messagesPerHour: number | null;
};

/** Why own limits are refused: they may be stricter than the profile, never looser. */
export function limitsProblem(
  profile: SiteProfile,
  own: OwnLimits,
): { readonly field: keyof OwnLimits; readonly max: number } | null {
  const max = {
    connections: profile.connections,
    messagesPerConnection: profile.messagesPerConnection,
    messagesPerHour: profile.messagesPerSecond === null ? null : profile.messagesPerSecond * 3600,
  };
  for (const field of ['connections', 'messagesPerConnection', 'messagesPerHour'] as const) {
    const [asked, most] = [own[field], max[field]];
    if (asked !== null && most !== null && asked > most) return { field, max: most };
  }
  return null;
}
