/**
 * Takes what the doors saw and writes it down beside them: the switch of the account is known for two seconds, rows wait
 * in a bounded queue, what does not fit or cannot be stored is dropped, counted and told in the program's log.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import type { Db } from '../../base/database/database.ts';
import { isRowFault } from '../../base/database/store-lost.ts';
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import type { AccountId } from '../../base/scope.ts';
import type { NewLog, SeenLogin, SeenRequest, SeenSubmission } from './model.ts';
import { rowOfLogin, rowOfRequest, rowOfSubmission } from './rules.ts';
import { findLoginOwner, insertLogs, isSwitchedOn } from './sql.ts';

export type RequestLogWorld = {
  /** Engine. */
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
};

const switchLifeMs = 2000;
const switchesMax = 10_000;
/** Rows that wait, by number and by size; and requests whose account's switch is being asked for. */
const waitingMax = 10_000;
const waitingBytesMax = 32 * 1024 * 1024;
const askingMax = 1000;
const tellEveryMs = 10_000;

type Switch = { isOn: boolean | null; readonly asked: Promise<boolean>; readonly until: number };

export class RequestLog implements AsyncDisposable {
  readonly #world: RequestLogWorld;
  readonly #batcher: Batcher<NewLog, void>;
  readonly #switches = new Map<AccountId, Switch>();
  readonly #asking = new Set<Promise<void>>();
  #waiting = 0;
  #waitingBytes = 0;
  #dropped = 0;
  #toldAt = -Infinity;

  constructor(world: RequestLogWorld) {
    this.#world = world;
    this.#batcher = new Batcher<NewLog, void>({
      run: async (logs) => {
        await insertLogs(world.db, logs);
        return logs.map(() => undefined);
      },
      itemsMax: 500,
      weigh: weightOf,
      weightMax: 4 * 1024 * 1024,
      isItemFault: isRowFault,
    });
  }

  /** For the HTTP door. Never throws; costs a look into a map when the account has it off. */
  readonly seeRequest = (seen: SeenRequest): void => {
    this.#see(seen.scope.accountId, (now) => rowOfRequest(seen, now));
  };

  /** For the SMTP door. */
  readonly seeSubmission = (seen: SeenSubmission): void => {
    this.#see(seen.scope.accountId, (now) => rowOfSubmission(seen, now));
  };

  /** For the SMTP door: nothing is kept of a login that meant no key. */
  readonly seeLogin = (seen: SeenLogin): void => {
    this.#ask(async () => {
      const owner = await findLoginOwner(this.#world.db, seen.user, seen.secretHash);
      if (owner !== null) this.#see(owner.accountId, (now) => rowOfLogin(seen, owner, now));
    });
  };

  /** The account's switch was moved: what this node knows of it is not true any more. */
  forget(accountId: AccountId): void {
    this.#switches.delete(accountId);
  }

  #see(accountId: AccountId, make: (now: number) => NewLog): void {
    const known = this.#switchOf(accountId);
    if (known.isOn === false) return;
    const now = this.#world.clock.now();
    if (known.isOn === true) this.#add(() => make(now));
    else
      this.#ask(async () => {
        if (await known.asked) this.#add(() => make(now));
      });
  }

  #switchOf(accountId: AccountId): Switch {
    const now = this.#world.clock.monotonicMs();
    const known = this.#switches.get(accountId);
    if (known !== undefined && known.until > now) return known;
    if (this.#switches.size >= switchesMax) this.#switches.clear();
    const fresh: Switch = {
      isOn: null,
      asked: isSwitchedOn(this.#world.db, accountId),
      until: now + switchLifeMs,
    };
    this.#switches.set(accountId, fresh);
    fresh.asked.then(
      (isOn) => {
        fresh.isOn = isOn;
      },
      () => {
        if (this.#switches.get(accountId) === fresh) this.#switches.delete(accountId);
      },
    );
    return fresh;
  }

  #ask(work: () => Promise<void>): void {
    if (this.#asking.size >= askingMax) return this.#drop('too many at once');
    const asking: Promise<void> = work()
      .catch((error: unknown) => this.#drop(errorText(error)))
      .finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
    return undefined;
  }

  #add(make: () => NewLog): void {
    if (this.#waiting >= waitingMax || this.#waitingBytes >= waitingBytesMax)
      return this.#drop('the queue is full');
    try {
      const row = make();
      const bytes = weightOf(row);
      this.#waiting += 1;
      this.#waitingBytes += bytes;
      this.#batcher
        .add(row)
        .catch((error: unknown) => this.#drop(errorText(error)))
        .finally(() => {
          this.#waiting -= 1;
          this.#waitingBytes -= bytes;
        });
    } catch (error) {
      this.#drop(errorText(error));
    }
    return undefined;
  }

  /** Told at most every ten seconds; the rest at the end. */
  #drop(why: string): void {
    this.#dropped += 1;
    const now = this.#world.clock.monotonicMs();
    if (now - this.#toldAt < tellEveryMs) return;
    this.#toldAt = now;
    this.#tell(why);
  }

  #tell(why: string): void {
    this.#world.log.warn({ dropped: this.#dropped, why }, 'request logs were dropped');
    this.#dropped = 0;
  }

  /** Writes what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#asking.size > 0) await Promise.all(this.#asking);
    await this.#batcher.idle();
    if (this.#dropped > 0) this.#tell('stopping');
  }
}

function weightOf({ request, response, path }: NewLog): number {
  return request.length + response.length + path.length + 500;
}
