/**
 * Whether addresses may be written to. HOT PATH: questions that arrive together are asked in one statement; globs are
 * tried afterwards, each question its own, in slices: nobody's globs hold up the others.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { Keyring } from '../../base/seal.ts';
import type { Asked, Bound, Entry, Hit, Hits, LookUp } from './model.ts';
import { addressKey, countingFor, decide, globMatches, unknownMail, wildOf } from './rules.ts';
import { findSuppressed } from './sql-find.ts';
import type { Found, Globs } from './sql-find.ts';

const hashPurpose = 'suppressed address';

/** The forms under which an erased person's address stands on lists: no address has one, as they lack an @. */
export type ErasedForms = (address: string) => readonly string[];

/** One form for each key of the ring (2.5 us each), newest first: a key that leaves the ring takes its entries with it. */
export function erasedForms(ring: Keyring): ErasedForms {
  return (address) =>
    ring.macs(hashPurpose, addressKey(address)).map((mac) => `#${mac.toString('base64url')}`);
}

export type LookUpWorld = {
  readonly connection: HotConnection;
  readonly clock: Clock;
  readonly ring: Keyring;
};

export function makeLookUp({ connection, clock, ring }: LookUpWorld): LookUp {
  const erased = erasedForms(ring);
  const probesOf = (address: string): readonly string[] => {
    const key = addressKey(address);
    return [key, wildOf(key), ...erased(key)];
  };
  const batcher = new Batcher<Asked, Found>({
    run: (asked) => findSuppressed(connection, asked, probesOf, new Date(clock.now())),
    itemsMax: 256,
    weigh: ({ addresses }) => addresses.length,
    weightMax: 20_000,
    isItemFault: () => false,
  });
  return async (asked) => judge(asked, await batcher.add(asked));
}

async function judge({ addresses, lane }: Asked, { entries, globs }: Found): Promise<Hits> {
  const hits = new Map<string, Hit>();
  const bound = new Map<string, Bound>();
  if (entries.size === 0 && globs.length === 0) return { all: hits, bound };
  const isTurnOver = turns(globs);
  for (const address of addresses) {
    const all = [...(entries.get(address) ?? []), ...matching(globs, addressKey(address))];
    const hit = all.length === 0 ? null : decide(countingFor(all, unknownMail), lane);
    if (hit !== null) hits.set(address, hit);
    const hasLists = all.some(({ onlyList }) => onlyList !== '');
    if (hasLists || all.some(({ onlySender }) => onlySender !== ''))
      bound.set(address, { lane, entries: all, hasLists });
    if (isTurnOver()) await new Promise((resolve) => setImmediate(resolve));
  }
  return { all: hits, bound };
}

function matching(globs: readonly Globs[], key: string): readonly Entry[] {
  return globs.flatMap(({ entry, patterns }) =>
    patterns.some((pattern) => globMatches(pattern, key)) ? [entry] : [],
  );
}

/** Globs tried before others get their turn: about a millisecond. */
const sliceMax = 5000;

function turns(globs: readonly Globs[]): () => boolean {
  const each = globs.reduce((sum, { patterns }) => sum + patterns.length, 0);
  let tried = 0;
  return () => {
    tried += each;
    if (tried < sliceMax) return false;
    tried = 0;
    return true;
  };
}
