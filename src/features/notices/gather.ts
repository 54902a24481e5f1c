/** Background: gathers what owners are to know from the event log, and writes it down as few mails. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { add } from '../outbox/index.ts';
import { findOwnerOf } from '../users/index.ts';
import { digest, note, pauses } from './news.ts';
import { addNoted, dropTold, dueDigests, lockCursor, moveCursor, readNews, takeDigest } from './sql.ts';
import type { DigestOf } from './sql.ts';

const batch = 5000;
const digestsPerRound = 100;
const keptMs = 7 * 86_400_000;

/** One round: what the log has more, then the mails that are due; how many of these. */
export async function tellOwners(db: Database, clock: Clock): Promise<number> {
  for (let last = batch; last >= batch;) last = await gather(db);
  const now = clock.now();
  const at = ago(now);
  const due = await dueDigests(db.engine, { ...at, limit: digestsPerRound });
  for (const each of due) await write(db, each, now);
  return due.length;
}

function ago(now: number): { readonly now: Date; readonly hourAgo: Date; readonly dayAgo: Date } {
  return {
    now: new Date(now),
    hourAgo: new Date(now - pauses.kindMs),
    dayAgo: new Date(now - pauses.subjectMs),
  };
}

function gather(db: Database): Promise<number> {
  return db.asEngine(async (tx) => {
    const seq = await lockCursor(tx);
    if (seq === null) return 0;
    const { events, last, news } = await readNews(tx, seq, batch);
    if (last === null) return 0;
    await addNoted(tx, note(news));
    await moveCursor(tx, last);
    return events;
  });
}

async function write(db: Database, of: DigestOf, now: number): Promise<void> {
  const owner = await findOwnerOf(db.engine, of.accountId);
  await db.asEngine(async (tx) => {
    const at = ago(now);
    const told = await takeDigest(tx, of, at);
    const [first] = told;
    if (first === undefined || owner === null) return;
    const behalf = { accountId: of.accountId, subaccountId: first.subaccountId };
    await add(tx, behalf, { to: owner.email, ...digest(of.kind, told) }, at.now);
  });
}

/** In short transactions. */
export async function endOldNews(db: Database, clock: Clock): Promise<void> {
  const before = new Date(clock.now() - keptMs);
  while ((await db.asEngine((tx) => dropTold(tx, before, batch))) >= batch);
}
