import { randomBytes } from 'node:crypto';
import type { Tx } from '../../base/database/database.ts';
import { withDeadline } from '../../base/dns/index.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import type { Claim, ClaimKind, LookWorld } from './model.ts';
import { nextLookAt } from './rules.ts';
import { deposeOthers, dueClaims, findClaim, hastenLook, recordLook } from './sql.ts';

/** A background round waits for DNS no longer than this. */
const roundMs = 10_000;

export function newToken(): string {
  return randomBytes(12).toString('hex');
}

/** Within a transaction of the scope's: what it does not see is not found. */
export async function existing(tx: Tx, kind: Pick<ClaimKind, 'table'>, id: string): Promise<Claim> {
  const found = await findClaim(tx, kind, id);
  if (found === null) throw refuse('not_found');
  return found;
}

/** Looks at DNS now. */
export async function look({ db, clock, resolve }: LookWorld, kind: ClaimKind, claim: Claim): Promise<void> {
  const outcome = await resolve(claim.name, kind.recordType);
  const proof = kind.judge(claim, outcome);
  const now = new Date(clock.now());
  await db.asEngine(async (tx) => {
    const isSeen = outcome.kind !== 'failed' && proof.state === 'proven';
    const deposed = isSeen ? await deposeOthers(tx, kind, claim) : [];
    const next = nextLookAt(now.getTime(), proof.state, claim.createdAt.getTime(), kind.provenLookMs);
    const isThere = await recordLook(tx, kind, claim.id, proof, now, new Date(next));
    const events = deposed.map((each) => eventOf(kind, each, 'lost'));
    if (isThere && proof.state !== claim.state)
      events.push(eventOf(kind, claim, proof.state === 'proven' ? 'proven' : 'lost'));
    await append(tx, now, events);
  });
}

/** Background: those whose next look is due; how many. */
export async function checkDue(world: LookWorld, kind: ClaimKind, limit: number): Promise<number> {
  const due = await world.db.asEngine((tx) => dueClaims(tx, kind, new Date(world.clock.now()), limit));
  const hasty = { ...world, resolve: withDeadline(world.resolve, roundMs) };
  for (const claim of due) await look(hasty, kind, claim);
  return due.length;
}

/** The next look is soon: a browser came back from the DNS provider. */
export function hasten(
  { db, clock }: Pick<LookWorld, 'db' | 'clock'>,
  kind: ClaimKind,
  id: string,
): Promise<void> {
  const now = clock.now();
  return db.asEngine((tx) => hastenLook(tx, kind, id, new Date(now), new Date(now - 30_000)));
}

function eventOf(
  { events, idField }: ClaimKind,
  { accountId, subaccountId, id, name }: Claim,
  to: 'proven' | 'lost',
): NewEvent {
  return { accountId, subaccountId, kind: events[to], data: { [idField]: id, name } };
}
