/**
 * Incoming: mail that tenants receive. Promises: mail is taken only for a domain whose MX carries its holder's own token, and
 * only where a route of it matches, so that nothing is relayed and a name has one receiver in the installation; what was
 * answered with 250 is stored, byte for byte, and is handed over until the endpoint takes it or it is given up, which is
 * told; a broken mail is handed over as it is. Handed over at least once: a kill between sending and recording sends it
 * again, under the same id. Connects only where webhooks may. Does not answer mail, forward it by SMTP, or judge whether it
 * is wanted. A domain is unproven, then proven, and lost when its MX is gone or another owner's; a mail is waiting, then
 * handed over or given up, and waits again when somebody asks for it.
 */
export { incomingRoutes } from './http.ts';
export { IncomingSender } from './sender.ts';
export type { IncomingSenderOptions } from './sender.ts';
export { checkDueInbound } from './domains.ts';
export { findReceiver, take } from './arrive.ts';
export type { IncomingMail, IncomingWorld, MailWording, MailWordings } from './model.ts';
export { endOldIncoming } from './work.ts';
