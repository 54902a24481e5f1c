import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import type { Keyring } from '../../base/seal.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import { TemplateCache } from '../../mail/template/cache.ts';
import { createWithin as createDomain, makeKeys } from '../domains/index.ts';
import { setWithin } from '../quotas/index.ts';
import { isRefusal } from '../refusals/index.ts';
import { changeWithin, createWithin as createSubaccount, find } from '../subaccounts/index.ts';
import { bringIn as bringSuppressions } from '../suppressions/index.ts';
import { bringIn as bringTemplate, standing } from '../templates/index.ts';
import type { Counts, Place, Thing, Told } from './model.ts';

const batchMax = 1000;

export type MovingWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly ring: Keyring;
  readonly mailDomain: string;
};

export type CarryOptions = {
  /** Who gets what the provider's account holds itself. */
  readonly holderId: SubaccountId;
  /** Does everything and takes it back. */
  readonly isDry: boolean;
  /** One line for each thing as it is done; of suppressions only what is left. */
  readonly tell: (told: Told) => void;
};

type Of<What extends Thing['what']> = Extract<Thing, { what: What }>;
type Done = Pick<Told, 'result' | 'why'>;
/** A number; in a dry run, one that is not there yet. */
type Found = SubaccountId | Of<'subaccount'>;

/** `scope` is the account's own. */
export async function carry(
  world: MovingWorld,
  scope: Scope,
  things: AsyncIterable<Thing>,
  options: CarryOptions,
): Promise<Counts> {
  const run = new Carrying(world, scope, options);
  for await (const thing of things) await run.take(thing);
  await run.storeSuppressions();
  return run.counts;
}

/** Thrown to take a dry run's transaction back. */
class Undone extends Error {}

class Carrying {
  readonly counts = new Map<string, number>();
  readonly #world: MovingWorld;
  readonly #scope: Scope;
  readonly #options: CarryOptions;
  readonly #found = new Map<string, Found | null>();
  #waiting: Of<'suppression'>[] = [];

  constructor(world: MovingWorld, scope: Scope, options: CarryOptions) {
    this.#world = world;
    this.#scope = scope;
    this.#options = options;
  }

  async take(thing: Thing): Promise<void> {
    switch (thing.what) {
      case 'suppression':
        this.#waiting.push(thing);
        if (this.#waiting.length >= batchMax) await this.storeSuppressions();
        return;
      case 'left':
      case 'noted':
        this.#tell({ ...thing, result: thing.what });
        return;
      case 'subaccount':
        return this.#one('subaccount', null, thing.externalId, () => this.#subaccount(thing));
      case 'domain':
        return this.#one('domain', thing.place, thing.name, () => this.#domain(thing));
      case 'template':
        return this.#one(thing.moved.kind, thing.place, thing.moved.slug, () => this.#template(thing));
    }
  }

  /** A refusal is told, and the next thing taken; anything else ends the run. */
  async #one(kind: string, place: Place, name: string, work: () => Promise<Done>): Promise<void> {
    try {
      this.#tell({ kind, place, name, ...(await work()) });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { errors = [] } = error.details;
      const why = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
      this.#tell({ kind, place, name, result: 'left', why: why === '' ? error.message : why });
    }
  }

  async #subaccount(thing: Of<'subaccount'>): Promise<Done> {
    const known = await this.#place(thing.externalId);
    if (known !== null) return { result: 'there', why: `is subaccount ${numberOf(known)}` };
    const id = await this.#run((tx) => this.#makeSubaccount(tx, thing, true));
    this.#found.set(thing.externalId, this.#options.isDry ? thing : id);
    return { result: 'made', why: this.#options.isDry ? '' : `is subaccount ${id}` };
  }

  async #makeSubaccount(tx: Tx, thing: Of<'subaccount'>, isFirst: boolean): Promise<SubaccountId> {
    const { externalId, name, notes, stop, hourMax } = thing;
    const input = { name, externalId, notes, isTrial: false, profile: {}, switches: {}, poolId: null };
    const { subaccount } = await createSubaccount(this.#world, tx, this.#scope, input, async (_tx, made) => {
      if (hourMax === null) return;
      const limits = { hour: hourMax, day: null, month: null, isAutomatic: false };
      try {
        await setWithin(tx, { subaccountId: made.id, ownId: this.#scope.subaccountId }, limits);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const why = `${hourMax} an hour is more than the account's own limit, which counts instead`;
        if (isFirst) this.#tell({ result: 'noted', kind: 'quota', place: externalId, name, why });
      }
    });
    if (stop !== null)
      await changeWithin(this.#world, tx, String(subaccount.id), {
        status: stop,
        reason: 'was so where it came from',
      });
    return subaccount.id;
  }

  async #domain({ place, name, isShared }: Of<'domain'>): Promise<Done> {
    const holder = await this.#place(place);
    if (holder === null) return this.#nobody(place);
    // Keys cost some hundred milliseconds; a dry run needs none.
    const keys = this.#options.isDry ? [] : await makeKeys();
    try {
      const share = this.#share(place, isShared);
      const { records } = await this.#run(async (tx) =>
        createDomain(this.#world, tx, await this.#owner(tx, holder), { name, share }, keys),
      );
      const lines = records.map((record) => `\n    ${record.type} ${record.name} ${record.value}`);
      return { result: 'made', why: this.#options.isDry ? '' : `publish:${lines.join('')}` };
    } catch (error) {
      if (isRefusal(error) && error.code === 'conflict.exists') return { result: 'there', why: '' };
      throw error;
    }
  }

  async #template({ place, moved, isShared }: Of<'template'>): Promise<Done> {
    const holder = await this.#place(place);
    if (holder === null) return this.#nobody(place);
    return this.#run(async (tx) => {
      const owner = await this.#owner(tx, holder);
      const state = await standing(tx, owner, moved);
      if (state === 'same') return { result: 'there', why: '' };
      if (state === 'other') return { result: 'conflict', why: 'another stands under its name; it stays' };
      const world = { clock: this.#world.clock, cache: new TemplateCache() };
      await bringTemplate(world, tx, owner, { ...moved, share: this.#share(place, isShared) });
      return { result: 'made', why: '' };
    });
  }

  /** Only what the account holds itself can be shared. */
  #share(place: Place, isShared: boolean): 'use' | 'none' {
    const isOwn = place === null && this.#options.holderId === this.#scope.subaccountId;
    return isShared && isOwn ? 'use' : 'none';
  }

  /** One transaction for each list of the batch. */
  async storeSuppressions(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const some of Map.groupBy(waiting, ({ place, layer }) => `${layer} ${place ?? ''}`).values()) {
      const [first] = some;
      if (first === undefined) continue;
      const holder = await this.#place(first.place);
      if (holder === null) {
        for (const { entry } of some) this.#leave(first.place, entry.address, this.#nobody(first.place).why);
        continue;
      }
      const now = new Date(this.#world.clock.now());
      const entries = some.map(({ entry }) => entry);
      const { added, changed, faults } = await this.#run(async (tx) => {
        const owner = { ...(await this.#owner(tx, holder)), layer: this.#layer(first) };
        return bringSuppressions(tx, owner, entries, now);
      });
      for (const { index, message } of faults)
        this.#leave(first.place, entries[index]?.address ?? '', message);
      this.#count('suppression', 'made', added);
      this.#count('suppression', 'changed', changed);
      this.#count('suppression', 'there', some.length - added - changed - faults.length);
    }
  }

  /** A list for all subaccounts is the account's own; whoever gets the account's things as a subaccount has its own. */
  #layer({ layer }: Of<'suppression'>): 'account' | 'subaccount' {
    return this.#options.holderId === this.#scope.subaccountId ? layer : 'subaccount';
  }

  #leave(place: Place, name: string, why: string): void {
    this.#tell({ result: 'left', kind: 'suppression', place, name, why });
  }

  /** Who holds what is at a place; null: nobody here. */
  async #place(place: Place): Promise<Found | null> {
    if (place === null) return this.#options.holderId;
    const known = this.#found.get(place);
    if (known !== undefined) return known;
    const found = await this.#world.db.scoped(this.#scope, async (tx) => {
      try {
        return (await find(tx, `external:${place}`, false)).id;
      } catch (error) {
        if (isRefusal(error) && error.code === 'not_found') return null;
        throw error;
      }
    });
    this.#found.set(place, found);
    return found;
  }

  #nobody(place: Place): Done {
    return { result: 'left', why: `there is no subaccount with the external id "${place}" here` };
  }

  async #owner(tx: Tx, holder: Found): Promise<Pick<Scope, 'accountId' | 'subaccountId'>> {
    const { accountId } = this.#scope;
    const isThere = typeof holder === 'number';
    return { accountId, subaccountId: isThere ? holder : await this.#makeSubaccount(tx, holder, false) };
  }

  async #run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { db } = this.#world;
    if (!this.#options.isDry) return db.scoped(this.#scope, work);
    let done: { readonly value: T } | null = null;
    try {
      await db.scoped(this.#scope, async (tx) => {
        done = { value: await work(tx) };
        throw new Undone();
      });
    } catch (error) {
      if (!(error instanceof Undone)) throw error;
    }
    if (done === null) throw new Error('a dry run did nothing');
    return (done as { readonly value: T }).value;
  }

  #tell(told: Told): void {
    const { result, kind, place, name, why } = told;
    this.#count(kind, result, 1);
    this.#options.tell({ result, kind, place, name, why });
  }

  #count(kind: string, result: Told['result'], more: number): void {
    const key = `${kind} ${result}`;
    if (more > 0) this.counts.set(key, (this.counts.get(key) ?? 0) + more);
  }
}

function numberOf(found: Found): string {
  return typeof found === 'number' ? String(found) : 'to be made';
}
