import { createReadStream } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Database } from '../base/database/database.ts';
import { errorText, silentLog } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import { makeAccess } from '../features/access/index.ts';
import { accountOf, allAccounts, systemAccount } from '../features/accounts/index.ts';
import {
  cutText,
  everyEntry,
  Gate,
  importEntries,
  list,
  put,
  removeAddress,
} from '../features/suppressions/index.ts';
import type { ImportWorld, Kind, Layer } from '../features/suppressions/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

type Words = readonly string[];
type Work = (world: ImportWorld, scope: Scope, words: Words) => Promise<number>;

const shown = 200;

/**
 * The operator's list for everybody, and imports into anybody's. An address that stands there as an erased person's hash is
 * not found here: its own account removes it.
 */
export const suppressCommand: Command = {
  usage: '(list [TEXT] | add ADDRESS|PATTERN [REASON] | remove ADDRESS|PATTERN | import FILE [NUMBER])',
  does: 'addresses that nobody writes to; import a list (CSV, JSON lines) for an account or subaccount',
  run: (words, config) => {
    const [verb = '', ...rest] = words;
    const work = verbs[verb];
    const needs = verb === 'list' ? 0 : 1;
    if (work === undefined || rest.length < needs) {
      console.error(`lettershop suppress ${suppressCommand.usage}`);
      return Promise.resolve(1);
    }
    return asOperator(config, work, rest);
  },
};

const verbs: Readonly<Record<string, Work | undefined>> = {
  list: async (world, scope, [text = '']) => {
    const search = text === '' ? null : text.toLowerCase();
    const page = { after: '0', limit: shown };
    const found = await list(world, scope, { ...everyEntry, search, layer: 'installation' }, page);
    for (const { address, kind, reason } of found)
      console.log(`${address ?? '(erased)'}\t${kind}\t${reason}`);
    if (found.length === 0) console.log('The list is empty.');
    return 0;
  },
  add: async (world, scope, [address = '', ...reason]) => {
    const kind: Kind = /[*?]/.test(address) ? 'pattern' : 'manual';
    const entries = [{ address, kind, reason: reason.join(' ').slice(0, 1000) }];
    await put(world, scope, { layer: 'installation', entries });
    console.log(`nobody writes to ${address} any more`);
    return 0;
  },
  remove: async (world, scope, [address = '']) => {
    const removed = await removeAddress(world, scope, { address, kind: null, layer: 'installation' });
    console.log(removed === 0 ? `${address} was not on the list` : `${address} is off the list`);
    return removed === 0 ? 1 : 0;
  },
  import: async (world, scope, [path = '', number]) => {
    const target =
      number === undefined ? { scope, layer: 'installation' as const } : await targetOf(world.db, number);
    if (target === null) {
      console.error(`lettershop suppress: there is no account or subaccount ${number}`);
      return 1;
    }
    return importFile(world, target, path);
  },
};

/** An account's number means its list for all its subaccounts, a subaccount's its own. */
async function targetOf(
  db: Database,
  text: string,
): Promise<{ readonly scope: Scope; readonly layer: Layer } | null> {
  const id = Number(text);
  if (!Number.isInteger(id)) return null;
  await using access = makeAccess({ db, clock: systemClock, log: silentLog });
  const account = (await allAccounts(db)).find((each) => Number(each.id) === id);
  if (account !== undefined) return { scope: access.operatorScope(account), layer: 'account' };
  const parent = await accountOf(db, id);
  if (parent === null) return null;
  const scope = access.operatorScope({ id: parent.id, ownSubaccountId: id as typeof parent.ownSubaccountId });
  return { scope, layer: 'subaccount' };
}

async function importFile(
  world: ImportWorld,
  { scope, layer }: { readonly scope: Scope; readonly layer: Layer },
  path: string,
): Promise<number> {
  const format = /\.(?:ndjson|jsonl)$/i.test(path) ? 'ndjson' : 'csv';
  const imported = await importEntries(world, scope, {
    layer,
    format,
    kind: 'manual',
    body: chunksOf(path),
  });
  const { read, added, changed, bad, badLines } = imported.report;
  for (const { line, field, message } of badLines) console.error(`line ${line}: ${field} ${message}`);
  console.log(`read ${read}, added ${added}, changed ${changed}, bad ${bad}`);
  if (imported.brokenBy === null) return 0;
  console.error(cutText(imported));
  return 1;
}

/** Opened when it is read: a file that is not there is told like one that breaks. */
async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path)) yield chunk as Buffer;
}

function asOperator(config: Config, work: Work, words: Words): Promise<number> {
  return withDatabase(config, async (db) => {
    await using access = makeAccess({ db, clock: systemClock, log: silentLog });
    const scope = access.operatorScope(await systemAccount(db, new Date()));
    const world = { db, clock: systemClock, erasedForms: () => [], gate: new Gate() };
    try {
      return await work(world, scope, words);
    } catch (error) {
      console.error(`lettershop suppress: ${errorText(error)}`);
      return 1;
    }
  });
}
