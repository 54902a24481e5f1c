/**
 * One site as seen from one source address: how many connections are open and may be, the pace, and whose lanes they are. The
 * rules are `sites`'; this keeps their state and carries it out for all groups of hosts (`site.ts`) behind the same site.
 */
import type { Clock } from '../../base/clock.ts';
import { classify } from '../../mail/bounce/classify.ts';
import {
  allowed,
  fullPace,
  moodOf,
  nextSlot,
  reached,
  remember,
  slowDown,
  troubleIn,
  wentWell,
} from '../sites/index.ts';
import type { OwnLimits, Pace, Recent, SiteProfile, Trouble } from '../sites/index.ts';
import type { Turn } from '../queue/index.ts';
import type { AttemptOutcome } from './model.ts';

/** Where mail leaves from. `addressId` is '0' for the system's own address. */
export type Source = {
  readonly addressId: string;
  readonly localAddress: string | null;
  readonly ehloName: string;
};

/** A group of hosts with mail for this site. */
export type Member = {
  readonly parked: number;
  readonly lanes: number;
  /** May use a connection or a slot that came free. */
  readonly pump: () => void;
  /** Closes a connection that rests; false when it has none. */
  readonly closeIdle: () => boolean;
};

export type GovernorOptions = {
  readonly site: string;
  readonly source: Source;
  readonly profile: SiteProfile;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limitsOf: (accountId: number) => OwnLimits | null;
};

type OwnUse = { busy: number; nextAt: number };

/** The rate that is reached is measured while messages wait for the site; what is so long past hardly counts. */
const measureMs = 2000;
/** Before anything is measured: a connection takes ten messages a second. */
const perConnectionAtFirst = 10;

export class Governor {
  readonly options: GovernorOptions;
  readonly members = new Set<Member>();
  connections = 0;
  #parked = 0;
  #pace: Pace = fullPace;
  #recent: Recent = [];
  #nextAt = 0;
  readonly #own = new Map<number, OwnUse>();
  /** `count` messages ended within `ms` while others waited; before, as if one of each connection had. */
  readonly #measured: { count: number; ms: number };
  /** Since when messages wait and none has ended, null while none waits. */
  #waitedSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #turn = 0;

  constructor(options: GovernorOptions) {
    this.options = options;
    this.#measured = { count: options.profile.connections, ms: 1000 / perConnectionAtFirst };
  }

  get pace(): Pace {
    return this.#pace;
  }

  get isQuiet(): boolean {
    return this.members.size === 0 && this.#pace.reason === 'none';
  }

  /** When connections may be tried again, null when they may now. */
  get pausedUntil(): number | null {
    const { until } = this.#pace;
    return until !== null && until > this.options.clock.now() ? until : null;
  }

  allowed(): ReturnType<typeof allowed> {
    return allowed(this.options.profile, this.#pace, this.options.clock.now());
  }

  /** Milliseconds until a message may start; 0 for now. */
  waitMs(): number {
    const now = this.options.clock.now();
    return Math.max(0, (this.pausedUntil ?? 0) - now, this.#nextAt - now);
  }

  /** True while the account's own limits let one more of its messages start. */
  mayStart = (accountId: number): boolean => {
    const limits = this.options.limitsOf(accountId);
    if (limits === null) return true;
    const use = this.#own.get(accountId);
    if (use === undefined) return true;
    if (limits.connections !== null && use.busy >= limits.connections) return false;
    return limits.messagesPerHour === null || use.nextAt <= this.options.clock.now();
  };

  /** A message starts: it uses a slot of the pace, and of its account's own limits. */
  start(accountId: number): void {
    const now = this.options.clock.now();
    if (this.#parked > 0) this.#waitedSince ??= now;
    this.#nextAt = nextSlot(now, this.#nextAt, this.allowed().messagesPerSecond);
    const limits = this.options.limitsOf(accountId);
    const use = this.#own.get(accountId) ?? { busy: 0, nextAt: now };
    use.busy += 1;
    const perHour = limits?.messagesPerHour ?? null;
    use.nextAt = nextSlot(now, use.nextAt, perHour === null ? null : perHour / 3600);
    this.#own.set(accountId, use);
  }

  /** It is over: what the receiver answered moves the pace. */
  finish(message: Turn, outcome: AttemptOutcome, isFirstOfConnection: boolean): void {
    const now = this.options.clock.now();
    const use = this.#own.get(message.accountId);
    if (use !== undefined) {
      use.busy -= 1;
      if (use.busy === 0 && use.nextAt <= now) this.#own.delete(message.accountId);
    }
    this.#count();
    if (outcome.kind !== 'accepted' && outcome.kind !== 'refused') return;
    const { reply } = outcome;
    const phase = outcome.kind === 'refused' ? outcome.phase : 'final';
    const mood = moodOf(reply, reply.code < 400 ? null : classify(reply, phase).class);
    this.#recent = remember(this.#recent, message.subaccountId, mood);
    if (mood === 'good') {
      this.#pace = wentWell(this.#pace, now);
      return undefined;
    }
    if (reply.code === 421 && isFirstOfConnection) return this.trouble('busy');
    const trouble = troubleIn(this.#recent);
    if (trouble !== null) this.trouble(trouble);
    return undefined;
  }

  reached(): void {
    this.#pace = reached(this.#pace);
  }

  trouble(trouble: Trouble): void {
    const { clock, random } = this.options;
    this.#pace = slowDown(this.#pace, trouble, { now: clock.now(), random: random() });
    this.#recent = [];
  }

  /** Nothing that waits may go now: it waits for limits of its own, not for the site. */
  blocked(): void {
    this.#waitedSince = null;
  }

  /** More messages wait for the site, or fewer do. */
  park(count: number): void {
    this.#parked += count;
    if (this.#parked === 0) this.#waitedSince = null;
    else this.#waitedSince ??= this.options.clock.now();
  }

  /** Messages a second that leave while some wait, as limited or as measured: a quiet time says nothing about it. */
  ratePerSecond(): number {
    const limit = allowed(this.options.profile, { ...this.#pace, until: null }, 0).messagesPerSecond;
    const { count, ms } = this.#measured;
    // Each connection has ended at most the one message that it is busy with.
    const measured = Math.min(
      (count * 1000) / ms,
      (Math.max(1, this.connections) * 1000) / Math.max(1, this.#silentMs()),
    );
    return Math.max(0.1, limit === null ? measured : Math.min(limit, Math.max(measured, limit / 2)));
  }

  /** Another group of hosts has mail and no connection: who has one gives it up after its message. */
  isWantedBy(other: Member): boolean {
    for (const member of this.members)
      if (member !== other && member.parked > 0 && member.lanes === 0) return true;
    return false;
  }

  /** Another's resting connection is closed for one that has none; what comes free is offered to all. */
  askForConnection(other: Member): void {
    for (const member of this.members) if (member !== other && member.closeIdle()) return;
  }

  /** Lets everybody use what came free, beginning with the next in turn. */
  pumpAll(): void {
    const members = [...this.members];
    this.#turn = (this.#turn + 1) % Math.max(1, members.length);
    for (let at = 0; at < members.length; at++) members[(at + this.#turn) % members.length]?.pump();
  }

  /** One timer for all: when the pace or a pause lets the next message start. */
  wakeIn(ms: number): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.pumpAll();
      },
      Math.min(Math.max(1, ms), 1000),
    );
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #count(): void {
    if (this.#waitedSince === null) return;
    const measured = this.#measured;
    measured.count += 1;
    measured.ms += this.#silentMs();
    this.#waitedSince = this.options.clock.now();
    const shrink = Math.min(1, measureMs / measured.ms);
    measured.count *= shrink;
    measured.ms *= shrink;
  }

  /** How long messages have waited without one ending, pauses of the site left out. */
  #silentMs(): number {
    if (this.#waitedSince === null) return 0;
    return Math.max(0, this.options.clock.now() - Math.max(this.#waitedSince, this.#pace.until ?? 0));
  }
}
