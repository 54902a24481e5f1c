/** What waits, and why; bulk actions; suspensions. The operator's, over all accounts or one. */
import { parseArgs } from 'node:util';
import { systemClock } from '../base/clock.ts';
import type { Database } from '../base/database/database.ts';
import { errorText, silentLog } from '../base/log.ts';
import { instantMs } from '../base/route.ts';
import type { Scope, SubaccountId } from '../base/scope.ts';
import { makeAccess } from '../features/access/index.ts';
import { allAccounts } from '../features/accounts/index.ts';
import { act, actions, circumstances, reasonsFor, waiting } from '../features/control/index.ts';
import type { Action, Asked, ControlWorld } from '../features/control/index.ts';
import { ledgerSummary } from '../features/delivery/index.ts';
import { poolFor } from '../features/pools/index.ts';
import { profileOf } from '../features/sites/index.ts';
import { get as getSubaccount, mailStop } from '../features/subaccounts/index.ts';
import { add, list, remove, suspensionKinds } from '../features/suspensions/index.ts';
import type { Command } from './index.ts';
import { withDatabase } from './with-store.ts';

const shownPerAccount = 200;

const options = {
  account: { type: 'string' },
  subaccount: { type: 'string' },
  domain: { type: 'string' },
  site: { type: 'string' },
  state: { type: 'string' },
  hold: { type: 'string' },
  pool: { type: 'string' },
  tag: { type: 'string' },
  'older-than': { type: 'string' },
  attempts: { type: 'string' },
  'to-pool': { type: 'string' },
  until: { type: 'string' },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];
type Bench = { readonly world: ControlWorld; readonly scopes: readonly Scope[]; readonly values: Values };

function parse(words: readonly string[]) {
  return parseArgs({ args: [...words], options, allowPositionals: true });
}

export const queueCommand: Command = {
  usage: `[list | ${actions.join(' | ')} | suspend (${suspensionKinds.join('|')}) VALUE | resume ID | suspensions] [--filter ...]`,
  does: 'show what waits and why; act on it (--dry-run counts); suspend and resume. Filters: --account --subaccount --domain --site --state --hold --pool --tag --older-than SECONDS --attempts N',
  run: (words, config) =>
    withDatabase(config, async (db) => {
      try {
        const { values, positionals } = parse(words);
        return await run(db, positionals, values);
      } catch (error) {
        console.error(`lettershop queue: ${errorText(error)}`);
        return 1;
      }
    }),
};

async function run(db: Database, [verb = 'list', ...rest]: string[], values: Values): Promise<number> {
  await using access = makeAccess({ db, clock: systemClock, log: silentLog });
  const accounts = (await allAccounts(db)).filter(
    ({ id }) => values.account === undefined || String(id) === values.account,
  );
  if (accounts.length === 0) throw new Error('there is no such account');
  const bench = {
    world: controlWorld(db),
    scopes: accounts.map((account) => access.operatorScope(account)),
    values,
  };
  const action = actions.find((each) => each === verb);
  if (action !== undefined) return actOn(bench, action);
  if (verb === 'list') return show(bench, db);
  if (verb === 'suspend') return suspend(bench, rest);
  if (verb === 'resume') return resume(bench, rest[0] ?? '');
  if (verb === 'suspensions') return showSuspensions(bench);
  throw new Error(`there is no action "${verb}"`);
}

function controlWorld(db: Database): ControlWorld {
  const world = { db, clock: systemClock };
  return {
    ...world,
    profileOf,
    mailStop: (scope, subaccountId) => mailStop(db, scope, subaccountId),
    subaccountOf: async (scope: Scope, reference: string): Promise<SubaccountId> =>
      (await getSubaccount(world, scope, reference)).id,
    choosePool: (scope, asked) => poolFor(world, scope, asked),
  };
}

function filterOf(values: Values): Asked {
  const { subaccount, domain, site, state, hold, pool, tag, 'older-than': older, attempts } = values;
  return {
    ...(subaccount === undefined ? {} : { subaccount }),
    ...(domain === undefined ? {} : { domain }),
    ...(site === undefined ? {} : { site }),
    ...(state === undefined ? {} : { state: state as NonNullable<Asked['state']> }),
    ...(hold === undefined ? {} : { hold: hold as NonNullable<Asked['hold']> }),
    ...(pool === undefined ? {} : { pool }),
    ...(tag === undefined ? {} : { tag }),
    ...(older === undefined ? {} : { olderThanSeconds: Number(older) }),
    ...(attempts === undefined ? {} : { attemptsMin: Number(attempts) }),
  };
}

/** Per account at most 200 messages with their first reason; the API pages through all of them. */
async function show({ world, scopes, values }: Bench, db: Database): Promise<number> {
  let shown = 0;
  for (const scope of scopes) {
    const page = await waiting(world, scope, { ...filterOf(values), limit: shownPerAccount });
    for (const row of page.items) {
      const [reason] = reasonsFor(row, await circumstances(world, scope, row));
      const told = `${row.messageId}\t${row.subaccountId}\t${row.recipient}\t${reason?.text ?? ''}`;
      console.log(`${told} ${reason?.movesAt ?? ''}`.trimEnd());
      shown += 1;
    }
  }
  if (shown === 0) console.log('Nothing waits.');
  for (const entry of await ledgerSummary(db.engine)) {
    console.log(`perhaps delivered: ${entry.messages} (${entry.cause}, ${entry.resolution})`);
  }
  return 0;
}

async function actOn({ world, scopes, values }: Bench, action: Action): Promise<number> {
  const { 'dry-run': dryRun = false, 'to-pool': toPool, until } = values;
  const request = {
    action,
    filter: filterOf(values),
    dryRun,
    ...(toPool === undefined ? {} : { toPool }),
    ...(until === undefined ? {} : { until: instantMs(until) }),
  };
  let [matched, changed] = [0, 0];
  for (const scope of scopes) {
    for (let cursor: string | null = '0.0'; cursor !== null;) {
      const result = await act(world, scope, { ...request, cursor });
      matched += result.matched;
      changed += result.changed;
      if (dryRun) for (const row of result.samples) console.log(`${row.messageId}\t${row.recipient}`);
      cursor = result.next;
    }
  }
  console.log(dryRun ? `${matched} messages match` : `${changed} of ${matched} messages: ${action}`);
  return 0;
}

async function suspend({ world, scopes, values }: Bench, [kindText, value]: string[]): Promise<number> {
  const kind = suspensionKinds.find((each) => each === kindText);
  if (kind === undefined || value === undefined)
    throw new Error(`name what to suspend: ${suspensionKinds.join(', ')} and its value`);
  for (const scope of scopes) {
    const forSubaccount =
      values.subaccount === undefined ? null : await world.subaccountOf(scope, values.subaccount);
    const until = values.until === undefined ? null : instantMs(values.until);
    const made = await add(world, scope, { kind, value, reason: values.reason ?? '', until, forSubaccount });
    console.log(`account ${scope.accountId}: ${kind} ${value} is suspended (${made.id})`);
  }
  return 0;
}

async function resume({ world, scopes }: Bench, id: string): Promise<number> {
  for (const scope of scopes) {
    const known = await list(world, scope, { after: '0', limit: 500 });
    if (!known.some((each) => each.id === id)) continue;
    await remove(world, scope, id);
    console.log(`${id} is lifted`);
    return 0;
  }
  throw new Error(`there is no suspension ${id}`);
}

async function showSuspensions({ world, scopes }: Bench): Promise<number> {
  for (const scope of scopes) {
    for (const each of await list(world, scope, { after: '0', limit: 500 })) {
      const until = each.until?.toISOString() ?? 'lifted';
      console.log(
        `${each.id}\t${each.authority}\t${each.kind} ${each.value}\tuntil ${until}\t${each.reason}`,
      );
    }
  }
  return 0;
}
