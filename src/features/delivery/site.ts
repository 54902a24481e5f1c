/**
 * A site: one destination as the network sees it. Holds the messages parked for it, its connections ("lanes" of work)
 * and its backing off. Each lane is a loop of its own: open, send in turn, idle a while, close.
 */
import type { Clock } from '../../base/clock.ts';
import type { AttemptOutcome, AttemptPlace } from './model.ts';
import type { LeasedMessage } from '../queue/index.ts';
import type { Reply } from '../../mail/reply.ts';
import { siteBackoff } from './rules.ts';
import type { SiteBackoff } from './rules.ts';

export type Host = { readonly name: string; readonly address: string; readonly port: number };

/** What a lane sends through; made by connect.ts. */
export type Lane = {
  readonly host: Host;
  readonly tls: string | null;
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
};

export type SiteOptions = {
  readonly name: string;
  readonly lanesMax: number;
  readonly messagesPerLaneMax: number;
  readonly idleMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly open: (
    hosts: readonly Host[],
  ) => Promise<{ ok: true; lane: Lane } | { ok: false; failure: LaneFailure }>;
  readonly finish: (message: LeasedMessage, outcome: AttemptOutcome, place: AttemptPlace) => void;
  /** A lane's loop broke with a bug: its message goes back to the queue. */
  readonly onBug: (error: unknown, message: LeasedMessage | null) => void;
};

type Parked = { readonly message: LeasedMessage; readonly hosts: readonly Host[] };

export class Site {
  readonly name: string;
  readonly #options: SiteOptions;
  #parked: Parked[] = [];
  readonly #idle: ((parked: Parked | null) => void)[] = [];
  #lanes = 0;
  #opening = 0;
  #connected = 0;
  #backoff: SiteBackoff | null = null;
  #isStopping = false;
  readonly #running = new Set<Promise<void>>();

  constructor(options: SiteOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get parked(): number {
    return this.#parked.length;
  }

  get isQuiet(): boolean {
    return this.#lanes === 0 && this.#parked.length === 0 && this.backsOffUntil() === null;
  }

  /** When connections may be tried again, null when they may now. */
  backsOffUntil(): number | null {
    if (this.#backoff === null || this.#backoff.until <= this.#options.clock.now()) return null;
    return this.#backoff.until;
  }

  push(message: LeasedMessage, hosts: readonly Host[]): void {
    const until = this.backsOffUntil();
    if (until !== null) {
      this.#options.finish(message, postponed(`${this.name} is backing off`), this.#place(null));
      return;
    }
    const waiting = this.#idle.pop();
    if (waiting !== undefined) {
      waiting({ message, hosts });
      return;
    }
    this.#parked.push({ message, hosts });
    // After failures one connection probes; otherwise as many as there is work for.
    const lanesMax = this.#backoff === null ? this.#options.lanesMax : 1;
    if (this.#lanes < lanesMax && this.#opening < this.#parked.length) this.#start();
  }

  /** No new work: idle lanes close, busy ones finish; what is parked comes back. */
  async stop(): Promise<readonly LeasedMessage[]> {
    this.#isStopping = true;
    const left = this.#parked.map(({ message }) => message);
    this.#parked = [];
    for (const wake of this.#idle.splice(0)) wake(null);
    await Promise.all(this.#running);
    return left;
  }

  #start(): void {
    this.#lanes += 1;
    this.#opening += 1;
    const running = this.#run().finally(() => {
      this.#lanes -= 1;
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  async #run(): Promise<void> {
    const first = this.#parked.shift();
    if (first === undefined) {
      this.#opening -= 1;
      return;
    }
    const lane = await this.#open(first);
    // A lane that could not open leaves what is parked to those that could.
    if (lane === null) return;
    this.#connected += 1;
    await this.#work(lane, first);
    this.#connected -= 1;
    await lane.close();
    if (this.#parked.length > 0 && !this.#isStopping) this.#start();
  }

  async #work(lane: Lane, first: Parked): Promise<void> {
    let current: Parked | null = first;
    for (let sent = 1; current !== null; sent++) {
      const { message }: Parked = current;
      try {
        this.#options.finish(message, await lane.attempt(message), this.#place(lane));
      } catch (error) {
        this.#options.onBug(error, message);
        return;
      }
      if (this.#isStopping || !lane.isReusable() || sent >= this.#options.messagesPerLaneMax) return;
      current = await this.#next();
    }
  }

  async #open(first: Parked): Promise<Lane | null> {
    try {
      const opened = await this.#options.open(first.hosts);
      if (opened.ok) {
        this.#backoff = null;
        return opened.lane;
      }
      this.#fail(first.message, opened.failure);
    } catch (error) {
      this.#options.onBug(error, first.message);
    } finally {
      this.#opening -= 1;
    }
    return null;
  }

  /** The site could not be reached: everything parked for it shares the answer, and it backs off. */
  #fail(first: LeasedMessage, failure: LaneFailure): void {
    const { clock, random, finish } = this.#options;
    const isDown = this.#connected === 0;
    const messages = isDown ? [first, ...this.#parked.splice(0).map(({ message }) => message)] : [first];
    // Lanes that were opening together fail together: one failure of the site.
    if (isDown && this.backsOffUntil() === null) {
      this.#backoff = siteBackoff(clock.now(), (this.#backoff?.failures ?? 0) + 1, random());
    }
    const outcome = failureOutcome(failure);
    const place = {
      site: this.name,
      host: failure.host?.name ?? null,
      address: failure.host?.address ?? null,
      tls: null,
    };
    for (const message of messages) finish(message, outcome, place);
  }

  /** The next parked message, or null after an idle while. */
  async #next(): Promise<Parked | null> {
    const ready = this.#parked.shift();
    if (ready !== undefined) return ready;
    return new Promise((resolve) => {
      const wake = (parked: Parked | null): void => {
        clearTimeout(timer);
        resolve(parked);
      };
      const timer = setTimeout(() => {
        const at = this.#idle.indexOf(wake);
        if (at >= 0) this.#idle.splice(at, 1);
        resolve(null);
      }, this.#options.idleMs);
      this.#idle.push(wake);
    });
  }

  #place(lane: Lane | null): AttemptPlace {
    return {
      site: this.name,
      host: lane?.host.name ?? null,
      address: lane?.host.address ?? null,
      tls: lane?.tls ?? null,
    };
  }
}

function postponed(error: string): AttemptOutcome {
  return { kind: 'postponed', phase: 'connect', error };
}

/** A 5yz to greeting or EHLO speaks of the host, not of the recipient: it defers (RFC 5321 4.2.1, contract 2.2). */
function failureOutcome(failure: LaneFailure): AttemptOutcome {
  const told = failure.transcript === undefined ? {} : { transcript: failure.transcript };
  if (failure.reply === null) {
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
