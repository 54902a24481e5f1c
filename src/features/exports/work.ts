/** Background: counts the rows of exports, so that only what can be made is offered, and ends old ones. */
import type { Database } from '../../base/database/database.ts';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { zipBytesMax } from '../../base/zip.ts';
import { add } from '../outbox/index.ts';
import { holderScope, tell, urlOf } from './operations.ts';
import type { ExportWorld } from './operations.ts';
import type { Export } from './model.ts';
import { columnsOf, headerOf, rowsAfter } from './pages.ts';
import { attemptsMax, keptDays, linkDays } from './rules.ts';
import { deleteOldExports, moveOn, nextExport } from './sql.ts';
import type { Progress } from './sql.ts';

/** An export has a turn of at most so many pages, then the next one has its own. */
const pagesMax = 50;

/** One turn of the export that waits longest; false when none waits. What another node did meanwhile counts once. */
export async function workOnExports(world: ExportWorld, log: Log): Promise<boolean> {
  const { engine } = world.db;
  const found = await nextExport(engine);
  if (found === null) return false;
  let reached: Progress;
  try {
    reached = await counted(world, found);
  } catch (error) {
    log.warn({ exportId: found.id, error: errorText(error) }, 'an export could not be counted');
    reached = brokenOff(found, new Date(world.clock.now()));
  }
  await settle(world, found, reached);
  return true;
}

async function counted(world: ExportWorld, found: Export): Promise<Progress> {
  const scope = holderScope(world, found);
  let { reached, rowCount, sizeBytes } = found;
  const fields = await columnsOf(world, scope, found);
  if (sizeBytes === 0) sizeBytes = Buffer.byteLength(headerOf(world, found, fields));
  const { attempts, problem } = found;
  for (let pages = 0; pages < pagesMax; pages++) {
    const { text, rows, next } = await rowsAfter(world, scope, found, { after: reached, fields });
    rowCount += rows;
    sizeBytes += Buffer.byteLength(text);
    const finishedAt = new Date(world.clock.now());
    // Room for what changes until it is fetched.
    if (sizeBytes > zipBytesMax / 2)
      return {
        state: 'failed',
        reached,
        rowCount,
        sizeBytes,
        attempts,
        problem: 'more than 2 GiB: ask for less',
        finishedAt,
      };
    if (next === null)
      return { state: 'complete', reached, rowCount, sizeBytes, attempts, problem, finishedAt };
    reached = next;
  }
  return { state: 'working', reached, rowCount, sizeBytes, attempts, problem, finishedAt: null };
}

function brokenOff(found: Export, now: Date): Progress {
  const attempts = found.attempts + 1;
  return attempts < attemptsMax
    ? { ...found, state: 'working', attempts }
    : { ...found, state: 'failed', attempts, problem: 'it could not be made', finishedAt: now };
}

async function settle(world: ExportWorld, found: Export, reached: Progress): Promise<void> {
  const now = new Date(world.clock.now());
  if (reached.finishedAt === null) {
    await moveOn(world.db.engine, found, reached, now);
    return;
  }
  await world.db.asEngine(async (tx) => {
    if (!(await moveOn(tx, found, reached, now))) return;
    const done = { ...found, ...reached };
    const mail = noticeOf(world, done);
    if (mail !== null) await add(tx, found, mail, now);
    await tell(tx, now, 'export.finished', done);
  });
}

/** It was booked when the export was asked for. */
function noticeOf(world: ExportWorld, done: Export): Parameters<typeof add>[2] | null {
  if (done.notify === null) return null;
  const url = urlOf(world, done);
  if (url === null)
    return {
      to: done.notify,
      subject: 'The export could not be made',
      content: { paragraphs: [`An export of ${done.kind} could not be made: ${done.problem}.`] },
    };
  return {
    to: done.notify,
    subject: 'The export is ready',
    content: {
      paragraphs: [
        `An export of ${done.kind} is ready: ${done.rowCount} rows. It can be fetched for ${linkDays} days.`,
      ],
      action: { label: 'Fetch it', url },
    },
  };
}

/** Background: how many went. */
export function endOldExports(db: Database, clock: Clock): Promise<number> {
  return deleteOldExports(db.engine, new Date(clock.now() - keptDays * 86_400_000), 1000);
}
