import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Scope } from '../../base/scope.ts';
import { hashSecret, makeToken } from '../../base/secrets.ts';
import { refuse } from '../refusals/index.ts';
import {
  deleteOtherSessions,
  deleteOver,
  deleteSession,
  findSession,
  insertLink,
  insertSession,
  listSessions,
  updateCurrent,
} from './sql.ts';
import type { ListedSession, Session } from './sql.ts';
import { hashToken } from './store.ts';

export type LoginWorld = { readonly db: Database; readonly clock: Clock };

/** `forgetPeople` is called once a change is committed, for those who remember sessions and memberships. */
export type ChangingWorld = LoginWorld & { readonly forgetPeople?: () => void };

const linkLifeMs = 24 * 3_600_000;
/** From the login on, whatever is done meanwhile. */
export const sessionLifeMs = 12 * 3_600_000;

/** A token that logs its user in once, within a day. */
export async function makeLoginLink(db: Database, userId: string, now: Date): Promise<string> {
  const token = makeToken();
  await insertLink(db.engine, userId, hashSecret(token), new Date(now.getTime() + linkLifeMs));
  return token;
}

/** Operator: a session without a login; its id and token. */
export async function openSession(
  db: Database,
  userId: string,
  now: Date,
): Promise<{ readonly id: string; readonly token: string }> {
  const token = makeToken();
  const expiresAt = new Date(now.getTime() + sessionLifeMs);
  const id = await insertSession(db.engine, { userId, tokenHash: hashToken(token), expiresAt });
  return { id, token };
}

/** Whose session a cookie's value is; null when it is over, ended, never was, or is of another host. `host`: as `findSession`. */
export function sessionOf(
  db: Database,
  cookie: string,
  host: string | null,
  now: Date,
): Promise<Session | null> {
  return findSession(db.engine, hashToken(tokenIn(cookie)), host, now);
}

/** better-auth signs its cookies: `token.signature`. The token alone is secret enough and decides. */
function tokenIn(cookie: string): string {
  return cookie.split('.', 1)[0] ?? '';
}

/** A person's own sessions, at a brand's host those of it alone: its holder need not know of others. A key has none. */
export async function list({ db, clock }: LoginWorld, scope: Scope): Promise<readonly ListedSession[]> {
  const { sessionId } = scope.actor;
  return sessionId === undefined ? [] : listSessions(db.engine, sessionId, new Date(clock.now()));
}

/** Ends one of those that are listed. */
export async function end({ db, forgetPeople }: ChangingWorld, scope: Scope, id: string): Promise<void> {
  const { sessionId } = scope.actor;
  const isTheirs = sessionId !== undefined && (await deleteSession(db.engine, sessionId, id));
  if (!isTheirs) throw refuse('not_found');
  forgetPeople?.();
}

/** Ends all of the person's sessions but the one that asks, wherever they were opened. */
export async function endOthers({ db, forgetPeople }: ChangingWorld, scope: Scope): Promise<void> {
  const { actor } = scope;
  if (actor.kind !== 'user' || actor.sessionId === undefined) throw noSession();
  await deleteOtherSessions(db.engine, actor.id, actor.sessionId);
  forgetPeople?.();
}

/** What later calls of the session act for, unless they say otherwise. Checks nothing: each call does. */
export async function remember(
  { db, forgetPeople }: ChangingWorld,
  scope: Scope,
  current: { readonly accountId: number; readonly subaccountId: number | null },
): Promise<void> {
  const { sessionId } = scope.actor;
  if (sessionId === undefined) throw noSession();
  await updateCurrent(db.engine, sessionId, current);
  forgetPeople?.();
}

function noSession(): ReturnType<typeof refuse> {
  return refuse('conflict.state', { message: 'Only a login session can do this' });
}

/** Background: takes away what is over. */
export function endOldLogins({ db, clock }: LoginWorld): Promise<void> {
  return deleteOver(db.engine, new Date(clock.now()));
}
