import type { Database } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { hashSecret, makeToken } from '../../base/secrets.ts';
import {
  deleteSession,
  findOwnerOf,
  findSession,
  insertLink,
  insertSession,
  takeLink,
  upsertOwner,
} from './sql.ts';
import type { SessionUser } from './sql.ts';

const linkLifeMs = 24 * 3_600_000;
const sessionLifeMs = 12 * 3_600_000;

/** Operator: makes the person owner of the account; their user id. */
export function addOwner(
  db: Database,
  owner: { email: string; accountId: AccountId; subaccountId: SubaccountId },
): Promise<string> {
  return db.asEngine((tx) => upsertOwner(tx, { ...owner, email: owner.email.toLowerCase() }));
}

export function findOwner(db: Database, accountId: AccountId): Promise<{ id: string; email: string } | null> {
  return findOwnerOf(db.engine, accountId);
}

/** A token that logs its user in once, within a day. */
export async function makeLoginLink(db: Database, userId: string, now: Date): Promise<string> {
  const token = makeToken();
  await insertLink(db.engine, userId, hashSecret(token), new Date(now.getTime() + linkLifeMs));
  return token;
}

/** Uses the link up; a session token, or null when the link is unknown, used or too old. */
export function redeemLink(db: Database, token: string, now: Date): Promise<string | null> {
  return db.asEngine(async (tx) => {
    const userId = await takeLink(tx, hashSecret(token), now);
    if (userId === null) return null;
    const session = makeToken();
    await insertSession(tx, userId, hashSecret(session), new Date(now.getTime() + sessionLifeMs));
    return session;
  });
}

export function sessionUser(db: Database, token: string, now: Date): Promise<SessionUser | null> {
  return findSession(db.engine, hashSecret(token), now);
}

export function endSession(db: Database, token: string): Promise<void> {
  return deleteSession(db.engine, hashSecret(token));
}
