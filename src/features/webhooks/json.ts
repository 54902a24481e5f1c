/** How webhooks look in the native API. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { fields, record, tenantIdPattern, word } from '../../base/route.ts';
import { eventKinds } from '../events/index.ts';
import { formats } from './kinds.ts';
import { authKinds } from './model.ts';
import type { Auth } from './model.ts';
import type { Told } from './operations.ts';
import type { Certificate } from './reading.ts';
import type { DeliveryRow, ReplayRow } from './sql-read.ts';
import type { WebhookWithProgress } from './sql.ts';

export const Kinds = Type.Array(Type.Enum(eventKinds), { minItems: 1, maxItems: 100 });
export const Names = Type.Array(word(64), {
  minItems: 1,
  maxItems: 100,
  description: 'what the format calls what is wanted, where its names are finer than our kinds',
});
export const ToldText = word(264, {
  pattern: `^(all|account|${tenantIdPattern}|external:.{1,255})$`,
  description:
    'whose events, of a webhook of the account: `all` of it, the `account` alone, or one subaccount (its id or external:<id>)',
});
export const Except = Type.Array(word(264, { pattern: `^(${tenantIdPattern}|external:.{1,255})$` }), {
  maxItems: 10,
  description: 'subaccounts (ids or external:<id>) of which a webhook of all of the account is not told',
});
export const Url = word(2000, {
  description: 'http or https; only public addresses, redirects are not followed',
});
export const AuthInput = Type.Union([
  fields({ kind: Type.Literal('none') }),
  fields({ kind: Type.Literal('basic'), user: word(200), password: word(500) }),
  fields({ kind: Type.Literal('bearer'), token: word(4000) }),
  fields({ kind: Type.Literal('header'), name: word(100), value: word(4000) }),
  fields({
    kind: Type.Literal('oauth2'),
    url: word(2000, { description: 'where tokens are given out: client credentials of OAuth 2' }),
    body: record(word(4000), { nameLengthMax: 100, entriesMax: 10, description: 'fields of the form' }),
  }),
  fields({
    kind: Type.Literal('headers'),
    headers: record(word(4000), { nameLengthMax: 100, entriesMax: 8 }),
  }),
]);

const webhookFields = {
  id: Type.String(),
  subaccountId: Type.Integer({ description: 'to whom it belongs' }),
  name: Type.String(),
  url: Type.String(),
  told: Type.String({ description: '`all`, `account`, or the number of a subaccount' }),
  except: Type.Array(Type.Integer(), { description: 'subaccounts that it is not told of' }),
  kinds: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'every kind when null' }),
  format: Type.Enum(formats),
  names: Type.Union([Type.Array(Type.String()), Type.Null()], {
    description: 'what its format calls what it tells of; null: everything of its kinds',
  }),
  batchMax: Type.Integer(),
  status: Type.Enum(['active', 'paused']),
  auth: fields({
    kind: Type.Enum(authKinds),
    name: Type.String({ description: 'the user, the headers, or where tokens are' }),
  }),
  state: Type.Enum(['ok', 'failing', 'stopped'], {
    description: 'failing: tried at growing intervals; stopped: given up until its status is set to active',
  }),
  failures: Type.Integer({ description: 'in a row' }),
  failingSince: Type.Union([Type.String(), Type.Null()]),
  nextTryAt: Type.Union([Type.String(), Type.Null()]),
  lastSequence: Type.Integer({ description: 'of the newest event that has its number' }),
  sentSequence: Type.Integer({ description: 'of the last event that the endpoint took' }),
  replayId: Type.Union([Type.String(), Type.Null()]),
  oldSecretUntil: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
};
export const WebhookReply = fields(webhookFields);
export const MadeWebhookReply = fields({
  ...webhookFields,
  secret: Type.String({ description: 'signs by Standard Webhooks; shown this once' }),
});

export function webhookJson({ webhook, progress }: WebhookWithProgress): Static<typeof WebhookReply> {
  const isAll = webhook.onlySubaccountId === null;
  const isOwn = webhook.reach === 'account' && webhook.onlySubaccountId === webhook.subaccountId;
  const isFailing = progress.failures > 0 && progress.breaker !== 'stopped';
  return {
    id: webhook.id,
    subaccountId: webhook.subaccountId,
    name: webhook.name,
    url: webhook.url,
    told: isAll ? 'all' : isOwn ? 'account' : String(webhook.onlySubaccountId),
    except: [...webhook.exceptSubaccounts],
    kinds: webhook.kinds === null ? null : [...webhook.kinds],
    format: webhook.format,
    names: webhook.names === null ? null : [...webhook.names],
    batchMax: webhook.batchMax,
    status: webhook.status,
    auth: { kind: webhook.authKind, name: webhook.authName },
    state: progress.breaker === 'stopped' ? 'stopped' : progress.breaker === 'open' ? 'failing' : 'ok',
    failures: progress.failures,
    failingSince: progress.failingSince?.toISOString() ?? null,
    nextTryAt: isFailing ? progress.nextAt.toISOString() : null,
    lastSequence: progress.lastN,
    sentSequence: progress.sentN,
    replayId: progress.replayId,
    oldSecretUntil: webhook.oldSecretUntil?.toISOString() ?? null,
    createdAt: webhook.createdAt.toISOString(),
  };
}

export function toldFrom(text: string): Told {
  return text === 'all' || text === 'account' ? text : { subaccount: text };
}

export function authFrom(input: Static<typeof AuthInput>): Auth {
  return input;
}

export const ReplayReply = fields({
  id: Type.String(),
  kind: Type.Enum(['range', 'failed']),
  first: Type.Integer(),
  last: Type.Integer(),
  next: Type.Integer({ description: 'the number that is sent next' }),
  state: Type.Enum(['running', 'done', 'cancelled']),
  createdAt: Type.String(),
});

export function replayJson(replay: ReplayRow): Static<typeof ReplayReply> {
  return {
    id: replay.id,
    kind: replay.kind,
    first: replay.firstN,
    last: replay.lastN,
    next: replay.nextN,
    state: replay.state,
    createdAt: replay.createdAt.toISOString(),
  };
}

export const DeliveryReply = fields({
  id: Type.String(),
  at: Type.String(),
  kind: Type.Enum(['live', 'probe', 'replay', 'test']),
  first: Type.Union([Type.Integer(), Type.Null()]),
  last: Type.Union([Type.Integer(), Type.Null()]),
  isTaken: Type.Boolean(),
  status: Type.Union([Type.Integer(), Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()]),
  failures: Type.Integer({ description: 'in a row, this one included' }),
  ms: Type.Number(),
  request: fields({
    headers: Type.String(),
    body: Type.String({ description: 'its first 2,000 characters' }),
    bytes: Type.Integer(),
  }),
  response: fields({ headers: Type.String(), body: Type.String({ description: 'its first kibibyte' }) }),
});

export function deliveryJson(row: DeliveryRow): Static<typeof DeliveryReply> {
  return {
    id: row.id,
    at: row.at.toISOString(),
    kind: row.kind,
    first: row.firstN,
    last: row.lastN,
    isTaken: row.isTaken,
    status: row.status,
    error: row.error,
    failures: row.failures,
    ms: Math.round(row.ms * 10) / 10,
    request: { headers: row.requestHeaders, body: row.requestBody, bytes: row.requestBytes },
    response: { headers: row.responseHeaders, body: row.responseBody },
  };
}

export const CertificateReply = fields({
  day: Type.String(),
  first: Type.Integer(),
  last: Type.Integer(),
  count: Type.Integer({ description: 'always last - first + 1' }),
  kinds: Type.Unsafe<Record<string, number>>({
    type: 'object',
    additionalProperties: { type: 'integer' },
  }),
  isFinal: Type.Boolean({ description: 'the day is over: nothing will be added' }),
});

export function certificateJson(each: Certificate): Static<typeof CertificateReply> {
  const { day, firstN, lastN, count, kinds, isFinal } = each;
  return { day, first: firstN, last: lastN, count, kinds: { ...kinds }, isFinal };
}
