/**
 * From a message that came over SMTP to a Submission. HOT PATH. The bytes stay as they are but for what the design
 * adds and removes: Received, and Date and Message-ID when missing, come on top; Bcc, Return-Path and the control
 * headers of the five providers go (RFC 6409 8, contract smtp 1.4). The body is never copied apart.
 */
import type { Scope } from '../../base/scope.ts';
import { parseAddress } from '../../mail/address.ts';
import type { Address } from '../../mail/address.ts';
import { prepareSubmission } from '../../mail/headers/surgery.ts';
import { isSevenBit } from '../../mail/mime/index.ts';
import { lanes } from '../queue/index.ts';
import { refuse } from '../refusals/index.ts';
import { readTrackHeader, readUnsubscribeHeader } from '../tracking/index.ts';
import type { MailLane, Switches, Tracked, TrackingWish } from '../tracking/index.ts';
import { defaultTerms } from './model.ts';
import type { Copy, CopyData, DsnRequest, RecipientKind, Rejection, Submission, Terms } from './model.ts';
import { mailDate } from './prepare.ts';

export type RawRecipient = {
  readonly address: Address;
  /** Left out: `to`. */
  readonly kind?: RecipientKind;
  /** In the Cc field, when it is of that kind. */
  readonly name?: string;
  readonly notify?: readonly string[];
  readonly orcpt?: string;
};

export type RawGiven = {
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Milliseconds; null leaves at once. */
  readonly sendAt: number | null;
  readonly poolId: string | null;
  readonly campaign: string | null;
  /** Null: as said of mail that says nothing itself. */
  readonly lane: MailLane | null;
  readonly terms: Terms;
  /** What the fields of the message say goes before it. */
  readonly tracking: TrackingWish;
  /** By which bounces come back, or its bounce host; null: as MAIL FROM says where that may be, else the default. */
  readonly bounceDomain: string | null;
  /** Where nobody says anything. */
  readonly defaultLane: MailLane;
  readonly defaultTracking: Partial<Switches>;
};

const nothingGiven: RawGiven = {
  tags: [],
  metadata: {},
  sendAt: null,
  poolId: null,
  campaign: null,
  lane: null,
  terms: defaultTerms,
  tracking: {},
  bounceDomain: null,
  defaultLane: 'transactional',
  defaultTracking: {},
};

export type RawRequest = {
  readonly bytes: Buffer;
  /** Empty for the null reverse path. */
  readonly mailFrom: string;
  readonly recipients: readonly RawRecipient[];
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
  readonly smtputf8: boolean;
  readonly requireTls: boolean;
  /** What else a call says of the message; SMTP alone says nothing. */
  readonly given?: RawGiven;
  /** Of the connection, for the Received field (RFC 5321 4.4, RFC 3848). */
  readonly trace: { readonly helo: string; readonly protocol: string; readonly hostname: string };
};

export type RawParsed = {
  readonly from: Address;
  readonly subject: string;
  readonly chunks: readonly Buffer[];
  readonly isTlsOptional: boolean;
  readonly tracking: TrackingWish;
};

/** Reads and mends the header block; the refusal names the rule that the message breaks. */
export function parseRaw(request: RawRequest, now: number, nextId: () => string): RawParsed {
  const id = nextId();
  const received =
    `Received: from ${request.trace.helo} by ${request.trace.hostname} with ${request.trace.protocol} id ${id};\r\n` +
    `\t${mailDate(now)}\r\n`;
  const prepared = prepareSubmission(request.bytes, {
    received: Buffer.from(received, 'latin1'),
    date: mailDate(now),
    messageId: (fromDomain) => `<${id}@${fromDomain}>`,
    cc: request.recipients.filter(({ kind }) => kind === 'cc'),
  });
  if (!prepared.ok) {
    throw refuse(prepared.rule === 'loop' ? 'message.loop' : 'message.invalid', {
      message: prepared.message,
      errors: [{ field: prepared.field, rule: prepared.rule, message: prepared.message }],
    });
  }
  const from = parseAddress(prepared.from);
  if (from === null) throw refuse('message.invalid', { message: 'the From address is not valid' });
  // RFC 8689 5: REQUIRETLS on the same message wins.
  const isTlsOptional = prepared.isTlsOptional && !request.requireTls;
  const { subject, chunks, controls } = prepared;
  return {
    from,
    subject,
    chunks,
    isTlsOptional,
    tracking: { ...request.given?.tracking, ...wishOf(controls) },
  };
}

const trackField = 'x-lettershop-track';
const unsubscribeField = 'x-lettershop-unsubscribe';

function wishOf(controls: ReadonlyMap<string, string>): TrackingWish {
  const [track, unsubscribe] = [controls.get(trackField), controls.get(unsubscribeField)];
  const tracking = track === undefined ? {} : readTrackHeader(track);
  if (tracking === null) throw badControl(trackField, 'none, or opens, initial-opens, clicks, text-clicks');
  if (unsubscribe === undefined) return tracking;
  const isWanted = readUnsubscribeHeader(unsubscribe);
  if (isWanted === null) throw badControl(unsubscribeField, 'yes or no');
  return { ...tracking, unsubscribe: isWanted };
}

function badControl(field: string, wanted: string): Error {
  const message = `the ${field} field must say ${wanted}`;
  return refuse('message.invalid', { message, errors: [{ field, rule: 'words', message }] });
}

export function prepareRaw(
  request: RawRequest,
  parsed: RawParsed,
  circumstances: {
    readonly scope: Scope;
    readonly door: string;
    readonly domain: { readonly id: string };
    readonly lane: MailLane;
    readonly tracked: Tracked | null;
    readonly hasFeedbackHeaders?: boolean;
    readonly bounceDomainId?: string | null;
    readonly rejection?: Rejection;
  },
): Submission {
  const { scope, door, domain, lane, tracked, hasFeedbackHeaders = false, rejection = null } = circumstances;
  const { bounceDomainId = null } = circumstances;
  const { tags, metadata, sendAt, poolId, campaign, terms } = request.given ?? nothingGiven;
  const content =
    parsed.chunks.length === 1 && parsed.chunks[0] !== undefined
      ? parsed.chunks[0]
      : Buffer.concat(parsed.chunks);
  return {
    accountId: scope.accountId,
    subaccountId: scope.subaccountId,
    keyId: scope.actor.id,
    door,
    format: 'raw',
    mailFrom: request.mailFrom,
    fromAddress: parsed.from.text,
    domainId: domain.id,
    subject: parsed.subject,
    options: {
      tags,
      metadata,
      terms,
      poolId,
      needs: { eightBit: !isSevenBit(content), smtputf8: request.smtputf8, requireTls: request.requireTls },
      ...(campaign === null ? {} : { campaign }),
      ...(sendAt === null ? {} : { sendAt: new Date(sendAt).toISOString() }),
      ...(tracked === null ? {} : { tracked }),
      lane,
      ...(hasFeedbackHeaders ? { hasFeedbackHeaders } : {}),
      ...(bounceDomainId === null || bounceDomainId === domain.id ? {} : { bounceDomainId }),
    },
    content,
    lane: lanes[lane],
    sendAt,
    copies: copiesFor(request, parsed.isTlsOptional),
    idempotency: null,
    rejection,
  };
}

/** One copy per recipient; one that is named twice gets one, of the kind that is named first. */
function copiesFor(request: RawRequest, isTlsOptional: boolean): Copy[] {
  const seen = new Set<string>();
  const copies: Copy[] = [];
  for (const { address, kind = 'to', notify, orcpt } of request.recipients) {
    if (seen.has(address.text)) continue;
    seen.add(address.text);
    const dsn: DsnRequest = {
      ...(notify === undefined ? {} : { notify }),
      ...(orcpt === undefined ? {} : { orcpt }),
      ...(request.ret === undefined ? {} : { ret: request.ret }),
      ...(request.envid === undefined ? {} : { envid: request.envid }),
    };
    const data: CopyData = {
      ...(Object.keys(dsn).length === 0 ? {} : { dsn }),
      ...(kind === 'to' ? {} : { kind }),
      ...(kind === 'bcc' ? { bcc: address.text } : {}),
      ...(isTlsOptional ? { isTlsOptional } : {}),
      ...(request.requireTls ? { isTlsRequired: true } : {}),
    };
    const isPlain = Object.keys(data).length === 0;
    copies.push({ address: address.text, domain: address.domain, data: isPlain ? null : data });
  }
  return copies;
}
