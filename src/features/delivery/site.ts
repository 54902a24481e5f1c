/**
 * A site's group of hosts, from one source address: holds the messages parked for it in turn (the same fairness as the
 * window's) and its connections ("lanes"). How many and how fast is the governor's. HOT PATH.
 */
import type { AttemptOutcome, AttemptPlace } from './model.ts';
import { Turns } from '../queue/index.ts';
import type { LeasedMessage } from '../queue/index.ts';
import type { Reply } from '../../mail/reply.ts';
import { policyLabel } from '../transport/index.ts';
import type { HostTransport, HostTry } from '../transport/index.ts';
import type { Governor, Member, Source } from './governor.ts';

export type Host = {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** What its sessions must meet; absent for a next hop that the operator names. */
  readonly transport?: HostTransport;
};

/** What a lane sends through; made by open-lane.ts. */
export type Lane = {
  readonly host: Host;
  readonly tls: string | null;
  /** How its sessions, and those with hosts that were passed over for it, met their policies. */
  readonly tries: readonly HostTry[];
  readonly isReusable: () => boolean;
  readonly attempt: (message: LeasedMessage) => Promise<AttemptOutcome>;
  readonly close: () => Promise<void>;
};

export type LaneFailure = {
  readonly phase: 'connect' | 'greeting' | 'ehlo' | 'tls' | 'auth';
  readonly reply: Reply | null;
  readonly error: string | null;
  readonly host: Host | null;
  readonly transcript?: string;
  readonly tries: readonly HostTry[];
  /** The host did not meet its policy, or no host what its mail demands: this says nothing about the site. */
  readonly isPolicy?: boolean;
  /** It answered and offers no STARTTLS. */
  readonly isWithoutTls?: boolean;
  /** No host will ever do. */
  readonly final?: Reply;
};

export type SiteOptions = {
  readonly name: string;
  readonly governor: Governor;
  /** Its mail leaves only to hosts that offer REQUIRETLS and are proven. */
  readonly isTlsRequired: boolean;
  readonly idleMs: number;
  readonly weightOf: (tenantId: number) => number;
  readonly open: (
    hosts: readonly Host[],
    source: Source,
    isTlsRequired: boolean,
  ) => Promise<{ ok: true; lane: Lane } | { ok: false; failure: LaneFailure }>;
  readonly finish: (message: LeasedMessage, outcome: AttemptOutcome, place: AttemptPlace) => void;
  /** Asked right before an attempt: true when the message must not leave now and was taken care of. */
  readonly turnAway: (message: LeasedMessage, site: string) => boolean;
  /** Not within `siteWaitMaxMs`: it goes back to the store for so long. */
  readonly later: (message: LeasedMessage, waitMs: number, from: { site: string; source: Source }) => void;
  /** Sessions count for the recipient domain that they were for. */
  readonly countTries: (domain: string, tries: readonly HostTry[]) => void;
  /** A lane's loop broke with a bug: its message goes back to the queue. */
  readonly onBug: (error: unknown, message: LeasedMessage | null) => void;
};

/** A message that would wait longer for its site waits in the store. */
export const siteWaitMaxMs = 20_000;

/** A connection that is open; `sent` counts its messages. */
type Seat = {
  readonly lane: Lane;
  /** Recipient domains that it has sent to. */
  readonly domains: Set<string>;
  sent: number;
  timer: NodeJS.Timeout | null;
};

export class Site implements Member {
  readonly name: string;
  readonly #options: SiteOptions;
  readonly #governor: Governor;
  readonly #turns: Turns<LeasedMessage>;
  readonly #idle: Seat[] = [];
  #hosts: readonly Host[] = [];
  #lanes = 0;
  #opening = 0;
  #connected = 0;
  #isStopping = false;
  readonly #running = new Set<Promise<void>>();

  constructor(options: SiteOptions) {
    this.name = options.name;
    this.#options = options;
    this.#governor = options.governor;
    this.#turns = new Turns(options.weightOf);
  }

  get parked(): number {
    return this.#turns.size;
  }

  get lanes(): number {
    return this.#lanes;
  }

  get isQuiet(): boolean {
    return this.#lanes === 0 && this.#turns.size === 0;
  }

  /** Milliseconds until one more message of this subaccount would leave, by the rate that is reached. */
  waitMs({ accountId, subaccountId }: LeasedMessage): number {
    const rate = this.#governor.ratePerSecond();
    const limits = this.#governor.options.limitsOf(accountId);
    const perHour = limits?.messagesPerHour ?? null;
    const shared = (this.#turns.turnsUntil(accountId, subaccountId) * 1000) / rate;
    const own = this.#turns.sizeOf(accountId, subaccountId);
    const alone = perHour === null ? 0 : ((own + 1) * 3_600_000) / perHour;
    const paused = (this.#governor.pausedUntil ?? 0) - this.#governor.options.clock.now();
    return Math.max(shared, alone) + Math.max(0, paused);
  }

  push(message: LeasedMessage, hosts: readonly Host[]): void {
    this.#hosts = hosts;
    this.#turns.push(message);
    this.#governor.park(1);
    this.#governor.members.add(this);
    this.pump();
  }

  /** No new work: idle lanes close, busy ones finish; what is parked comes back. */
  async stop(): Promise<readonly LeasedMessage[]> {
    this.#isStopping = true;
    this.#governor.stop();
    const left = this.#takeAll();
    for (const seat of this.#idle.splice(0)) this.#leave(seat);
    while (this.#running.size > 0) await Promise.all(this.#running);
    return left;
  }

  /** Gives messages to free lanes and opens new ones, as far as pace and limits allow. */
  pump(): void {
    const governor = this.#governor;
    while (!this.#isStopping && this.#turns.size > 0) {
      const waitMs = governor.waitMs();
      if (waitMs > siteWaitMaxMs) return this.#giveBack(waitMs);
      if (waitMs > 0) return governor.wakeIn(waitMs);
      const seat = this.#idle.pop();
      if (seat !== undefined) {
        const message = this.#turns.take(governor.mayStart);
        if (message === undefined) {
          this.#idle.push(seat);
          governor.blocked();
          return governor.wakeIn(1000);
        }
        governor.park(-1);
        if (this.#options.turnAway(message, this.name)) this.#idle.push(seat);
        else this.#run(this.#work(seat, message));
      } else if (governor.connections < governor.allowed().connections && this.#opening < this.#turns.size) {
        this.#lanes += 1;
        this.#opening += 1;
        governor.connections += 1;
        this.#run(this.#open());
      } else {
        if (this.#lanes === 0) governor.askForConnection(this);
        return undefined;
      }
    }
    return undefined;
  }

  closeIdle(): boolean {
    const seat = this.#idle.pop();
    if (seat !== undefined) this.#leave(seat);
    return seat !== undefined;
  }

  /** A pause that long is waited for in the store, not in this node's hands. */
  #giveBack(waitMs: number): void {
    for (const message of this.#takeAll()) this.#options.later(message, waitMs, this.#governor.options);
    if (this.isQuiet) this.#governor.members.delete(this);
  }

  #takeAll(): readonly LeasedMessage[] {
    this.#governor.park(-this.#turns.size);
    return this.#turns.takeAll();
  }

  #run(work: Promise<void>): void {
    const running = work.finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #work(seat: Seat, message: LeasedMessage): Promise<void> {
    if (seat.timer !== null) clearTimeout(seat.timer);
    seat.timer = null;
    const governor = this.#governor;
    governor.start(message.accountId);
    const { lane } = seat;
    this.#count(seat, message.domain);
    try {
      const outcome = await lane.attempt(message);
      governor.finish(message, outcome, seat.sent === 0);
      this.#options.finish(message, outcome, this.#place(lane.host, lane.tls));
    } catch (error) {
      governor.finish(message, { kind: 'abandoned' }, false);
      this.#options.onBug(error, message);
      return this.#leave(seat);
    }
    seat.sent += 1;
    const own = governor.options.limitsOf(message.accountId)?.messagesPerConnection ?? Infinity;
    const sentMax = Math.min(own, governor.options.profile.messagesPerConnection);
    const isOver = governor.connections > governor.allowed().connections;
    if (this.#isStopping || !lane.isReusable() || seat.sent >= sentMax || isOver || governor.isWantedBy(this))
      return this.#leave(seat);
    this.#rest(seat);
    return undefined;
  }

  /** Free for the next message, or closed after an idle while. */
  #rest(seat: Seat): void {
    this.#idle.push(seat);
    this.pump();
    if (!this.#idle.includes(seat) || seat.timer !== null) return;
    seat.timer = setTimeout(() => {
      const at = this.#idle.indexOf(seat);
      if (at < 0) return;
      this.#idle.splice(at, 1);
      this.#leave(seat);
    }, this.#options.idleMs);
  }

  #leave(seat: Seat): void {
    if (seat.timer !== null) clearTimeout(seat.timer);
    this.#connected -= 1;
    this.#run(
      seat.lane.close().finally(() => {
        this.#freed();
        if (!this.#isStopping) this.#governor.pumpAll();
      }),
    );
  }

  #freed(): void {
    this.#lanes -= 1;
    this.#governor.connections -= 1;
    if (this.isQuiet) this.#governor.members.delete(this);
  }

  async #open(): Promise<void> {
    const { open, onBug, isTlsRequired } = this.#options;
    try {
      const opened = await open(this.#hosts, this.#governor.options.source, isTlsRequired).finally(() => {
        this.#opening -= 1;
      });
      if (opened.ok) {
        this.#governor.reached();
        this.#connected += 1;
        const seat = { lane: opened.lane, domains: new Set<string>(), sent: 0, timer: null };
        if (this.#isStopping) this.#leave(seat);
        else this.#rest(seat);
        return;
      }
      this.#freed();
      this.#fail(opened.failure);
    } catch (error) {
      this.#freed();
      onBug(error, null);
    }
  }

  /**
   * The site could not be reached: everything parked for it shares the answer, and it backs off. While others of its lanes
   * are open, one more than it takes is no news about the messages: only the pace follows.
   */
  #fail(failure: LaneFailure): void {
    const { reply } = failure;
    const isTurnedAway = reply !== null && failure.phase !== 'auth';
    const messages = this.#connected === 0 ? this.#takeAll() : [];
    // A policy that is not met is the domain's affair: others at the same site go on as fast as before.
    if (failure.isPolicy !== true || this.#connected > 0)
      this.#governor.trouble(isTurnedAway ? 'busy' : 'unreachable');
    for (const domain of new Set(messages.map((message) => message.domain)))
      this.#options.countTries(domain, failure.tries);
    const outcome = failureOutcome(failure);
    for (const message of messages) this.#options.finish(message, outcome, this.#place(failure.host, null));
    if (this.isQuiet) this.#governor.members.delete(this);
  }

  #count({ lane, domains }: Seat, domain: string): void {
    if (lane.tries.length === 0 || domains.has(domain)) return;
    domains.add(domain);
    this.#options.countTries(domain, lane.tries);
  }

  #place(host: Host | null, tls: string | null): AttemptPlace {
    const { localAddress } = this.#governor.options.source;
    const ofHost = host?.transport === undefined ? null : policyLabel(host.transport);
    const policy = this.#options.isTlsRequired ? [ofHost, 'REQUIRETLS'].filter(Boolean).join(', ') : ofHost;
    return {
      site: this.name,
      host: host?.name ?? null,
      address: host?.address ?? null,
      tls,
      ...(localAddress === null ? {} : { source: localAddress }),
      ...(policy === null ? {} : { policy }),
    };
  }
}

/**
 * A 5yz to greeting or EHLO speaks of the host, not of the recipient: it defers (RFC 5321 4.2.1, contract 2.2). An error
 * beside a reply tells more than it.
 */
function failureOutcome(failure: LaneFailure): AttemptOutcome {
  const told = failure.transcript === undefined ? {} : { transcript: failure.transcript };
  if (failure.final !== undefined)
    return { kind: 'impossible', phase: failure.phase, reply: failure.final, ...told };
  if (failure.reply === null || failure.error !== null) {
    return {
      kind: 'broken',
      phase: failure.phase,
      afterFinalDot: false,
      error: failure.error ?? 'no connection',
      ...told,
    };
  }
  const code = failure.reply.code >= 500 ? 450 : failure.reply.code;
  return { kind: 'refused', phase: failure.phase, reply: { ...failure.reply, code }, ...told };
}
