import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import { nextCursor } from '../../base/route.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { TemplateCache } from '../../mail/template/cache.ts';
import type { Data, Language } from '../../mail/template/index.ts';
import { append, timeline } from '../events/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { SendingDomain, SendingDomains } from '../domains/index.ts';
import { isWithin } from '../keys/index.ts';
import { findWaiting, removeUnleased, scheduleMaxMs } from '../queue/index.ts';
import { invalidField, isRefusal, refuse } from '../refusals/index.ts';
import type { ProvenSenders } from '../senders/index.ts';
import { withDefaults, writtenFrom } from '../templates/index.ts';
import type { TemplateWish } from '../templates/index.ts';
import type { Address } from '../../mail/address.ts';
import type { Acceptor } from './accept.ts';
import { defaultTerms, messageStates } from './model.ts';
import type { Accepted, MessageState } from './model.ts';
import { idempotencyFor, mailbox, prepareComposed, unprovenDomain } from './prepare.ts';
import type { ComposedRequest } from './prepare.ts';
import { renderAtAccept } from './render-at-accept.ts';
import { parseRaw, prepareRaw } from './prepare-raw.ts';
import type { RawRequest } from './prepare-raw.ts';
import { decodeAttachments } from './attachments.ts';
import type { AttachmentInput } from './attachments.ts';
import { findAnswer, findContent, findMessage, listMessages, setState } from './sql.ts';
import type { MessageRow, StoredContent } from './sql.ts';

export type MessageWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly acceptor: Pick<Acceptor, 'accept'>;
  readonly sendingDomains: SendingDomains;
  readonly senders: ProvenSenders;
  readonly nextId: () => string;
  /** Sources of templates that were compiled lately. */
  readonly templates: TemplateCache;
  /** The id of the pool that the call names, null when it names none; refuses one that is not theirs. */
  readonly choosePool: (scope: Scope, asked: string | null) => Promise<string | null>;
  readonly messageBytesMax: number;
  /** Ours, for Received fields. */
  readonly hostname: string;
  /** Composes a stored copy as it would leave: delivery's work, handed in by main. */
  readonly render: (stored: StoredContent, message: MessageRow) => Buffer;
};

type MailboxInput = { readonly email: string; readonly name?: string };

/** The native request, as its schema lets it through. */
export type SendInput = {
  /** There, with a subject, unless the template has them. */
  readonly from?: MailboxInput;
  readonly to?: readonly MailboxInput[];
  readonly cc?: readonly MailboxInput[];
  readonly bcc?: readonly MailboxInput[];
  readonly recipients?: readonly {
    readonly to: MailboxInput;
    readonly data?: Readonly<Record<string, unknown>>;
    readonly metadata?: Readonly<Record<string, unknown>>;
  }[];
  readonly replyTo?: readonly MailboxInput[];
  readonly subject?: string;
  /** Instead of subject, text, html and language. */
  readonly template?: TemplateWish;
  readonly text?: string;
  readonly html?: string;
  /** Of subject, text and html: Liquid when there is data, else none. */
  readonly language?: Language;
  /** For all recipients; each one's own goes before it. */
  readonly data?: Data;
  /** When a template that cannot be rendered is told: by a refusal, or by the message's failure. */
  readonly renderAt?: 'accept' | 'departure';
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly AttachmentInput[];
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly sendAt?: string;
  readonly lane?: 'transactional' | 'bulk';
  readonly unknownOutcome?: 'rather_twice' | 'rather_not';
  readonly overQuota?: 'hold' | 'refuse';
  /** Id or name. */
  readonly pool?: string;
};

const metadataBytesMax = 16_384;

/** Accepts one mail of the native API; resolves after it is stored. */
export async function send(
  world: MessageWorld,
  scope: Scope,
  input: SendInput,
  idempotencyKey: string | undefined,
): Promise<Accepted> {
  const idempotency = idempotencyFor(scope, 'messages', idempotencyKey, input);
  if (idempotency !== null) {
    const known = await world.db.scoped(scope, (tx) =>
      findAnswer(tx, scope.subaccountId, idempotency.keyHash),
    );
    if (known !== null) {
      if (!known.fingerprint.equals(idempotency.fingerprint)) throw refuse('idempotency.mismatch');
      return known.answer as Accepted;
    }
  }
  const poolId = await world.choosePool(scope, input.pool ?? null);
  const written = await requestFor(world, scope, input);
  // Asked for together: each waits for its group of callers.
  const [asked, domain] = await Promise.all([
    withIdentity(world, scope, { ...written, poolId }),
    sendingDomain(world, scope, written.from.address),
  ]);
  const rendersCopies = input.renderAt === 'accept';
  const rendering = { now: world.clock.now(), rendersCopies, cache: world.templates };
  const request = renderAtAccept(asked, rendering);
  const submission = prepareComposed(request, {
    scope,
    door: 'http',
    domain,
    now: world.clock.now(),
    nextId: world.nextId,
    idempotency,
  });
  if (submission.content.length > world.messageBytesMax) throw refuse('request.too_large');
  return world.acceptor.accept(submission);
}

export type BatchResult =
  | { readonly accepted: Accepted }
  | {
      readonly refused: {
        readonly code: string;
        readonly detail: string;
        readonly errors: readonly { field: string; rule: string; message: string }[];
      };
    };

/** Many mails in one call: each is accepted or refused for itself. */
export async function sendBatch(
  world: MessageWorld,
  scope: Scope,
  inputs: readonly SendInput[],
  idempotencyKey: string | undefined,
): Promise<readonly BatchResult[]> {
  return Promise.all(
    inputs.map(async (input, index): Promise<BatchResult> => {
      try {
        const key = idempotencyKey === undefined ? undefined : `${idempotencyKey}/${index}`;
        return { accepted: await send(world, scope, input, key) };
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const { errors = [] } = error.details;
        return { refused: { code: error.code, detail: error.message, errors } };
      }
    }),
  );
}

/** Accepts a whole message; the refusal is in the table's words, the door says it in its own. */
export async function sendRaw(
  world: MessageWorld,
  scope: Scope,
  request: RawRequest,
  door: 'smtp' | 'http' = 'smtp',
): Promise<Accepted> {
  const parsed = parseRaw(request, world.clock.now(), world.nextId);
  const domain = await sendingDomain(world, scope, parsed.from);
  return world.acceptor.accept(prepareRaw(request, parsed, { scope, door, domain }));
}

/**
 * The proven domain that signs for a From address, within what the key is limited to: the one that covers it, or, where
 * nobody in the installation has proven such a domain, the one that a proven sender of the subaccount hangs on.
 */
async function sendingDomain(world: MessageWorld, scope: Scope, from: Address): Promise<SendingDomain> {
  const { accountId, subaccountId } = scope;
  const limit = scope.bounds.domain;
  if (limit !== null && !isWithin(from.domain, limit))
    throw refuse('sender.domain_unproven', { message: `The credential sends from ${limit} only` });
  const domain = await world.sendingDomains.find(accountId, subaccountId, from.domain);
  if (domain !== null) return domain;
  if (await world.sendingDomains.isProven(accountId, subaccountId, from.domain))
    throw unprovenDomain(from.domain);
  const sender = await world.senders.find(accountId, subaccountId, from.text);
  if (sender?.domain == null) throw unprovenDomain(from.domain);
  return sender.domain;
}

/** Name and Reply-To that the call left out are those of the proven sender, when the From address is one. */
async function withIdentity(
  world: MessageWorld,
  { accountId, subaccountId }: Scope,
  request: ComposedRequest,
): Promise<ComposedRequest> {
  const { from, replyTo } = request;
  if (from.name !== null && replyTo.length > 0) return request;
  const sender = await world.senders.find(accountId, subaccountId, from.address.text);
  if (sender === null) return request;
  const name = from.name ?? (sender.name === '' ? null : sender.name);
  const answerTo =
    replyTo.length > 0 || sender.replyTo === null
      ? replyTo
      : [mailbox('replyTo', sender.replyTo.email, sender.replyTo.name ?? undefined)];
  return { ...request, from: { ...from, name }, replyTo: answerTo };
}

/** A call as it stands, or with what its template says and has as defaults. */
async function requestFor(world: MessageWorld, scope: Scope, input: SendInput): Promise<ComposedRequest> {
  if (input.template === undefined) return toRequest(input, world);
  for (const field of ['subject', 'text', 'html', 'language'] as const)
    if (input[field] !== undefined)
      throw invalidField(field, 'exclusive', 'cannot be used together with template');
  const from = { db: world.db, cache: world.templates };
  const { language, subject, text, html, snippets, defaults } = await writtenFrom(
    from,
    scope,
    input.template,
  );
  const request = toRequest({ ...input, ...withDefaults(input, defaults), subject }, world);
  return { ...request, language, text, html, snippets };
}

function toRequest(input: SendInput, world: MessageWorld): ComposedRequest {
  const boxes = (field: string, list: readonly MailboxInput[] = []): ComposedRequest['to'] =>
    list.map((entry, index) => box(`${field}[${index}]`, entry));
  checkMetadata('metadata', input.metadata);
  const { from, subject } = input;
  if (from === undefined) throw invalidField('from', 'required', 'must be given');
  if (subject === undefined) throw invalidField('subject', 'required', 'must be given');
  return {
    from: box('from', from),
    replyTo: boxes('replyTo', input.replyTo),
    to: boxes('to', input.to),
    cc: boxes('cc', input.cc),
    bcc: boxes('bcc', input.bcc),
    recipients: (input.recipients ?? []).map((recipient, index) => {
      checkMetadata(`recipients[${index}].metadata`, recipient.metadata);
      return {
        mailbox: box(`recipients[${index}].to`, recipient.to),
        merge: recipient.data ?? null,
        metadata: recipient.metadata ?? null,
      };
    }),
    subject,
    text: input.text ?? null,
    html: input.html ?? null,
    language: languageOf(input),
    data: input.data ?? null,
    snippets: {},
    headers: Object.entries(input.headers ?? {}),
    attachments: decodeAttachments(input.attachments ?? [], world.messageBytesMax),
    tags: input.tags ?? [],
    metadata: input.metadata ?? {},
    sendAt: input.sendAt === undefined ? null : sendAt(input.sendAt, world.clock.now()),
    isBulk: input.lane === 'bulk',
    terms: {
      unknownOutcome: input.unknownOutcome ?? defaultTerms.unknownOutcome,
      overQuota: input.overQuota ?? defaultTerms.overQuota,
    },
    poolId: null,
  };
}

function languageOf({ language, data, recipients = [] }: SendInput): Language {
  if (language !== undefined) return language;
  const hasData = data !== undefined || recipients.some((recipient) => recipient.data !== undefined);
  return hasData ? 'liquid' : 'plain';
}

function box(field: string, { email, name }: MailboxInput): ComposedRequest['from'] {
  return mailbox(`${field}.email`, email, name);
}

export function checkMetadata(field: string, metadata: Readonly<Record<string, unknown>> | undefined): void {
  if (metadata !== undefined && JSON.stringify(metadata).length > metadataBytesMax) {
    throw invalidField(field, 'maxBytes', `must not exceed ${metadataBytesMax} bytes as JSON`);
  }
}

/** Milliseconds; refuses what is too far ahead. */
export function sendAt(text: string, now: number): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalidField('sendAt', 'format', 'must be an RFC 3339 instant');
  if (at > now + scheduleMaxMs) throw invalidField('sendAt', 'maximum', 'must be at most 400 days ahead');
  return at;
}

export type MessagePage = { readonly items: readonly MessageRow[]; readonly next: string | null };

/** Newest first; the cursor is the last id of the page before. */
export async function list(
  world: MessageWorld,
  scope: Scope,
  query: {
    readonly limit?: number;
    readonly cursor?: string;
    readonly state?: string;
    readonly to?: string;
    readonly tag?: string;
    readonly submission?: string;
  },
): Promise<MessagePage> {
  const limit = query.limit ?? 50;
  const items = await world.db.scoped(scope, (tx) =>
    listMessages(tx, {
      subaccountId: onlySubaccount(scope.reach),
      before: query.cursor ?? null,
      limit,
      state: messageStates.find((state) => state === query.state) ?? null,
      recipient: query.to?.toLowerCase() ?? null,
      submissionId: query.submission ?? null,
      tag: query.tag ?? null,
    }),
  );
  return { items, next: nextCursor(items, limit) };
}

export async function getWithTimeline(
  world: MessageWorld,
  scope: Scope,
  id: string,
): Promise<{ readonly message: MessageRow; readonly timeline: readonly StoredEvent[] }> {
  return world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    if (message === null) throw refuse('not_found');
    return { message, timeline: await timeline(tx, id) };
  });
}

/** The copy as it leaves, composed again from what is stored. */
export async function content(world: MessageWorld, scope: Scope, id: string): Promise<Buffer> {
  const found = await world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    const stored = message === null ? null : await findContent(tx, id);
    return message === null || stored === null ? null : { message, stored };
  });
  if (found === null) throw refuse('not_found');
  return world.render(found.stored, found.message);
}

const cancellable: readonly MessageState[] = ['queued', 'held', 'deferred'];

/** Cancels what waits; a message that is being sent at this moment, or is finished, cannot be cancelled. */
export async function cancel(world: MessageWorld, scope: Scope, id: string): Promise<MessageRow> {
  return world.db.scoped(scope, async (tx) => {
    const message = await findMessage(tx, id);
    if (message === null) throw refuse('not_found');
    const refusal = refuse('conflict.state', {
      message: `The message is ${message.state} and cannot be cancelled`,
    });
    if (!cancellable.includes(message.state)) throw refusal;
    if (!(await removeUnleased(tx, message.subaccountId, id))) {
      const waiting = await findWaiting(tx, message.subaccountId, id);
      throw waiting === null
        ? refusal
        : refuse('conflict.state', { message: 'The message is being sent at this moment' });
    }
    const now = new Date(world.clock.now());
    await setState(tx, message, 'cancelled', now);
    await append(tx, now, [
      {
        accountId: scope.accountId,
        subaccountId: message.subaccountId,
        messageId: id,
        submissionId: message.submissionId,
        kind: 'message.cancelled',
        data: { recipient: message.recipient },
      },
    ]);
    return { ...message, state: 'cancelled', stateAt: now };
  });
}
