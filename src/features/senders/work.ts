/**
 * Background: the DMARC policies of senders' own domains. A change is an event each; of stricter ones the account's owner is
 * told in one mail for all of its senders, at most once a day, however many policies change how often.
 */
import { withDeadline } from '../../base/dns/index.ts';
import type { AccountId } from '../../base/scope.ts';
import { append } from '../events/index.ts';
import { add } from '../outbox/index.ts';
import { findOwnerOf } from '../users/index.ts';
import type { Policy } from './model.ts';
import { eventOf, policyOf } from './operations.ts';
import type { SenderWorld } from './operations.ts';
import { isAligned, isStrict, nextPolicyCheckAt, policyChange } from './rules.ts';
import { accountsToWarn, duePolicies, recordPolicy, takeWarnings } from './sql-policy.ts';
import type { WatchedSender } from './sql-policy.ts';

const day = 86_400_000;
const namedMax = 20;
/** A round waits for DNS no longer than this; what had no answer is asked again in ten minutes. */
const roundMs = 10_000;

/** Looks at the policies that are due, then warns; how many were looked at. */
export async function watchPolicies(world: SenderWorld, limit: number): Promise<number> {
  const due = await world.db.asEngine((tx) => duePolicies(tx, new Date(world.clock.now()), limit));
  const seen = new Map<string, Policy>();
  const resolve = withDeadline(world.resolve, roundMs);
  for (const sender of due) {
    const domain = domainOf(sender);
    if (!seen.has(domain)) seen.set(domain, await policyOf(resolve, domain));
    await record(world, sender, seen.get(domain) ?? 'unknown');
  }
  for (const accountId of await accountsToWarn(world.db.engine, new Date(world.clock.now() - day), limit))
    await warn(world, accountId);
  return due.length;
}

function domainOf({ email }: WatchedSender): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

async function record(world: SenderWorld, sender: WatchedSender, seen: Policy): Promise<void> {
  const now = world.clock.now();
  const { policy, isChanged, isStricter } = policyChange(sender.policy, seen);
  const mayHurt = isStrict(policy) && !isAligned(domainOf(sender), sender.domainName ?? world.mailDomain);
  await world.db.asEngine(async (tx) => {
    await recordPolicy(tx, sender.id, {
      policy,
      checkedAt: seen === 'unknown' ? null : new Date(now),
      nextCheckAt: new Date(nextPolicyCheckAt(now, seen)),
      isWarningDue: isStricter && mayHurt ? true : mayHurt ? null : false,
    });
    if (!isChanged) return;
    const data = { from: sender.policy, to: policy };
    await append(tx, new Date(now), [eventOf(sender, 'sender.policy_changed', data)]);
  });
}

async function warn(world: SenderWorld, accountId: AccountId): Promise<void> {
  const owner = await findOwnerOf(world.db.engine, accountId);
  const now = new Date(world.clock.now());
  await world.db.asEngine(async (tx) => {
    const senders = await takeWarnings(tx, accountId, now);
    const [first] = senders;
    if (first === undefined || owner === null) return;
    const lines = senders.slice(0, namedMax).map(({ email, policy }) => `${email}: now p=${policy}`);
    if (senders.length > namedMax) lines.push(`and ${senders.length - namedMax} more`);
    const paragraphs = [
      'The domains of these sender identities tell receivers since lately to mistrust mail that they have not signed themselves:',
      lines.join('\n'),
      'Such mail may be refused or put among junk. Prove those domains as sending domains, or ask their owners for another policy.',
    ];
    await add(
      tx,
      first,
      { to: owner.email, subject: 'A stricter DMARC policy for sender identities', content: { paragraphs } },
      now,
    );
  });
}
