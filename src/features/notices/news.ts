/** Which events owners are told of by mail, and in which words: pure. (A failing webhook is told by `webhooks` itself.) */
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { EventKind } from '../events/index.ts';

export const newsKinds = [
  'quota.reached',
  'domain.lost',
  'reputation.step',
] as const satisfies readonly EventKind[];
export type NewsKind = (typeof newsKinds)[number];

export type News = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly at: Date;
  readonly kind: NewsKind;
  readonly data: Readonly<Record<string, unknown>>;
};

/** A thing that something happened to, with the words of the newest. */
export type Noted = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly kind: NewsKind;
  readonly subject: string;
  readonly line: string;
  readonly n: number;
  readonly at: Date;
};

const dayMs = 86_400_000;
const hourMs = 3_600_000;
export const pauses = { subjectMs: dayMs, kindMs: hourMs } as const;

/** One for each thing, with how often. */
export function note(news: readonly News[]): readonly Noted[] {
  const things = new Map<string, Noted>();
  for (const { accountId, subaccountId, at, kind, data } of news) {
    const { subject, line } = wordsOf(kind, subaccountId, data);
    const key = `${accountId} ${kind} ${subject}`;
    const n = (things.get(key)?.n ?? 0) + 1;
    things.set(key, { accountId, subaccountId, kind, subject, line, n, at });
  }
  return [...things.values()];
}

type Words = { readonly subject: string; readonly line: string };

function wordsOf(kind: NewsKind, id: SubaccountId, data: News['data']): Words {
  const text = (key: string): string => {
    const value = data[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  switch (kind) {
    case 'quota.reached': {
      const who = text('level') === 'account' ? 'The account' : `Subaccount ${id}`;
      const line = `${who}: the limit of ${text('max')} messages per ${text('period')} is reached`;
      return { subject: `${id} ${text('level')} ${text('period')}`, line };
    }
    case 'domain.lost':
      return {
        subject: `${id} ${text('name')}`,
        line: `${text('name')} (subaccount ${id}): its DNS records are not right any more, so it cannot send`,
      };
    case 'reputation.step': {
      const until = data['until'] === null ? '' : ` until ${text('until')}`;
      return {
        subject: String(id),
        line: `Subaccount ${id}: ${stepWords[text('step')] ?? text('step')}${until}`,
      };
    }
  }
}

const stepWords: Readonly<Record<string, string>> = {
  warn: 'a warning, its figures are bad',
  slow: 'it is slowed down',
  review: 'its mail is held for review',
  pause: 'it is paused',
};

const subjects: Readonly<Record<NewsKind, string>> = {
  'quota.reached': 'Limits of messages are reached',
  'domain.lost': 'Domains cannot send any more',
  'reputation.step': 'Reputation of subaccounts',
};
const advice: Readonly<Record<NewsKind, string>> = {
  'quota.reached': 'More mail waits until the window turns, or is refused when its sender wants that.',
  'domain.lost': 'Publish the records again that the domain lists; it is looked at by itself.',
  'reputation.step':
    'The reputation of each subaccount shows the figures that led to it, and how to undo it.',
};
const linesMax = 20;

/** The mail about one kind. */
export function digest(
  kind: NewsKind,
  told: readonly { readonly line: string; readonly n: number }[],
): { readonly subject: string; readonly content: { readonly paragraphs: readonly string[] } } {
  const lines = told.slice(0, linesMax).map(({ line, n }) => (n > 1 ? `${line} (${n} times)` : line));
  if (told.length > linesMax) lines.push(`and ${told.length - linesMax} more`);
  return { subject: subjects[kind], content: { paragraphs: [lines.join('\n'), advice[kind]] } };
}
