/** What a webhook's batches came to, and what events look like (contract, section 10). */
import type { Answer } from '../../base/route.ts';
import type { Call } from '../shared/dialect.ts';
import type { SparkpostCaller } from './caller.ts';
import { everything } from './fields.ts';
import { documented, madeTypes, sampleOf, sampleTypes } from './samples.ts';
import { batchHeader, eventClasses, wrapped } from './webhook-events.ts';
import { perPage } from './subaccounts.ts';

type Delivery = {
  readonly at: string;
  readonly first: number | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly failures: number;
  readonly ms: number;
  readonly request: { readonly headers: string };
};

const dayMs = 86_400_000;

/** `2031-04-02 10:20:30` */
function spaced(instant: string): string {
  return instant.slice(0, 19).replace('T', ' ');
}

function batchOf({ request }: Delivery): string {
  return new RegExp(`^${batchHeader}: (.*)$`, 'm').exec(request.headers)?.[1] ?? '';
}

/** Batches that failed, each at its last failure, of the last day. */
export async function batchStatus(
  { world, account, one, named, isPrimary }: SparkpostCaller,
  { query }: Call,
  { id }: { readonly id: string },
): Promise<Answer> {
  const limit = perPage(query['limit'], 1000, 10_000);
  const asking = isPrimary && (named === null || named === 0) ? account : one;
  const found = await everything<Delivery>(
    world.native,
    asking,
    'GET /webhooks/:id/deliveries',
    { isTaken: false },
    limit,
    { id },
  );
  const since = world.now() - dayMs;
  const failed = found.filter(({ at, first }) => first !== null && Date.parse(at) >= since);
  const latest = new Map(failed.toReversed().map((each) => [batchOf(each), each]));
  const results = [...latest]
    .toReversed()
    .slice(0, limit)
    .map(([batch, { at, status, error, failures, ms }]) => ({
      batch_id: batch,
      ts: spaced(at),
      attempts: failures,
      response_code: String(status ?? 0),
      ...(error === null ? {} : { failure_code: error }),
      latency: Math.round(ms),
    }));
  return { status: 200, body: { results } };
}

const spoken = (name: string): string => name.replaceAll('_', ' ');

export async function documentation(): Promise<Answer> {
  const results = Object.entries(eventClasses).map(([name, types]) => {
    const events = types
      .filter((type) => madeTypes.includes(type))
      .map((type) => {
        const event = documented(type);
        return [
          type,
          { display_name: spoken(type), description: `A message's ${spoken(type)}`, event },
        ] as const;
      });
    const words = { display_name: spoken(name), description: `Events of the class ${name}` };
    return [name, { ...words, events: Object.fromEntries(events) }] as const;
  });
  return { status: 200, body: { results: Object.fromEntries(results) } };
}

export async function samples(_caller: SparkpostCaller, call: Call): Promise<Answer> {
  return { status: 200, body: { results: sampleTypes(call).map((type) => wrapped(sampleOf(type))) } };
}
