/**
 * Scheduled mail whose template is resolved when its time has come: the submission is made anew of what is published then, once
 * for all of its copies, before the first of them is let go. What its copies have of their own stays, and so does the lane.
 */
import { assert } from '../../base/assert.ts';
import type { Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { isRefusal, refuse } from '../refusals/index.ts';
import { noBounces } from './bounces.ts';
import { ownDomains, sendingDomain, withIdentity } from './identity.ts';
import type { MessageState, Submission, SubmissionOptions } from './model.ts';
import type { MessageWorld } from './operations.ts';
import { decodeParts } from './parts.ts';
import type { Parts } from './parts.ts';
import { prepareComposed } from './prepare.ts';
import { requestFor } from './request.ts';
import type { RequestWorld } from './request.ts';
import { findLate, lockLate, storeOwnFroms, storeResolved, waitingCopies } from './sql-late.ts';
import type { LateHead, LateSubmission, WaitingCopy } from './sql-late.ts';
import type { MessageRow, StoredContent } from './sql.ts';
import { trackedAlike } from './tracked.ts';

export type LateWorld = RequestWorld & Pick<MessageWorld, 'sendingDomains' | 'senders' | 'nextId' | 'access'>;

/** By submission, why it cannot be made of its template any more. Those that can are made, each in a transaction of its own. */
export async function resolveLate(
  world: LateWorld,
  subaccountId: SubaccountId,
  submissionIds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const faults = new Map<string, string>();
  for (const head of await findLate(world.db.engine, subaccountId, [...submissionIds])) {
    const fault = await world.db.asEngine((tx) => resolve(world, tx, subaccountId, head));
    if (fault !== null) faults.set(head.id, fault);
  }
  return faults;
}

/** Of a busy moment, not of the mail: it waits for the next round. */
const passing: ReadonlySet<string> = new Set(['busy', 'store.full', 'store.unavailable']);

async function resolve(
  world: LateWorld,
  tx: Tx,
  subaccountId: SubaccountId,
  head: LateHead,
): Promise<string | null> {
  const stored = await lockLate(tx, subaccountId, head);
  if (stored === null) return null;
  const parts = decodeParts(stored.content);
  try {
    const copies = await waitingCopies(tx, stored);
    const made = await madeNow(world, stored, parts, copies);
    await storeResolved(tx, head, made);
    await storeOwnFroms(tx, stored, copies, made);
    return null;
  } catch (error) {
    return faultOf(error, parts);
  }
}

/** Why the mail cannot be made; throws what has nothing to do with the mail. */
function faultOf(error: unknown, { late }: Parts): string {
  if (!isRefusal(error) || passing.has(error.code)) throw error;
  const { id, slug } = late?.template ?? {};
  return error.code === 'not_found' ? `there is no template ${slug ?? id} any more` : error.message;
}

const waiting: ReadonlySet<string> = new Set<MessageState>(['queued', 'held', 'deferred']);

/** What would leave of a copy if its time had come now; refuses one that ended before it was made, and one that cannot be. */
export async function asOfNow(
  world: LateWorld,
  stored: StoredContent,
  { id, subaccountId, submissionId, retentionDays, recipient, state }: MessageRow,
): Promise<StoredContent> {
  if (!waiting.has(state))
    throw refuse('conflict.state', { message: 'It ended before it was made of its template' });
  const { from: _from, domainId: _domain, ...data } = stored.data ?? {};
  const copy = { id, recipient, merge: data.merge ?? null, hasOwnFrom: false };
  const submission = { ...stored, id: submissionId, subaccountId, retentionDays };
  const parts = decodeParts(stored.content);
  try {
    const { content } = await madeNow(world, submission, parts, [copy]);
    return { ...stored, content, data };
  } catch (error) {
    throw refuse('template.failed', { message: `As of now it will fail: ${faultOf(error, parts)}` });
  }
}

/** With the eyes of who sent it, as they were then: what the key was narrowed to still binds. */
function scopeOf({ access }: LateWorld, { accountId, subaccountId }: LateSubmission, parts: Parts): Scope {
  const { late } = parts;
  assert(late !== undefined, 'a submission that is resolved late says of what');
  return access.readerScope(
    { accountId, subaccountId, reach: late.reachesAccount ? 'account' : subaccountId },
    late.bounds,
  );
}

async function madeNow(
  world: LateWorld,
  stored: LateSubmission,
  parts: Parts,
  copies: readonly WaitingCopy[],
): Promise<Submission> {
  const { id, options } = stored;
  const scope = scopeOf(world, stored, parts);
  const recipients = copies.map(({ recipient, merge }) => ({
    to: { email: recipient },
    ...(merge === null ? {} : { data: merge }),
  }));
  const { call, template } = parts.late ?? {};
  const data = parts.data === null ? {} : { data: parts.data };
  const input = { ...call, ...(template === undefined ? {} : { template }), ...data, recipients };
  const written = await requestFor(world, scope, input);
  const [asked, domain, others] = await Promise.all([
    withIdentity(world, scope, written),
    sendingDomain(world, scope, written.from.address),
    ownDomains(world, scope, written),
  ]);
  const tracked = await trackedAlike(world, scope, { ...asked, door: 'http' }, [domain, ...others.values()]);
  const made = prepareComposed(
    { ...asked, attachments: parts.attachments, tags: options.tags },
    {
      scope,
      door: 'http',
      id,
      feedbackMark: null,
      domain,
      ownDomains: others,
      // What was said of them stands.
      bounces: noBounces,
      now: world.clock.now(),
      nextId: world.nextId,
      idempotency: null,
      tracked,
    },
  );
  if (made.content.length > world.messageBytesMax) throw refuse('request.too_large');
  return { ...made, options: optionsOf(options, made.options) };
}

/** What was said of the call stands; what the template says is as it is now. */
function optionsOf(
  {
    hasLateTemplate: _late,
    tracked: _tracked,
    templateId: _id,
    templateSlug: _slug,
    ...said
  }: SubmissionOptions,
  { tracked, templateId, templateSlug, needs, hasOwnFroms }: SubmissionOptions,
): SubmissionOptions {
  return {
    ...said,
    needs,
    ...(templateId === undefined ? {} : { templateId }),
    ...(templateSlug === undefined ? {} : { templateSlug }),
    ...(tracked === undefined ? {} : { tracked }),
    ...(hasOwnFroms === undefined ? {} : { hasOwnFroms }),
  };
}
