/**
 * Imports: as much as a batch of a file is in memory; each batch is a short transaction of its own, so that nobody waits
 * for a large file and a cut one keeps what was read. At most `gateMax` batches of a node are stored at a time.
 */
import { errorText } from '../../base/log.ts';
import type { Scope } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import type { Tx } from '../../base/database/database.ts';
import { refuse } from '../refusals/index.ts';
import { readLines } from '../../base/lines.ts';
import type { BadLine, ImportFormat, ImportReport, Kind, Layer, NewEntry, Owner } from './model.ts';
import { ownerFor, withinOf, withinPatterns } from './operations.ts';
import type { SuppressionWorld } from './operations.ts';
import { rowReader } from './rows.ts';
import type { ReadRow } from './rows.ts';
import { entryKey, patternsMax, settled, toEntry } from './rules.ts';
import type { Given } from './rules.ts';
import { putCounted } from './sql.ts';
import {
  endImport,
  findImport,
  insertImport,
  listImports,
  mayGoOn,
  moveImport,
  muteAudit,
} from './sql-imports.ts';

const batchMax = 1000;
const badLinesMax = 1000;
const importsPerListMax = 2;
const gateMax = 3;

export type ImportWorld = SuppressionWorld & { readonly gate: Gate };

/** Lets so many in at a time, in the order of their coming. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places = gateMax) {
    this.#free = places;
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

export type ImportInput = {
  readonly layer?: Layer;
  readonly format: ImportFormat;
  /** For rows that name none. */
  readonly kind: Kind;
  readonly body: AsyncIterable<Buffer>;
};

export type Brought = {
  readonly added: number;
  readonly changed: number;
  readonly faults: readonly { readonly index: number; readonly message: string }[];
};

export type Imported = {
  readonly report: ImportReport;
  /** What ended the body before its time; null when it was whole. */
  readonly brokenBy: unknown;
};

/**
 * Reads the body to its end, or to where it breaks; either way what was read is stored and reported. A stop of the owner ends
 * it with a refusal before the next batch.
 */
export async function importEntries(
  world: ImportWorld,
  scope: Scope,
  { layer, format, kind, body }: ImportInput,
): Promise<Imported> {
  const { db, clock } = world;
  const owner = ownerFor(scope, layer);
  const now = new Date(clock.now());
  const id = await db.scoped(scope, (tx) => insertImport(tx, owner, { format, now, max: importsPerListMax }));
  if (id === null)
    throw refuse('limit.reached', { message: `${importsPerListMax} imports into this list are under way` });
  const run = new ImportRun(world, scope, owner, id);
  const reader = rowReader(format, kind);
  let brokenBy: unknown = null;
  try {
    for await (const lines of wholeLines(body, (error) => (brokenBy = error))) {
      for (const line of lines) await run.take(reader.read(line));
    }
    await run.take(reader.end());
    await run.store();
  } catch (error) {
    await run.end('cut');
    throw error;
  }
  return { report: await run.end(brokenBy === null ? 'finished' : 'cut'), brokenBy };
}

/** Lines until the body ends or breaks: a break is told, and is no failure of ours. */
async function* wholeLines(
  body: AsyncIterable<Buffer>,
  onBreak: (error: unknown) => void,
): ReturnType<typeof readLines> {
  const lines = readLines(body);
  try {
    for (;;) {
      const next = await lines.next().catch((error: unknown) => {
        onBreak(error);
        return null;
      });
      if (next === null || next.done === true) return;
      yield next.value;
    }
  } finally {
    // Also when its reader has had enough: the body is not left half read.
    await lines.return(undefined);
  }
}

class ImportRun {
  readonly #world: ImportWorld;
  readonly #scope: Scope;
  readonly #owner: Owner;
  readonly #id: string;
  #rows: ReadRow[] = [];
  #badKept = 0;

  constructor(world: ImportWorld, scope: Scope, owner: Owner, id: string) {
    this.#world = world;
    this.#scope = scope;
    this.#owner = owner;
    this.#id = id;
  }

  async take(rows: readonly ReadRow[]): Promise<void> {
    this.#rows.push(...rows);
    if (this.#rows.length >= batchMax) await this.store();
  }

  /** One transaction: entries, counts, event. */
  async store(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    if (rows.length > 0) await this.#world.gate.through(() => this.#storeBatch(rows));
  }

  async #storeBatch(rows: readonly ReadRow[]): Promise<void> {
    const { db, clock } = this.#world;
    const now = new Date(clock.now());
    const bad: BadLine[] = rows.flatMap((row) => ('entry' in row ? [] : [row]));
    const good = rows.flatMap((row) => ('entry' in row ? [{ ...row.entry, line: row.line }] : []));
    await db.scoped(this.#scope, async (tx) => {
      if (!(await mayGoOn(tx, this.#owner))) throw refuse('subaccount.inactive');
      await muteAudit(tx);
      const { within, over } = await withinPatterns(tx, this.#owner, good, now);
      const badLines = [...bad, ...over.map(({ line }) => tooMany(line))];
      const counts = await this.#put(tx, within, now);
      const progress = { read: rows.length, ...counts, bad: badLines.length };
      const kept = badLines.toSorted((a, b) => a.line - b.line).slice(0, badLinesMax - this.#badKept);
      this.#badKept += kept.length;
      await moveImport(tx, this.#id, { ...progress, badLines: kept }, now);
      const { accountId, subaccountId, layer } = this.#owner;
      const data = { importId: this.#id, layer, ...progress };
      await append(tx, now, [{ accountId, subaccountId, kind: 'suppression.imported', data }]);
    });
  }

  #put(
    tx: Tx,
    entries: readonly NewEntry[],
    now: Date,
  ): Promise<{ readonly added: number; readonly changed: number }> {
    if (entries.length === 0) return Promise.resolve({ added: 0, changed: 0 });
    return putCounted(tx, this.#owner, settled(entries), { source: 'import', now });
  }

  end(state: 'finished' | 'cut'): Promise<ImportReport> {
    const { db, clock } = this.#world;
    return db.scoped(this.#scope, (tx) => endImport(tx, this.#id, state, new Date(clock.now())));
  }
}

/**
 * Within a transaction of the caller's: a batch that comes from elsewhere. Where one address comes twice for one kind, what
 * both stop is stopped. Answers, beside the counts, what is wrong with entries, by their place.
 */
export async function bringIn(tx: Tx, owner: Owner, given: readonly Given[], now: Date): Promise<Brought> {
  const faults: { readonly index: number; readonly message: string }[] = [];
  const byKey = new Map<string, NewEntry>();
  for (const [index, each] of given.entries()) {
    const entry = toEntry(each);
    if ('rule' in entry) faults.push({ index, message: `${entry.field} ${entry.message}` });
    else {
      const key = entryKey(entry);
      const before = byKey.get(key);
      const stopsTransactional = entry.stopsTransactional || before?.stopsTransactional === true;
      byKey.set(key, {
        ...entry,
        stopsTransactional,
        stopsBulk: entry.stopsBulk || before?.stopsBulk === true,
      });
    }
  }
  const entries = settled([...byKey.values()]);
  await muteAudit(tx);
  const none = { added: 0, changed: 0 };
  const counts =
    entries.length === 0 ? none : await putCounted(tx, owner, entries, { source: 'import', now, adds: true });
  const { accountId, subaccountId, layer } = owner;
  const data = { importId: '0', layer, read: given.length, ...counts, bad: faults.length };
  await append(tx, now, [{ accountId, subaccountId, kind: 'suppression.imported', data }]);
  return { ...counts, faults };
}

function tooMany(line: number): BadLine {
  return { line, field: 'kind', rule: 'limit', message: `A list has at most ${patternsMax} patterns` };
}

export async function getImport(world: SuppressionWorld, scope: Scope, id: string): Promise<ImportReport> {
  const found = await world.db.scoped(scope, (tx) => findImport(tx, id, withinOf(scope)));
  if (found === null) throw refuse('not_found');
  return found;
}

export function imports(
  world: SuppressionWorld,
  scope: Scope,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly ImportReport[]> {
  return world.db.scoped(scope, (tx) => listImports(tx, { ...page, subaccountId: withinOf(scope) }));
}

/** For the caller of a body that broke: what was kept. */
export function cutText({ report, brokenBy }: Imported): string {
  return `The body ended early (${errorText(brokenBy)}); import ${report.id} kept the ${report.read} lines before that`;
}
