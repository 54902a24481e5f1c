import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { AccountId, Scope } from '../../base/scope.ts';
import { actAsOperator } from '../audit/index.ts';
import { append } from '../events/index.ts';
import { refuse } from '../refusals/index.ts';
import {
  findAccount,
  findAccountOf,
  findSystemAccount,
  insertAccount,
  listAccounts,
  markSystem,
  updateAccount,
  updateOperatorStop,
  updateTrial,
  updateTurnWeight,
} from './sql.ts';
import type { Account, SoftBounces } from './sql.ts';

export type AccountWorld = { readonly db: Database; readonly clock: Clock };

/** `onChange` is called once a change is committed, for those who remember something of the account. */
export type ChangingWorld = AccountWorld & { readonly onChange?: (accountId: AccountId) => void };

/** Operator: makes an account with its own subaccount. */
export async function createAccount(db: Database, name: string, now: Date): Promise<Account> {
  return db.asEngine(async (tx) => {
    await actAsOperator(tx);
    const account = await insertAccount(tx, name, now);
    await append(tx, now, [
      {
        accountId: account.id,
        subaccountId: account.ownSubaccountId,
        kind: 'account.created',
        data: { name },
      },
    ]);
    return account;
  });
}

/** The installation's own account, made when missing: nodes that start together end with one. */
export async function systemAccount(db: Database, now: Date): Promise<Account> {
  const known = await findSystemAccount(db.engine);
  if (known !== null) return known;
  try {
    return await db.asEngine(async (tx) => {
      const account = await insertAccount(tx, 'Installation', now);
      await markSystem(tx, account.id);
      return account;
    });
  } catch (error) {
    const other = await findSystemAccount(db.engine);
    if (other === null) throw error;
    return other;
  }
}

/** Operator: every account of the installation, oldest first. */
export function allAccounts(db: Database): Promise<readonly Account[]> {
  return listAccounts(db.engine);
}

/** Operator: the account that a subaccount belongs to; null when there is none, and of the installation's own. */
export function accountOf(db: Database, subaccountId: number): Promise<Account | null> {
  return findAccountOf(db.engine, subaccountId);
}

/** Operator: stops an account with all its subaccounts, or lets it go (`active`); its status then. */
export async function stopAccount(world: AccountWorld, id: number, status: string): Promise<string> {
  return world.db.asEngine(async (tx) => {
    await actAsOperator(tx);
    const account = await updateOperatorStop(tx, id, status === 'active' ? null : status);
    if (account === null) throw refuse('not_found');
    await append(tx, new Date(world.clock.now()), [
      {
        accountId: account.id,
        subaccountId: account.ownSubaccountId,
        kind: 'account.changed',
        data: { status: account.status },
      },
    ]);
    return account.status;
  });
}

/** Operator: puts an account on trial, or ends that; its subaccounts stay as they were made. */
export async function setTrial(world: AccountWorld, id: number, isTrial: boolean): Promise<void> {
  await world.db.asEngine(async (tx) => {
    await actAsOperator(tx);
    const account = await updateTrial(tx, id, isTrial);
    if (account === null) throw refuse('not_found');
    const { id: accountId, ownSubaccountId: subaccountId } = account;
    await append(tx, new Date(world.clock.now()), [
      { accountId, subaccountId, kind: 'account.changed', data: { fields: ['trial'] } },
    ]);
  });
}

/** Operator: how many turns the account has where one of weight 1 has one; in force on every node within seconds. */
export async function setTurnWeight(world: AccountWorld, id: number, weight: number): Promise<void> {
  await world.db.asEngine(async (tx) => {
    await actAsOperator(tx);
    const account = await updateTurnWeight(tx, id, weight);
    if (account === null) throw refuse('not_found');
    const { id: accountId, ownSubaccountId: subaccountId } = account;
    await append(tx, new Date(world.clock.now()), [
      { accountId, subaccountId, kind: 'account.changed', data: { fields: ['turnWeight'] } },
    ]);
  });
}

export async function get(world: AccountWorld, scope: Scope): Promise<Account> {
  const account = await world.db.scoped(scope, (tx) => findAccount(tx, scope.accountId));
  if (account === null) throw refuse('not_found');
  return account;
}

export async function change(
  world: ChangingWorld,
  scope: Scope,
  input: {
    name?: string;
    retentionDays?: number;
    logRequests?: boolean;
    trial?: boolean;
    turnWeight?: number;
    unknownSubaccountMail?: Account['unknownSubaccountMail'];
    feedbackHeaders?: boolean;
    softBounces?: Partial<SoftBounces>;
  },
): Promise<Account> {
  if (scope.reach !== 'account') throw refuse('not_found');
  await world.db.scoped(scope, async (tx) => {
    const before = await findAccount(tx, scope.accountId);
    if (before === null) throw refuse('not_found');
    if (input.trial === false && before.isTrial)
      throw refuse('conflict.state', { message: 'Only the operator ends a trial' });
    if ((input.turnWeight ?? 0) > before.turnWeight)
      throw refuse('conflict.state', { message: 'Only the operator gives an account more turns' });
    await updateAccount(tx, scope.accountId, {
      name: input.name ?? null,
      retentionDays: input.retentionDays ?? null,
      logRequests: input.logRequests ?? null,
      isTrial: input.trial ?? null,
      unknownSubaccountMail: input.unknownSubaccountMail ?? null,
      hasFeedbackHeaders: input.feedbackHeaders ?? null,
      turnWeight: input.turnWeight ?? null,
      softBounces: input.softBounces ?? {},
    });
    await append(tx, new Date(world.clock.now()), [
      {
        accountId: scope.accountId,
        subaccountId: scope.subaccountId,
        kind: 'account.changed',
        data: { fields: Object.keys(input) },
      },
    ]);
  });
  world.onChange?.(scope.accountId);
  return get(world, scope);
}
