/**
 * From what a door was given to a Submission: every check that needs no database and all composing that copies share.
 * Pure but for the sending domain, which the caller has looked up. One pass over the content.
 */
import { createHash } from 'node:crypto';
import type { Scope } from '../../base/scope.ts';
import { formatMailbox, needsSmtputf8, parseAddress } from '../../mail/address.ts';
import type { Address } from '../../mail/address.ts';
import { checkCustomHeader, encodeUnstructured, makeMessageId } from '../../mail/headers/index.ts';
import { composeParts, headerBlock } from '../../mail/mime/index.ts';
import { encodedFields } from '../../mail/template/fields.ts';
import type { FieldSource, RenderedField } from '../../mail/template/fields.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { lanes } from '../queue/index.ts';
import type { Data, Language } from '../../mail/template/index.ts';
import type { Copy, CopyData, LateTemplate, RecipientKind, Submission, Terms } from './model.ts';
import type { Switches, Tracked, TrackingWish } from '../tracking/index.ts';
import type { Bounces } from './bounces.ts';
import { encodeParts } from './parts.ts';
import type { Parts, PartsAttachment } from './parts.ts';

export type Mailbox = { readonly address: Address; readonly name: string | null };

export type ComposedRequest = {
  readonly from: Mailbox;
  readonly replyTo: readonly Mailbox[];
  /** Copies that show all of these in their To and Cc fields. */
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  /** Separate mails, each showing only its own recipient; not together with to, cc, bcc. */
  readonly recipients: readonly {
    readonly mailbox: Mailbox;
    readonly merge: Readonly<Record<string, unknown>> | null;
    readonly metadata: Readonly<Record<string, unknown>> | null;
    readonly tags: readonly string[];
    /** In its To field, instead of the recipient. */
    readonly shown: readonly Mailbox[];
    /** Of its From field, where it is not that of the others. */
    readonly from?: Address;
    /** By which its bounces come back, where it is not that of the others. */
    readonly bounceDomain?: string;
    /** Set when it was rendered at accept and could not be. */
    readonly fault?: string;
  }[];
  /** In the Cc field of separate mails. */
  readonly shownCc: readonly Mailbox[];
  readonly subject: string;
  readonly text: string | null;
  /** AMP for Email; as it is written, but for the language. */
  readonly amp: string | null;
  readonly html: string | null;
  /** Of subject, text, amp and html, for separate mails. */
  readonly language: Language;
  /** For all separate mails. */
  readonly data: Data | null;
  readonly snippets: Parts['snippets'];
  /** Fields that the language writes, which are then neither in from's name, replyTo nor headers. */
  readonly fieldSources: readonly FieldSource[];
  /** Those of copies that show the same recipients, rendered at accept. */
  readonly renderedFields: readonly RenderedField[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly attachments: readonly PartsAttachment[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sendAt: number | null;
  readonly isBulk: boolean;
  readonly terms: Terms;
  readonly poolId: string | null;
  readonly campaign: string | null;
  readonly templateId: string | null;
  readonly templateSlug: string | null;
  readonly tracking: TrackingWish;
  /** By which bounces come back, as the call names it. */
  readonly bounceDomain: string | null;
  /** Where nobody says anything. */
  readonly defaultTracking: Partial<Switches>;
  readonly hidesContent: boolean;
  readonly late: LateTemplate | null;
};

export type Circumstances = {
  readonly scope: Scope;
  readonly door: string;
  readonly domain: { readonly id: string; readonly name: string };
  /** Of From addresses that single recipients have. */
  readonly ownDomains: ReadonlyMap<string, { readonly id: string }>;
  readonly bounces: Bounces;
  readonly now: number;
  /** Of the submission. */
  readonly id: string;
  /** In the Message-ID of mail whose copies share it; null where the account's mail carries no feedback headers. */
  readonly feedbackMark: string | null;
  /** Makes the Message-ID of mail whose copies share it. */
  readonly nextId: () => string;
  readonly idempotency: Submission['idempotency'];
  readonly tracked: Tracked | null;
};

/** A submission from structured fields (native API, dialects). Throws a refusal that names the field. */
export function prepareComposed(request: ComposedRequest, circumstances: Circumstances): Submission {
  checkFields(request);
  const isSeparate = request.recipients.length > 0;
  const copies = isSeparate ? separateCopies(request, circumstances) : sharedCopies(request);
  const fields = sharedFields(request);
  const content = isSeparate
    ? encodeParts(partsFor(request, fields, circumstances))
    : composeShared(request, fields, circumstances);
  const senders = [request.from.address, ...request.recipients.flatMap(({ from }) => from ?? [])];
  const smtputf8 = [...senders, ...copies.map(({ address }) => address)].some(needsSmtputf8);
  return {
    id: circumstances.id,
    accountId: circumstances.scope.accountId,
    subaccountId: circumstances.scope.subaccountId,
    keyId: circumstances.scope.actor.kind === 'key' ? circumstances.scope.actor.id : '0',
    door: circumstances.door,
    format: isSeparate ? 'parts' : 'raw',
    mailFrom: request.from.address.text,
    fromAddress: request.from.address.text,
    domainId: circumstances.domain.id,
    subject: request.subject.slice(0, 998),
    options: {
      tags: request.tags,
      metadata: request.metadata,
      terms: request.terms,
      poolId: request.poolId,
      needs: { eightBit: false, smtputf8, requireTls: false },
      ...(request.campaign === null ? {} : { campaign: request.campaign }),
      ...(request.templateId === null ? {} : { templateId: request.templateId }),
      ...(request.templateSlug === null ? {} : { templateSlug: request.templateSlug }),
      ...(request.sendAt === null ? {} : { sendAt: new Date(request.sendAt).toISOString() }),
      ...(circumstances.tracked === null ? {} : { tracked: circumstances.tracked }),
      ...(request.hidesContent ? { hidesContent: true } : {}),
      ...(request.late === null ? {} : { hasLateTemplate: true as const }),
      ...(request.recipients.some(({ from }) => from !== undefined) ? { hasOwnFroms: true as const } : {}),
      ...(copies.some(({ data }) => data?.tags !== undefined) ? { hasOwnTags: true as const } : {}),
      lane: request.isBulk ? 'bulk' : 'transactional',
      ...(circumstances.feedbackMark === null ? {} : { hasFeedbackHeaders: true as const }),
      ...sharedBounce(request, circumstances),
    },
    content,
    lane: request.isBulk ? lanes.bulk : lanes.transactional,
    sendAt: request.sendAt !== null && request.sendAt > circumstances.now ? request.sendAt : null,
    copies: copies.map(({ address, data, fault }): Copy => ({
      address: address.text,
      domain: address.domain,
      data,
      ...(fault === undefined ? {} : { fault }),
    })),
    idempotency: circumstances.idempotency,
    rejection: null,
  };
}

/** By the domain that all copies are from, now and when they leave, they come back anyway. */
function sharedBounce(
  { late }: ComposedRequest,
  { bounces: { shared }, domain, ownDomains }: Circumstances,
): { readonly bounceDomainId?: string } {
  const isTheirs = shared === domain.id && ownDomains.size === 0 && late === null;
  return shared === null || isTheirs ? {} : { bounceDomainId: shared };
}

function checkFields(request: ComposedRequest): void {
  const shared = request.to.length + request.cc.length + request.bcc.length;
  if (shared > 0 && request.recipients.length > 0) {
    throw invalidField('recipients', 'exclusive', 'cannot be used together with to, cc or bcc');
  }
  if (shared + request.recipients.length === 0)
    throw invalidField('to', 'required', 'must name at least one recipient');
  if (
    request.text === null &&
    request.html === null &&
    request.amp === null &&
    request.attachments.length === 0
  ) {
    throw invalidField('text', 'required', 'or html must be given');
  }
  if (request.amp !== null && request.text === null && request.html === null) {
    throw invalidField('amp', 'required_beside', 'needs text or html beside it');
  }
  const written = request.fieldSources.flatMap((source): [string, string][] =>
    'value' in source ? [[source.name, source.value]] : [],
  );
  for (const [index, [name, value]] of [...request.headers, ...written].entries()) {
    const problem = checkCustomHeader(name, value);
    if (problem !== null)
      throw invalidField(`headers.${name === '' ? index : name}`, problem.rule, problem.message);
  }
}

type AddressedCopy = {
  readonly address: Address;
  readonly data: CopyData | null;
  readonly fault?: string;
};

/** RFC 8689 5, as the call's own header says it. */
function tlsOf({ headers }: ComposedRequest): Pick<CopyData, 'isTlsOptional'> {
  const isOptional = headers.some(
    ([name, value]) => name.toLowerCase() === 'tls-required' && value.trim().toLowerCase() === 'no',
  );
  return isOptional ? { isTlsOptional: true } : {};
}

function sharedCopies(request: ComposedRequest): AddressedCopy[] {
  const seen = new Set<string>();
  const copies: AddressedCopy[] = [];
  const tls = tlsOf(request);
  const plain = tls.isTlsOptional === true ? tls : null;
  for (const kind of ['to', 'cc', 'bcc'] as const satisfies readonly RecipientKind[]) {
    for (const { address } of request[kind]) {
      if (seen.has(address.text)) continue;
      seen.add(address.text);
      copies.push({ address, data: kind === 'to' ? plain : { kind, ...tls } });
    }
  }
  return copies;
}

function separateCopies(
  request: ComposedRequest,
  { domain, ownDomains, bounces }: Circumstances,
): AddressedCopy[] {
  const shared = new Set(request.tags);
  const tls = tlsOf(request);
  return request.recipients.map(({ mailbox, merge, metadata, tags, shown, from, bounceDomain, fault }) => {
    const own = tags.filter((tag) => !shared.has(tag));
    const domainId = from === undefined ? undefined : ownDomains.get(from.text)?.id;
    const bounceDomainId = bounceDomain === undefined ? undefined : bounces.own.get(bounceDomain);
    const data = {
      ...tls,
      to: (shown.length === 0 ? [mailbox] : shown).map(printMailbox).join(', '),
      ...(from === undefined ? {} : { from: from.text }),
      ...(domainId === undefined || domainId === domain.id ? {} : { domainId }),
      ...(bounceDomainId === undefined || bounceDomainId === bounces.shared ? {} : { bounceDomainId }),
      ...(merge === null ? {} : { merge }),
      ...(metadata === null ? {} : { metadata }),
      ...(own.length === 0 ? {} : { tags: own }),
    };
    return { address: mailbox.address, data, ...(fault === undefined ? {} : { fault }) };
  });
}

function sharedFields(request: ComposedRequest): readonly (readonly [string, string])[] {
  const rendered = encodedFields(request.renderedFields);
  const isFromWritten = [...rendered, ...request.fieldSources.map(({ name }) => [name])].some(
    ([name]) => name === 'From',
  );
  const fields: (readonly [string, string])[] = isFromWritten
    ? [...rendered]
    : [['From', printMailbox(request.from)], ...rendered];
  if (request.replyTo.length > 0) fields.push(['Reply-To', request.replyTo.map(printMailbox).join(', ')]);
  if (request.to.length > 0) fields.push(['To', request.to.map(printMailbox).join(', ')]);
  if (request.cc.length > 0) fields.push(['Cc', request.cc.map(printMailbox).join(', ')]);
  const isSeparate = request.recipients.length > 0;
  if (isSeparate && request.shownCc.length > 0)
    fields.push(['Cc', request.shownCc.map(printMailbox).join(', ')]);
  if (request.to.length + request.cc.length + request.recipients.length === 0)
    fields.push(['To', 'undisclosed-recipients:;']);
  for (const [name, value] of request.headers) fields.push([name, encodeUnstructured(value)]);
  return fields;
}

function printMailbox({ address, name }: Mailbox): string {
  return formatMailbox(name === null || name === '' ? { address } : { address, name });
}

function composeShared(
  request: ComposedRequest,
  fields: readonly (readonly [string, string])[],
  { now, domain, nextId, feedbackMark }: Circumstances,
): Buffer {
  const id = nextId();
  const mime = composeParts({
    ...(request.text === null ? {} : { text: request.text }),
    ...(request.amp === null ? {} : { amp: request.amp }),
    ...(request.html === null ? {} : { html: request.html }),
    attachments: request.attachments,
    boundarySeed: id,
  });
  const header = headerBlock([
    ...fields,
    ['Subject', encodeUnstructured(request.subject)],
    ['Date', mailDate(now)],
    ['Message-ID', makeMessageId(feedbackMark ?? id, domain.name)],
  ]);
  return Buffer.concat([header, mime.head, Buffer.from('\r\n'), mime.body]);
}

function partsFor(
  request: ComposedRequest,
  fields: readonly (readonly [string, string])[],
  { now, domain }: Circumstances,
): Parts {
  return {
    fields,
    fieldSources: request.fieldSources,
    subject: request.subject,
    text: request.text,
    amp: request.amp,
    html: request.html,
    language: request.language,
    data: request.data,
    snippets: request.snippets,
    date: now,
    messageIdDomain: domain.name,
    attachments: request.attachments,
    ...(request.late === null ? {} : { late: request.late }),
  };
}

/** The Date field (RFC 5322 3.3), in UTC. */
export function mailDate(now: number): string {
  return new Date(now).toUTCString().replace('GMT', '+0000');
}

/** What an Idempotency-Key is kept under, and what its payload must be again. */
export function idempotencyFor(
  scope: Scope,
  route: string,
  key: string | undefined,
  payload: unknown,
): Submission['idempotency'] {
  if (key === undefined) return null;
  if (key.length === 0 || key.length > 255)
    throw invalidField('Idempotency-Key', 'length', 'must have 1 to 255 characters');
  return {
    keyHash: createHash('sha256').update(`${route}\0${scope.actor.id}\0${key}`).digest(),
    fingerprint: createHash('sha256').update(JSON.stringify(payload)).digest(),
  };
}

/** A mailbox of the caller's: `name <a@b>` is not taken apart here; a broken address names its field. */
export function mailbox(field: string, email: string, name: string | undefined): Mailbox {
  const address = parseAddress(email);
  if (address === null) throw invalidField(field, 'format', 'is not a valid e-mail address');
  if (name !== undefined && /[\r\n\0]/.test(name))
    throw invalidField(field, 'characters', 'must not have line ends in its name');
  return { address, name: name ?? null };
}

/** The refusal for a From domain that is not proven: says how to prove it. */
export function unprovenDomain(domain: string): Error {
  return refuse('sender.domain_unproven', {
    message:
      `The domain ${domain} is not proven for this subaccount. Add it with POST /api/v1/domains, publish the DNS records ` +
      `that the answer lists, then call POST /api/v1/domains/{id}/check; or prove the one address with POST /api/v1/senders.`,
    errors: [{ field: 'from', rule: 'proven_domain', message: `${domain} is not a proven sending domain` }],
  });
}
