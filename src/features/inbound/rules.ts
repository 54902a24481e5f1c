/** Which addresses are ours, and what a report does: pure, `now` and the keys given. No store is asked at RCPT. */
import type { Keyring } from '../../base/seal.ts';
import { classify } from '../../mail/bounce/classify.ts';
import type { Reply } from '../../mail/reply.ts';
import type { DeliveryEntry, FeedbackType, InboundReport } from '../../mail/report/index.ts';
import { readReportAddress } from '../../mail/report-address.ts';
import { readMark, readSubmissionMark } from '../../mail/verp.ts';
import type { MessageState } from '../messages/index.ts';
import type { Report } from '../suppressions/index.ts';
import type { Consequence, Judgement, Mailbox, ReportedMessage } from './model.ts';

const dayMs = 86_400_000;
/** Retries and holds included, no server returns mail later (contract smtp-and-standards 2.3). */
export const returnPathDays = 30;
/** People complain late. */
export const markDays = 90;

export type OwnNames = {
  readonly mailDomain: string;
  readonly hostname: string;
  readonly ring: Keyring;
  /** Addresses, lower case, at names of tenants by which, themselves, bounces come back: their roles are ours. */
  readonly atBounceHosts?: ReadonlySet<string>;
};

const roles: Readonly<Record<string, 'feedback' | 'operator'>> = {
  fbl: 'feedback',
  abuse: 'feedback',
  postmaster: 'operator',
};

/** Whose mailbox it is; null when not ours, forged or too old. No look-up: the answer's time tells nothing of what exists. */
export function mailboxOf(address: string, names: OwnNames, now: number): Mailbox | null {
  const at = address.lastIndexOf('@');
  const local = (at < 0 ? address : address.slice(0, at)).toLowerCase();
  const mark = readMark(local, names.ring);
  if (mark !== null)
    return now - mark.madeAt < returnPathDays * dayMs
      ? { kind: 'return_path', messageId: mark.messageId }
      : null;
  const isOurs =
    at < 0
      ? local === 'postmaster'
      : isOwnDomain(address.slice(at + 1).toLowerCase(), names) ||
        names.atBounceHosts?.has(address.toLowerCase()) === true;
  const domainId = isOurs ? readReportAddress(local, names.ring) : null;
  if (domainId !== null) return { kind: 'dmarc', domainId };
  const role = Object.hasOwn(roles, local) ? roles[local] : undefined;
  return role === undefined || !isOurs ? null : { kind: role };
}

/** RFC 5321 4.5.1: each domain that mail comes to has a postmaster; return paths are under `bounce.` of sending domains, or at them. */
function isOwnDomain(domain: string, { mailDomain, hostname }: OwnNames): boolean {
  return (
    domain === mailDomain ||
    domain.endsWith(`.${mailDomain}`) ||
    domain === hostname ||
    domain.startsWith('bounce.')
  );
}

/**
 * The message that a complaint names by a mark of ours, wherever that stands; never by a recipient, nor by a Message-ID
 * that is none, which others know or guess.
 */
export function complainedOf(report: InboundReport, ring: Keyring, now: number): string | null {
  if (report.kind !== 'feedback' && report.kind !== 'enclosed') return null;
  for (const text of [report.mark, report.feedbackId, report.returnPath, report.messageId]) {
    const mark = text === null ? null : readMark(text, ring);
    if (mark !== null && now - mark.madeAt < markDays * dayMs) return mark.messageId;
  }
  return null;
}

/** The submission whose mark is the Message-ID that a complaint names, where nothing names the copy. */
export function complainedSubmissionOf(
  report: InboundReport,
  ring: Keyring,
  now: number,
): { readonly submissionId: string; readonly recipients: readonly string[] } | null {
  if (report.kind !== 'feedback' && report.kind !== 'enclosed') return null;
  const mark = report.messageId === null ? null : readSubmissionMark(report.messageId, ring);
  if (mark === null || now - mark.madeAt >= markDays * dayMs) return null;
  return { submissionId: mark.submissionId, recipients: report.kind === 'feedback' ? report.recipients : [] };
}

/** What a report that came to a return path does to the message of that path. */
export function judgeReturned(report: InboundReport, mailFrom: string, message: ReportedMessage): Judgement {
  switch (report.kind) {
    case 'delivery':
      // RFC 3464 2: a notification has the null reverse path; a few old servers name their daemon.
      if (!isDaemon(mailFrom)) return { kind: 'unread', why: 'a bounce with a sender' };
      return judgeDelivery(report.entries, message);
    case 'feedback':
      return judgeFeedback(report.type, report.userAgent, message);
    case 'auto_reply':
      return does({ mark: 'auto_reply', event: 'message.auto_replied', message });
    case 'challenge':
      return { kind: 'ignored' };
    case 'enclosed':
    case 'other':
      return { kind: 'unread', why: 'no report' };
  }
}

/** What a complaint at a feedback address does to the message that it names. */
export function judgeComplaint(report: InboundReport, message: ReportedMessage): Judgement {
  if (report.kind === 'feedback') return judgeFeedback(report.type, report.userAgent, message);
  return judgeFeedback('abuse', null, message);
}

function isDaemon(mailFrom: string): boolean {
  return mailFrom === '' || /^(?:mailer-daemon|postmaster)(?:@|$)/i.test(mailFrom);
}

/** Of several groups the one that is about this recipient; a report of others is none of this message. */
function entryOf(entries: readonly DeliveryEntry[], recipient: string): DeliveryEntry | null {
  const own = entries.filter((entry) => entry.recipient?.toLowerCase() === recipient.toLowerCase());
  if (own.length > 0) return own.at(-1) ?? null;
  // A server may call the mailbox by an inner name, as long as it speaks of one only.
  return entries.length === 1 ? (entries[0] ?? null) : null;
}

function judgeDelivery(entries: readonly DeliveryEntry[], message: ReportedMessage): Judgement {
  const entry = entryOf(entries, message.recipient);
  if (entry === null) return { kind: 'unread', why: 'a report of other recipients' };
  const named = entry.recipient === null ? {} : { reportedRecipient: entry.recipient };
  const { reply } = entry;
  if (entry.action !== 'failed') {
    const data = { action: entry.action, reply, ...named };
    return does({ mark: `notice.${entry.action}`, event: 'message.notified', message, data });
  }
  if (message.isLeased) return { kind: 'too_early' };
  const found = classify(asRefusal(reply), 'report');
  const state = stateAfterBounce(message.state);
  return does({
    mark: 'bounce',
    event: 'message.bounced_later',
    message,
    data: { class: found.class, rule: found.rule, reply, ...named },
    state,
    suppresses: found.class === 'hard' ? 'hard_bounce' : null,
    // What had ended otherwise was counted by its attempt.
    isSoft: found.class === 'soft' && state !== null,
  });
}

/** A report of failure may carry a code that is none. */
function asRefusal(reply: Reply): Reply {
  return reply.code >= 400 && reply.code <= 599 ? reply : { ...reply, code: 550, enhanced: null };
}

/** Mail that was taken and came back was not delivered; what ended otherwise, or still waits, stays as it is. */
export function stateAfterBounce(state: MessageState): MessageState | null {
  return state === 'delivered' || state === 'undetermined' ? 'bounced' : null;
}

const feedbackRules: Readonly<
  Record<FeedbackType, { isComplaint: boolean; suppresses: Report['kind'] | null }>
> = {
  abuse: { isComplaint: true, suppresses: 'complaint' },
  fraud: { isComplaint: true, suppresses: 'complaint' },
  virus: { isComplaint: true, suppresses: 'complaint' },
  'opt-out': { isComplaint: false, suppresses: 'unsubscribe' },
  'not-spam': { isComplaint: false, suppresses: null },
  'auth-failure': { isComplaint: false, suppresses: null },
  other: { isComplaint: false, suppresses: null },
};

function judgeFeedback(type: FeedbackType, userAgent: string | null, message: ReportedMessage): Judgement {
  const { isComplaint, suppresses } = feedbackRules[type];
  return does({
    mark: isComplaint ? 'complaint' : `feedback.${type}`,
    event: isComplaint ? 'message.complained' : 'message.feedback',
    message,
    data: { type, ...(userAgent === null ? {} : { userAgent }) },
    suppresses,
  });
}

function does(given: {
  mark: string;
  event: Consequence['event'];
  message: ReportedMessage;
  data?: Readonly<Record<string, unknown>>;
  state?: MessageState | null;
  suppresses?: Report['kind'] | null;
  isSoft?: boolean;
}): Judgement {
  const { mark, event, message, data = {}, state = null, suppresses = null, isSoft = false } = given;
  const told = { recipient: message.recipient, ...data };
  const consequence = { mark, event, data: told, state, suppresses, isSoft };
  return { kind: 'does', consequence };
}
