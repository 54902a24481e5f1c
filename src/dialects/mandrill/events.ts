/** Webhooks as form posts (contract, section 5): events in Mandrill's words, and the signature over URL and fields. Pure. */
import { createHmac, randomBytes } from 'node:crypto';
import { idTime } from '../../base/ids.ts';
import type { IdPrinter } from '../../base/ids.ts';
import type { EventKind } from '../../features/events/index.ts';
import type { Wording } from '../../features/webhooks/index.ts';
import { rejectReason } from './outcomes.ts';
import { bounceWords, diagOf } from './states.ts';
import { seconds, timeOrNull, timeText } from './times.ts';

/** The kinds of our log from which each event is made; several names may be made from one kind. */
export const kindsOfEvent = {
  send: ['message.accepted', 'message.released'],
  delivered: ['message.delivered'],
  deferral: ['message.deferred'],
  hard_bounce: ['message.bounced', 'message.bounced_later'],
  soft_bounce: ['message.bounced', 'message.bounced_later', 'message.expired'],
  open: ['message.opened'],
  click: ['message.clicked'],
  spam: ['message.complained'],
  unsub: ['message.unsubscribed'],
  reject: ['message.suppressed', 'message.rejected', 'message.failed', 'message.expired', 'message.dropped'],
  blacklist: ['suppression.added', 'suppression.changed', 'suppression.removed'],
  whitelist: ['suppression.added', 'suppression.changed', 'suppression.removed'],
} as const satisfies Readonly<Record<string, readonly EventKind[]>>;

export type EventName = keyof typeof kindsOfEvent;
export const eventNames = Object.keys(kindsOfEvent) as EventName[];
export const messageEvents: readonly EventName[] = eventNames.slice(0, 10);

type Data = Readonly<Record<string, unknown>>;
type Batch = Parameters<Wording['body']>[0];
type Event = NonNullable<Batch['items'][number]['event']>;

type Naming = (data: Data) => EventName | null;
const bounce: Naming = (data) => (data['class'] === 'hard' ? 'hard_bounce' : 'soft_bounce');
const list: Naming = (data) => (data['kind'] === 'allow' ? 'whitelist' : 'blacklist');

const naming: Readonly<Partial<Record<EventKind, EventName | Naming>>> = {
  // One that does not leave now has its event when it does, or when it is refused.
  'message.accepted': (data) => (data['state'] === undefined ? 'send' : null),
  'message.released': 'send',
  'message.delivered': 'delivered',
  'message.deferred': 'deferral',
  'message.bounced': bounce,
  'message.bounced_later': bounce,
  'message.expired': (data) => (data['hold'] === undefined ? 'soft_bounce' : 'reject'),
  'message.suppressed': 'reject',
  'message.rejected': 'reject',
  'message.failed': 'reject',
  'message.dropped': 'reject',
  'message.opened': 'open',
  'message.clicked': 'click',
  'message.complained': 'spam',
  'message.unsubscribed': 'unsub',
  'suppression.added': list,
  'suppression.changed': list,
  'suppression.removed': list,
};

/** Null: Mandrill has no event for it. */
function eventName(kind: EventKind, data: Data): EventName | null {
  const name = naming[kind] ?? null;
  return typeof name === 'function' ? name(data) : name;
}

const states: Readonly<Partial<Record<EventName, string>>> = {
  deferral: 'deferred',
  hard_bounce: 'bounced',
  soft_bounce: 'soft-bounced',
  reject: 'rejected',
  spam: 'spam',
  unsub: 'unsub',
};

function print(event: Event, ids: IdPrinter): unknown {
  const data = event.data as Data;
  const name = eventName(event.kind, data);
  if (name === null) return null;
  const ts = seconds(event.at.toISOString());
  if (name === 'blacklist' || name === 'whitelist') return syncEvent(name, event, ts);
  if (event.messageId === null) return null;
  const _id = ids.printId(event.messageId, 'message', 'hex32');
  const isLook = name === 'open' || name === 'click';
  const looked = { ip: null, location: null, user_agent: data['userAgent'] ?? null, user_agent_parsed: null };
  return {
    event: name,
    ts,
    _id,
    msg: message(event, name, _id),
    ...(isLook ? looked : {}),
    ...(name === 'click' ? { url: data['url'] ?? null } : {}),
  };
}

function message(event: Event, name: EventName, _id: string): Data {
  const data = event.data as Data;
  const ts = seconds(event.at.toISOString());
  const look = { ts, ip: null, location: null, ua: data['userAgent'] ?? null };
  const isBounce = name === 'hard_bounce' || name === 'soft_bounce';
  return {
    ts: Math.floor(idTime(event.messageId ?? '0') / 1000),
    _id,
    state: states[name] ?? 'sent',
    subject: event.subject ?? '',
    email: event.recipient ?? '',
    sender: event.from,
    tags: event.tags,
    metadata: event.metadata,
    template: event.mail?.templateSlug ?? null,
    subaccount: event.subaccountName,
    opens: name === 'open' ? [look] : [],
    clicks: name === 'click' ? [{ ...look, url: data['url'] ?? null }] : [],
    smtp_events: smtpEvent(name, data, ts),
    resends: [],
    ...(isBounce ? { ...bounceWords(data), diag: `smtp;${diagOf(data)}` } : {}),
    ...(name === 'reject' ? { reject: rejectOf(event), diag: diagOf(data) || null } : {}),
  };
}

const smtpTypes: Readonly<Partial<Record<EventName, string>>> = {
  delivered: 'sent',
  deferral: 'deferred',
  hard_bounce: 'bounced',
  soft_bounce: 'soft-bounced',
};

function smtpEvent(name: EventName, data: Data, ts: number): readonly unknown[] {
  const type = smtpTypes[name];
  if (type === undefined) return [];
  const destination = data['address'] ?? null;
  return [{ ts, type, diag: diagOf(data), source_ip: null, destination_ip: destination, size: 0 }];
}

function rejectOf({ kind, data, at }: Event): unknown {
  const cause = (data as Data)['kind'];
  const reason = kind === 'message.suppressed' && typeof cause === 'string' ? rejectReason(cause) : 'rule';
  return { reason, last_event_at: timeText(at.toISOString()) };
}

const syncActions: Readonly<Partial<Record<EventKind, string>>> = {
  'suppression.added': 'add',
  'suppression.changed': 'change',
  'suppression.removed': 'remove',
};

function syncEvent(type: 'blacklist' | 'whitelist', event: Event, ts: number): unknown {
  const data = event.data as Data;
  const action = syncActions[event.kind];
  const at = timeText(event.at.toISOString());
  const email = data['address'] ?? null;
  if (type === 'whitelist')
    return { type, action, ts, entry: { email, detail: data['reason'] ?? null, created_at: at } };
  const reject = {
    reason: rejectReason(typeof data['kind'] === 'string' ? data['kind'] : undefined),
    detail: data['reason'] ?? null,
    last_event_at: at,
    email,
    created_at: at,
    expires_at: timeOrNull(typeof data['expiresAt'] === 'string' ? data['expiresAt'] : null),
    expired: data['why'] === 'expired',
    subaccount: event.subaccountName,
    sender: data['onlySender'] ?? null,
  };
  return { type, action, ts, reject };
}

const field = 'mandrill_events';
const probeKey = 'test-webhook';

/** A body of events: a form with one field. */
export function formOf(events: readonly unknown[]): string {
  return `${field}=${encodeURIComponent(JSON.stringify(events))}`;
}

/** Over the URL as registered, then name and decoded value of each field in order: here of the one there is. */
export function signatureOf(url: string, secret: string, json: string): string {
  return createHmac('sha1', secret)
    .update(url + field + json, 'utf8')
    .digest('base64');
}

/** Signs a form; `secret` is null of what only tests the URL. */
export function formHeaders({
  url,
  secret,
  body,
}: {
  readonly url: string;
  readonly secret: string | null;
  readonly body: string;
}): Readonly<Record<string, string>> {
  const json = decodeURIComponent(body.slice(field.length + 1));
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'Mandrill-Webhook/1.0',
    'x-mandrill-signature': signatureOf(url, secret ?? probeKey, json),
  };
}

export function mandrillWording(ids: IdPrinter): Wording {
  return {
    body({ items, names }) {
      const events = items.flatMap(({ event }) => {
        if (event === null) return [];
        const name = eventName(event.kind, event.data as Data);
        if (name === null || (names !== null && !names.includes(name))) return [];
        const printed = print(event, ids);
        return printed === null ? [] : [printed];
      });
      return formOf(events);
    },
    testBody: formOf([]),
    headers: formHeaders,
    makeSecret: () => randomBytes(16).toString('base64url'),
  };
}
