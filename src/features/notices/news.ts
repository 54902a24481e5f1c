/** Which events people are told of by mail, who, and how often: pure. */
import type { AccountId, Grant, SubaccountId } from '../../base/scope.ts';
import type { EventKind } from '../events/index.ts';
import type { Hearer } from '../users/index.ts';
import { wordsOf } from './words.ts';

/** What one of a subaccount's own people must be able to read there to be told. */
export const newsGrants = {
  'quota.reached': 'quotas:read',
  'domain.lost': 'domains:read',
  'reputation.step': 'metrics:read',
  'sender.policy_changed': 'senders:read',
  'webhook.failing': 'webhooks:read',
  'webhook.stopped': 'webhooks:read',
} as const satisfies Partial<Record<EventKind, Grant>>;
export type NewsKind = keyof typeof newsGrants;

/** What is not true any more before it was told is not told. */
const endings: Partial<Record<EventKind, readonly NewsKind[]>> = {
  'domain.proven': ['domain.lost'],
  'domain.deleted': ['domain.lost'],
  'sender.deleted': ['sender.policy_changed'],
  // Not by its recovery: an endpoint that comes and goes is worth a look.
  'webhook.stopped': ['webhook.failing'],
  'webhook.deleted': ['webhook.failing', 'webhook.stopped'],
};

function endedBy({ kind, data }: News): readonly NewsKind[] {
  if (kind === 'sender.policy_changed') return data['mayHurt'] === true ? [] : [kind];
  return endings[kind] ?? [];
}

/** Kinds of events that say something here. */
export const heardKinds: readonly EventKind[] = [
  ...new Set([...Object.keys(newsGrants), ...Object.keys(endings)]),
] as EventKind[];

export type News = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly at: Date;
  readonly kind: EventKind;
  readonly data: Readonly<Record<string, unknown>>;
};

export type Thing = {
  readonly accountId: AccountId;
  readonly kind: NewsKind;
  readonly subject: string;
};
/** A thing that something happened to, with the words of the newest. */
export type Noted = Thing & {
  /** The account's own one for what concerns the account. */
  readonly subaccountId: SubaccountId;
  readonly line: string;
  readonly n: number;
  readonly at: Date;
};

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** For one person: about the same thing, and of the same kind. */
export const pauses = { subjectMs: dayMs, kindMs: hourMs } as const;
/** Of these the same thing is told again after the pause of its kind: somebody has set the endpoint going in between. */
export const toldAgain: readonly NewsKind[] = ['webhook.stopped'];

/** One for each thing, with how often; and what is over, of which nothing before these is to be told any more. */
export function note(news: readonly News[]): {
  readonly noted: readonly Noted[];
  readonly over: readonly Thing[];
} {
  const noted = new Map<string, Noted>();
  const over = new Map<string, Thing>();
  for (const each of news) {
    const { subaccountId, at } = each;
    for (const thing of endedBy(each).map((ended) => thingOf(each, ended))) {
      noted.delete(keyOf(thing));
      over.set(keyOf(thing), thing);
    }
    if (!isTold(each)) continue;
    const thing = thingOf(each, each.kind);
    const n = (noted.get(keyOf(thing))?.n ?? 0) + 1;
    noted.set(keyOf(thing), { ...thing, subaccountId, line: wordsOf(each.kind, each).line, n, at });
  }
  return { noted: [...noted.values()], over: [...over.values()] };
}

function isTold(news: News): news is News & { readonly kind: NewsKind } {
  const { kind, data } = news;
  if (kind === 'sender.policy_changed') return data['isStricter'] === true && data['mayHurt'] === true;
  return Object.hasOwn(newsGrants, kind);
}

function thingOf(news: News, kind: NewsKind): Thing {
  return { accountId: news.accountId, kind, subject: wordsOf(kind, news).subject };
}

function keyOf({ accountId, kind, subject }: Thing): string {
  return `${accountId} ${kind} ${subject}`;
}

/** Owners hear of everything in their account; a subaccount's own people of it alone, and of what they may read there. */
export function hears(
  hearer: Hearer,
  { accountId, subaccountId, kind }: Pick<Noted, 'accountId' | 'subaccountId' | 'kind'>,
): boolean {
  if (hearer.reach === 'account') return hearer.accountId === accountId;
  return hearer.subaccountId === subaccountId && hearer.grants.has(newsGrants[kind]);
}

/** The same for each person who hears of it, once. */
export function tellEach(
  noted: readonly Noted[],
  hearers: readonly Hearer[],
): readonly (Noted & { readonly userId: string })[] {
  const byAccount = Map.groupBy(hearers, ({ accountId }) => accountId);
  return noted.flatMap((each) => {
    const told = (byAccount.get(each.accountId) ?? []).filter((hearer) => hears(hearer, each));
    return [...new Set(told.map(({ id }) => id))].map((userId) => ({ ...each, userId }));
  });
}
