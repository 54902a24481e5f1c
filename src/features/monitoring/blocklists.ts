/** Background: asks DNS blocklists about every source address, each once per hour in the whole installation. */
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { withDeadline } from '../../base/dns/index.ts';
import { StartFault } from '../../base/start-fault.ts';
import { parseDomainName } from '../../mail/address.ts';
import { txtOf } from '../domains/index.ts';
import type { Resolve } from '../domains/index.ts';
import { append } from '../events/index.ts';
import type { Answer, DueListing } from './model.ts';
import { questionFor, readAnswer } from './rules.ts';
import { plan, record, takeDue } from './sql-blocklists.ts';

export type BlocklistWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly blocklists: readonly string[];
};

const everyMs = 3_600_000;
/** When there was no answer, or the node died over it. */
const againMs = 600_000;
const roundMs = 10_000;

/** The names of LETTERSHOP_BLOCKLISTS; stops the start when one is no name. */
export function blocklistNames(setting: readonly string[]): readonly string[] {
  return [...new Set(setting)].map((text) => {
    const name = parseDomainName(text);
    if (name === null) throw new StartFault(`LETTERSHOP_BLOCKLISTS: "${text}" is not a domain name`);
    return name;
  });
}

export function planBlocklists({ db, clock, blocklists }: BlocklistWorld): Promise<void> {
  return db.asEngine((tx) => plan(tx, blocklists, new Date(clock.now())));
}

/** Asks about what is due; how many were asked about. */
export async function checkBlocklists(world: BlocklistWorld, limit: number): Promise<number> {
  if (world.blocklists.length === 0) return 0;
  const now = world.clock.now();
  const at = { now: new Date(now), again: new Date(now + againMs) };
  const due = await world.db.asEngine((tx) => takeDue(tx, at, limit));
  const resolve = withDeadline(world.resolve, roundMs);
  await Promise.all(due.map(async (each) => note(world, each, await ask(resolve, each))));
  return due.length;
}

async function ask(resolve: Resolve, { address, blocklist }: DueListing): Promise<Answer> {
  const question = questionFor(address, blocklist);
  const outcome = await resolve(question, 'A');
  if (outcome.kind !== 'found') return readAnswer(outcome, '');
  const words = (await txtOf(resolve)(question)) ?? [];
  return readAnswer(outcome, words.join(' ').replaceAll(/[\p{C}\s]+/gu, ' '));
}

async function note({ db, clock }: BlocklistWorld, due: DueListing, answer: Answer): Promise<void> {
  if (answer === null) return;
  const now = clock.now();
  const at = { now: new Date(now), next: new Date(now + everyMs) };
  await db.asEngine(async (tx) => {
    if (!(await record(tx, due, answer, at)) || answer.state === due.state) return;
    const { accountId, subaccountId, address, blocklist } = due;
    const data = { address, blocklist, codes: answer.codes, reason: answer.reason };
    // One that was never asked about is told of when it is listed.
    if (answer.state === 'listed')
      await append(tx, at.now, [{ accountId, subaccountId, kind: 'address.listed', data }]);
    else if (due.state === 'listed')
      await append(tx, at.now, [
        { accountId, subaccountId, kind: 'address.cleared', data: { address, blocklist } },
      ]);
  });
}
