/** What only the operator of the installation can do for the proof: make accounts, and prove a domain without DNS. */
import type { Clock } from '../base/clock.ts';
import type { Database } from '../base/database/database.ts';
import type { AccountId } from '../base/scope.ts';
import type { Access } from '../features/access/index.ts';
import { createAccount, stopAccount } from '../features/accounts/index.ts';
import { create as createKey } from '../features/keys/index.ts';
import { deleteLogin, openSession } from '../features/logins/index.ts';
import { addPerson } from '../features/users/index.ts';
import type { Role } from '../features/users/index.ts';
import { proveDomain } from './sql.ts';

export type ThrowAwayAccount = { readonly id: AccountId; readonly keyId: string; readonly secret: string };

/** Somebody with a login, as they would be after an invitation. */
export type ThrowAwayPerson = { readonly id: string; readonly sessionId: string; readonly token: string };

export type OpenedSession = { readonly id: string; readonly token: string };

export type Operator = {
  /** With a key of every grant that reaches the whole account. */
  readonly makeAccount: (name: string) => Promise<ThrowAwayAccount>;
  readonly proveDomain: (accountId: AccountId, domainId: string) => Promise<void>;
  /** With a session: in the whole account, or in one subaccount. */
  readonly makePerson: (
    accountId: AccountId,
    subaccountId: string | null,
    role: Role,
    email: string,
  ) => Promise<ThrowAwayPerson>;
  /** One more session of theirs, as if opened that long from now. */
  readonly openSession: (personId: string, fromNowMs: number) => Promise<OpenedSession>;
  readonly endPerson: (id: string) => Promise<void>;
  /** Nothing of the account may be used any more. */
  readonly endAccount: (accountId: AccountId) => Promise<void>;
  /** Mail ends in the built-in mailbox, so that some may be sent. */
  readonly captures: boolean;
};

export function makeOperator(world: {
  readonly db: Database;
  readonly clock: Clock;
  readonly access: Pick<Access, 'operatorScope'>;
  readonly captures: boolean;
}): Operator {
  const { db, clock, access, captures } = world;
  return {
    captures,
    makeAccount: async (name) => {
      const account = await createAccount(db, name, new Date(clock.now()));
      const made = await createKey({ db, clock }, access.operatorScope(account), {
        kind: 'api',
        name,
        reach: 'account',
        grants: null,
        domainLimit: null,
        allowedAddresses: [],
        expiresAt: null,
      });
      return { id: account.id, keyId: made.key.id, secret: made.secret };
    },
    makePerson: async (accountId, subaccountId, role, email) => {
      const id = await addPerson(db, { accountId, subaccountId, role, email });
      const session = await openSession(db, id, new Date(clock.now()));
      return { id, sessionId: session.id, token: session.token };
    },
    openSession: (personId, fromNowMs) => openSession(db, personId, new Date(clock.now() + fromNowMs)),
    endPerson: (id) => deleteLogin(db.engine, id),
    endAccount: async (accountId) => {
      await stopAccount({ db, clock }, accountId, 'deactivated');
    },
    proveDomain: (accountId, domainId) =>
      db.asEngine((tx) => proveDomain(tx, accountId, domainId, new Date(clock.now()))),
  };
}
