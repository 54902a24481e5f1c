/** Calls of the SparkPost dialect: the official SDK, and plain requests for what it has no method for. */
import assert from 'node:assert/strict';
import SparkPost from 'sparkpost';
import { testKey } from '../world.ts';
import type { World } from '../world.ts';

/** With the account's key unless another is given; `subaccount` goes into the header. */
export function sdk(world: World, key: string = testKey.secret, subaccount?: number): SparkPost {
  return new SparkPost(key, {
    origin: `${world.url}/sparkpost`,
    headers: subaccount === undefined ? {} : { 'X-MSYS-SUBACCOUNT': subaccount },
  });
}

export type Asked = {
  readonly body?: unknown;
  readonly key?: string;
  readonly subaccount?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Told = { readonly status: number; readonly body: never; readonly text: string };

/** `path` under `/sparkpost`. */
export async function ask(world: World, method: string, path: string, asked: Asked = {}): Promise<Told> {
  const { body, key = testKey.secret, subaccount, headers = {} } = asked;
  const answer = await fetch(`${world.url}/sparkpost${path}`, {
    method,
    headers: {
      authorization: key,
      ...headers,
      ...(subaccount === undefined ? {} : { 'x-msys-subaccount': String(subaccount) }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as never, text };
}

export type FigureRow = Readonly<Record<string, unknown>>;

/** Deliverability of the last hour, by the account's key. */
export async function deliverability(
  world: World,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly FigureRow[]> {
  const from = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16);
  const asked = new URLSearchParams({ from, ...query }).toString();
  const told = await ask(world, 'GET', `/api/v1/metrics/deliverability${path}?${asked}`);
  assert.equal(told.status, 200, told.text);
  return (told.body as { results: FigureRow[] }).results;
}

/** The SDK's error: its status and the errors of the body. */
export async function failure(
  call: Promise<unknown>,
): Promise<[status: number, errors: { code?: string; description?: string }[]]> {
  try {
    await call;
  } catch (error) {
    const { statusCode, errors } = error as { readonly statusCode: number; readonly errors: [] };
    return [statusCode, errors];
  }
  return assert.fail('the call succeeded');
}

/** A subaccount with a key of every grant that it may hold. */
export async function makeSubaccount(
  world: World,
  name: string,
  grants: readonly string[] = subaccountGrants,
): Promise<{ readonly id: number; readonly key: string }> {
  const { results } = await sdk(world).subaccounts.create({ name, key_label: name, key_grants: grants });
  const { subaccount_id: id, key } = results as { readonly subaccount_id: number; readonly key: string };
  return { id, key };
}

const subaccountGrants = [
  'smtp/inject',
  'sending_domains/manage',
  'tracking_domains/view',
  'tracking_domains/manage',
  'message_events/view',
  'suppression_lists/manage',
  'transmissions/view',
  'transmissions/modify',
  'webhooks/view',
  'webhooks/modify',
  'templates/view',
  'templates/modify',
  'templates/preview',
];

/** The copies of a transmission, by recipient: as they leave. */
export async function copiesOf(world: World, id: string): Promise<ReadonlyMap<string, string>> {
  type Message = { readonly id: string; readonly to: string };
  const { items } = await world.ok<{ items: readonly Message[] }>('GET', `/messages?submission=${id}`);
  const copies = new Map<string, string>();
  for (const message of items)
    copies.set(message.to, await world.ok<string>('GET', `/messages/${message.id}/content`));
  return copies;
}

export type Sent = {
  readonly total_rejected_recipients: number;
  readonly total_accepted_recipients: number;
  readonly id: string;
  readonly rcpt_to_errors?: unknown;
};

export const content = {
  from: 'Shop <hi@lettershop.test>',
  subject: 'Hello',
  text: 'Hello {{name or "you"}}',
};

export async function transmit(
  world: World,
  body: Readonly<Record<string, unknown>>,
  who: { readonly key?: string; readonly subaccount?: number } = {},
): Promise<Sent> {
  const { results } = await sdk(world, who.key, who.subaccount).transmissions.send({ content, ...body });
  return results;
}
