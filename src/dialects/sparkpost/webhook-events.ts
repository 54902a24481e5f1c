/** Batches of events as SparkPost posts them (contract, section 10): each in the class that its type belongs to. Pure. */
import { createHash, randomBytes } from 'node:crypto';
import type { IdPrinter } from '../../base/ids.ts';
import type { EventKind } from '../../features/events/index.ts';
import type { Wording } from '../../features/webhooks/index.ts';
import { eventOf, typeOfKind } from './event-words.ts';
import type { Fields } from './fields.ts';

/** What SparkPost calls events, by class; those that nothing here makes are taken beside others. */
export const eventClasses = {
  message_event: [
    'injection',
    'delivery',
    'delay',
    'bounce',
    'out_of_band',
    'spam_complaint',
    'policy_rejection',
    'sms_status',
  ],
  track_event: ['initial_open', 'open', 'click', 'amp_click', 'amp_open', 'amp_initial_open'],
  gen_event: ['generation_failure', 'generation_rejection'],
  unsubscribe_event: ['list_unsubscribe', 'link_unsubscribe'],
  relay_event: ['relay_injection', 'relay_rejection', 'relay_delivery', 'relay_tempfail', 'relay_permfail'],
  ab_test_event: ['ab_test_completed', 'ab_test_cancelled'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type EventClass = keyof typeof eventClasses;

const classOfType: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(eventClasses).flatMap(([name, types]) => types.map((type) => [type, name] as const)),
);

export const eventTypes: readonly string[] = Object.keys(classOfType);

export function kindsOf(types: readonly string[]): readonly EventKind[] {
  const kinds = Object.keys(typeOfKind) as EventKind[];
  return kinds.filter((kind) => types.includes(typeOfKind[kind] ?? ''));
}

type Batch = Parameters<Wording['body']>[0];
type Event = NonNullable<Batch['items'][number]['event']>;

export function wrapped(event: Fields): Fields {
  return { msys: { [classOfType[String(event['type'])] ?? 'message_event']: event } };
}

function print(ids: IdPrinter, event: Event): readonly Fields[] {
  const { seq, at, kind, subaccountId, messageId, submissionId, recipient, subject } = event;
  const { tags, metadata, data, mail } = event;
  const native = { seq, kind, subaccountId, messageId, submissionId, recipient, subject, tags, metadata };
  // The account's own subaccount is the one without a name.
  const primaryId = event.subaccountName === null ? Number(subaccountId) : null;
  const flat = eventOf(ids, Number(event.accountId), primaryId, {
    ...native,
    at: at.toISOString(),
    data: data as Fields,
    mail,
  });
  if (flat === null) return [];
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return [wrapped({ ...flat, timestamp })];
}

/** Of the events that a request holds: the same when it is sent again. */
export function batchId(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

export const batchHeader = 'x-messagesystems-batch-id';

export function sparkpostWording(ids: IdPrinter): Wording {
  return {
    body: ({ items }) =>
      JSON.stringify(items.flatMap(({ event }) => (event === null ? [] : print(ids, event)))),
    testBody: JSON.stringify([{ msys: {} }]),
    headers: ({ id }) => ({
      'content-type': 'application/json',
      'user-agent': 'Lettershop-Webhooks',
      [batchHeader]: batchId(id),
    }),
    // Nothing is signed in this format.
    makeSecret: () => randomBytes(16).toString('hex'),
  };
}
