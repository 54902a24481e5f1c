/** Background: gathers what people are to know from the event log, and writes it down as few mails. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { add } from '../outbox/index.ts';
import { hearersOf } from '../users/index.ts';
import { hears, note, pauses, tellEach } from './news.ts';
import {
  addNoted,
  dropTold,
  dueDigests,
  endThings,
  lockCursor,
  moveCursor,
  readNews,
  takeDigest,
} from './sql.ts';
import type { DigestOf } from './sql.ts';
import { digest } from './words.ts';

const batch = 5000;
const digestsPerRound = 100;
const keptMs = 7 * 86_400_000;

/** One round: what the log has more, then the mails that are due; how many of these. */
export async function tellPeople(db: Database, clock: Clock): Promise<number> {
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
    const { noted, over } = note(news);
    await endThings(tx, over);
    if (noted.length > 0) await addNoted(tx, tellEach(noted, await hearersOf(tx, noted)));
    await moveCursor(tx, last);
    return events;
  });
}

/** Under the cursor's lock, so that rows are changed by one at a time. Who lost the right to hear it meanwhile hears nothing. */
async function write(db: Database, of: DigestOf, now: number): Promise<void> {
  await db.asEngine(async (tx) => {
    if ((await lockCursor(tx)) === null) return;
    const at = ago(now);
    const taken = await takeDigest(tx, of, at);
    const hearers = (await hearersOf(tx, taken)).filter(({ id }) => id === of.userId);
    const told = taken.filter((line) => hearers.some((hearer) => hears(hearer, { ...of, ...line })));
    const hearer = hearers.find(({ reach }) => reach === 'account') ?? hearers[0];
    if (hearer === undefined || told.length === 0) return;
    await add(tx, hearer, { to: hearer.email, ...digest(of.kind, told) }, at.now);
  });
}

/** In short transactions. */
export async function endOldNews(db: Database, clock: Clock): Promise<void> {
  const before = new Date(clock.now() - keptMs);
  while ((await db.asEngine((tx) => dropTold(tx, before, batch))) >= batch);
}
