/**
 * What a node does about mail that was in the hands of a process that died: its own earlier life (the journal says what
 * came of each attempt), or a node that never came back (its term ended; nobody can ask its journal).
 * Every message that may have been delivered enters the ledger; none is sent again unexplained, none is left behind.
 */
import type { Database, Tx } from '../../base/database/database.ts';
import type { Log } from '../../base/log.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import { dropNode, fenceNode, freeLeases, leasedBy, lostNodes } from '../queue/index.ts';
import type { Inherited } from '../queue/index.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Finisher } from './finisher.ts';
import type { Intent, Replay } from './journal.ts';
import type { Completion } from './model.ts';
import { giveUp, recordPerhaps } from './sql-ledger.ts';

const nowhere = { site: null, host: null, address: null, tls: null } as const;

export type RecoveryReport = {
  readonly replayed: number;
  readonly perhapsDelivered: number;
  readonly freed: number;
};

/** Start of a node: replay the journal, judge unanswered dots, give the rest of the old leases back. */
export async function recoverOwn(
  db: Database,
  options: { node: number; now: number; finisher: Finisher; replay: Replay },
): Promise<RecoveryReport> {
  const { node, now, finisher, replay } = options;
  const replayed = await finisher.replay(replay.outcomes, 'cut_after_dot');
  const judged = replay.unanswered.map((intent) => unanswered(intent, now));
  const perhapsDelivered = await finisher.replay(judged, 'crash');
  const freed = await db.asEngine((tx) => freeLeases(tx, node, new Date(now)));
  return { replayed, perhapsDelivered, freed };
}

/** A dot without an answer, by the submission's terms: once more at once, or never again. */
function unanswered(intent: Intent, now: number): Completion {
  const { ratherNot, ...message } = intent;
  return {
    ...message,
    at: now,
    verdict: ratherNot ? { kind: 'undetermined' } : { kind: 'deferred', dueAt: now, class: 'undetermined' },
    place: nowhere,
    phase: 'final',
    reply: null,
    error: 'the process ended between the final dot and its answer',
    isPerhapsDelivered: true,
  };
}

/**
 * Nodes whose term ended, again and again until nothing of them can take leases any more: a statement of theirs may still be
 * under way, and leases of a number that nobody has would be held for ever. Whatever they held may have been delivered. Rather-twice mail goes on; rather-not mail whose
 * dot was about to be sent ends as undetermined, the rest of it goes on too.
 */
export async function reapLostNodes(db: Database, now: number, log: Log): Promise<number> {
  return db.asEngine(async (tx) => {
    const lost = await lostNodes(tx);
    for (const node of lost) {
      const held = await leasedBy(tx, node.number);
      if (held.length > 0) {
        await passOn(tx, node.number, held, new Date(now));
        log.warn({ node: node.number, messages: held.length }, 'a node did not come back; its mail moves on');
      }
      await (node.isOver ? dropNode(tx, node) : fenceNode(tx, node));
    }
    return lost.length;
  });
}

async function passOn(tx: Tx, node: number, held: readonly Inherited[], now: Date): Promise<void> {
  const givenUp = held.filter((message) => message.ratherNot && message.dotAt !== null);
  const sentAgain = held.filter((message) => !message.ratherNot);
  await recordPerhaps(tx, { node, now, cause: 'node_lost', resolution: 'given_up' }, givenUp);
  await recordPerhaps(tx, { node, now, cause: 'node_lost', resolution: 'sent_again' }, sentAgain);
  await giveUp(tx, givenUp, now);
  await freeLeases(tx, node, now);
  await append(tx, now, [
    ...[...givenUp, ...sentAgain].map((message) => perhapsEvent(message, 'message.perhaps_delivered')),
    ...givenUp.map((message) => perhapsEvent(message, 'message.undetermined')),
  ]);
}

function perhapsEvent(message: Inherited, kind: NewEvent['kind']): NewEvent {
  return {
    accountId: message.accountId as AccountId,
    subaccountId: message.subaccountId as SubaccountId,
    messageId: message.messageId,
    kind,
    data: { attempt: message.attempts + 1, cause: 'node_lost' },
  };
}
