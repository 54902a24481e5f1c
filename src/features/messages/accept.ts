/**
 * Accept: from a checked Submission to "kept". HOT PATH: group commit through `Batcher`; the promise resolves after the
 * commit, so that every door may answer 202 or 250 the moment it does. Small mail takes places in this node's window
 * first and is handed to delivery with its lease and content in hand; the rest is stored unleased and takes its turn.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import { isRowFault, sqlState, StoreUnavailable } from '../../base/database/store-lost.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { refuse } from '../refusals/index.ts';
import type { LeasedMessage, Window } from '../queue/index.ts';
import { hitOf, told, unknownMail } from '../suppressions/index.ts';
import type { Asked, Hit, Hits, LookUp } from '../suppressions/index.ts';
import { listOf } from './list-of.ts';
import type { ListOf } from './list-of.ts';
import type { Accepted, Copy, CopyOutcome, CopyPlan, Submission } from './model.ts';
import { acceptBatch, acceptBatchMax, replaceAnswer } from './sql-accept.ts';
import type { PlannedSubmission, QuotaLayer, StoredSubmission } from './sql-accept.ts';

/** Content kept in memory with a leased message: larger content is read again when it leaves. */
export type Handover = (
  leased: readonly LeasedMessage[],
  submission: Submission,
  submissionId: string,
) => void;

export type AcceptorOptions = {
  readonly connection: HotConnection;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: number;
  readonly window: Window;
  /** Makes message and submission ids. */
  readonly nextId: () => string;
  /** Which addresses are not written to, and why. */
  readonly suppressed: LookUp;
  /** Delivery's side of the hand-over, after the commit. */
  readonly handOver: Handover;
  /** Mail went into the store without a lease: a claim will find it. */
  readonly onUnleased: (subaccountId: number) => void;
  /** False while the disk is nearly full. */
  readonly hasDisk: () => boolean;
};

const bytesPerBatchMax = 32 * 1024 * 1024;
const waitingMax = 20_000;

/** `isAlone`: was refused for its quota beside others; by itself it is judged by what is truly left. */
type Item = { readonly planned: PlannedSubmission; readonly isAlone: boolean };

/** Which of a submission's addresses may not be written to, and when that was asked. */
export type Checked = { readonly at: number; readonly hits: Hits };

/** A stop or a quota holds mail for so long, then it expires. */
export const holdMs = 72 * 3_600_000;

export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #batcher: Batcher<Item, StoredSubmission | null>;
  /** Idempotency-Keys whose first request is under way on this node. */
  readonly #running = new Set<string>();

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#batcher = new Batcher<Item, StoredSubmission | null>({
      run: (items) => this.#store(items),
      itemsMax: acceptBatchMax,
      weigh: ({ planned, isAlone }) =>
        isAlone ? bytesPerBatchMax + 1 : planned.submission.content.length + planned.plans.length * 300,
      weightMax: bytesPerBatchMax,
      isItemFault: isRowFault,
    });
  }

  /** Asked while the sender is looked up: who is refused meanwhile leaves the answer unread. */
  check(asked: Asked): Promise<Checked> {
    const at = this.#options.clock.now();
    const checked = this.#options.suppressed(asked).then((hits) => ({ at, hits }));
    checked.catch(() => undefined);
    return checked;
  }

  /**
   * Stores the submission and answers for each copy; `checking` covers the addresses of its copies. Throws a Refusal when
   * nothing of it was stored.
   */
  async accept(submission: Submission, checking: Promise<Checked>): Promise<Accepted> {
    if (!this.#options.hasDisk()) throw refuse('store.full', { retryAfterSeconds: 60 });
    if (this.#batcher.waiting >= waitingMax) throw refuse('busy', { retryAfterSeconds: 5 });
    const running = this.#claimKey(submission);
    try {
      return await this.#plannedAndStored(submission, checking);
    } finally {
      if (running !== null) this.#running.delete(running);
    }
  }

  /** Resolves when everything that was given has been stored or refused. */
  idle(): Promise<void> {
    return this.#batcher.idle();
  }

  #claimKey(submission: Submission): string | null {
    if (submission.idempotency === null) return null;
    const key = `${submission.subaccountId}:${submission.idempotency.keyHash.toString('hex')}`;
    if (this.#running.has(key)) throw refuse('idempotency.running', { retryAfterSeconds: 1 });
    this.#running.add(key);
    return key;
  }

  async #plannedAndStored(submission: Submission, checking: Promise<Checked>): Promise<Accepted> {
    const { at, hits } = await this.#answer(checking);
    const hitOn = judged(submission, hits);
    const id = submission.id ?? this.#options.nextId();
    const made = submission.copies.map((copy): CopyPlan => {
      const { rejection } = submission;
      const hit = hitOn(copy);
      const hold =
        submission.sendAt === null ? null : ({ reason: 'scheduled', until: submission.sendAt } as const);
      const id = this.#options.nextId();
      const ended = { id, copy, hold: null, suppression: null, fault: null, rejection };
      if (rejection !== null) return { ...ended, state: 'rejected' };
      if (hit !== null) return { ...ended, state: 'suppressed', suppression: told(hit) };
      if (copy.fault !== undefined) return { ...ended, state: 'failed', fault: copy.fault };
      return { ...ended, state: hold === null ? 'queued' : 'held', hold };
    });
    const plans = withLinks(made);
    const accepted: Accepted = { id, messages: plans.map(outcome) };
    const places = submission.sendAt === null ? plans.filter((plan) => plan.state === 'queued').length : 0;
    const bytes = submission.content.length;
    const isLeased = places > 0 && this.#options.window.reserve(submission, places, bytes);
    const answer = submission.idempotency === null ? null : JSON.stringify(accepted);
    const planned: PlannedSubmission = { id, submission, plans, isLeased, answer, checkedAt: at };
    let stored: StoredSubmission | null = null;
    let handedOver = 0;
    try {
      stored = await this.#storeExactly(planned);
      if (stored === null) throw refuse('subaccount.inactive');
      if (stored.kind === 'refused') throw quotaRefusal(stored.layer);
      handedOver = stored.isLeased ? this.#passOn(planned, stored) : 0;
      if (places > 0 && handedOver === 0) this.#options.onUnleased(submission.subaccountId);
    } catch (error) {
      throw this.#refusalFor(error);
    } finally {
      // What was handed over gives its places back itself, one by one.
      if (isLeased && handedOver < places)
        this.#options.window.release(
          submission.subaccountId,
          places - handedOver,
          handedOver === 0 ? bytes : 0,
        );
    }
    return stored.held.size === 0 ? accepted : this.#answerHeld(planned, stored);
  }

  async #answer(checking: Promise<Checked>): Promise<Checked> {
    try {
      return await checking;
    } catch (error) {
      throw this.#refusalFor(error);
    }
  }

  /** A refusal for quota is asked for once more alone: beside others, one that was refused counts against the next. */
  async #storeExactly(planned: PlannedSubmission): Promise<StoredSubmission | null> {
    const stored = await this.#batcher.add({ planned, isAlone: false });
    return stored?.kind === 'refused' ? this.#batcher.add({ planned, isAlone: true }) : stored;
  }

  /** Some copies are held after all: the caller is told, and so is who repeats the call with its Idempotency-Key. */
  async #answerHeld(
    { id, submission, plans }: PlannedSubmission,
    stored: Extract<StoredSubmission, { kind: 'stored' }>,
  ): Promise<Accepted> {
    const until = new Date(this.#options.clock.now() + holdMs).toISOString();
    const layer = stored.layer === null ? {} : { layer: stored.layer };
    const messages = plans.map((plan): CopyOutcome => {
      const shown = outcome(plan);
      if (!stored.held.has(plan.id)) return shown;
      return { ...shown, state: 'held', why: { code: stored.holdReason, until, ...layer } };
    });
    const answer: Accepted = { id, messages };
    if (submission.idempotency !== null) {
      const { keyHash } = submission.idempotency;
      await replaceAnswer(this.#options.connection, submission.subaccountId, keyHash, answer);
    }
    return answer;
  }

  async #store(items: readonly Item[]): Promise<readonly (StoredSubmission | null)[]> {
    const { connection, clock, node } = this.#options;
    const now = clock.now();
    return acceptBatch(connection, {
      node,
      now: new Date(now),
      holdUntil: new Date(now + holdMs),
      planned: items.map(({ planned }) => planned),
    });
  }

  /** To delivery, with the content in hand; how many copies went. */
  #passOn(
    { submission, plans, id, checkedAt }: PlannedSubmission,
    stored: Extract<StoredSubmission, { kind: 'stored' }>,
  ): number {
    const leaving = plans.filter((plan) => plan.state === 'queued' && !stored.held.has(plan.id));
    if (leaving.length === 0) return 0;
    const now = this.#options.clock.now();
    const weightBytes = Math.floor(submission.content.length / leaving.length);
    const leased = leaving.map((plan, index): LeasedMessage => ({
      accountId: submission.accountId,
      subaccountId: submission.subaccountId,
      messageId: plan.id,
      submissionId: id,
      retentionDays: stored.retentionDays,
      lane: submission.lane,
      recipient: plan.copy.address,
      domain: plan.copy.domain,
      poolId: submission.options.poolId ?? '0',
      tags: [...submission.options.tags, ...(plan.copy.data?.tags ?? [])],
      data: plan.copy.data,
      attempts: 0,
      checkedAt,
      beganAt: now,
      heldMs: 0,
      ratherNot: submission.options.terms.unknownOutcome === 'rather_not',
      // The first copy carries the rounding, so that the places given back add up to those taken.
      weightBytes: index === 0 ? submission.content.length - weightBytes * (leaving.length - 1) : weightBytes,
    }));
    this.#options.handOver(leased, submission, id);
    return leased.length;
  }

  #refusalFor(error: unknown): unknown {
    if (error instanceof StoreUnavailable) {
      this.#options.log.warn({ error: errorText(error) }, 'a batch could not be stored');
      return refuse('store.unavailable', { retryAfterSeconds: 5 });
    }
    // Another node stored the same Idempotency-Key between our look-up and the commit: the caller asks again.
    if (sqlState(error) === '23505') return refuse('idempotency.running', { retryAfterSeconds: 1 });
    return error;
  }
}

/** What is made of its template later is asked about again then, when it is known of which list and sender it is. */
function judged(submission: Submission, hits: Hits): (copy: Pick<Copy, 'address' | 'data'>) => Hit | null {
  if (hits.bound.size === 0 || submission.options.hasLateTemplate === true)
    return ({ address }) => hitOf(hits, address, unknownMail);
  let of: ListOf | null = null;
  return ({ address, data }) => {
    let list: string | null = null;
    if (hits.bound.get(address)?.hasLists === true) {
      of ??= listOf(submission);
      list = of(data?.merge ?? null);
    }
    return hitOf(hits, address, { list, sender: data?.from ?? submission.fromAddress });
  };
}

const isArchive = ({ copy }: CopyPlan): boolean => copy.data?.kind === 'archive';

/** Archive copies have the links of the first recipient's copy. */
function withLinks(plans: readonly CopyPlan[]): readonly CopyPlan[] {
  const original = plans.find((plan) => !isArchive(plan));
  if (original === undefined || !plans.some(isArchive)) return plans;
  const linksOf = { id: original.id, recipient: original.copy.address };
  return plans.map((plan) =>
    isArchive(plan) ? { ...plan, copy: { ...plan.copy, data: { ...plan.copy.data, linksOf } } } : plan,
  );
}

/** Names the layer that limits the caller, never another's numbers. */
function quotaRefusal(layer: QuotaLayer): Error {
  const whose = layer === 'account' ? 'the account' : 'the subaccount';
  return refuse('quota.exceeded', { message: `The quota of ${whose} is used up`, retryAfterSeconds: 60 });
}

/** What the caller is told of one copy. */
function outcome(plan: CopyPlan): CopyOutcome {
  const shown = { id: plan.id, to: plan.copy.address, state: plan.state };
  if (plan.hold !== null) {
    return { ...shown, why: { code: plan.hold.reason, until: new Date(plan.hold.until).toISOString() } };
  }
  if (plan.suppression !== null) return { ...shown, why: { code: 'suppressed', ...plan.suppression } };
  if (plan.fault !== null) return { ...shown, why: { code: 'template.failed', detail: plan.fault } };
  if (plan.rejection !== null) return { ...shown, why: { code: plan.rejection.reason } };
  return shown;
}
