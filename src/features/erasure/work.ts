/** Background: takes asked addresses out of everything, in short transactions that each leave where to go on. */
import type { Tx } from '../../base/database/database.ts';
import { dropRecipient, erasedAddress, withoutAddress } from '../../mail/headers/index.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import { decodeParts, encodeParts } from '../messages/index.ts';
import { forgetRecipient } from '../metrics/index.ts';
import { eraseAddress, erasedForms } from '../suppressions/index.ts';
import type { Counts, Job, Progress } from './model.ts';
import { erasureContext } from './operations.ts';
import type { ErasureWorld } from './operations.ts';
import { claimJob, dropOldErasures, finishJob, saveProgress } from './sql-erasures.ts';
import {
  blankSubmission,
  cancelWaiting,
  forgetCopies,
  forgetEvents,
  lockContent,
  replaceContent,
} from './sql-mail.ts';
import type { Copy, StoredSubmission } from './sql-mail.ts';
import { blankHits, deleteHits, readPage, replaceHits } from './sql-traces.ts';
import type { Hit, Page, Wanted } from './sql-traces.ts';
import { formsOf, patternOf, steps } from './traces.ts';
import type { Trace } from './traces.ts';

const pageRows = 1000;
/** The person's own copies bring their contents with them. */
const mailRows = 200;
/** Longer than a row of a log waits to be written, unless the store does not answer. */
const lateMs = 10_000;
const reportLifeMs = 400 * 86_400_000;

/** One round over every job that waits; how many came to their end. A job that fails keeps no other from its turn. */
export async function eraseWhatIsAsked(world: ErasureWorld): Promise<number> {
  let after = '0';
  let finished = 0;
  const failures: unknown[] = [];
  for (;;) {
    const turn: Turn | null = await oneTurn(world, after).catch((error: unknown) => {
      failures.push(error);
      // Not about a job (the connection is lost): the next round begins anew.
      return error instanceof JobFault ? { id: error.jobId, next: 'waits' } : null;
    });
    if (turn === null) break;
    if (turn.next !== 'more') after = turn.id;
    if (turn.next === 'done') finished += 1;
  }
  if (failures.length > 0) throw failures[0];
  return finished;
}

export async function endOldErasures(world: ErasureWorld): Promise<number> {
  const before = new Date(world.clock.now() - reportLifeMs);
  return world.db.asEngine((tx) => dropOldErasures(tx, before, 1000));
}

class JobFault extends Error {
  readonly jobId: string;
  constructor(jobId: string, cause: unknown) {
    super(`erasure ${jobId} failed`, { cause });
    this.jobId = jobId;
  }
}

/** `waits`: mail of the person is in some node's hands at this moment, or rows of logs may be on their way. */
type Turn = { readonly id: string; readonly next: 'more' | 'waits' | 'done' };

/** One page of the next job: the change and how far it is are one transaction. */
function oneTurn(world: ErasureWorld, after: string): Promise<Turn | null> {
  return world.db.asEngine(async (tx) => {
    const job = await claimJob(tx, after);
    if (job === null) return null;
    try {
      const address = world.ring.open(job.sealedAddress, erasureContext(job.id)).toString('utf8');
      return await work(world, tx, job, address);
    } catch (error) {
      throw new JobFault(job.id, error);
    }
  });
}

/** What a page did: rows by name, what is to be told, and whether the step has to begin anew. */
type Done = { readonly counts: Counts; readonly events: readonly NewEvent[]; readonly isBusy: boolean };
const nothing: Done = { counts: {}, events: [], isBusy: false };

async function work(world: ErasureWorld, tx: Tx, job: Job, address: string): Promise<Turn> {
  const now = new Date(world.clock.now());
  const step = steps[job.progress.step];
  if (job.progress.notBefore > now.getTime()) return { id: job.id, next: 'waits' };
  if (step === undefined) return finish(tx, job, now);
  if (step === 'late rows') return waitForLateRows(tx, job, now);
  const { last, done } =
    step === 'suppressions'
      ? { last: null, done: await suppress(world, tx, job, address, now) }
      : await oneStep(tx, job, step, wantedOf(address), now);
  const counts = added(job.counts, done.counts);
  const next = nextProgress(job.progress, last, done.isBusy);
  await saveProgress(tx, job.id, next, counts);
  await append(tx, now, done.events);
  return { id: job.id, next: done.isBusy ? 'waits' : 'more' };
}

async function waitForLateRows(tx: Tx, job: Job, now: Date): Promise<Turn> {
  const next = { ...nextProgress(job.progress, null, false), notBefore: now.getTime() + lateMs };
  await saveProgress(tx, job.id, next, job.counts);
  return { id: job.id, next: 'waits' };
}

async function finish(tx: Tx, job: Job, now: Date): Promise<Turn> {
  await finishJob(tx, job.id, job.counts, now);
  const { accountId, subaccountId, counts } = job;
  await append(tx, now, [
    { accountId, subaccountId, kind: 'erasure.finished', data: { erasureId: job.id, counts } },
  ]);
  return { id: job.id, next: 'done' };
}

function nextProgress({ step }: Progress, last: Hit | null, isBusy: boolean): Progress {
  const start = { subaccountId: 0, key: '', notBefore: 0 };
  if (isBusy) return { ...start, step };
  if (last === null) return { ...start, step: step + 1 };
  return { step, subaccountId: last.subaccountId, key: last.key, notBefore: 0 };
}

function added(before: Counts, more: Counts): Counts {
  const sum: Record<string, number> = { ...before };
  for (const [name, n] of Object.entries(more)) if (n > 0) sum[name] = (sum[name] ?? 0) + n;
  return sum;
}

function wantedOf(address: string): Wanted {
  const forms = formsOf(address);
  return { address: address.toLowerCase(), forms, pattern: patternOf(forms) };
}

async function suppress(world: ErasureWorld, tx: Tx, job: Job, address: string, now: Date): Promise<Done> {
  const { accountId, subaccountId, reach } = job;
  const from = { accountId, subaccountId: reach === 'account' ? null : subaccountId };
  const erased = await eraseAddress(tx, erasedForms(world.ring), from, address, now);
  await forgetRecipient(tx, from, address);
  return { ...nothing, counts: { suppressions: erased } };
}

async function oneStep(
  tx: Tx,
  job: Job,
  trace: Trace,
  wanted: Wanted,
  now: Date,
): Promise<{ readonly last: Page['last']; readonly done: Done }> {
  const limit = trace.becomes === 'forgotten' ? mailRows : pageRows;
  const { hits, last } = await readPage(tx, job, trace, job.progress, wanted, limit);
  const done = hits.length === 0 ? nothing : await change(tx, trace, hits, wanted, now);
  return { last, done };
}

async function change(tx: Tx, trace: Trace, hits: readonly Hit[], wanted: Wanted, now: Date): Promise<Done> {
  switch (trace.becomes) {
    case 'cancelled':
      return cancel(tx, hits, now);
    case 'forgotten':
      return forget(tx, hits, wanted);
    case 'deleted':
      await deleteHits(tx, trace, hits);
      break;
    case 'blanked':
      await blankHits(tx, trace, hits);
      break;
    case 'replaced':
      await replaceHits(tx, trace, hits, wanted);
      break;
  }
  return { ...nothing, counts: { [trace.table]: hits.length } };
}

async function cancel(tx: Tx, hits: readonly Hit[], now: Date): Promise<Done> {
  const cancelled = await cancelWaiting(tx, hits, now);
  const data = { recipient: erasedAddress };
  return {
    counts: { cancelled: cancelled.length },
    events: cancelled.map((each) => ({ ...each, kind: 'message.cancelled', data })),
    isBusy: cancelled.length < hits.length,
  };
}

async function forget(tx: Tx, hits: readonly Hit[], wanted: Wanted): Promise<Done> {
  const copies = await forgetCopies(tx, hits, wanted);
  const events = copies.length === 0 ? 0 : await forgetEvents(tx, copies);
  const bySubmission = new Map(copies.map((copy) => [copy.submissionId, copy]));
  const contents = { erased: 0, changed: 0 };
  for (const copy of bySubmission.values()) {
    const became = await forgetContent(tx, copy, wanted.address);
    if (became !== null) contents[became] += 1;
  }
  return {
    ...nothing,
    counts: {
      messages: copies.length,
      events,
      contents_erased: contents.erased,
      contents_changed: contents.changed,
    },
  };
}

const blank = Buffer.from(`Subject: erased\r\n\r\nThe content was erased.\r\n`);

async function forgetContent(tx: Tx, copy: Copy, address: string): Promise<'erased' | 'changed' | null> {
  const stored = await lockContent(tx, copy);
  if (stored === null) return null;
  if (!stored.isShared) {
    await blankSubmission(tx, copy, blank);
    return 'erased';
  }
  const content = withoutPerson(stored, address);
  if (content.equals(stored.content)) return null;
  await replaceContent(tx, copy, { format: stored.format, content });
  return 'changed';
}

/** The same with each of its strings changed. */
function withinStrings<T>(value: T, change: (text: string) => string): T {
  const changed = (_: string, each: unknown): unknown => (typeof each === 'string' ? change(each) : each);
  return JSON.parse(JSON.stringify(value), changed) as T;
}

/** What others got as well, without the person. Attachments are left as they are. */
function withoutPerson({ format, content }: StoredSubmission, address: string): Buffer {
  if (format === 'raw') return dropRecipient(content, address);
  const parts = decodeParts(content);
  const clean = (text: string): string => withoutAddress(text, address);
  return encodeParts({
    ...parts,
    fields: parts.fields.map(([name, value]) => [name, clean(value)]),
    fieldSources: parts.fieldSources.map((source) =>
      'value' in source
        ? { ...source, value: clean(source.value) }
        : {
            ...source,
            boxes: source.boxes.map(({ name, email, ...box }) => ({
              ...box,
              name: name === null ? null : clean(name),
              email: clean(email),
            })),
          },
    ),
    ...(parts.late === undefined ? {} : { late: withinStrings(parts.late, clean) }),
    subject: clean(parts.subject),
    text: parts.text === null ? null : clean(parts.text),
    amp: parts.amp === null ? null : clean(parts.amp),
    html: parts.html === null ? null : clean(parts.html),
  });
}
