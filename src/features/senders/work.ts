/** Background: the DMARC policies of senders' own domains. A change is an event each; it says whether mail may suffer. */
import { withDeadline } from '../../base/dns/index.ts';
import { append } from '../events/index.ts';
import type { Policy } from './model.ts';
import { eventOf, policyOf } from './operations.ts';
import type { SenderWorld } from './operations.ts';
import { isAligned, isStrict, nextPolicyCheckAt, policyChange } from './rules.ts';
import { duePolicies, recordPolicy } from './sql-policy.ts';
import type { WatchedSender } from './sql-policy.ts';

/** A round waits for DNS no longer than this; what had no answer is asked again in ten minutes. */
const roundMs = 10_000;

/** Looks at the policies that are due; how many were looked at. */
export async function watchPolicies(world: SenderWorld, limit: number): Promise<number> {
  const due = await world.db.asEngine((tx) => duePolicies(tx, new Date(world.clock.now()), limit));
  const seen = new Map<string, Policy>();
  const resolve = withDeadline(world.resolve, roundMs);
  for (const sender of due) {
    const domain = domainOf(sender);
    if (!seen.has(domain)) seen.set(domain, await policyOf(resolve, domain));
    await record(world, sender, seen.get(domain) ?? 'unknown');
  }
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
    });
    if (!isChanged) return;
    const data = { from: sender.policy, to: policy, isStricter, mayHurt };
    await append(tx, new Date(now), [eventOf(sender, 'sender.policy_changed', data)]);
  });
}
