/** A message and its timeline in Mandrill's words (contract, 4.5 and 5.1): pure. */
import { idTime } from '../../base/ids.ts';
import { spelled } from './fields.ts';
import { queuedReason, rejectReason } from './outcomes.ts';
import { seconds, timeText } from './times.ts';

export type NativeMessage = {
  readonly id: string;
  readonly subaccountId: number;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly state: string;
  readonly stateAt: string;
  readonly sizeBytes: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly templateSlug: string | null;
};

type Data = Readonly<Record<string, unknown>>;
export type TimelineEvent = { readonly at: string; readonly kind: string; readonly data: Data };

type Reply = { readonly code: number; readonly enhanced: string | null; readonly text: string };

/** `550 5.1.1 no such user`; what else is known where no server answered. */
export function diagOf(data: Data): string {
  const reply = data['reply'] as Reply | undefined | null;
  if (data['reason'] === 'unknown-subaccount')
    return `No subaccount exists with the id '${spelled(data['named'])}'`;
  if (reply === undefined || reply === null) return spelled(data['error']);
  const words = [reply.code, reply.enhanced, reply.text].filter((each) => each !== null && each !== '');
  return words.join(' ');
}

const smtpTypes: Readonly<Record<string, string>> = {
  'message.delivered': 'sent',
  'message.deferred': 'deferred',
  'message.bounced': 'bounced',
  'message.bounced_later': 'bounced',
  'message.expired': 'soft-bounced',
};

function smtpEvents(timeline: readonly TimelineEvent[], sizeBytes: number): readonly unknown[] {
  const told = timeline.filter(({ kind }) => kind in smtpTypes).slice(-3);
  return told.map(({ at, kind, data }) => ({
    ts: seconds(at),
    type: smtpTypes[kind],
    diag: diagOf(data),
    source_ip: null,
    destination_ip: data['address'] ?? null,
    size: sizeBytes,
  }));
}

function isHard({ kind, data }: TimelineEvent): boolean {
  return kind.startsWith('message.bounced') && data['class'] === 'hard';
}

/** What happened last counts; a complaint and an unsubscribe count for good. */
export function stateOf({ state }: Pick<NativeMessage, 'state'>, timeline: readonly TimelineEvent[]): string {
  const kinds = new Set(timeline.map(({ kind }) => kind));
  if (kinds.has('message.complained')) return 'spam';
  if (kinds.has('message.unsubscribed')) return 'unsub';
  if (kinds.has('message.bounced_later') || state === 'bounced')
    return timeline.some(isHard) ? 'bounced' : 'soft-bounced';
  switch (state) {
    case 'held':
      return lastHold(timeline) === 'scheduled' ? 'scheduled' : 'queued';
    case 'deferred':
      return 'deferred';
    case 'expired':
      return timeline.some(({ kind, data }) => kind === 'message.expired' && data['hold'] !== undefined)
        ? 'rejected'
        : 'soft-bounced';
    case 'cancelled':
      return 'canceled';
    case 'suppressed':
    case 'rejected':
    case 'failed':
      return 'rejected';
    default:
      return 'sent';
  }
}

function lastHold(timeline: readonly TimelineEvent[]): unknown {
  return timeline.findLast(({ kind }) => kind === 'message.held')?.data['hold'];
}

/** `bad_mailbox` and the like, with the number that goes with it. */
export function bounceWords(data: Data): {
  readonly bounce_description: string;
  readonly bgtools_code: number;
} {
  const reply = data['reply'] as Reply | undefined | null;
  const enhanced = reply?.enhanced ?? '';
  if (/^\d\.2\.2$/.test(enhanced)) return { bounce_description: 'mailbox_full', bgtools_code: 22 };
  if (/^\d\.1\.[12]$/.test(enhanced) || data['class'] === 'hard')
    return { bounce_description: 'bad_mailbox', bgtools_code: 10 };
  return { bounce_description: 'general', bgtools_code: 40 };
}

/** Of a message that was refused: why, and since when. */
function rejectOf(state: string, timeline: readonly TimelineEvent[]): unknown {
  if (state !== 'rejected') return null;
  const event = timeline.findLast(({ kind }) =>
    /^message\.(?:suppressed|rejected|failed|expired)$/.test(kind),
  );
  const kind = event?.data['kind'];
  const reason = event?.kind === 'message.suppressed' ? rejectReason(kind as string | undefined) : 'rule';
  return { reason, last_event_at: event === undefined ? null : timeText(event.at) };
}

const isOpen = ({ kind, data }: TimelineEvent): boolean =>
  kind === 'message.opened' && data['isMachine'] !== true;
const isClick = ({ kind, data }: TimelineEvent): boolean =>
  kind === 'message.clicked' && data['isMachine'] !== true;

function looked({ at, data }: TimelineEvent): Readonly<Record<string, unknown>> {
  return { ts: seconds(at), ip: null, location: data['country'] ?? null, ua: data['userAgent'] ?? null };
}

export type Printed = Readonly<Record<string, unknown>> & {
  readonly ts: number;
  readonly state: string;
  readonly opens: number;
  readonly clicks: number;
};

/** `id` and `subaccount` as they are printed. */
export function printMessage(
  message: NativeMessage,
  timeline: readonly TimelineEvent[],
  { id, subaccount }: { readonly id: string; readonly subaccount: string | null },
): Printed {
  const state = stateOf(message, timeline);
  const opens = timeline.filter(isOpen);
  const clicks = timeline.filter(isClick);
  const bounce = timeline.findLast(({ kind }) => kind.startsWith('message.bounced'));
  const last = timeline.findLast(({ kind }) => kind in smtpTypes);
  return {
    ts: Math.floor(idTime(message.id) / 1000),
    _id: id,
    sender: message.from,
    template: message.templateSlug,
    mc_template: null,
    subject: message.subject,
    email: message.to,
    tags: message.tags,
    opens: opens.length,
    opens_detail: opens.map(looked),
    clicks: clicks.length,
    clicks_detail: clicks.map((each) => ({ ...looked(each), url: each.data['url'] ?? null })),
    state,
    metadata: message.metadata,
    smtp_events: smtpEvents(timeline, message.sizeBytes),
    subaccount,
    diag: diagOf((last ?? timeline.find(({ kind }) => kind === 'message.rejected'))?.data ?? {}) || null,
    resends: [],
    reject: rejectOf(state, timeline),
    ...(state === 'queued' ? { queued_reason: queuedReason(String(lastHold(timeline))) } : {}),
    ...(bounce === undefined ? {} : { bounce_description: bounceWords(bounce.data).bounce_description }),
  };
}
