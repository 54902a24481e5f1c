/** Who sends: the domain that signs for a From address, and what a proven sender adds. HOT PATH: both are kept for a second. */
import type { Scope } from '../../base/scope.ts';
import type { Address } from '../../mail/address.ts';
import type { SendingDomain, SendingDomains } from '../domains/index.ts';
import { isWithin } from '../keys/index.ts';
import { isRefusal, refuse } from '../refusals/index.ts';
import type { ProvenSenders } from '../senders/index.ts';
import { mailbox, unprovenDomain } from './prepare.ts';
import type { ComposedRequest } from './prepare.ts';

export type IdentityWorld = { readonly sendingDomains: SendingDomains; readonly senders: ProvenSenders };

/**
 * The proven domain that signs for a From address, within what the key is limited to: the one that covers it, or, where
 * nobody in the installation has proven such a domain, the one that a proven sender of the subaccount hangs on.
 */
export async function sendingDomain(
  world: IdentityWorld,
  scope: Scope,
  from: Address,
): Promise<SendingDomain> {
  const { accountId, subaccountId } = scope;
  const limit = scope.bounds.domain;
  if (limit !== null && !isWithin(from.domain, limit))
    throw refuse('sender.domain_unproven', { message: `The credential sends from ${limit} only` });
  const domain = await world.sendingDomains.find(accountId, subaccountId, from.domain);
  if (domain !== null) return domain;
  if (await world.sendingDomains.isProven(accountId, from.domain)) throw unprovenDomain(from.domain);
  const sender = await world.senders.find(accountId, subaccountId, from.text);
  if (sender?.domain == null) throw unprovenDomain(from.domain);
  return sender.domain;
}

/** Name and Reply-To that the call left out are those of the proven sender, when the From address is one. */
export async function withIdentity(
  world: IdentityWorld,
  { accountId, subaccountId }: Scope,
  request: ComposedRequest,
): Promise<ComposedRequest> {
  const { from, replyTo, fieldSources } = request;
  // Several senders: what is left out is none of theirs.
  if (request.recipients.some((recipient) => recipient.from !== undefined)) return request;
  const hasReplyTo = replyTo.length > 0 || fieldSources.some(({ name }) => name === 'Reply-To');
  if (from.name !== null && hasReplyTo) return request;
  const sender = await world.senders.find(accountId, subaccountId, from.address.text);
  if (sender === null) return request;
  const name = from.name ?? (sender.name === '' ? null : sender.name);
  const answerTo =
    hasReplyTo || sender.replyTo === null
      ? replyTo
      : [mailbox('replyTo', sender.replyTo.email, sender.replyTo.name ?? undefined)];
  return { ...request, from: { ...from, name }, replyTo: answerTo };
}

/** By address, the domains of what single recipients' mail is from; a refusal names the recipient. */
export async function ownDomains(
  world: IdentityWorld,
  scope: Scope,
  { recipients }: ComposedRequest,
): Promise<ReadonlyMap<string, SendingDomain>> {
  const domains = new Map<string, SendingDomain>();
  for (const [index, { from }] of recipients.entries()) {
    if (from === undefined || domains.has(from.text)) continue;
    try {
      domains.set(from.text, await sendingDomain(world, scope, from));
    } catch (error) {
      if (!isRefusal(error) || error.code !== 'sender.domain_unproven') throw error;
      const { message } = error;
      throw refuse(error.code, {
        message: `recipients[${index}]: ${message}`,
        errors: [{ field: `recipients[${index}].from`, rule: 'proven_domain', message }],
      });
    }
  }
  return domains;
}
