/**
 * The door for mail that comes in: who is a recipient here, reports to `inbound.receive`, mail of tenants to `incoming.take`.
 * No logins; nothing is ever relayed, as only addresses of our own and of proven inbound domains are taken.
 */
import type { Reply } from '../mail/reply.ts';
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
    recipient: (_identity, to) => (isOurs(to.address) ? null : tenantReply(door, to.address)),
    async message(_identity, envelope, bytes, connection) {
      const recipients = envelope.recipients.map(({ address }) => address);
      const reports = recipients.filter(isOurs);
      const others = recipients.filter((each) => !isOurs(each));
      // Reports first: the same one twice changes nothing, should the rest have to come again.
      if (reports.length > 0) {
        const received = await receive(door, arrivalOf(envelope, reports, bytes, connection));
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

async function tenantReply(door: InboundDoor, address: string): Promise<Reply | null> {
  const found = await findReceiver(door.incoming, address);
  if (found === 'taken') return null;
  return found === 'closed' ? closed : unknown;
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
