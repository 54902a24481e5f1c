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

/** The SDK's error: its status and the errors of the body. */
export async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    const { statusCode, errors } = error as { readonly statusCode: number; readonly errors: unknown };
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
