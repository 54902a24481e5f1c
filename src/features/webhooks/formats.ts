/** How a batch is worded, per format: pure, one function each. */
import type { DetailedEvent } from '../events/index.ts';
import type { Format } from './model.ts';

/** An event with its number for this webhook; null when it was erased (a purge, the end of its retention). */
export type Numbered = { readonly n: number; readonly event: DetailedEvent | null };

export type Batch = {
  readonly webhookId: string;
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

const wordings = { native } satisfies Record<Format, (batch: Batch) => string>;

/** The body of a request, as JSON. */
export function bodyOf(format: Format, batch: Batch): string {
  return wordings[format](batch);
}
