/**
 * A lane over a real connection: compose, sign, send one message after the other. HOT PATH: everything that may be
 * known without asking is; see docs/performance.md for the budget per message.
 */
import { StoreUnavailable } from '../../base/database/store-lost.ts';
import type { Reply } from '../../mail/reply.ts';
import { mailIn } from '../messages/index.ts';
import type { CopyData } from '../messages/index.ts';
import type { LeasedMessage } from '../queue/index.ts';
import { unknownMail } from '../suppressions/index.ts';
import type { MailOf, Told } from '../suppressions/index.ts';
import type { Bench } from './bench.ts';
import { composeCopy, hasLeaveLinks, signCopy, withFeedbackHeaders } from './compose.ts';
import type { ComposedCopy, SigningKeys } from './compose.ts';
import type { SmtpConnection } from './connection.ts';
import type { Content } from './content.ts';
import type { JournalEntry } from './journal.ts';
import type { AttemptOutcome } from './model.ts';
import { checkedForMs } from './rules.ts';
import type { HostTry } from '../transport/index.ts';
import type { Host, Lane } from './site.ts';
import type { Signer } from '../../mail/dkim/index.ts';
import type { Environment } from '../../mail/template/index.ts';

export type LaneWorld = {
  readonly signer: Signer;
  /** Turns at signing. */
  readonly bench: Bench;
  readonly content: (message: LeasedMessage) => Promise<Content | null>;
  readonly signing: (content: Content, message: LeasedMessage) => Promise<SigningKeys>;
  /** Behind the @ of its return path, when that is not of the domain that it is from. */
  readonly bounceHost: (content: Content, message: LeasedMessage) => Promise<string | null>;
  /** The copy with its links and pixels, and the way to unsubscribe. */
  readonly track: (content: Content, copy: ComposedCopy, message: LeasedMessage) => Promise<ComposedCopy>;
  /** What its language asks for addresses that unsubscribe; undefined where no links lead. */
  readonly leaveLinks: (content: Content, message: LeasedMessage) => Promise<Environment['unsubscribe']>;
  /** Signed, names the copy: before the @ of its return path, and in its header for complaints that hide all else. */
  readonly mark: (message: LeasedMessage) => string;
  /** Signed, names a copy in its Message-ID. */
  readonly name: (messageId: string) => string;
  readonly nowMs: () => number;
  /**
   * Why its recipient must not be written to; rejects when that cannot be known now. `mailOf` tells of which list and sender the
   * mail is, and is asked only where that matters.
   */
  readonly suppressed: (message: LeasedMessage, mailOf: () => Promise<MailOf>) => Promise<Told | null>;
  /** Journals the dot; null when it must not be sent (the term is nearly over, the subaccount may not send now). */
  readonly dot: (message: LeasedMessage) => JournalEntry | null | Promise<JournalEntry | null>;
  /** Keeps the journal's entry for the outcome that follows. */
  readonly keep: (message: LeasedMessage, entry: JournalEntry) => void;
};

const gone: AttemptOutcome = {
  kind: 'impossible',
  phase: 'compose',
  reply: { code: 554, enhanced: '5.3.0', text: 'the content is no longer stored' },
};

export function makeLane(
  connection: SmtpConnection,
  { host, tries }: { readonly host: Host; readonly tries: readonly HostTry[] },
  world: LaneWorld,
): Lane {
  return {
    host,
    tries,
    tls: connection.tls?.protocol ?? null,
    isReusable: () => connection.isReusable,
    attempt: (message) => attempt(connection, message, world),
    close: () => connection[Symbol.asyncDispose](),
  };
}

async function attempt(
  connection: SmtpConnection,
  message: LeasedMessage,
  world: LaneWorld,
): Promise<AttemptOutcome> {
  if (world.nowMs() - message.checkedAt >= checkedForMs) {
    const stop = await stopOf(message, world);
    if (stop !== null) return stop;
  }
  const content = await world.content(message);
  if (content === null) return gone;
  const mark = world.mark(message);
  const hasFeedback = content.options.hasFeedbackHeaders === true;
  const unsubscribe = hasLeaveLinks(content) ? await world.leaveLinks(content, message) : undefined;
  const composed = composeCopy(content, message, {
    ...(hasFeedback ? { name: world.name(message.messageId) } : {}),
    unsubscribe,
  });
  if (!composed.ok) return { kind: 'impossible', phase: 'compose', reply: failed(composed.why) };
  const isPlain = content.options.tracked === undefined;
  const tracked = isPlain ? composed.copy : await world.track(content, composed.copy, message);
  const signing = await world.signing(content, message);
  const bounceHost = (await world.bounceHost(content, message)) ?? signing.bounceHost;
  const isMarked = hasFeedback && signing.keys.length > 0;
  const copy = isMarked ? withFeedbackHeaders(tracked, mark, signing.feedbackHost) : tracked;
  const { needs } = content.options;
  const chunks = await world.bench.run(message, () =>
    signCopy(
      content,
      copy,
      { signer: world.signer, keys: signing, nowSeconds: Math.floor(world.nowMs() / 1000) },
      { eightBit: connection.capabilities.eightBitMime },
    ),
  );
  if (chunks === null) {
    const text = 'the next hop takes no 8-bit mail and the message cannot be re-encoded';
    return { kind: 'impossible', phase: 'mail', reply: { code: 554, enhanced: '5.6.3', text } };
  }
  const data = message.data as CopyData | null;
  const kept = (entry: JournalEntry | null): boolean => {
    if (entry !== null) world.keep(message, entry);
    return entry !== null;
  };
  // Above the signatures, which copies share; it carries its own.
  const body = [Buffer.from(`X-Lettershop-Mark: ${mark}\r\n`, 'latin1'), ...chunks];
  const sizeBytes = body.reduce((sum, chunk) => sum + chunk.length, 0);
  const outcome = await connection.deliver({
    from: `${mark}@${bounceHost}`,
    to: message.recipient,
    sizeBytes,
    needs,
    ...(data?.dsn === undefined ? {} : { dsn: data.dsn }),
    body,
    beforeFinalDot: () => {
      const entry = world.dot(message);
      if (entry instanceof Promise) return entry.then((late) => kept(late));
      return kept(entry);
    },
  });
  return toOutcome(outcome, sizeBytes, () => connection.transcript);
}

/** It waited since it was last asked about. When the store does not answer it goes back without an attempt. */
async function stopOf(message: LeasedMessage, world: LaneWorld): Promise<AttemptOutcome | null> {
  try {
    const suppression = await world.suppressed(message, async () => {
      const content = await world.content(message);
      const composed = content === null ? null : composeCopy(content, message);
      return composed?.ok === true ? mailIn(composed.copy.header) : unknownMail;
    });
    return suppression === null ? null : { kind: 'suppressed', suppression };
  } catch (error) {
    if (error instanceof StoreUnavailable) return { kind: 'abandoned' };
    throw error;
  }
}

type Delivered = Awaited<ReturnType<SmtpConnection['deliver']>>;

function toOutcome(outcome: Delivered, sizeBytes: number, transcript: () => string): AttemptOutcome {
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'accepted', reply: outcome.reply, sizeBytes };
    case 'refused':
      return { kind: 'refused', phase: outcome.phase, reply: outcome.reply, transcript: transcript() };
    case 'broken':
      return {
        kind: 'broken',
        phase: outcome.phase,
        afterFinalDot: outcome.afterFinalDot,
        error: `${outcome.error.code}: ${outcome.error.text}`,
        transcript: transcript(),
      };
    case 'abandoned':
      return { kind: 'abandoned' };
    case 'unsupported':
      return { kind: 'impossible', phase: 'mail', reply: unsupported(outcome.what) };
  }
}

/** RFC 6531 3.5 (5.6.7), RFC 1870 (5.3.4), RFC 8689 4.2.1 (5.7.30). */
function unsupported(what: 'smtputf8' | 'size' | 'requiretls'): Reply {
  const [enhanced, text] = {
    smtputf8: ['5.6.7', 'the next hop does not support internationalised addresses'],
    size: ['5.3.4', 'the message is larger than the next hop takes'],
    requiretls: [
      '5.7.30',
      'the next hop does not support REQUIRETLS, or is not proven to be the recipient’s',
    ],
  }[what] as [string, string];
  return { code: 554, enhanced, text };
}

function failed(why: string): Reply {
  return { code: 554, enhanced: '5.6.0', text: why };
}
