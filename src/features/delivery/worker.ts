/**
 * The delivery worker: takes messages from the window in turn, finds their site and source address, parks them there; claims
 * more when the window has room. One per node. What must not leave now (stopped, suspended, another node's, too slow a site)
 * goes back into the queue without an attempt. Stops in order: no claims, lanes finish, outcomes commit, the rest is given back.
 */
import type { Clock } from '../../base/clock.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { CopyData } from '../messages/index.ts';
import type { SourceChoice } from '../pools/index.ts';
import { Backlog, claim, defaultRetryPolicy, survey } from '../queue/index.ts';
import type { LeasedMessage, Window } from '../queue/index.ts';
import type { SiteState } from '../sites/index.ts';
import { policyLabel } from '../transport/index.ts';
import type { Suspension } from '../suspensions/index.ts';
import { Destinations } from './destinations.ts';
import type { DestinationOptions } from './destinations.ts';
import type { Source } from './governor.ts';
import type { AttemptOutcome, AttemptPlace } from './model.ts';
import { Returns } from './returns.ts';
import type { ReturnOptions } from './returns.ts';
import type { FindRoute, Route } from './router.ts';
import { siteWaitMaxMs } from './site.ts';

export type WorkerOptions = Pick<
  DestinationOptions,
  'open' | 'profileOf' | 'limitsOf' | 'weightOf' | 'idleMs' | 'countTries'
> &
  Pick<ReturnOptions, 'hold'> & {
    readonly connection: HotConnection;
    readonly node: number;
    readonly window: Window;
    readonly clock: Clock;
    readonly random: () => number;
    readonly log: Log;
    readonly route: FindRoute;
    readonly finish: (message: LeasedMessage, outcome: AttemptOutcome, place: AttemptPlace) => void;
    readonly pollMs: number;
    readonly systemSource: Source;
    /** Which source address a message leaves from; `refund` says that it did not. */
    readonly sources: {
      readonly choose: (message: LeasedMessage) => SourceChoice;
      readonly giveBack: (addressId: string) => void;
      readonly elsewhere: () => readonly string[];
    };
    /** What suspends it, null when nothing does; `site` null before it is known. */
    readonly suspended: (message: LeasedMessage, site: string | null) => Suspension | null;
    /** Called for messages that are given back. */
    readonly onGivenBack: (message: LeasedMessage) => void;
  };

/** Messages taken from the window whose attempt is not over: what may be under way at once. */
const underWayMax = 2000;
const claimEachMax = 500;
const subaccountsPerSurvey = 1000;
const subaccountsPerClaim = 200;
/** With less room in the window a claim is not worth its statement. */
const claimRoomMin = 50;
/** While half of what may be under way is, no site keeps more than its share of it for longer than this. */
const crowdedWaitMaxMs = 1000;

/** `transport`: the policy of the host that comes first, null when there is none. */
type FoundDomain = { readonly domain: string; readonly site: string; readonly transport: string | null };

const noPlace: AttemptPlace = { site: null, host: null, address: null, tls: null };

export class DeliveryWorker implements AsyncDisposable {
  readonly #options: WorkerOptions;
  readonly #destinations: Destinations;
  readonly #returns: Returns;
  #domains = new Map<string, string>();
  #newDomains = new Map<string, FoundDomain>();
  #underWay = 0;
  /** Leased, and known here: in line, under way, or on the way back. */
  readonly #inHand = new Set<string>();
  #afterSubaccount = 0;
  readonly #backlog: Backlog;
  #timer: NodeJS.Timeout | null = null;
  #polling: Promise<void> | null = null;
  #hasBacklog = true;
  #isStopping = false;
  #isPumping = false;
  #stoppedSubaccounts: ReadonlySet<number> = new Set();

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { clock, log, onGivenBack, open, window, weightOf } = options;
    this.#backlog = new Backlog(weightOf, (tenantId) => window.sizeOf(tenantId));
    this.#returns = new Returns({
      ...options,
      onGone: (message) => {
        onGivenBack(message);
        this.done(message);
      },
    });
    this.#destinations = new Destinations({
      ...options,
      open,
      finish: (message, outcome, place) => this.#finish(message, outcome, place),
      turnAway: (message, site) => this.#turnAway(message, site),
      later: (message, waitMs, { site, source }) => {
        options.sources.giveBack(source.addressId);
        this.#later(message, clock.now() + waitMs, site);
      },
      onBug: (error, message) => {
        const stack = error instanceof Error ? error.stack : null;
        log.error({ error: errorText(error), stack }, 'a lane broke');
        if (message !== null) this.#returnLater(message, clock.now() + 60_000, null);
      },
    });
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
    this.#take(messages);
    this.#options.window.offer(messages, true);
    this.#pump();
  }

  /** Subaccounts whose mail must not leave now: checked before each attempt (status changes within 2 s). */
  stopSubaccounts(ids: ReadonlySet<number>): void {
    this.#stoppedSubaccounts = ids;
  }

  isInHand(messageId: string): boolean {
    return this.#inHand.has(messageId);
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** The attempt is over and committed, or the message was given back. */
  done(message: LeasedMessage): void {
    this.#inHand.delete(message.messageId);
    this.#options.window.release(message.subaccountId, 1, message.weightBytes);
    this.#pump();
  }

  /** Back into the queue, due now, without an attempt counted. */
  giveBack(message: LeasedMessage): void {
    this.#returns.later(message, this.#options.clock.now(), null);
  }

  siteStates(): readonly SiteState[] {
    return this.#destinations.states();
  }

  /** Domains whose site was found since the last call. */
  takeDomains(): readonly FoundDomain[] {
    const found = [...this.#newDomains.values()];
    this.#newDomains = new Map();
    return found;
  }

  #tick(): void {
    this.#destinations.tidy();
    if (this.#domains.size > 50_000) this.#domains = new Map();
    if (this.#isStopping || this.#polling !== null) return;
    this.#polling = this.#claim()
      .catch((error: unknown) => this.#options.log.warn({ error: errorText(error) }, 'a claim failed'))
      .finally(() => {
        this.#polling = null;
      });
  }

  #take(messages: readonly LeasedMessage[]): void {
    for (const { messageId } of messages) this.#inHand.add(messageId);
  }

  /** Claims until nothing is due or the window is full; first a look at who else has mail, however much is known. */
  async #claim(): Promise<void> {
    this.#hasBacklog = false;
    while (this.#hasRoom) {
      await this.#survey();
      while (this.#hasRoom && (await this.#claimPortions()));
      if (this.#afterSubaccount === 0) return;
    }
  }

  get #hasRoom(): boolean {
    return !this.#isStopping && this.#options.window.claimRoom >= claimRoomMin;
  }

  async #survey(): Promise<void> {
    const { connection, clock, sources } = this.#options;
    const { waiting, walkedTo } = await survey(connection, {
      now: new Date(clock.now()),
      subaccountsMax: subaccountsPerSurvey,
      afterSubaccount: this.#afterSubaccount,
      poolsElsewhere: sources.elsewhere(),
    });
    this.#backlog.add(waiting);
    this.#afterSubaccount = walkedTo;
  }

  /** False when nobody is known to have mail that is due. */
  async #claimPortions(): Promise<boolean> {
    const { window, connection, node, clock, sources } = this.#options;
    const portions = this.#backlog.portions({
      room: window.claimRoom,
      subaccountsMax: subaccountsPerClaim,
      eachMax: claimEachMax,
    });
    if (portions.length === 0) return false;
    const messages = await claim(connection, {
      node,
      now: new Date(clock.now()),
      portions,
      poolsElsewhere: sources.elsewhere(),
    });
    this.#take(messages);
    window.offer(messages, false);
    this.#backlog.settle(portions, messages);
    this.#pump();
    return true;
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
    const isMore = this.#hasBacklog || !this.#backlog.isEmpty;
    if (isMore && window.waiting === 0 && window.claimRoom > 500) this.#tick();
  }

  #send(message: LeasedMessage): void {
    if (this.#turnAway(message, null)) return;
    const route = this.#options.route(message.domain, isTlsOptional(message));
    if (route instanceof Promise) {
      route.then(
        (found) => this.#park(message, found),
        (error: unknown) => this.#park(message, { kind: 'postponed', error: errorText(error) }),
      );
      return;
    }
    this.#park(message, route);
  }

  /** True when it must not leave now: its subaccount is stopped, or something suspends it. */
  #turnAway(message: LeasedMessage, site: string | null): boolean {
    if (this.#stoppedSubaccounts.has(message.subaccountId)) {
      this.#returnLater(message, this.#options.clock.now(), site);
      return true;
    }
    const suspension = this.#options.suspended(message, site);
    if (suspension === null) return false;
    this.#over();
    this.#returns.hold(message, suspension);
    return true;
  }

  /** The next one takes its place at once, not when its outcome is committed. */
  #over(): void {
    this.#underWay -= 1;
    this.#pump();
  }

  #finish(message: LeasedMessage, outcome: AttemptOutcome, place: AttemptPlace): void {
    this.#options.finish(message, outcome, place);
    this.#over();
  }

  #returnLater(message: LeasedMessage, dueAt: number, site: string | null, poolId?: string): void {
    this.#returns.later(message, dueAt, site, poolId ?? null);
    this.#over();
  }

  #park(message: LeasedMessage, route: Route): void {
    switch (route.kind) {
      case 'hosts':
        if (!isTlsOptional(message)) this.#note(message.domain, route);
        if (!this.#turnAway(message, route.site)) this.#parkAt(message, route);
        return;
      case 'impossible':
        this.#finish(message, { kind: 'impossible', phase: 'route', reply: route.reply }, noPlace);
        return;
      case 'postponed':
        this.#postpone(message, route);
    }
  }

  /** Where a domain's mail goes, once for each change. */
  #note(domain: string, { site, hosts }: Extract<Route, { kind: 'hosts' }>): void {
    const transport = hosts[0]?.transport === undefined ? null : policyLabel(hosts[0].transport);
    const known = transport === null ? site : `${site} ${transport}`;
    if (this.#domains.get(domain) === known) return;
    this.#domains.set(domain, known);
    this.#newDomains.set(domain, { domain, site, transport });
  }

  #postpone(message: LeasedMessage, { error, policy }: Extract<Route, { kind: 'postponed' }>): void {
    const place = policy === undefined ? noPlace : { ...noPlace, policy };
    this.#finish(message, { kind: 'postponed', phase: 'route', error }, place);
  }

  #parkAt(message: LeasedMessage, { site: name, hosts }: Extract<Route, { kind: 'hosts' }>): void {
    const { sources, systemSource, clock } = this.#options;
    const now = clock.now();
    const choice = sources.choose(message);
    if (choice.kind === 'elsewhere') return this.#returnLater(message, now, name);
    if (choice.kind === 'overflow') return this.#returnLater(message, now, name, choice.poolId);
    if (choice.kind === 'spent') return this.#later(message, choice.until, name);
    const source = choice.kind === 'system' ? systemSource : sourceOf(choice.address);
    const site = this.#destinations.find(name, source, hosts, isTlsRequired(message));
    const waitMs = site.waitMs(message);
    const share = underWayMax / Math.max(1, this.#destinations.size);
    const isCrowded = this.#underWay > underWayMax / 2 && site.parked >= share && waitMs > crowdedWaitMaxMs;
    if (waitMs > siteWaitMaxMs || isCrowded) {
      sources.giveBack(source.addressId);
      return this.#later(message, now + Math.round(waitMs * 0.8), name);
    }
    site.push(message, hosts);
    return undefined;
  }

  /** Waits in the store; when its time for trying is over, it ends here. */
  #later(message: LeasedMessage, dueAt: number, site: string): void {
    const { clock } = this.#options;
    const endsAt = message.beganAt + message.heldMs + defaultRetryPolicy.lifetimeMs;
    if (clock.now() >= endsAt) {
      const error = `${site} took no mail for as long as the message may be tried`;
      this.#finish(message, { kind: 'postponed', phase: 'connect', error }, { ...noPlace, site });
      return;
    }
    this.#returnLater(message, Math.min(dueAt, endsAt), site);
  }

  /** Stops claiming and sending; what waits here is given back so that another node may take it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#polling;
    const parked = [...(await this.#destinations.stop())];
    const { window, clock } = this.#options;
    for (let next = window.take(); next !== undefined; next = window.take()) {
      this.#underWay += 1;
      parked.push(next);
    }
    for (const message of parked) this.#returnLater(message, clock.now(), null);
    await this.#returns.idle();
  }
}

function sourceOf({ id, address, ehloName }: Extract<SourceChoice, { kind: 'address' }>['address']): Source {
  return { addressId: id, localAddress: address, ehloName };
}

function isTlsOptional({ data }: LeasedMessage): boolean {
  return (data as CopyData | null)?.isTlsOptional === true;
}

function isTlsRequired({ data }: LeasedMessage): boolean {
  return (data as CopyData | null)?.isTlsRequired === true;
}
