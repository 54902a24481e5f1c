/**
 * The delivery worker: takes messages from the window in turn, finds their site, parks them there; claims more when the
 * window has room. One per node. Stops in order: no claims, lanes finish, outcomes commit, the rest is given back.
 */
import type { Clock } from '../../base/clock.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { claim, unlease } from '../queue/index.ts';
import type { LeasedMessage, Window } from '../queue/index.ts';
import type { AttemptOutcome, AttemptPlace } from './model.ts';
import type { Route } from './router.ts';
import { Site } from './site.ts';
import type { Host, SiteOptions } from './site.ts';

export type WorkerOptions = {
  readonly connection: HotConnection;
  readonly node: number;
  readonly window: Window;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly route: (domain: string) => Route | Promise<Route>;
  readonly openLane: SiteOptions['open'];
  readonly finish: (message: LeasedMessage, outcome: AttemptOutcome, place: AttemptPlace) => void;
  readonly lanesMax: number;
  readonly messagesPerLaneMax: number;
  readonly laneIdleMs: number;
  readonly pollMs: number;
  /** Called for messages whose subaccount may not send now, or that are given back for another reason. */
  readonly onGivenBack: (message: LeasedMessage) => void;
};

/** Messages parked for one site before claims pass its domains by. */
const parkedMax = 1000;
/** Messages taken from the window and not finished: what may be under way at once. */
const underWayMax = 2000;
const claimEachMax = 500;
const subaccountsPerClaim = 200;

const noPlace: AttemptPlace = { site: null, host: null, address: null, tls: null };

export class DeliveryWorker implements AsyncDisposable {
  readonly #options: WorkerOptions;
  readonly #sites = new Map<string, Site>();
  readonly #domainsOf = new Map<string, string>();
  #underWay = 0;
  #afterSubaccount = 0;
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> | null = null;
  #hasBacklog = true;
  #isStopping = false;
  #isPumping = false;
  #stoppedSubaccounts: ReadonlySet<number> = new Set();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#options.pollMs);
  }

  /** Mail was stored without a lease: look for it soon. */
  hint(): void {
    this.#hasBacklog = true;
  }

  /** Accept handed mail over. */
  offer(messages: readonly LeasedMessage[]): void {
    this.#options.window.offer(messages, true);
    this.#pump();
  }

  /** Subaccounts whose mail must not leave now: checked before each attempt (status changes within 2 s). */
  stopSubaccounts(ids: ReadonlySet<number>): void {
    this.#stoppedSubaccounts = ids;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** The attempt is over and committed, or the message was given back. */
  done(message: LeasedMessage): void {
    this.#options.window.release(message.subaccountId, 1, message.weightBytes);
    this.#underWay -= 1;
    this.#pump();
  }

  /** What "why is it here" tells of a site. */
  siteState(domain: string): { site: string; parked: number; backsOffUntil: number | null } | null {
    const site = this.#sites.get(this.#domainsOf.get(domain) ?? '');
    return site === undefined
      ? null
      : { site: site.name, parked: site.parked, backsOffUntil: site.backsOffUntil() };
  }

  #tick(): void {
    for (const [name, site] of this.#sites) if (site.isQuiet) this.#sites.delete(name);
    if (this.#domainsOf.size > 50_000) this.#domainsOf.clear();
    if (this.#isStopping || this.#polling !== null) return;
    this.#polling = this.#claim()
      .catch((error: unknown) => this.#options.log.warn({ error: errorText(error) }, 'a claim failed'))
      .finally(() => {
        this.#polling = null;
      });
  }

  /** Claims until nothing is due or the window is full. */
  async #claim(): Promise<void> {
    const { window, connection, node, clock } = this.#options;
    this.#hasBacklog = false;
    for (;;) {
      const { room } = window;
      if (this.#isStopping || room < 50) return;
      const each = Math.max(1, Math.min(claimEachMax, Math.floor(room / subaccountsPerClaim) * 4, room));
      const claimed = await claim(connection, {
        node,
        now: new Date(clock.now()),
        each: Math.max(each, 20),
        subaccountsMax: subaccountsPerClaim,
        afterSubaccount: this.#afterSubaccount,
        blockedDomains: this.#blockedDomains(),
      });
      window.offer(claimed, false);
      this.#pump();
      const last = claimed.reduce((most, { subaccountId }) => Math.max(most, subaccountId), 0);
      if (claimed.length === 0) {
        const wasWrapped = this.#afterSubaccount === 0;
        this.#afterSubaccount = 0;
        if (wasWrapped) return;
      } else {
        this.#afterSubaccount =
          new Set(claimed.map(({ subaccountId }) => subaccountId)).size < subaccountsPerClaim ? 0 : last;
      }
    }
  }

  /** Domains whose site has enough parked already, or backs off. */
  #blockedDomains(): string[] {
    const blocked: string[] = [];
    for (const [domain, name] of this.#domainsOf) {
      const site = this.#sites.get(name);
      if (site !== undefined && (site.parked >= parkedMax || site.backsOffUntil() !== null))
        blocked.push(domain);
    }
    return blocked;
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const { window } = this.#options;
    while (!this.#isStopping && this.#underWay < underWayMax) {
      const message = window.take();
      if (message === undefined) break;
      this.#underWay += 1;
      this.#send(message);
    }
    this.#isPumping = false;
    if (this.#hasBacklog && window.waiting === 0 && window.room > 1000) this.#tick();
  }

  #send(message: LeasedMessage): void {
    if (this.#stoppedSubaccounts.has(message.subaccountId)) {
      this.giveBack([message], this.#options.clock.now());
      return;
    }
    const route = this.#options.route(message.domain);
    if (route instanceof Promise) {
      route.then(
        (found) => this.#park(message, found),
        (error: unknown) => this.#park(message, { kind: 'postponed', error: errorText(error) }),
      );
      return;
    }
    this.#park(message, route);
  }

  #park(message: LeasedMessage, route: Route): void {
    switch (route.kind) {
      case 'hosts':
        this.#domainsOf.set(message.domain, route.site);
        this.#siteOf(route.site).push(message, route.hosts);
        return;
      case 'impossible':
        this.#options.finish(message, { kind: 'impossible', phase: 'route', reply: route.reply }, noPlace);
        return;
      case 'postponed':
        this.#options.finish(message, { kind: 'postponed', phase: 'route', error: route.error }, noPlace);
    }
  }

  #siteOf(name: string): Site {
    let site = this.#sites.get(name);
    if (site === undefined) {
      const { lanesMax, messagesPerLaneMax, laneIdleMs, clock, random, finish, log } = this.#options;
      site = new Site({
        name,
        lanesMax,
        messagesPerLaneMax,
        idleMs: laneIdleMs,
        clock,
        random,
        open: (hosts: readonly Host[]) => this.#options.openLane(hosts),
        finish,
        onBug: (error, message) => {
          log.error(
            { error: errorText(error), stack: error instanceof Error ? error.stack : null, site: name },
            'a lane broke',
          );
          if (message !== null) this.giveBack([message], clock.now() + 60_000);
        },
      });
      this.#sites.set(name, site);
    }
    return site;
  }

  /** Back into the queue without an attempt counted. */
  giveBack(messages: readonly LeasedMessage[], dueAt: number): void {
    const { connection, node, log, onGivenBack } = this.#options;
    const rows = messages.map(({ subaccountId, messageId }) => ({
      subaccountId,
      messageId,
      dueAt: new Date(dueAt),
    }));
    unlease(connection, node, rows)
      .catch((error: unknown) => log.warn({ error: errorText(error) }, 'messages could not be given back'))
      .finally(() => {
        for (const message of messages) {
          onGivenBack(message);
          this.done(message);
        }
      });
  }

  /** Stops claiming and sending; what waits here is given back so that another node may take it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#polling;
    const parked = (await Promise.all([...this.#sites.values()].map((site) => site.stop()))).flat();
    const { window, connection, node, clock, log } = this.#options;
    for (let next = window.take(); next !== undefined; next = window.take()) parked.push(next);
    const dueAt = new Date(clock.now());
    const rows = parked.map(({ subaccountId, messageId }) => ({ subaccountId, messageId, dueAt }));
    if (rows.length === 0) return;
    await unlease(connection, node, rows).catch((error: unknown) =>
      log.warn({ error: errorText(error) }, 'leases could not be given back; they end with the term'),
    );
  }
}
