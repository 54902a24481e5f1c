/** What a subaccount, or one of its sending domains, says of mail that says nothing itself. */
import type { Scope } from '../../base/scope.ts';
import { findDomain, mayChange } from '../domains/index.ts';
import { append } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import type { Switches, SwitchWords } from './model.ts';
import type { TrackingWorld } from './operations.ts';
import { allOff } from './rules.ts';
import { findStanding, findSwitches, putSwitches } from './sql-switches.ts';

export type SwitchState = {
  readonly own: SwitchWords;
  /** What mail without a word of its own gets. */
  readonly effective: Switches;
};

const silent: SwitchWords = { opens: null, initialOpens: null, clicks: null, textClicks: null };

/** Of the scope's subaccount; for the account that is its own one, whose words count for all of its subaccounts. */
export async function readSwitches(
  { db }: TrackingWorld,
  scope: Scope,
  domainId: string | null,
): Promise<SwitchState> {
  const { accountId, subaccountId } = scope;
  const own = await db.scoped(scope, async (tx) => {
    const domain = domainId === null ? null : await findDomain(tx, domainId);
    if (domainId !== null && domain === null) throw refuse('not_found');
    return findSwitches(tx, domain?.subaccountId ?? subaccountId, domainId);
  });
  const asked = { accountId, subaccountId, domainId: domainId ?? '0' };
  const [standing] = await findStanding(db.engine, [asked]);
  return { own: own ?? silent, effective: standing?.switches ?? allOff };
}

/** Replaces what was said; null leaves it to the next wider one. Effective within 2 s. */
export async function writeSwitches(
  world: TrackingWorld,
  scope: Scope,
  domainId: string | null,
  words: SwitchWords,
): Promise<SwitchState> {
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    const domain = domainId === null ? null : await findDomain(tx, domainId);
    if (domainId !== null && (domain === null || !mayChange(scope, domain))) throw refuse('not_found');
    const { accountId, subaccountId } = domain ?? scope;
    await putSwitches(tx, { accountId, subaccountId, domainId }, words, now);
    await append(tx, now, [
      { accountId, subaccountId, kind: 'tracking.switched', data: { domainId, ...words } },
    ]);
  });
  return readSwitches(world, scope, domainId);
}
