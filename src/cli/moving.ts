import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { errorText, silentLog } from '../base/log.ts';
import type { Scope } from '../base/scope.ts';
import { makeAccess } from '../features/access/index.ts';
import { allAccounts } from '../features/accounts/index.ts';
import { carry } from '../features/moving/index.ts';
import type { Counts, MovingWorld, Thing, Told } from '../features/moving/index.ts';
import { get } from '../features/subaccounts/index.ts';
import { providers } from '../main/moving.ts';
import type { ExportedRows, Provider } from '../main/moving.ts';
import type { Command } from './index.ts';
import { fileRows } from './moving-files.ts';
import { readKeyring, withDatabase } from './with-store.ts';

/** In the order in which things are made. */
const kinds = ['subaccounts', 'domains', 'snippets', 'templates', 'suppressions', 'allowlist'] as const;

const options = {
  url: { type: 'string' },
  'key-file': { type: 'string' },
  account: { type: 'string' },
  subaccount: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  subaccounts: { type: 'string' },
  domains: { type: 'string' },
  snippets: { type: 'string' },
  templates: { type: 'string' },
  suppressions: { type: 'string' },
  allowlist: { type: 'string' },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(words: readonly string[]) {
  return parseArgs({ args: [...words], allowPositionals: true, options });
}

/** Each thing's line goes to the output as it is done; what is left or differs is an answer, no failure. */
export const movingCommand: Command = {
  usage: '(sparkpost|mandrill) (--key-file FILE [--url URL] | --suppressions FILE ...) [--dry-run]',
  does: 'bring in subaccounts, domains, templates and suppressions from there (README, moving)',
  run: async (words, config) => {
    try {
      const { values, positionals } = parse(words);
      const provider = providers[positionals[0] ?? ''];
      const isFromFiles = kinds.some((kind) => values[kind] !== undefined);
      if (provider === undefined || isFromFiles === (values['key-file'] !== undefined)) {
        console.error(`lettershop import ${movingCommand.usage}`);
        return 1;
      }
      const things = isFromFiles ? fromFiles(provider, values) : await fromApi(provider, values);
      return await bring(config, values, things);
    } catch (error) {
      console.error(`lettershop import: ${errorText(error)}`);
      return 1;
    }
  },
};

async function fromApi({ baseUrl, fromApi: read }: Provider, values: Values): Promise<AsyncIterable<Thing>> {
  // In a file, so that it stands in no list of processes.
  const key = (await readFile(values['key-file'] ?? '', 'utf8')).trim();
  return read({ baseUrl: values.url ?? baseUrl }, key);
}

async function* fromFiles(provider: Provider, values: Values): AsyncGenerator<Thing> {
  for (const kind of kinds) {
    const path = values[kind];
    if (path === undefined) continue;
    const bad: Thing[] = [];
    const rows = fileRows(path, (line, why) => {
      bad.push({ what: 'left', kind, place: null, name: `line ${line}`, why });
    });
    const exported: ExportedRows = { kind, rows };
    for await (const thing of provider.fromRows(exported)) {
      yield* bad.splice(0);
      yield thing;
    }
    yield* bad.splice(0);
  }
}

function bring(config: Config, values: Values, things: AsyncIterable<Thing>): Promise<number> {
  return withDatabase(config, async (db) => {
    await using access = makeAccess({ db, clock: systemClock, log: silentLog });
    const ring = await readKeyring(config);
    const world = { db, clock: systemClock, ring, mailDomain: config.LETTERSHOP_MAIL_DOMAIN };
    const accounts = await allAccounts(db);
    const account =
      values.account === undefined ? accounts[0] : accounts.find(({ id }) => String(id) === values.account);
    if (account === undefined) throw new Error('there is no such account');
    const scope = access.operatorScope(account);
    const isDry = values['dry-run'];
    const holderId = await holderOf(world, scope, values.subaccount);
    const counts = await carry(world, scope, things, { isDry, holderId, tell: print });
    console.log(isDry ? '\nA dry run: nothing was changed. It would be:' : '\nIn all:');
    for (const line of summary(counts)) console.log(line);
    return 0;
  });
}

/** What the provider's account holds itself goes to the account's own subaccount, or to the named one. */
async function holderOf(
  world: MovingWorld,
  scope: Scope,
  reference: string | undefined,
): Promise<Scope['subaccountId']> {
  return reference === undefined ? scope.subaccountId : (await get(world, scope, reference)).id;
}

function print({ result, kind, place, name, why }: Told): void {
  const where = place === null ? '' : ` (${place})`;
  console.log(`${result.padEnd(8)} ${kind} ${name}${where}${why === '' ? '' : `: ${why}`}`);
}

function summary(counts: Counts): readonly string[] {
  return [...counts].map(([what, count]) => `${String(count).padStart(8)} ${what}`);
}
