/**
 * The SMTP submission door: login to Scope, envelope checks, message to `messages.sendRaw`, refusals in SMTP words.
 * The listener and the session (src/mail/smtp) know nothing of tenants; this file knows nothing of sockets.
 */
import { randomBytes } from 'node:crypto';
import { isStoreLost } from '../base/database/store-lost.ts';
import { errorText } from '../base/log.ts';
import type { Log } from '../base/log.ts';
import { parseAddress } from '../mail/address.ts';
import type { Address } from '../mail/address.ts';
import type { Reply } from '../mail/reply.ts';
import { hashSecret } from '../base/secrets.ts';
import type { Scope } from '../base/scope.ts';
import type { Access, SmtpIdentity } from '../features/access/index.ts';
import type { SeenLogin, SeenSubmission } from '../features/logs/index.ts';
import { rejectRaw, sendRaw, withOptions } from '../features/messages/index.ts';
import type { MessageWorld, RawOptions, RawRequest, Rejection } from '../features/messages/index.ts';
import type { Refusal } from '../base/refusal.ts';
import { isRefusal, refusals, refuse } from '../features/refusals/index.ts';
import type { RefusalCode } from '../features/refusals/index.ts';
import type { Envelope } from '../mail/smtp/session.ts';
import type { ConnectionFacts, SubmissionHooks } from './listener.ts';

export type SubmissionWorld = {
  readonly access: Pick<Access, 'authenticateSmtp'>;
  readonly messages: MessageWorld;
  readonly hostname: string;
  readonly log: Log;
  readonly dialects?: SmtpDialects;
  /** Told of each answered mail transaction and each failed login, for the log of requests. */
  readonly seen?: {
    readonly submission: (seen: SeenSubmission) => void;
    readonly login: (seen: SeenLogin) => void;
  };
};

/** What the login of a provider changes: for every other each of these does nothing. */
export type SmtpDialects = {
  /** A login that is right and of no use there. */
  readonly admit: (identity: SmtpIdentity) => Reply | null;
  readonly obey: (submitted: Obeyed) => Promise<Obedience>;
  /** How it says a refusal of a login (`bytes` null) or of a message; null as we do. */
  readonly word: (user: string, refusal: Refusal<RefusalCode>, bytes: Buffer | null) => Reply | null;
};

/** What becomes of a message by its control headers. */
export type Obedience =
  /** Nothing: it goes as any other. */
  | { readonly kind: 'plain' }
  | { readonly kind: 'options'; readonly options: RawOptions }
  /** The dialect has handed it in itself. */
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** A message of somebody whose login says whose control headers are obeyed. */
export type Obeyed = {
  readonly identity: SmtpIdentity;
  readonly scope: Scope;
  readonly requestId: string;
  readonly remoteAddress: string;
  readonly bytes: Buffer;
  readonly recipients: readonly string[];
};

/** Who is logged in, and from where. */
export type Sender = SmtpIdentity & { readonly user: string; readonly remoteAddress: string };

/**
 * A refusal, or our own fault, as this door says it (RFC 2034: class of the enhanced code equals the reply's). `word`: how a
 * dialect says it, null as we do.
 */
export function replyFor(
  thrown: unknown,
  log: Log,
  word: (refusal: Refusal<RefusalCode>) => Reply | null = () => null,
): Reply {
  const error = isStoreLost(thrown) ? refuse('store.unavailable') : thrown;
  if (isRefusal(error)) {
    const worded = word(error);
    if (worded !== null) return worded;
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

const notLoggedIn: Reply = { code: 530, enhanced: '5.7.0', text: 'authentication is needed' };

/** What is wrong with a MAIL FROM. */
function mailProblem(scope: Scope, from: string): Reply | null {
  if (!scope.grants.has('smtp:send') && !scope.grants.has('messages:send')) {
    return { code: 550, enhanced: '5.7.1', text: 'the credential lacks the grant smtp:send' };
  }
  if (from !== '' && parseAddress(from) === null) {
    return { code: 553, enhanced: '5.1.7', text: 'the sender address is not valid' };
  }
  return null;
}

export function submissionHooks(world: SubmissionWorld): SubmissionHooks<Sender> {
  const nextRequest = requestIds();
  return {
    async authenticate({ user, secret, remoteAddress }) {
      const requestId = nextRequest();
      const startedAt = performance.now();
      const refused = (reply: Reply): { readonly ok: false; readonly reply: Reply } => {
        const ms = performance.now() - startedAt;
        world.seen?.login({ requestId, user, secretHash: hashSecret(secret), reply, ms, remoteAddress });
        return { ok: false, reply };
      };
      try {
        const identity = await world.access.authenticateSmtp({ user, secret, remoteAddress, requestId });
        const useless = world.dialects?.admit(identity) ?? null;
        if (useless === null) return { ok: true, identity: { ...identity, user, remoteAddress } };
        return refused(useless);
      } catch (error) {
        return refused(
          replyFor(error, world.log, (refusal) => world.dialects?.word(user, refusal, null) ?? null),
        );
      }
    },
    mail(identity, from) {
      if (identity === null) return notLoggedIn;
      const { scope, remoteAddress } = identity;
      const reply = mailProblem(scope, from.address);
      if (reply === null) return null;
      const requestId = nextRequest();
      const none = { recipients: 0, bytes: Buffer.alloc(0), helo: '', ms: 0 };
      world.seen?.submission({ ...none, scope, requestId, mailFrom: from.address, reply, remoteAddress });
      return reply;
    },
    recipient(_scope, to) {
      if (parseAddress(to.address) !== null) return null;
      return { code: 553, enhanced: '5.1.3', text: 'the recipient address is not valid' };
    },
    async message(identity, envelope, bytes, connection) {
      if (identity === null) return notLoggedIn;
      const requestId = nextRequest();
      const startedAt = performance.now();
      const reply = await submit(world, identity, requestId, { envelope, bytes, connection });
      world.seen?.submission({
        scope: identity.scope,
        requestId,
        mailFrom: envelope.from.address,
        recipients: envelope.recipients.length,
        reply,
        ms: performance.now() - startedAt,
        remoteAddress: identity.remoteAddress,
        helo: connection.helo,
        bytes,
      });
      return reply;
    },
  };
}

type Arrived = {
  readonly envelope: Envelope;
  readonly bytes: Buffer;
  readonly connection: ConnectionFacts;
};

/** The answer to a message's final dot. */
async function submit(
  world: SubmissionWorld,
  identity: Sender,
  requestId: string,
  arrived: Arrived,
): Promise<Reply> {
  const { bytes } = arrived;
  try {
    const { scope, unknownSubaccount } = await identity.again(requestId);
    const request = requestOf(world, arrived);
    if (unknownSubaccount !== null)
      return acceptedAs(await rejectRaw(world.messages, scope, request, unknown(unknownSubaccount)));
    const recipients = arrived.envelope.recipients.map(({ address }) => address);
    const { remoteAddress } = identity;
    const asked = { identity, scope, requestId, remoteAddress, bytes, recipients };
    const obeyed = (await world.dialects?.obey(asked)) ?? { kind: 'plain' };
    switch (obeyed.kind) {
      case 'sent':
        return acceptedAs({ id: requestId });
      case 'refused':
        return obeyed.reply;
      case 'options': {
        const whole = await withOptions(world.messages, scope, request, obeyed.options);
        return acceptedAs(await sendRaw(world.messages, scope, whole));
      }
      case 'plain':
        return acceptedAs(await sendRaw(world.messages, scope, request));
    }
  } catch (error) {
    const { user } = identity;
    return replyFor(error, world.log, (refusal) => world.dialects?.word(user, refusal, bytes) ?? null);
  }
}

function acceptedAs({ id }: { readonly id: string }): Reply {
  return { code: 250, enhanced: '2.0.0', text: `accepted as ${id}` };
}

function requestOf(world: SubmissionWorld, { envelope, bytes, connection }: Arrived): RawRequest {
  const { parameters } = envelope.from;
  return {
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
  };
}

const namedLengthMax = 264;

/** Typed by the caller, to be stored and shown. */
function unknown(subaccount: string): Rejection {
  const named = subaccount.replaceAll(/\p{C}/gu, '').slice(0, namedLengthMax).toWellFormed();
  return { reason: 'unknown-subaccount', named };
}

/** An address that the recipient hook has let through. */
function known(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new Error('a recipient was accepted that does not parse');
  return address;
}
