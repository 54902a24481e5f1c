/** What account and subaccount say of entries that come by themselves: for how long they stand, and of whose mail. */
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import type { SuppressionSettings, SettingWords } from './model.ts';
import type { SuppressionWorld } from './operations.ts';
import { findSettings, findSettingWords, isOwn, putSettingWords } from './sql-settings.ts';

export type SettingState = {
  readonly own: SettingWords;
  /** What counts for entries that come from now on. */
  readonly effective: SuppressionSettings;
};

const silent: SettingWords = {
  hardBounceHours: null,
  softBounceHours: null,
  complaintHours: null,
  unsubscribeHours: null,
  unsubscribeHoldsFor: null,
};

/** Of the scope's subaccount; for the account that is its own one, whose words count for all of its subaccounts. */
export async function readSettings({ db }: SuppressionWorld, scope: Scope): Promise<SettingState> {
  const own = await db.scoped(scope, (tx) => findSettingWords(tx, scope.subaccountId));
  return { own: own ?? silent, effective: await db.asEngine((tx) => findSettings(tx, scope)) };
}

/**
 * Replaces what was said; what is left out is left to the next wider one. Counts for events from then on: no entry that stands
 * gets another end. What counts for all subaccounts is said by who reaches them all.
 */
export async function writeSettings(
  world: SuppressionWorld,
  scope: Scope,
  given: Partial<SettingWords>,
): Promise<SettingState> {
  const now = new Date(world.clock.now());
  const words = { ...silent, ...given };
  const { accountId, subaccountId } = scope;
  await world.db.scoped(scope, async (tx) => {
    if (scope.reach !== 'account' && (await isOwn(tx, subaccountId)))
      throw refuse('auth.grant_missing', {
        message: 'What the account says counts for all of its subaccounts: only who reaches them all says it',
      });
    await putSettingWords(tx, { accountId, subaccountId }, words, now);
    await append(tx, now, [
      { accountId, subaccountId, kind: 'suppression.settings_changed', data: { ...words } },
    ]);
  });
  return readSettings(world, scope);
}
