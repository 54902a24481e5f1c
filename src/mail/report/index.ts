/**
 * Reports that come back: bounces (RFC 3464, and those that follow no standard), complaints (ARF, RFC 5965), automatic
 * answers. Reads only; whether the mail that is reported on is ours, its return path proves (src/mail/verp.ts).
 */
import PostalMime from 'postal-mime';
import type { Email } from 'postal-mime';
import type { Reply } from '../reply.ts';
import { announced } from './announcement.ts';
import type { Announced } from './announcement.ts';
import { feedbackTypes } from './model.ts';
import type { DeliveryEntry, FeedbackType, InboundReport } from './model.ts';
import { readEntries, readReply } from './words.ts';

export type { DeliveryEntry, FeedbackType, InboundReport } from './model.ts';

/** What a report says stands at its beginning; what it returns comes last and may be as large as what we sent. */
const readBytesMax = 262_144;
const htmlCharsMax = 100_000;
const subjectCharsMax = 1000;

/** Broken MIME is `other`, never an error: anybody may send anything here. */
export async function readReport(bytes: Buffer): Promise<InboundReport> {
  let email: Email;
  try {
    email = await PostalMime.parse(bytes.subarray(0, readBytesMax), {
      attachmentEncoding: 'utf8',
      forceRfc822Attachments: true,
      maxNestingDepth: 20,
    });
  } catch {
    return { kind: 'other' };
  }
  const feedback = partOf(email, /^message\/feedback-report$/i);
  if (feedback !== null) return readFeedback(email, feedback);
  const status = partOf(email, /^message\/(?:global-)?delivery-status$/i);
  if (status !== null) return readStatus(email, status);
  // A receipt (RFC 8098) is an answer of the reader's program.
  if (partOf(email, /^message\/(?:global-)?disposition-notification$/i) !== null)
    return { kind: 'auto_reply' };
  return readUnmarked(email);
}

function partOf(email: Email, type: RegExp): string | null {
  const part = email.attachments.find(({ mimeType }) => type.test(mimeType));
  return part !== undefined && typeof part.content === 'string' ? part.content : null;
}

type Fields = ReadonlyMap<string, readonly string[]>;

/** The header of the mail that is reported on: a whole message, or its header block only. */
function originalHeader(email: Email): Fields {
  const part = partOf(
    email,
    /^(?:message\/(?:global|rfc822)|text\/rfc822-headers|message\/global-headers)$/i,
  );
  return part === null ? new Map() : fieldsOf(part.split(/\r?\n\r?\n/)[0] ?? '');
}

/** How our own mail names itself in its header. */
function namesIn(header: Fields): {
  returnPath: string | null;
  mark: string | null;
  messageId: string | null;
} {
  const [returnPath] = header.get('return-path') ?? [];
  return {
    returnPath: returnPath === undefined ? null : plainAddress(returnPath),
    mark: header.get('x-lettershop-mark')?.[0] ?? null,
    messageId: messageIdOf(header),
  };
}

const valuesMax = 100;

/** Lower-case names; folded lines joined; a name that occurs again adds a value. */
function fieldsOf(block: string): Fields {
  const fields = new Map<string, string[]>();
  for (const line of block.split(/\r?\n(?![ \t])/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = clean(
      line
        .slice(colon + 1)
        .replaceAll(/\r?\n[ \t]+/g, ' ')
        .trim(),
    );
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else if (values.length < valuesMax) values.push(value);
  }
  return fields;
}

function messageIdOf(header: Fields): string | null {
  return /<([^<>\s]{1,900})>/.exec(header.get('message-id')?.[0] ?? '')?.[1] ?? null;
}

function readFeedback(email: Email, part: string): InboundReport {
  const fields = fieldsOf(part);
  const header = originalHeader(email);
  const given = (fields.get('feedback-type')?.[0] ?? '').toLowerCase();
  const names = namesIn(header);
  const [mailFrom] = fields.get('original-mail-from') ?? [];
  return {
    kind: 'feedback',
    type: feedbackTypes.find((type): type is FeedbackType => type === given) ?? 'other',
    recipients: (fields.get('original-rcpt-to') ?? []).map(plainAddress),
    ...names,
    returnPath: mailFrom === undefined ? names.returnPath : plainAddress(mailFrom),
    userAgent: fields.get('user-agent')?.[0] ?? null,
  };
}

function plainAddress(text: string): string {
  return text.replaceAll(/^<|>$/g, '').trim();
}

const actions = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

function readStatus(email: Email, part: string): InboundReport {
  // RFC 3464 2.1: the first group is about the message, each further one about a recipient.
  const groups = part.split(/\r?\n[ \t]*\r?\n/).filter((group) => group.trim() !== '');
  const entries = groups.flatMap((group): DeliveryEntry[] => {
    const fields = fieldsOf(group);
    const recipient =
      typed(fields.get('original-recipient')?.[0]) ?? typed(fields.get('final-recipient')?.[0]);
    const given = (fields.get('action')?.[0] ?? '').toLowerCase();
    const action = actions.find((each) => given.startsWith(each));
    if (recipient === null && action === undefined) return [];
    const reply = replyOf(fields, email.text ?? '');
    return [{ recipient, action: action ?? (reply.code >= 500 ? 'failed' : 'delayed'), reply }];
  });
  if (entries.length === 0) return readUnmarked(email);
  return { kind: 'delivery', isStandard: true, entries, messageId: messageIdOf(originalHeader(email)) };
}

/** `rfc822; x@y.test` without its type (RFC 3464 2.3.1), which some leave out. */
function typed(value = ''): string | null {
  const address = value.slice(value.indexOf(';') + 1).trim();
  return address === '' ? null : plainAddress(address);
}

function replyOf(fields: Fields, words: string): Reply {
  const status = /\b([245])\.(\d{1,3})\.(\d{1,3})\b/.exec(fields.get('status')?.[0] ?? '');
  const enhanced = status === null ? null : `${status[1]}.${status[2]}.${status[3]}`;
  const basic = status?.[1] === '4' ? 450 : status?.[1] === '2' ? 250 : 550;
  const diagnostic = fields.get('diagnostic-code')?.[0] ?? '';
  const text = diagnostic.replace(/^[a-z0-9-]{1,20};[ \t]*/i, '');
  const said = /^([245]\d\d)[ -](?:#?([245]\.\d{1,3}\.\d{1,3})[ -])?(.*)$/s.exec(text);
  if (said !== null) {
    // The server's own code counts more than what the reporter made of it.
    return { code: Number(said[1]), enhanced: said[2] ?? enhanced, text: clean(said[3] ?? '') };
  }
  if (text !== '') return { code: basic, enhanced, text: clean(text) };
  return { code: basic, enhanced, text: clean(readReply(words).text) };
}

function clean(text: string): string {
  return text
    .slice(0, 2000)
    .replaceAll(/[^\P{Cc}\n]/gu, ' ')
    .toWellFormed();
}

const autoReplyFields = ['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-auto-reply-from'];

function readUnmarked(email: Email): InboundReport {
  const field = (name: string): string | null => email.headers.find(({ key }) => key === name)?.value ?? null;
  const kind = announced({
    fromLocal: email.from?.address?.split('@')[0] ?? '',
    subject: (email.subject ?? '').slice(0, subjectCharsMax),
    autoSubmitted: field('auto-submitted'),
    precedence:
      field('precedence') ?? (autoReplyFields.some((name) => field(name) !== null) ? 'auto_reply' : null),
  });
  if (kind === 'auto_reply' || kind === 'challenge') return { kind };
  const header = originalHeader(email);
  if (kind === null) return header.size > 0 ? { kind: 'enclosed', ...namesIn(header) } : { kind: 'other' };
  const entries = namedEntries(email, kind, field('x-failed-recipients') ?? '');
  return { kind: 'delivery', isStandard: false, entries, messageId: messageIdOf(header) };
}

function namedEntries(email: Email, kind: Announced, failedRecipients: string): DeliveryEntry[] {
  const text = email.text ?? textOfHtml((email.html ?? '').slice(0, htmlCharsMax));
  const parties = [email.from, ...(email.to ?? [])].map((party) => party?.address ?? '');
  const read = readEntries(text, kind, parties).map((entry): DeliveryEntry => {
    const recipient = entry.recipient === null ? null : clean(entry.recipient);
    return { ...entry, recipient, reply: { ...entry.reply, text: clean(entry.reply.text) } };
  });
  // Exim names them apart from its words.
  const failed = failedRecipients.split(/[\s,]+/, valuesMax).filter((each) => each !== '');
  if (failed.length === 0) return read;
  const [first] = read;
  return failed.flatMap((each): DeliveryEntry[] => {
    const own = read.find(({ recipient }) => recipient?.toLowerCase() === each.toLowerCase()) ?? first;
    return own === undefined ? [] : [{ ...own, recipient: clean(each) }];
  });
}

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  nbsp: ' ',
  apos: "'",
};

/** Words and lines only. What styles and scripts say is nobody's reply. */
function textOfHtml(html: string): string {
  return html
    .replaceAll(/<(style|script|title)\b[^<>]{0,2000}>[^<]{0,50000}<\/\1>/gi, ' ')
    .replaceAll(/<(?:br|\/p|\/div|\/tr|\/li|\/h\d|hr)\b[^<>]{0,2000}>/gi, '\n')
    .replaceAll(/<[^<>]{0,2000}>/g, ' ')
    .replaceAll(
      /&(?:#(\d{1,6})|([a-z]{2,5}));/gi,
      (whole, code: string | undefined, name: string | undefined) =>
        code === undefined
          ? (entities[(name ?? '').toLowerCase()] ?? whole)
          : String.fromCodePoint(Number(code)),
    );
}
