/**
 * The SMTP submission door: login to Scope, envelope checks, message to `messages.sendRaw`, refusals in SMTP words.
 * The listener and the session (src/mail/smtp) know nothing of tenants; this file knows nothing of sockets.
 */
import { randomBytes } from 'node:crypto';
import { errorText } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import { parseAddress } from '../mail/address.ts';
import type { Address } from '../mail/address.ts';
import type { Reply } from '../mail/reply.ts';
import type { Access, SmtpIdentity } from '../features/access/index.ts';
import { sendRaw } from '../features/messages/index.ts';
import type { MessageWorld } from '../features/messages/index.ts';
import { isRefusal, refusals } from '../features/refusals/index.ts';
import type { SubmissionHooks } from './listener.ts';

export type SubmissionWorld = {
  readonly access: Pick<Access, 'authenticateSmtp'>;
  readonly messages: MessageWorld;
  readonly hostname: string;
  readonly log: Log;
};

/** A refusal, or our own fault, as this door says it (RFC 2034: class of the enhanced code equals the reply's). */
export function replyFor(error: unknown, log: Log): Reply {
  if (isRefusal(error)) {
    const [code, enhanced] = refusals[error.code].smtp;
    return { code, enhanced, text: error.message.replaceAll(/[\r\n]+/g, ' ').slice(0, 400) };
  }
  log.error(
    { error: errorText(error), stack: error instanceof Error ? error.stack : null },
    'an SMTP submission failed',
  );
  return { code: 451, enhanced: '4.3.0', text: 'an error of ours; try again' };
}

/** Unique over restarts, as of the HTTP door. */
function requestIds(): () => string {
  const prefix = `smtp_${randomBytes(6).toString('hex')}`;
  let count = 0;
  return () => `${prefix}${(count++).toString(36)}`;
}

export function submissionHooks(world: SubmissionWorld): SubmissionHooks<SmtpIdentity> {
  const nextRequest = requestIds();
  return {
    async authenticate({ user, secret, remoteAddress }) {
      try {
        const requestId = nextRequest();
        const identity = await world.access.authenticateSmtp({ user, secret, remoteAddress, requestId });
        return { ok: true, identity };
      } catch (error) {
        return { ok: false, reply: replyFor(error, world.log) };
      }
    },
    mail(identity, from) {
      if (identity === null) return { code: 530, enhanced: '5.7.0', text: 'authentication is needed' };
      const { scope } = identity;
      if (!scope.grants.has('smtp:send') && !scope.grants.has('messages:send')) {
        return { code: 550, enhanced: '5.7.1', text: 'the credential lacks the grant smtp:send' };
      }
      if (from.address !== '' && parseAddress(from.address) === null) {
        return { code: 553, enhanced: '5.1.7', text: 'the sender address is not valid' };
      }
      return null;
    },
    recipient(_scope, to) {
      if (parseAddress(to.address) !== null) return null;
      return { code: 553, enhanced: '5.1.3', text: 'the recipient address is not valid' };
    },
    async message(identity, envelope, bytes, connection) {
      if (identity === null) return { code: 530, enhanced: '5.7.0', text: 'authentication is needed' };
      const { parameters } = envelope.from;
      try {
        const scope = await identity.again(nextRequest());
        const accepted = await sendRaw(world.messages, scope, {
          bytes,
          mailFrom: envelope.from.address,
          recipients: envelope.recipients.map((recipient) => ({
            address: known(recipient.address),
            ...(recipient.notify === undefined ? {} : { notify: recipient.notify }),
            ...(recipient.orcpt === undefined ? {} : { orcpt: recipient.orcpt }),
          })),
          ...(parameters.ret === undefined ? {} : { ret: parameters.ret }),
          ...(parameters.envid === undefined ? {} : { envid: parameters.envid }),
          smtputf8: parameters.smtputf8,
          requireTls: parameters.requireTls,
          trace: { helo: connection.helo, protocol: connection.protocol, hostname: world.hostname },
        });
        return { code: 250, enhanced: '2.0.0', text: `accepted as ${accepted.id}` };
      } catch (error) {
        return replyFor(error, world.log);
      }
    },
  };
}

/** An address that the recipient hook has let through. */
function known(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error('a recipient was accepted that does not parse');
  return address;
}
