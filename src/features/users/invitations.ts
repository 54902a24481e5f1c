import { hashSecret, makeToken } from '../../base/secrets.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { Tx } from '../../base/database/database.ts';
import { parseAddress } from '../../mail/address.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { add as addMail } from '../outbox/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { get as getAccount } from '../accounts/index.ts';
import type { Part, Reached } from './model.ts';
import { checkedParts, checkPart, overlaid, placeOf, powerOfCaller } from './operations.ts';
import type { Given, GivenSubaccount, UserWorld } from './operations.ts';
import { covers, mayLead, powerOf, resendProblem } from './rules.ts';
import type { Power, TenantHost } from './rules.ts';
import { placesOfEmail } from './sql.ts';
import {
  deleteInvitation,
  findInvitation,
  insertInvitation,
  listInvitations,
  replaceParts,
  updateInvitation,
  updateSent,
} from './sql-invitations.ts';
import type { Invitation } from './sql-invitations.ts';

export type InvitationWorld = UserWorld & {
  /** Where links lead: never what a request calls us. */
  readonly publicUrl: () => string;
  /** Whose host a Host header names; null: no tenant's. */
  readonly tenantHost: (header: string) => TenantHost | null;
};

export const lifeDays = 7;
const dayMs = 86_400_000;

export type Offered = Given & { readonly subaccounts?: readonly GivenSubaccount[] | undefined };

export type Invite = Offered & {
  readonly email: string;
  readonly note: string;
  readonly lifeDays: number;
  /** The Host header of the call. */
  readonly host: string;
};

/** Invites an address, by mail with a link, to what the caller may give. */
export async function invite(world: InvitationWorld, scope: Scope, input: Invite): Promise<Invitation> {
  const power = await powerOfCaller(world, scope);
  if (parseAddress(input.email) === null) throw invalidField('email', 'format', 'must be an e-mail address');
  const email = input.email.toLowerCase();
  const { name } = await getAccount(world, scope);
  const host = await knownHost(world, input.host, email);
  return world.db.scoped(scope, async (tx) => {
    const parts = await offeredParts(tx, scope, power, input, []);
    const now = world.clock.now();
    const token = makeToken();
    const { accountId, subaccountId } = scope;
    const id = await insertInvitation(tx, {
      accountId,
      subaccountId,
      email,
      note: input.note,
      invitedBy: `${scope.actor.kind}:${scope.actor.id}`,
      tokenHash: hashSecret(token),
      expiresAt: new Date(now + input.lifeDays * dayMs),
      at: new Date(now),
    });
    if (id === null)
      throw refuse('conflict.exists', { message: 'This address is invited already; send it again' });
    await replaceParts(tx, { id, accountId }, parts);
    const made = await find(tx, scope, id, false);
    const from = { accountName: name, host: hostFor(made, host) };
    await mailLink(world, tx, made, from, token);
    await tell(world, tx, made, 'invitation.created');
    return made;
  });
}

/** What a person would get: all of the account or the subaccount acted for, or a list of subaccounts. */
async function offeredParts(
  tx: Tx,
  scope: Scope,
  power: Power,
  { subaccounts, ...given }: Offered,
  before: readonly (Part & Reached)[],
): Promise<readonly (Part & Reached)[]> {
  if (subaccounts !== undefined) {
    const { role, grants, templates, hiddenPages } = given;
    if ([role, grants, templates, hiddenPages].some((value) => value !== undefined))
      throw invalidField(
        'subaccounts',
        'alone',
        'cannot stand beside role, grants, templates and hiddenPages',
      );
    return checkedParts(
      tx,
      power,
      subaccounts,
      (id) => before.find((part) => Number(part.subaccountId) === id) ?? null,
    );
  }
  const place = await placeOf(tx, scope);
  const known = before.find((part) => part.reach === place.reach) ?? null;
  const part = overlaid(known, given);
  if (part === null) throw invalidField('role', 'required', 'is needed, or subaccounts');
  const whole = { ...part, ...place };
  checkPart(power, whole, '');
  return [whole];
}

export function list(
  world: InvitationWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Invitation[]> {
  return world.db.scoped(scope, (tx) =>
    listInvitations(tx, { ...page, ofAccount: scope.reach === 'account' }),
  );
}

export function get(world: InvitationWorld, scope: Scope, id: string): Promise<Invitation> {
  return world.db.scoped(scope, (tx) => find(tx, scope, id, false));
}

async function find(tx: Tx, scope: Scope, id: string, lock: boolean): Promise<Invitation> {
  const found = await findInvitation(tx, id, { ofAccount: scope.reach === 'account', lock });
  if (found === null) throw refuse('not_found');
  return found;
}

/** One that the caller could have made. */
async function editable(tx: Tx, scope: Scope, power: Power, id: string): Promise<Invitation> {
  const found = await find(tx, scope, id, true);
  if (!covers(power, powerOf(found.parts))) throw refuse('user.not_below');
  return found;
}

/** Changes what is offered, until it is accepted. */
export async function change(
  world: InvitationWorld,
  scope: Scope,
  id: string,
  { note, ...offered }: Offered & { readonly note?: string | undefined },
): Promise<Invitation> {
  const power = await powerOfCaller(world, scope);
  return world.db.scoped(scope, async (tx) => {
    const found = await editable(tx, scope, power, id);
    if (Object.values(offered).some((value) => value !== undefined))
      await replaceParts(tx, found, await offeredParts(tx, scope, power, offered, found.parts));
    if (note !== undefined) await updateInvitation(tx, id, note);
    const changed = await find(tx, scope, id, false);
    await tell(world, tx, changed, 'invitation.changed');
    return changed;
  });
}

/** Mails a new link; the old one is dead. `header`: the Host header of the call. */
export async function resend(
  world: InvitationWorld,
  scope: Scope,
  id: string,
  header: string,
): Promise<Invitation> {
  const power = await powerOfCaller(world, scope);
  const { name } = await getAccount(world, scope);
  const { email } = await get(world, scope, id);
  const host = await knownHost(world, header, email);
  return world.db.scoped(scope, async (tx) => {
    const found = await editable(tx, scope, power, id);
    const now = world.clock.now();
    const problem = resendProblem(found, now);
    if (problem !== null) {
      const { code, ...details } = problem;
      throw refuse(code, details);
    }
    const token = makeToken();
    const expiresAt = new Date(now + lifeDays * dayMs);
    await updateSent(tx, id, { tokenHash: hashSecret(token), at: new Date(now), expiresAt });
    const sent = await find(tx, scope, id, false);
    await mailLink(world, tx, sent, { accountName: name, host: hostFor(sent, host) }, token);
    await tell(world, tx, sent, 'invitation.changed');
    return sent;
  });
}

export async function revoke(world: InvitationWorld, scope: Scope, id: string): Promise<void> {
  const power = await powerOfCaller(world, scope);
  await world.db.scoped(scope, async (tx) => {
    const found = await editable(tx, scope, power, id);
    await deleteInvitation(tx, id);
    await tell(world, tx, found, 'invitation.revoked');
  });
}

/** The tenant's host that was asked at, unless the invited person also works for somebody else: it would see their link. */
async function knownHost(world: InvitationWorld, header: string, email: string): Promise<TenantHost | null> {
  const host = world.tenantHost(header);
  if (host === null) return null;
  return mayLead(host, await placesOfEmail(world.db.engine, email)) ? host : null;
}

function hostFor({ accountId, parts }: Invitation, host: TenantHost | null): TenantHost | null {
  const places = parts.map(({ subaccountId }) => ({ accountId, subaccountId }));
  return host !== null && mayLead(host, places) ? host : null;
}

/** Says whose account it is and nothing else of it. */
async function mailLink(
  { clock, publicUrl }: InvitationWorld,
  tx: Tx,
  { accountId, subaccountId, email, note, expiresAt }: Invitation,
  { accountName, host }: { readonly accountName: string; readonly host: TenantHost | null },
  token: string,
): Promise<void> {
  const paragraphs = [
    `You are invited to work in the account "${accountName}". The link is yours alone and good until ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    ...(note === '' ? [] : [note]),
    'If you do not know why you got this, nothing has to be done.',
  ];
  const action = { label: 'Accept the invitation', url: `${host?.url ?? publicUrl()}/invitation/${token}` };
  const subject = `Invitation to ${accountName}`;
  await addMail(
    tx,
    { accountId, subaccountId },
    {
      to: email,
      subject,
      content: { paragraphs, action, ...(host === null ? {} : { fromName: host.brandName }) },
    },
    new Date(clock.now()),
  );
}

function tell(
  { clock }: InvitationWorld,
  tx: Tx,
  {
    id,
    accountId,
    subaccountId,
  }: { id: string; accountId: Invitation['accountId']; subaccountId: SubaccountId },
  kind: EventKind,
): Promise<void> {
  return append(tx, new Date(clock.now()), [{ accountId, subaccountId, kind, data: { invitationId: id } }]);
}
