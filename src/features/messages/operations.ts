import { nextCursor } from '../../base/route.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { Access } from '../access/index.ts';
import { timeline, timelines } from '../events/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { SendingDomains } from '../domains/index.ts';
import { lanes } from '../queue/index.ts';
import { isRefusal, refuse } from '../refusals/index.ts';
import type { ProvenSenders } from '../senders/index.ts';
import type { Asked } from '../suppressions/index.ts';
import type { MailDoor } from '../tracking/index.ts';
import type { Acceptor } from './accept.ts';
import { bounceOfRaw, bouncesOf } from './bounces.ts';
import { ownDomains, sendingDomain, withIdentity } from './identity.ts';
import { trackedAlike } from './tracked.ts';
import { messageStates } from './model.ts';
import type { Accepted, Rejection } from './model.ts';
import { idempotencyFor, prepareComposed } from './prepare.ts';
import type { ComposedRequest } from './prepare.ts';
import { renderAtAccept } from './render-at-accept.ts';
import { parseRaw, prepareRaw } from './prepare-raw.ts';
import type { RawRequest } from './prepare-raw.ts';
import { requestFor } from './request.ts';
import type { RequestWorld, SendInput } from './request.ts';
import { findAnswer, findMessage, listMessages } from './sql.ts';
import type { MessageRow, StoredContent } from './sql.ts';

export type MessageWorld = RequestWorld & {
  readonly acceptor: Pick<Acceptor, 'accept' | 'check'>;
  readonly sendingDomains: SendingDomains;
  readonly senders: ProvenSenders;
  /** How a submission's Message-ID names it, where the account's mail carries feedback headers. */
  readonly feedbackMark: (accountId: number, submissionId: string) => string | null;
  readonly nextId: () => string;
  /** The id of the pool that the call names, null when it names none; refuses one that is not theirs. */
  readonly choosePool: (scope: Scope, asked: string | null) => Promise<string | null>;
  /** Ours, for Received fields. */
  readonly hostname: string;
  readonly access: Pick<Access, 'readerScope'>;
  /** Composes a stored copy as it would leave: delivery's work, handed in by main. */
  readonly render: (stored: StoredContent, message: MessageRow) => Buffer;
};

/** Accepts one mail of the native API, or what a dialect made of one by SMTP; resolves after it is stored. */
export async function send(
  world: MessageWorld,
  scope: Scope,
  input: SendInput,
  idempotencyKey: string | undefined,
  door: MailDoor = 'http',
): Promise<Accepted> {
  const idempotency = idempotencyFor(scope, 'messages', idempotencyKey, input);
  const known = await knownAnswer(world, scope, idempotency);
  if (known !== null) return known;
  const poolId = await world.choosePool(scope, input.pool ?? null);
  const written = await requestFor(world, scope, input);
  // Asked for together: each waits for its group of callers.
  const checking = world.acceptor.check(asking(scope, written));
  const [asked, domain, others, bounces] = await Promise.all([
    withIdentity(world, scope, { ...written, poolId }),
    sendingDomain(world, scope, written.from.address),
    ownDomains(world, scope, written),
    bouncesOf(world, scope, written),
  ]);
  const rendersCopies = input.renderAt === 'accept';
  const rendering = { now: world.clock.now(), rendersCopies, cache: world.templates };
  const failsLater = input.onFault === 'fail' && !rendersCopies && asked.recipients.length > 0;
  const request = failsLater ? asked : await renderAtAccept(asked, rendering);
  const { accountId } = scope;
  const tracked = await trackedAlike(world, scope, { ...request, door }, [domain, ...others.values()]);
  const id = world.nextId();
  const submission = prepareComposed(request, {
    scope,
    door,
    id,
    feedbackMark: world.feedbackMark(accountId, id),
    domain,
    ownDomains: others,
    bounces,
    now: world.clock.now(),
    nextId: world.nextId,
    idempotency,
    tracked,
  });
  if (submission.content.length > world.messageBytesMax) throw refuse('request.too_large');
  return world.acceptor.accept(submission, checking);
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

/** Accepts a message that is whole, as over SMTP; the refusal is in the table's words, the door says it in its own. */
export async function sendRaw(
  world: MessageWorld,
  scope: Scope,
  request: RawRequest,
  { door = 'smtp', idempotencyKey }: { readonly door?: MailDoor; readonly idempotencyKey?: string } = {},
): Promise<Accepted> {
  const facts = { from: request.mailFrom, to: request.recipients.map(({ address }) => address.text) };
  const idempotency = idempotencyFor(scope, 'messages', idempotencyKey, facts);
  const known = await knownAnswer(world, scope, idempotency);
  if (known !== null) return known;
  const parsed = parseRaw(request, world.clock.now(), world.nextId);
  const addresses = request.recipients.map(({ address }) => address.text);
  const { accountId, subaccountId } = scope;
  const given = request.given;
  const lane = given?.lane ?? (await world.tracking.lane(scope, given?.defaultLane));
  const isBulk = lane === 'bulk';
  const checking = world.acceptor.check({ accountId, subaccountId, addresses, lane: lanes[lane] });
  const [domain, bounceDomainId] = await Promise.all([
    sendingDomain(world, scope, parsed.from),
    bounceOfRaw(world, scope, request),
  ]);
  const sentFrom = { accountId, subaccountId, domainId: domain.id };
  const said = { door, wish: parsed.tracking, otherwise: given?.defaultTracking ?? {}, isBulk };
  const tracked = await world.tracking.tracked(sentFrom, said);
  const hasFeedbackHeaders = world.feedbackMark(accountId, '0') !== null;
  const submission = prepareRaw(request, parsed, {
    scope,
    door,
    domain,
    lane,
    tracked,
    hasFeedbackHeaders,
    bounceDomainId,
  });
  return world.acceptor.accept({ ...submission, idempotency }, checking);
}

/** What was answered to the same call before; null for a new one. */
async function knownAnswer(
  world: MessageWorld,
  scope: Scope,
  idempotency: ReturnType<typeof idempotencyFor>,
): Promise<Accepted | null> {
  if (idempotency === null) return null;
  const known = await world.db.scoped(scope, (tx) => findAnswer(tx, scope.subaccountId, idempotency.keyHash));
  if (known === null) return null;
  if (!known.fingerprint.equals(idempotency.fingerprint)) throw refuse('idempotency.mismatch');
  return known.answer as Accepted;
}

/** Takes a message that is not sent: it ends as rejected at once, with an event, so that somebody hears of it. */
export async function rejectRaw(
  world: MessageWorld,
  scope: Scope,
  request: RawRequest,
  rejection: Rejection,
): Promise<Accepted> {
  const parsed = parseRaw(request, world.clock.now(), world.nextId);
  // No domain signs what does not leave, and nobody has to be asked who may be written to.
  const submission = prepareRaw(request, parsed, {
    scope,
    door: 'smtp',
    domain: { id: '0' },
    lane: 'transactional',
    tracked: null,
    rejection,
  });
  return world.acceptor.accept(
    submission,
    Promise.resolve({ at: world.clock.now(), hits: { all: new Map(), bound: new Map() } }),
  );
}

/** What is to be known of the recipients of a call. */
function asking({ accountId, subaccountId }: Scope, request: ComposedRequest): Asked {
  const { to, cc, bcc, recipients, isBulk } = request;
  const mailboxes = [...to, ...cc, ...bcc, ...recipients.map((recipient) => recipient.mailbox)];
  const addresses = mailboxes.map(({ address }) => address.text);
  return { accountId, subaccountId, addresses, lane: isBulk ? lanes.bulk : lanes.transactional };
}

export type MessagePage = {
  readonly items: readonly MessageRow[];
  /** By message; null when they were not asked for. */
  readonly timelines: ReadonlyMap<string, readonly StoredEvent[]> | null;
  readonly next: string | null;
};

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
    readonly id?: readonly string[];
    readonly timeline?: boolean;
  },
): Promise<MessagePage> {
  const limit = query.limit ?? 50;
  return world.db.scoped(scope, async (tx) => {
    const items = await listMessages(tx, {
      subaccountId: onlySubaccount(scope.reach),
      before: query.cursor ?? null,
      limit,
      ids: query.id ?? null,
      state: messageStates.find((state) => state === query.state) ?? null,
      recipient: query.to?.toLowerCase() ?? null,
      submissionId: query.submission ?? null,
      tag: query.tag ?? null,
    });
    const found = query.timeline === true ? await timelines(tx, items) : null;
    return { items, timelines: found, next: nextCursor(items, limit) };
  });
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
