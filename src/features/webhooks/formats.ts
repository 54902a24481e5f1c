/** How a batch is worded, per format: pure. */
import type { DetailedEvent } from '../events/index.ts';
import type { Format } from './kinds.ts';
import type { Webhook } from './model.ts';
import { makeSigningSecret } from './signature.ts';

/** An event with its number for this webhook; null when it was erased (a purge, the end of its retention). */
export type Numbered = { readonly n: number; readonly event: DetailedEvent | null };

export type Batch = {
  readonly webhookId: string;
  readonly names: Webhook['names'];
  readonly isReplay: boolean;
  readonly items: readonly Numbered[];
};

/** What one event looks like; also what the pull API gives. */
export function nativeEvent({ n, event }: Numbered): Readonly<Record<string, unknown>> {
  if (event === null) return { sequence: n, isErased: true };
  return {
    sequence: n,
    seq: event.seq,
    at: event.at.toISOString(),
    kind: event.kind,
    subaccountId: event.subaccountId,
    messageId: event.messageId,
    submissionId: event.submissionId,
    recipient: event.recipient,
    subject: event.subject,
    tags: event.tags,
    metadata: event.metadata,
    mail: event.mail,
    data: event.data,
  };
}

/** Texts of events are kept: one event goes to many webhooks, and only its number differs. */
const texts = new WeakMap<DetailedEvent, string>();

function nativeText(numbered: Numbered): string {
  const { n, event } = numbered;
  if (event === null) return JSON.stringify(nativeEvent(numbered));
  let rest = texts.get(event);
  if (rest === undefined) {
    rest = JSON.stringify(nativeEvent({ n: 0, event })).slice('{"sequence":0'.length);
    texts.set(event, rest);
  }
  return `{"sequence":${n}${rest}`;
}

function native({ webhookId, isReplay, items }: Batch): string {
  return `{"webhookId":"${webhookId}","isReplay":${isReplay},"events":[${items.map(nativeText).join(',')}]}`;
}

/** A provider's own way to word and sign a request. */
export type Wording = {
  readonly body: (batch: Batch) => string;
  /** What is sent to see whether the endpoint answers. */
  readonly testBody: string;
  /** Besides those that the webhook's own authentication adds. `secret` is null for a test. */
  readonly headers: (signed: {
    /** The same for the same events however often they are sent. */
    readonly id: string;
    readonly url: string;
    readonly secret: string | null;
    readonly body: string;
  }) => Readonly<Record<string, string>>;
  readonly makeSecret: () => string;
};

export type Wordings = Readonly<Record<Exclude<Format, 'native'>, Wording>>;

export function bodyOf(wordings: Wordings, format: Format, batch: Batch): string {
  return format === 'native' ? native(batch) : wordings[format].body(batch);
}

export function secretFor(wordings: Wordings, format: Format): string {
  return format === 'native' ? makeSigningSecret() : wordings[format].makeSecret();
}
