/** What the account, a subaccount or one of its sending domains says of mail that says nothing itself. */
import type { Scope } from '../../base/scope.ts';
import { findDomain, mayChange } from '../domains/index.ts';
import { append } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { DefaultWords, SendingDefaults, SwitchWords } from './model.ts';
import type { TrackingWorld } from './operations.ts';
import { defaultsFor } from './rules.ts';
import { findStanding, findWords, isOwn, putWords } from './sql-switches.ts';

export type DefaultState = {
  readonly own: DefaultWords;
  /** What mail without a word of its own gets. */
  readonly effective: SendingDefaults;
};

const silent: SwitchWords = { opens: null, initialOpens: null, clicks: null, textClicks: null };

/** Words of which some were left out: null. */
export function wholeWords(
  given: Partial<Omit<DefaultWords, 'smtp'>> & { readonly smtp?: Partial<SwitchWords> | undefined },
): DefaultWords {
  const { smtp = {}, transactionalUnsubscribe = null, lane = null, ...switches } = given;
  return { ...silent, ...switches, smtp: { ...silent, ...smtp }, transactionalUnsubscribe, lane };
}

/** Of the scope's subaccount; for the account that is its own one, whose words count for all of its subaccounts. */
export async function readWords(
  { db }: TrackingWorld,
  scope: Scope,
  domainId: string | null,
): Promise<DefaultState> {
  const { accountId } = scope;
  const { own, sender } = await db.scoped(scope, async (tx) => {
    const domain = domainId === null ? null : await findDomain(tx, domainId);
    if (domainId !== null && domain === null) throw refuse('not_found');
    const { subaccountId } = domain ?? scope;
    // Who may change a domain asks for its holder's mail, who has a share of it for their own.
    const isTheirs = domain !== null && mayChange(scope, domain);
    return {
      own: await findWords(tx, subaccountId, domainId),
      sender: isTheirs ? subaccountId : scope.subaccountId,
    };
  });
  const asked = { accountId, subaccountId: sender, domainId: domainId ?? '0' };
  const [standing] = await findStanding(db.engine, [asked]);
  return { own: own ?? wholeWords({}), effective: defaultsFor(standing?.places ?? []) };
}

/**
 * Replaces what was said; null leaves it to the next wider one. Effective within 2 s. What counts for all subaccounts is said
 * by who reaches them all.
 */
export async function writeWords(
  world: TrackingWorld,
  scope: Scope,
  domainId: string | null,
  words: DefaultWords,
): Promise<DefaultState> {
  if (domainId !== null && words.lane !== null)
    throw invalidField('lane', 'place', 'is said of the account or a subaccount, not of a sending domain');
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    const domain = domainId === null ? null : await findDomain(tx, domainId);
    if (domainId !== null && (domain === null || !mayChange(scope, domain))) throw refuse('not_found');
    if (domainId === null && scope.reach !== 'account' && (await isOwn(tx, scope.subaccountId)))
      throw refuse('auth.grant_missing', {
        message: 'What the account says counts for all of its subaccounts: only who reaches them all says it',
      });
    const { accountId, subaccountId } = domain ?? scope;
    await putWords(tx, { accountId, subaccountId, domainId }, words, now);
    await append(tx, now, [
      { accountId, subaccountId, kind: 'tracking.switched', data: { domainId, ...words } },
    ]);
  });
  return readWords(world, scope, domainId);
}
