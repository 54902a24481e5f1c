import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { withDeadline } from '../../base/dns/index.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import { hashSecret, makeToken } from '../../base/secrets.ts';
import type { Address } from '../../mail/address.ts';
import { get as getAccount } from '../accounts/index.ts';
import { findDmarc, findDomain, txtOf } from '../domains/index.ts';
import type { Resolve } from '../domains/index.ts';
import { append } from '../events/index.ts';
import type { EventKind, NewEvent } from '../events/index.ts';
import { addAsked } from '../outbox/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { isFreeMail } from './free-mail.ts';
import type { Letter, Policy, Sender } from './model.ts';
import { defaultLetter, letterProblem } from './letter.ts';
import { composeLetter, linkLifeMs, nextPolicyCheckAt } from './rules.ts';
import {
  deleteLetter,
  deleteOfDomain,
  deleteSender,
  findByLink,
  findLetter,
  findSender,
  insertSender,
  listSenders,
  proveByLink,
  putLetter,
  renewLink,
  updateSender,
} from './sql.ts';
import type { NewLink, SenderChange, SenderPage } from './sql.ts';

export type SenderWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly resolve: Resolve;
  /** LETTERSHOP_MAIL_DOMAIN: signs for senders that hang on no domain. */
  readonly mailDomain: string;
  /** Where the link of a confirmation mail leads, without a slash at its end. */
  readonly publicUrl: () => string;
};

/** A caller waits for its policy no longer than this; what DNS did not say is looked at again soon. */
const policyMs = 1500;

export type CreateSender = {
  readonly email: Address;
  readonly name: string;
  readonly replyTo: Sender['replyTo'];
  readonly note: string;
  readonly domainId: string | null;
};

/** Adds a sender and mails its address; it is used once somebody there has agreed. */
export async function create(world: SenderWorld, scope: Scope, input: CreateSender): Promise<Sender> {
  const { email, domainId, ...rest } = input;
  if (isFreeMail(email.domain))
    throw invalidField('email', 'free_mail', 'must not belong to a provider of free mailboxes');
  if (domainId !== null) await world.db.scoped(scope, (tx) => checkDomain(tx, scope, domainId));
  const policy = await policyOf(withDeadline(world.resolve, policyMs), email.domain);
  const { token, link } = newLink(world.clock.now());
  const nextCheckAt = new Date(nextPolicyCheckAt(link.at.getTime(), policy));
  const account = await getAccount(world, scope);
  return world.db.scoped(scope, async (tx) => {
    if (domainId !== null) await checkDomain(tx, scope, domainId);
    const made = await insertSender(
      tx,
      scope,
      { ...rest, email: email.text, address: email.text.toLowerCase(), domainId, policy },
      link,
      nextCheckAt,
    );
    if (made === null)
      throw refuse('conflict.exists', { message: `The sender ${email.text} exists already` });
    await mailLink(world, tx, { sender: made, accountName: account.name, token }, link.at);
    await append(tx, link.at, [eventOf(made, 'sender.created')]);
    return made;
  });
}

/** A sender hangs on a proven domain that its subaccount holds, or that the account shares for use. */
async function checkDomain(tx: Tx, scope: Scope, id: string): Promise<void> {
  const domain = await findDomain(tx, id);
  if (domain === null || (domain.subaccountId !== scope.subaccountId && domain.share !== 'use'))
    throw invalidField('domainId', 'known', 'is not a sending domain that this subaccount may use');
  if (domain.state !== 'proven')
    throw refuse('sender.domain_unproven', { message: `The sending domain ${domain.name} is not proven` });
}

/** What the domain of an address publishes now. */
export async function policyOf(resolve: Resolve, domain: string): Promise<Policy> {
  const found = await findDmarc(domain, txtOf(resolve));
  if (found.kind === 'unknown') return 'unknown';
  return found.kind === 'none' ? 'missing' : (found.policy as Policy);
}

function newLink(now: number): { readonly token: string; readonly link: NewLink } {
  const token = makeToken();
  return {
    token,
    link: { tokenHash: hashSecret(token), at: new Date(now), expiresAt: new Date(now + linkLifeMs) },
  };
}

type Asking = { readonly sender: Sender; readonly accountName: string; readonly token: string };

async function mailLink(
  world: SenderWorld,
  tx: Tx,
  { sender, accountName, token }: Asking,
  now: Date,
): Promise<void> {
  const letter = await findLetter(world.db.engine, sender.accountId, sender.subaccountId);
  const values = {
    account: accountName,
    email: sender.email,
    name: sender.name === '' ? sender.email : sender.name,
    domain: sender.domainName ?? world.mailDomain,
    note: sender.note,
    days: String(linkLifeMs / 86_400_000),
  };
  const link = `${world.publicUrl()}/sender-proof/${token}`;
  const composed = composeLetter(letter ?? defaultLetter, values, link);
  await addAsked(world.db, tx, sender, { purpose: 'sender_proof', to: sender.email, ...composed }, now);
}

/** Mails a new link; the one before it is good no longer. Within the bounds of `addAsked`. */
export async function resend(world: SenderWorld, scope: Scope, id: string): Promise<Sender> {
  await get(world, scope, id);
  const account = await getAccount(world, scope);
  const { token, link } = newLink(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const renewed = await renewLink(tx, id, link);
    if (renewed === null) throw refuse('conflict.state', { message: 'The sender is proven already' });
    await mailLink(world, tx, { sender: renewed, accountName: account.name, token }, link.at);
    return renewed;
  });
}

export function list(
  world: SenderWorld,
  scope: Scope,
  page: Omit<SenderPage, 'subaccountId'>,
): Promise<readonly Sender[]> {
  const subaccountId = onlySubaccount(scope.reach);
  return world.db.scoped(scope, (tx) => listSenders(tx, { ...page, subaccountId }));
}

export function get(world: Pick<SenderWorld, 'db'>, scope: Scope, id: string): Promise<Sender> {
  return world.db.scoped(scope, (tx) => existing(tx, id));
}

async function existing(tx: Tx, id: string): Promise<Sender> {
  const found = await findSender(tx, id);
  if (found === null) throw refuse('not_found');
  return found;
}

/** The address cannot change: another address is another sender. */
export async function change(
  world: SenderWorld,
  scope: Scope,
  id: string,
  input: Partial<SenderChange>,
): Promise<Sender> {
  const now = new Date(world.clock.now());
  return world.db.scoped(scope, async (tx) => {
    const found = await existing(tx, id);
    const { name = found.name, replyTo = found.replyTo, note = found.note } = input;
    const changed = await updateSender(tx, id, { name, replyTo, note });
    if (changed === null) throw refuse('not_found');
    await append(tx, now, [eventOf(changed, 'sender.changed')]);
    return changed;
  });
}

export async function remove(world: SenderWorld, scope: Scope, id: string): Promise<void> {
  const now = new Date(world.clock.now());
  await world.db.scoped(scope, async (tx) => {
    const found = await existing(tx, id);
    await deleteSender(tx, id);
    await append(tx, now, [eventOf(found, 'sender.deleted')]);
  });
}

/** In the transaction that removes a sending domain: the senders that hang on it go with it. */
export async function removeOfDomain(tx: Tx, domainId: string, now: Date): Promise<void> {
  const removed = await deleteOfDomain(tx, domainId);
  await append(
    tx,
    now,
    removed.map((sender) => eventOf(sender, 'sender.deleted')),
  );
}

export type LinkState = {
  readonly state: 'asks' | 'proven' | 'expired';
  readonly email: string;
  readonly accountName: string;
};

/** What a link is about, for whoever opens it; null when it is nobody's. Changes nothing. */
export async function readLink(world: SenderWorld, token: string): Promise<LinkState | null> {
  const found = await findByLink(world.db.engine, hashSecret(token));
  if (found === null) return null;
  const { sender, accountName } = found;
  const isExpired = sender.expiresAt.getTime() <= world.clock.now();
  const state = sender.state === 'proven' ? 'proven' : isExpired ? 'expired' : 'asks';
  return { state, email: sender.email, accountName };
}

/** Somebody who reads mail to the address agrees. What is said afterwards; a second time changes nothing. */
export async function confirmLink(world: SenderWorld, token: string): Promise<LinkState | null> {
  const now = new Date(world.clock.now());
  await world.db.asEngine(async (tx) => {
    const proven = await proveByLink(tx, hashSecret(token), now);
    if (proven !== null) await append(tx, now, [eventOf(proven, 'sender.proven')]);
  });
  return readLink(world, token);
}

export type LetterInUse = Letter & { readonly isOwn: boolean };

/** The letter that confirmation mails of the scope's subaccount are made from. */
export async function letter(world: SenderWorld, scope: Scope): Promise<LetterInUse> {
  const found = await findLetter(world.db.engine, scope.accountId, scope.subaccountId);
  return { ...(found ?? defaultLetter), isOwn: found !== null };
}

export async function setLetter(world: SenderWorld, scope: Scope, input: Letter): Promise<LetterInUse> {
  const problem = letterProblem(input);
  if (problem !== null) throw invalidField(problem.field, 'placeholder', problem.message);
  await world.db.scoped(scope, (tx) => putLetter(tx, scope, input));
  return letter(world, scope);
}

export function resetLetter(world: SenderWorld, scope: Scope): Promise<void> {
  return world.db.scoped(scope, (tx) => deleteLetter(tx, scope));
}

export function eventOf(
  { accountId, subaccountId, id, email }: Pick<Sender, 'accountId' | 'subaccountId' | 'id' | 'email'>,
  kind: EventKind,
  more: Readonly<Record<string, unknown>> = {},
): NewEvent {
  return { accountId, subaccountId, kind, data: { senderId: id, email, ...more } };
}
