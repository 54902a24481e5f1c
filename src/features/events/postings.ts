/** Background: gives the log its postings, a bucket at a time; what has none yet is walked by a search. */
import type { Database } from '../../base/database/database.ts';
import { bucketSize, endSpans, lockEnd, logEnd, partSize, writePostings } from './sql-postings.ts';

/** A bucket that is not full waits so long, and then gets those of its full parts: small logs are searched as fast. */
const patienceMs = 300_000;
const bucketsPerRound = 10;
/** The longest class of retention, and the window after it. */
const spanLifeMs = 450 * 86_400_000;

export class Poster {
  readonly #db: Database;
  #lastMs: number | null = null;

  constructor(db: Database) {
    this.#db = db;
  }

  /** One round towards the end of the log; returns how many numbers it went over. */
  async post(now: number): Promise<number> {
    const end = await logEnd(this.#db.engine);
    let total = 0;
    for (let round = 0; round < bucketsPerRound; round++) {
      const posted = await this.#bucket(end, now);
      total += posted;
      if (posted < bucketSize) break;
    }
    return total;
  }

  #bucket(end: bigint, now: number): Promise<number> {
    return this.#db.asEngine(async (tx) => {
      const from = await lockEnd(tx);
      if (from === null) return 0;
      const until = postedTo({ from, end, isPatient: this.#isPatient(now) });
      if (until === null) return 0;
      await writePostings(tx, { from, until, now: new Date(now) });
      this.#lastMs = now;
      return Number(until - from);
    });
  }

  #isPatient(now: number): boolean {
    this.#lastMs ??= now;
    return now - this.#lastMs < patienceMs;
  }
}

/** Up to where the next postings go: the end of the bucket, or while it is not full the end of its last full part. */
export function postedTo({
  from,
  end,
  isPatient,
}: {
  readonly from: bigint;
  readonly end: bigint;
  readonly isPatient: boolean;
}): bigint | null {
  const bucketEnd = (from / BigInt(bucketSize) + 1n) * BigInt(bucketSize);
  if (bucketEnd <= end) return bucketEnd;
  const partEnd = (end / BigInt(partSize)) * BigInt(partSize);
  return isPatient || partEnd <= from ? null : partEnd;
}

/** Background: spans end when the longest-lived of their events has. */
export function endOldSpans(db: Database, now: number): Promise<void> {
  return endSpans(db.engine, new Date(now - spanLifeMs));
}
