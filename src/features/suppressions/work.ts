/** Background: what ends by itself, and erasing a person. Short transactions, in batches. */
import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { append } from '../events/index.ts';
import type { ErasedForms } from './look-up.ts';
import { addressKey, boundData } from './rules.ts';
import {
  cutStandingImports,
  dropListsOfDeleted,
  dropOldExpired,
  dropOldImports,
  dropOldSoftBounces,
  eraseEntries,
  insertErased,
  takeExpired,
} from './sql-work.ts';
import type { ErasedFrom } from './sql-work.ts';

const batch = 1000;
const batchesPerRound = 50;
const dayMs = 86_400_000;
/** Told as expired for so long; until then an event renews it. No period is longer. */
const expiredLifeMs = 365 * dayMs;
const importLifeMs = 90 * dayMs;
/** No account looks back further. */
const softBounceLifeMs = 90 * dayMs;
/** A batch takes well under a second: who has not moved for so long is dead. */
const importStandsMs = 10 * 60_000;

/** One round; how many entries expired. */
export async function endSuppressions(db: Database, clock: Clock): Promise<number> {
  const now = new Date(clock.now());
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  const expired = await inBatches(() => db.asEngine((tx) => expire(tx, now)));
  await inBatches(() => db.asEngine((tx) => dropOldExpired(tx, ago(expiredLifeMs), batch)));
  await inBatches(() => db.asEngine((tx) => dropListsOfDeleted(tx, batch)));
  await inBatches(() => db.asEngine((tx) => dropOldSoftBounces(tx, ago(softBounceLifeMs), batch)));
  await db.asEngine((tx) => cutStandingImports(tx, ago(importStandsMs), now));
  await inBatches(() => db.asEngine((tx) => dropOldImports(tx, ago(importLifeMs), batch)));
  return expired;
}

async function inBatches(round: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let rounds = 0; rounds < batchesPerRound; rounds++) {
    const done = await round();
    total += done;
    if (done < batch) break;
  }
  return total;
}

async function expire(tx: Tx, now: Date): Promise<number> {
  const ended = await takeExpired(tx, now, batch);
  await append(
    tx,
    now,
    ended.map(({ accountId, subaccountId, layer, address, kind, onlySender }) => ({
      accountId,
      subaccountId,
      kind: 'suppression.removed',
      data: { address, kind, layer, ...boundData(onlySender), why: 'expired' },
    })),
  );
  return ended.length;
}

/**
 * Engine, for whoever erases a person: on the account's lists (or one subaccount's) each entry of the address is replaced by
 * a keyed hash, which look-ups find as before and lists show without an address; where there was none a hash is left all the
 * same, or the person would be mailed again. Texts and references go, and so do the counted soft bounces. Patterns stay. How
 * many entries were replaced; past events and audit entries are the caller's. Asked twice it changes nothing more.
 */
export async function eraseAddress(
  tx: Tx,
  erasedForms: ErasedForms,
  from: ErasedFrom,
  address: string,
  now: Date,
): Promise<number> {
  const [newest = ''] = erasedForms(address);
  const replaced = await eraseEntries(tx, from, addressKey(address), newest);
  await insertErased(tx, from, newest, now);
  return replaced;
}
