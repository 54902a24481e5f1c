/** From what a door saw to a row: pure. */
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import { maskedHeader, maskedJson, maskedLine, maskedReply, maskedUrl } from './mask.ts';
import type { NewLog, SeenLogin, SeenReply, SeenRequest, SeenSubmission } from './model.ts';

export const logLifeMs = 7 * 86_400_000;

/** The logs' own pages are not logged once more. */
const ownPattern = /^\/api\/v1\/logs(?:\/|$)/;
/** What they send is not kept: the address of somebody who is being erased, everything of a subaccount that moves. */
const unkeptPattern = /^\/api\/v1\/(?:erasures|subaccounts\/import)$/;

export function rowOfRequest(seen: SeenRequest, now: number): NewLog {
  return {
    ...ownerOf(seen.scope),
    at: new Date(now),
    requestId: seen.requestId,
    door: 'http',
    method: seen.method,
    pattern: seen.pattern,
    path: maskedUrl(seen.url, seen.pattern),
    status: seen.status,
    remoteAddress: plainAddress(seen.remoteAddress),
    userAgent: maskedLine(seen.userAgent, 500),
    ms: seen.ms,
    request: unkeptPattern.test(seen.pattern) ? '' : maskedJson(seen.body),
    response: ownPattern.test(seen.pattern) ? sizeOf(seen.reply) : replyText(seen.reply),
  };
}

export function rowOfSubmission(seen: SeenSubmission, now: number): NewLog {
  const { recipients } = seen;
  return {
    ...ownerOf(seen.scope),
    ...ofSmtp(seen, now),
    method: 'SEND',
    path: `<${maskedLine(seen.mailFrom, 320)}> to ${recipients} ${recipients === 1 ? 'recipient' : 'recipients'}`,
    userAgent: maskedLine(seen.helo, 255),
    request: maskedHeader(seen.bytes),
  };
}

/** Whose key it was. */
export type LoginOwner = {
  readonly keyId: string;
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly reach: 'account' | 'subaccount';
};

export function rowOfLogin(seen: SeenLogin, owner: LoginOwner, now: number): NewLog {
  const { keyId, ...tenant } = owner;
  return {
    ...tenant,
    ...ofSmtp(seen, now),
    actor: { kind: 'key', id: keyId },
    method: 'AUTH',
    path: maskedLine(seen.user, 320),
    userAgent: '',
    request: '',
  };
}

function ownerOf(scope: Scope): Pick<NewLog, 'accountId' | 'subaccountId' | 'reach' | 'actor'> {
  const { accountId, subaccountId, actor } = scope;
  return { accountId, subaccountId, actor, reach: scope.reach === 'account' ? 'account' : 'subaccount' };
}

type OfSmtp = 'at' | 'requestId' | 'door' | 'pattern' | 'status' | 'remoteAddress' | 'ms' | 'response';

function ofSmtp(seen: SeenSubmission | SeenLogin, now: number): Pick<NewLog, OfSmtp> {
  const { code, enhanced, text } = seen.reply;
  return {
    at: new Date(now),
    requestId: seen.requestId,
    door: 'smtp',
    pattern: '',
    status: code,
    remoteAddress: plainAddress(seen.remoteAddress),
    ms: seen.ms,
    response: maskedLine([code, enhanced, text].filter((part) => part !== null).join(' '), 1000),
  };
}

function replyText(reply: SeenReply): string {
  return reply.json === null ? sizeOf(reply) : maskedReply(reply.json);
}

function sizeOf({ contentType, sizeBytes }: SeenReply): string {
  if (contentType === '') return '';
  return `(${contentType}, ${sizeBytes === null ? 'a stream' : `${sizeBytes} bytes`})`;
}

/** Without the zone of a link-local address, which the store's type does not know. */
function plainAddress(address: string): string {
  const [plain = ''] = address.split('%', 1);
  return plain === '' ? '0.0.0.0' : plain;
}

/** `2xx`, or one status. Null: not asked for. */
export function statusRange(asked: string | undefined): { from: number; to: number } | null {
  if (asked === undefined) return null;
  const from = Number(asked.replaceAll('x', '0'));
  return { from, to: asked.endsWith('xx') ? from + 99 : from };
}
