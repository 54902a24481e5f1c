/**
 * Background of webhooks on one node: numbers new events, claims webhooks that are due and runs them side by side. Places
 * are bounded: per node, per account, and fewer for endpoints that fail or are slow, so that a hundred dead endpoints of
 * one account delay neither its healthy ones nor another account's.
 */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { Keyring } from '../../base/seal.ts';
import { newestSeq } from '../events/index.ts';
import type { Network } from './address.ts';
import type { Wordings } from './formats.ts';
import { EventWindow } from './event-window.ts';
import type { Poster } from './post.ts';
import { isTroubled } from './rules.ts';
import { LeaseLost } from './record.ts';
import { runWebhook } from './run.ts';
import { handOut } from './sql-hand-out.ts';
import { claim, release, releaseOf } from './sql-progress.ts';
import type { Claimed } from './sql-progress.ts';

export type SenderOptions = {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly ring: Keyring;
  readonly wordings: Wordings;
  readonly node: number;
  readonly network: Network;
  readonly poster: Poster;
};

const tickMs = 200;
const handOutMax = 2000;
const places = { node: 200, troubled: 100, account: 20, troubledPerAccount: 4 } as const;
/** A number that was drawn and never comes (its transaction failed) is waited for so long: longer than any statement. */
const quietAfterMs = 35_000;
/** A stop gives what is under way so long, then cuts it; what is cut is sent again. */
const stopMs = 3000;

export class WebhookSender implements AsyncDisposable {
  readonly #options: SenderOptions;
  readonly #window = new EventWindow();
  readonly #running = new Map<string, { readonly claimed: Claimed; readonly done: Promise<void> }>();
  /** Leases that could not be given back: the database was away. */
  readonly #owed = new Map<string, string>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #ticking: Promise<void> | null = null;
  #isStopping = false;
  #isHinted = false;
  #newest = { seq: '', since: 0, isRead: false };

  private constructor(options: SenderOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#hint(), tickMs);
  }

  static async start(options: SenderOptions): Promise<WebhookSender> {
    await releaseOf(options.db.engine, options.node);
    return new WebhookSender(options);
  }

  /** Requests that are under way. */
  get underWay(): number {
    return this.#running.size;
  }

  #hint(): void {
    this.#isHinted = true;
    if (this.#ticking !== null || this.#isStopping) return;
    this.#isHinted = false;
    this.#ticking = this.#tick()
      .catch((error: unknown) =>
        this.#options.log.warn({ error: errorText(error) }, 'webhooks could not go on; the next round tries'),
      )
      .finally(() => {
        this.#ticking = null;
        if (this.#isHinted) this.#hint();
      });
  }

  async #tick(): Promise<void> {
    const { engine } = this.#options.db;
    for (const [id, lease] of this.#owed) {
      await release(engine, id, lease);
      this.#owed.delete(id);
    }
    for (let isMore = true; isMore && !this.#isStopping;) {
      isMore = await this.#handOut();
      await this.#claim();
    }
  }

  /** True when there is probably more. A look at the sequence spares a quiet log the statement. */
  async #handOut(): Promise<boolean> {
    const { db, clock } = this.#options;
    const seq = await newestSeq(db.engine);
    const now = clock.monotonicMs();
    if (seq !== this.#newest.seq) this.#newest = { seq, since: now, isRead: false };
    else if (this.#newest.isRead && now - this.#newest.since > quietAfterMs) return false;
    const { read, seqs, from, until } = await db.asEngine((tx) =>
      handOut(tx, handOutMax, new Date(clock.now())),
    );
    this.#newest.isRead = read === 0;
    if (from !== null && until !== null) await this.#window.load(db.engine, seqs, { from, until });
    return read === handOutMax;
  }

  async #claim(): Promise<void> {
    const { db, clock, node } = this.#options;
    const running = [...this.#running.values()].map(({ claimed }) => claimed);
    const limit = places.node - running.length;
    if (limit <= 0) return;
    const troubled = running.filter(isTroubled);
    const accounts = Map.groupBy(running, ({ webhook }) => webhook.accountId);
    const claimed = await claim(db.engine, {
      node,
      now: new Date(clock.now()),
      limit,
      busy: [...accounts].map(([accountId, theirs]) => {
        return { accountId, all: theirs.length, troubled: theirs.filter(isTroubled).length };
      }),
      perAccount: places.account,
      troubledPerAccount: places.troubledPerAccount,
      troubledLimit: places.troubled - troubled.length,
    });
    for (const each of claimed) {
      // The lease ran out in our hands and came back to us: the first run finds that its own is lost.
      if (this.#running.has(each.webhook.id)) this.#owed.set(each.webhook.id, each.lease);
      else this.#running.set(each.webhook.id, { claimed: each, done: this.#run(each) });
    }
  }

  async #run(claimed: Claimed): Promise<void> {
    const { db, clock, ring, wordings, network, poster, log } = this.#options;
    const { id } = claimed.webhook;
    const world = {
      db,
      clock,
      ring,
      wordings,
      random: network.random,
      send: poster.send,
      window: this.#window,
      signal: this.#stopping.signal,
    };
    try {
      const isReleased = await runWebhook(world, claimed);
      if (!isReleased) await release(db.engine, id, claimed.lease);
    } catch (error) {
      if (!(error instanceof LeaseLost)) {
        log.warn({ error: errorText(error), webhook: id }, 'a webhook could not go on; it is tried again');
        this.#owed.set(id, claimed.lease);
      }
    } finally {
      this.#running.delete(id);
      this.#hint();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#ticking;
    const cut = setTimeout(() => this.#stopping.abort(), stopMs);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    clearTimeout(cut);
  }
}
