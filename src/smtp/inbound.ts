/**
 * The door for mail that comes back: who is a recipient here, and mail to `inbound.receive`. No logins; nothing is ever
 * relayed, as only addresses of our own are taken.
 */
import type { Reply } from '../mail/reply.ts';
import { mailboxOf, receive } from '../features/inbound/index.ts';
import type { InboundWorld } from '../features/inbound/index.ts';
import type { SubmissionHooks } from './listener.ts';

export type InboundDoor = InboundWorld & { readonly hasDisk: () => boolean };

const noLogin: Reply = { code: 502, enhanced: '5.5.1', text: 'there is nothing to log in to' };
const unknown: Reply = { code: 550, enhanced: '5.1.1', text: 'there is no such mailbox here' };
const full: Reply = { code: 452, enhanced: '4.3.1', text: 'the store is full; try again later' };
const early: Reply = { code: 451, enhanced: '4.3.0', text: 'the delivery is not recorded yet; try again' };
const taken: Reply = { code: 250, enhanced: '2.0.0', text: 'taken' };

export function inboundHooks(door: InboundDoor): SubmissionHooks<never> {
  return {
    authenticate: () => Promise.resolve({ ok: false, reply: noLogin }),
    mail: () => (door.hasDisk() ? null : full),
    recipient: (_identity, to) => (mailboxOf(to.address, door, door.clock.now()) === null ? unknown : null),
    async message(_identity, envelope, bytes, { remoteAddress }) {
      const received = await receive(door, {
        mailFrom: envelope.from.address,
        recipients: envelope.recipients.map(({ address }) => address),
        bytes,
        // Without the zone of a link-local address.
        remoteAddress: remoteAddress.replace(/%.*$/, ''),
      });
      return received === 'taken' ? taken : early;
    },
  };
}
