/** One request to one endpoint: its body, its headers, and what the log of deliveries may keep of them. */
import type { Keyring } from '../../base/seal.ts';
import { bodyOf } from './formats.ts';
import type { Batch, Numbered, Wordings } from './formats.ts';
import { sealedText } from './secrets.ts';
import { signatureHeader } from './signature.ts';
import type { Endpoint, SealedWebhook } from './model.ts';

const bodyBytesMax = 1_000_000;
const excerptLength = 2000;

export type ComposeWorld = { readonly ring: Keyring; readonly wordings: Wordings };

export type Composed = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Fewer than asked when the body would have grown too large. */
  readonly items: readonly Numbered[];
};

/** As many of the items as a body of a megabyte holds, at least one. */
export function composeBatch(
  world: ComposeWorld,
  webhook: SealedWebhook,
  batch: Omit<Batch, 'webhookId' | 'names'>,
  now: number,
): Composed {
  let { items } = batch;
  const worded = (some: Batch['items']): string => {
    const of = { ...batch, items: some, webhookId: webhook.id, names: webhook.names };
    return bodyOf(world.wordings, webhook.format, of);
  };
  let body = worded(items);
  while (body.length > bodyBytesMax && items.length > 1) {
    items = items.slice(0, items.length >> 1);
    body = worded(items);
  }
  const id = `wh_${webhook.id}_${items[0]?.n}_${items.at(-1)?.n}`;
  return { headers: headersOf(world, webhook, { id, body, now, isTest: false }), body, items };
}

type Signed = {
  readonly id: string;
  readonly body: string;
  readonly now: number;
  readonly isTest: boolean;
};

/** `id` is the same for the same events however often they are sent; the timestamp is of this request. */
export function headersOf(
  { ring, wordings }: ComposeWorld,
  webhook: SealedWebhook,
  { id, body, now, isTest }: Signed,
): Readonly<Record<string, string>> {
  if (webhook.format !== 'native') {
    const secret = isTest ? null : sealedText(ring, webhook.id, webhook.sealedSecret);
    const signed = { id, url: webhook.url, secret, body };
    return { ...wordings[webhook.format].headers(signed), ...authHeaders(ring, webhook) };
  }
  return standardHeaders(ring, webhook, { id, body, now });
}

/** Signed by Standard Webhooks, with the endpoint's own authentication. */
export function standardHeaders(
  ring: Keyring,
  endpoint: Endpoint,
  { id, body, now }: Omit<Signed, 'isTest'>,
): Readonly<Record<string, string>> {
  const { sealedOldSecret, oldSecretUntil } = endpoint;
  const secrets = [sealedText(ring, endpoint.id, endpoint.sealedSecret)];
  if (sealedOldSecret !== null && oldSecretUntil !== null && oldSecretUntil.getTime() > now)
    secrets.push(sealedText(ring, endpoint.id, sealedOldSecret));
  const timestampSeconds = Math.floor(now / 1000);
  return {
    'content-type': 'application/json',
    'user-agent': 'Lettershop-Webhooks',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatureHeader(secrets, { id, timestampSeconds, body }),
    ...authHeaders(ring, endpoint),
  };
}

/** The endpoint's own authentication, but for a token. */
export function authHeaders(ring: Keyring, webhook: Endpoint): Readonly<Record<string, string>> {
  if (webhook.sealedAuth === null) return {};
  const secret = sealedText(ring, webhook.id, webhook.sealedAuth);
  switch (webhook.authKind) {
    // Its token is put on when the request is sent.
    case 'oauth2':
    case 'none':
      return {};
    case 'basic':
      return {
        authorization: `Basic ${Buffer.from(`${webhook.authName}:${secret}`).toString('base64')}`,
      };
    case 'bearer':
      return { authorization: `Bearer ${secret}` };
    case 'header':
      return { [webhook.authName.toLowerCase()]: secret };
    case 'headers':
      return Object.fromEntries(
        Object.entries(JSON.parse(secret) as Readonly<Record<string, string>>).map(([name, value]) => [
          name.toLowerCase(),
          value,
        ]),
      );
  }
}

/** Headers as the log keeps them: what proves who we are is hidden. */
export function loggedHeaders(webhook: SealedWebhook, headers: Readonly<Record<string, string>>): string {
  const hidden = new Set([
    'authorization',
    'webhook-signature',
    'x-mandrill-signature',
    ...webhook.authName.toLowerCase().split(','),
  ]);
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${hidden.has(name) ? '***' : value}`)
    .join('\n');
}

export function loggedBody(body: string): string {
  return body.slice(0, excerptLength).toWellFormed();
}
