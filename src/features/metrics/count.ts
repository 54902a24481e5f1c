/** Background: counts what the log has more than the figures. */
import type { Database, Tx } from '../../base/database/database.ts';
import { present } from '../../base/assert.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import type { Group, Named } from './model.ts';
import { fold, nothingOpened, open, seriesHash, unfolded } from './naming.ts';
import type { Opened } from './naming.ts';
import {
  addAccountHours,
  addCells,
  countOpened,
  findSeries,
  insertSeries,
  moveCursor,
  nextBatch,
  openedOn,
} from './sql-count.ts';
import type { Cell, NewSeries, Opening } from './sql-count.ts';

/** Of mail: one batch holds the program up for about 10 ms where every event is a series of its own. */
const batch = 1000;
/** A stop waits for the round: a few seconds, however far behind the counter is. */
const batchesPerRound = 20;

/** Of days and subaccounts that opened series lately: read again where the store has another number of them. */
const rememberedMax = 500;

export class Counter {
  readonly #db: Database;
  readonly #opened = new Map<string, Opened>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** One round towards the end of the log; returns how many events it counted. */
  async count(now: Date): Promise<number> {
    let total = 0;
    for (let round = 0; round < batchesPerRound; round++) {
      const counted = await this.#db.asEngine((tx) => this.#batch(tx, now));
      total += counted;
      if (counted < batch) break;
    }
    return total;
  }

  async #batch(tx: Tx, now: Date): Promise<number> {
    const { groups, read, lastSeq } = await nextBatch(tx, batch);
    if (lastSeq === null) return 0;
    const ofMail = groups.filter(({ kind }) => kind.startsWith('message.'));
    const { cells, limited } = await this.#seriesOf(tx, ofMail);
    if (cells.length > 0) {
      await addCells(tx, cells);
      await addAccountHours(tx, ofMail);
    }
    await moveCursor(tx, lastSeq);
    await append(tx, now, limited);
    return read;
  }

  /** The series of each group: one that is there, or a new one under the names that the day still takes. */
  async #seriesOf(
    tx: Tx,
    groups: readonly Group[],
  ): Promise<{ readonly cells: readonly Cell[]; readonly limited: readonly NewEvent[] }> {
    const asked = groups.map((group) => keyed(unfolded(group)));
    const ids = new Map(await findSeries(tx, sought(asked)));
    const renamed = new Map<Keyed, Keyed>();
    const limited: NewEvent[] = [];
    const days: { readonly opened: Opened; readonly series: number; readonly keys: Set<string> }[] = [];
    const unknown = asked.filter(({ key }) => !ids.has(key));
    const byDay = Map.groupBy(unknown, ({ named }) => `${named.subaccountId}/${dayOf(named.hour)}`);
    const today = await this.#openedOn(tx, [...byDay.values()].map(openingOf));
    for (const [day, some] of byDay) {
      const { subaccountId, accountId, hour } = present(some[0]).named;
      const opened = present(today.get(day));
      const before = new Set(opened.folded);
      const keys = new Set<string>();
      days.push({ opened, series: opened.series, keys });
      for (const each of some) {
        const found = underName(each, opened);
        renamed.set(each, found);
        if (!keys.has(found.key)) open(opened, found.named);
        keys.add(found.key);
      }
      for (const dimension of opened.folded)
        if (!before.has(dimension))
          limited.push({
            accountId,
            subaccountId,
            kind: 'figures.limited',
            data: { dimension, day: dayOf(hour) },
          });
    }
    const absent = new Set(unknown.map(({ key }) => key));
    const fresh = await addSeries(tx, [...renamed.values()], absent, ids);
    // What is folded was mostly there: the store's number again, by which it is known what is remembered rightly.
    for (const { opened, series, keys } of days)
      opened.series = series + [...keys].filter((key) => fresh.has(key)).length;
    const cells = asked.map((each): Cell => {
      const { accountId, subaccountId, hour, wait, n, sizeBytes, waitedMs, engaged } = each.named;
      const { key } = renamed.get(each) ?? each;
      return {
        accountId,
        subaccountId,
        hour,
        wait,
        n,
        sizeBytes,
        waitedMs,
        engaged,
        seriesId: present(ids.get(key), 'every group has its series'),
      };
    });
    return { cells, limited };
  }

  /** What is remembered is asked for its number only, and read again where the store has another. */
  async #openedOn(tx: Tx, asked: readonly Opening[]): Promise<ReadonlyMap<string, Opened>> {
    const remembered = asked.filter((each) => this.#opened.has(openingKey(each)));
    const counts = remembered.length === 0 ? new Map<string, number>() : await countOpened(tx, remembered);
    const found = new Map<string, Opened>();
    const stale: Opening[] = [];
    for (const each of asked) {
      const key = openingKey(each);
      const known = this.#opened.get(key);
      const isRight = known !== undefined && known.series === (counts.get(key) ?? 0);
      const opened = isRight ? known : nothingOpened();
      if (!isRight) stale.push(each);
      this.#opened.delete(key);
      this.#opened.set(key, opened);
      found.set(key, opened);
    }
    if (stale.length > 0) for (const row of await openedOn(tx, stale)) open(present(found.get(row.key)), row);
    for (const oldest of this.#opened.keys()) {
      if (this.#opened.size <= rememberedMax) break;
      this.#opened.delete(oldest);
    }
    return found;
  }
}

const openingKey = ({ subaccountId, day }: Opening): string => `${subaccountId}/${day}`;

function openingOf(some: readonly Keyed[]): Opening {
  const { subaccountId, hour } = present(some[0]).named;
  return { subaccountId, day: dayOf(hour) };
}

/**
 * Ids of the series that are not known yet, and which were opened; what is folded may be there from another day or batch,
 * `absent` was looked for already.
 */
async function addSeries(
  tx: Tx,
  wanted: readonly Keyed[],
  absent: ReadonlySet<string>,
  ids: Map<string, string>,
): Promise<ReadonlySet<string>> {
  if (wanted.length === 0) return new Set();
  const folded = wanted.filter(({ key }) => !absent.has(key));
  if (folded.length > 0) for (const [key, id] of await findSeries(tx, sought(folded))) ids.set(key, id);
  const fresh = new Map(wanted.filter(({ key }) => !ids.has(key)).map((each) => [each.key, toNew(each)]));
  if (fresh.size > 0) for (const [key, id] of await insertSeries(tx, [...fresh.values()])) ids.set(key, id);
  return new Set(fresh.keys());
}

type Keyed = { readonly key: string; readonly hash: string; readonly named: Named };

function keyed(named: Named): Keyed {
  const hash = seriesHash(named);
  return { key: `${named.subaccountId}/${hash}`, hash, named };
}

const dayOf = (hour: Date): string => hour.toISOString().slice(0, 10);

function underName(each: Keyed, opened: Opened): Keyed {
  const folded = fold(each.named, opened);
  return folded === each.named ? each : keyed(folded);
}

function sought(some: readonly Keyed[]): Parameters<typeof findSeries>[1] {
  const once = new Map(some.map(({ key, hash, named: { subaccountId } }) => [key, { subaccountId, hash }]));
  return [...once.values()];
}

function toNew({ hash, named: group }: Keyed): NewSeries {
  return { hash, openedOn: dayOf(group.hour), named: group };
}
