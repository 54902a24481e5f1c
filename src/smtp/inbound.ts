/**
 * The door for mail that comes in: who is a recipient here, reports to `inbound.receive`, mail of tenants to `incoming.take`.
 * No logins; nothing is ever relayed, as only addresses of our own and of proven inbound domains are taken.
 */
import type { Reply } from '../mail/reply.ts';
import { findBounceHosts } from '../features/domains/index.ts';
import { mailboxOf, receive } from '../features/inbound/index.ts';
import type { InboundWorld } from '../features/inbound/index.ts';
import { findReceiver, take } from '../features/incoming/index.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import type { Envelope } from '../mail/smtp/session.ts';
import type { ConnectionFacts, SubmissionHooks } from './listener.ts';

export type InboundDoor = InboundWorld & {
  readonly incoming: IncomingWorld;
  readonly hasDisk: () => boolean;
};

const noLogin: Reply = { code: 502, enhanced: '5.5.1', text: 'there is nothing to log in to' };
const unknown: Reply = { code: 550, enhanced: '5.1.1', text: 'there is no such mailbox here' };
const closed: Reply = { code: 550, enhanced: '5.2.1', text: 'the mailbox takes no mail' };
const full: Reply = { code: 452, enhanced: '4.3.1', text: 'the store is full; try again later' };
const early: Reply = { code: 451, enhanced: '4.3.0', text: 'the delivery is not recorded yet; try again' };
const taken: Reply = { code: 250, enhanced: '2.0.0', text: 'taken' };

const incomingReplies: Readonly<Record<Awaited<ReturnType<typeof take>>['kind'], Reply>> = {
  taken,
  unknown,
  closed,
  loops: { code: 554, enhanced: '5.4.6', text: 'the message has passed more than 100 servers' },
  too_large: { code: 552, enhanced: '5.3.4', text: 'the message is larger than it may be' },
  full: { code: 452, enhanced: '4.2.2', text: 'the mailbox is full; try again later' },
};

export function inboundHooks(door: InboundDoor): SubmissionHooks<never> {
  const isOurs = (address: string): boolean => mailboxOf(address, door, door.clock.now()) !== null;
  return {
    authenticate: () => Promise.resolve({ ok: false, reply: noLogin }),
    mail: () => (door.hasDisk() ? null : full),
    recipient: (_identity, to) => (isOurs(to.address) ? null : otherReply(door, to.address)),
    async message(_identity, envelope, bytes, connection) {
      const recipients = envelope.recipients.map(({ address }) => address);
      const names = { ...door, atBounceHosts: await rolesAtBounceHosts(door, recipients) };
      const isReport = (each: string): boolean => mailboxOf(each, names, door.clock.now()) !== null;
      const reports = recipients.filter(isReport);
      const others = recipients.filter((each) => !isReport(each));
      // Reports first: the same one twice changes nothing, should the rest have to come again.
      if (reports.length > 0) {
        const received = await receive(names, arrivalOf(envelope, reports, bytes, connection));
        if (received !== 'taken') return early;
      }
      if (others.length === 0) return taken;
      const { kind } = await take(door.incoming, {
        ...arrivalOf(envelope, others, bytes, connection),
        helo: connection.helo,
        protocol: connection.protocol,
      });
      // What was told of the reports' recipients cannot be taken back for those that are gone since RCPT.
      return reports.length > 0 && (kind === 'unknown' || kind === 'closed') ? taken : incomingReplies[kind];
    },
  };
}

async function otherReply(door: InboundDoor, address: string): Promise<Reply | null> {
  const found = await findReceiver(door.incoming, address);
  if (found === 'unknown') return (await rolesAtBounceHosts(door, [address])).size > 0 ? null : unknown;
  return found === 'closed' ? closed : null;
}

/**
 * Those of the recipients, lower case, that are roles of a mail host (RFC 5321 4.5.1) at a tenant's name by which, itself,
 * bounces come back, and that no route of an inbound domain of that name takes. For return paths no store is asked.
 */
async function rolesAtBounceHosts(
  door: InboundDoor,
  recipients: readonly string[],
): Promise<ReadonlySet<string>> {
  const now = door.clock.now();
  const roles = recipients
    .map((each) => each.toLowerCase())
    .filter(
      (each) =>
        mailboxOf(each, door, now) === null &&
        mailboxOf(each, { ...door, atBounceHosts: new Set([each]) }, now) !== null,
    );
  if (roles.length === 0) return new Set();
  const hosts = await findBounceHosts(door.db.engine, roles.map(domainOf));
  const ours = new Set<string>();
  for (const each of roles)
    if (hosts.has(domainOf(each)) && (await findReceiver(door.incoming, each)) === 'unknown') ours.add(each);
  return ours;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

function arrivalOf(
  envelope: Envelope,
  recipients: readonly string[],
  bytes: Buffer,
  { remoteAddress }: ConnectionFacts,
) {
  return {
    mailFrom: envelope.from.address,
    recipients,
    bytes,
    // Without the zone of a link-local address.
    remoteAddress: remoteAddress.replace(/%.*$/, ''),
  };
}
