import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../base/database/database.ts';
import type { Tx } from '../../base/database/database.ts';
import type { Scope, SubaccountId } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { findAddress, AddressRefused, judgeUrl } from './address.ts';
import type { Network } from './address.ts';
import { headersOf } from './compose.ts';
import { authProblem } from './auth-rules.ts';
import { secretFor } from './formats.ts';
import type { Wordings } from './formats.ts';
import type { Format } from './kinds.ts';
import type { Auth, SealedWebhook, Webhook } from './model.ts';
import type { Poster } from './post.ts';
import { deliveryOf } from './record.ts';
import { sealedText, sealText } from './secrets.ts';
import { insertDelivery } from './sql-progress.ts';
import type { Delivery } from './sql-progress.ts';
import {
  countWebhooks,
  deleteWebhook,
  findWebhook,
  insertWebhook,
  listWebhooks,
  nextId,
  resumeProgress,
  setPaused,
  updateWebhook,
} from './sql.ts';
import type { WebhookWithProgress } from './sql.ts';

export type WebhookWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly ring: Keyring;
  readonly wordings: Wordings;
  readonly network: Network;
  readonly poster: Poster;
  /** The number behind `external:<id>` or a number, as the scope sees it; refuses what is not found. */
  readonly subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>;
};

/** Per subaccount, the account's own among them. */
const webhooksMax = 200;
/** A name that does not answer at once is looked at when it is used. */
const lookMs = 1500;

export type Told = 'all' | 'account' | { readonly subaccount: string };

export type CreateWebhook = {
  readonly name: string;
  readonly url: string;
  /** Of an account's webhook; a subaccount's is told of the subaccount. */
  readonly told: Told | null;
  /** Numbers or external ids of subaccounts that a webhook of all of the account is not told of. */
  readonly except: readonly string[];
  readonly kinds: readonly EventKind[] | null;
  readonly format: Format;
  readonly names: readonly string[] | null;
  readonly batchMax: number;
  readonly status: Webhook['status'];
  readonly auth: Auth;
};

export type MadeWebhook = WebhookWithProgress & { readonly secret: string };

/** Makes a webhook; its signing secret is known here only. */
export async function create(world: WebhookWorld, scope: Scope, input: CreateWebhook): Promise<MadeWebhook> {
  await checkUrl(world, input.url);
  await checkAuth(world, input.auth);
  const isAccounts = scope.reach === 'account';
  const only = await toldOf(world, scope, isAccounts, input.told);
  const exceptSubaccounts = await exceptOf(world, scope, input.except, isAccounts && only === null);
  const secret = secretFor(world.wordings, input.format);
  return world.db.scoped(scope, async (tx) => {
    if ((await countWebhooks(tx, scope)) >= webhooksMax)
      throw refuse('limit.reached', { message: `There are ${webhooksMax} webhooks already` });
    const id = await nextId(tx);
    const now = new Date(world.clock.now());
    await insertWebhook(
      tx,
      {
        id,
        accountId: scope.accountId,
        subaccountId: scope.subaccountId,
        reach: isAccounts ? 'account' : 'subaccount',
        onlySubaccountId: only,
        exceptSubaccounts,
        name: input.name,
        url: input.url,
        kinds: input.kinds,
        format: input.format,
        names: input.names,
        batchMax: input.batchMax,
        status: input.status,
        ...sealedAuth(world.ring, id, input.auth),
        sealedSecret: sealText(world.ring, id, secret),
      },
      now,
    );
    const made = await found(tx, scope, id);
    await tell(tx, made.webhook, 'webhook.created', now);
    return { ...made, secret };
  });
}

/** Whose events: null for the whole account. */
async function toldOf(
  world: WebhookWorld,
  scope: Scope,
  isAccounts: boolean,
  told: Told | null,
): Promise<SubaccountId | null> {
  if (!isAccounts) {
    if (told !== null) throw invalidField('told', 'fixed', 'cannot be set: it is told of its subaccount');
    return scope.subaccountId;
  }
  if (told === null || told === 'all') return null;
  if (told === 'account') return scope.subaccountId;
  return world.subaccountOf(scope, told.subaccount);
}

/** Refuses an address that requests may not go to; also for others who make requests to a tenant's address. */
export async function checkUrl(
  { network }: Pick<WebhookWorld, 'network'>,
  text: string,
  field = 'url',
): Promise<void> {
  const judged = judgeUrl(text, network.filter);
  if (!judged.ok) throw invalidField(field, judged.rule, judged.message);
  const late = new Promise<null>((resolve) => setTimeout(resolve, lookMs, null).unref());
  try {
    await Promise.race([findAddress(network, judged.url.hostname), late]);
  } catch (error) {
    if (error instanceof AddressRefused)
      throw invalidField(field, 'address', 'leads to an address that is not public');
    // A name that is not there yet is looked at again with each request.
  }
}

/** Refuses credentials that no request can carry. */
export async function checkAuth(world: Pick<WebhookWorld, 'network'>, auth: Auth): Promise<void> {
  const problem = authProblem(auth);
  if (problem !== null) throw invalidField(problem.field, problem.rule, problem.message);
  if (auth.kind === 'oauth2') await checkUrl(world, auth.url, 'auth.url');
}

/** Bound to the endpoint's id. */
export function sealedAuth(
  ring: Keyring,
  id: string,
  auth: Auth,
): Pick<SealedWebhook, 'authKind' | 'authName' | 'sealedAuth'> {
  switch (auth.kind) {
    case 'none':
      return { authKind: 'none', authName: '', sealedAuth: null };
    case 'basic':
      return { authKind: 'basic', authName: auth.user, sealedAuth: sealText(ring, id, auth.password) };
    case 'bearer':
      return { authKind: 'bearer', authName: '', sealedAuth: sealText(ring, id, auth.token) };
    case 'header':
      return { authKind: 'header', authName: auth.name, sealedAuth: sealText(ring, id, auth.value) };
    case 'oauth2': {
      const { url, body } = auth;
      return {
        authKind: 'oauth2',
        authName: url,
        sealedAuth: sealText(ring, id, JSON.stringify({ url, body })),
      };
    }
    case 'headers':
      return {
        authKind: 'headers',
        authName: Object.keys(auth.headers).join(','),
        sealedAuth: sealText(ring, id, JSON.stringify(auth.headers)),
      };
  }
}

async function exceptOf(
  world: WebhookWorld,
  scope: Scope,
  references: readonly string[],
  isOfAll: boolean,
): Promise<readonly SubaccountId[]> {
  if (references.length > 0 && !isOfAll)
    throw invalidField('except', 'all', 'is for webhooks that are told of all of the account');
  const ids = await Promise.all(references.map((each) => world.subaccountOf(scope, each)));
  return [...new Set(ids)];
}

/** Within a transaction; what the scope does not see is not found. */
export async function found(tx: Tx, scope: Scope, id: string): Promise<WebhookWithProgress> {
  const webhook = await findWebhook(tx, scope, id);
  if (webhook === null) throw refuse('not_found');
  return webhook;
}

export function get(world: WebhookWorld, scope: Scope, id: string): Promise<WebhookWithProgress> {
  return world.db.scoped(scope, (tx) => found(tx, scope, id));
}

export function list(
  world: WebhookWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly WebhookWithProgress[]> {
  return world.db.scoped(scope, (tx) => listWebhooks(tx, scope, page));
}

export type ChangeWebhook = {
  readonly name?: string;
  readonly url?: string;
  readonly told?: Told;
  readonly except?: readonly string[];
  readonly kinds?: readonly EventKind[] | null;
  readonly names?: readonly string[] | null;
  readonly batchMax?: number;
  readonly status?: Webhook['status'];
  readonly auth?: Auth;
};

/** Setting the status to active also gives an endpoint that was given up, or waits for its next probe, a new start. */
export async function change(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  input: ChangeWebhook,
): Promise<WebhookWithProgress> {
  if (input.url !== undefined) await checkUrl(world, input.url);
  if (input.auth !== undefined) await checkAuth(world, input.auth);
  const { webhook: before } = await get(world, scope, id);
  const isAccounts = before.reach === 'account';
  const only =
    input.told === undefined ? before.onlySubaccountId : await toldOf(world, scope, isAccounts, input.told);
  const isOfAll = isAccounts && only === null;
  const given = input.except === undefined ? null : await exceptOf(world, scope, input.except, isOfAll);
  return world.db.scoped(scope, async (tx) => {
    const { webhook } = await found(tx, scope, id);
    const now = new Date(world.clock.now());
    const { status } = input;
    if (status === 'paused') await setPaused(tx, id, true);
    if (status === 'active') await resumeProgress(tx, id, now);
    const wanted: SealedWebhook = {
      ...webhook,
      name: input.name ?? webhook.name,
      url: input.url ?? webhook.url,
      kinds: input.kinds === undefined ? webhook.kinds : input.kinds,
      names: input.names === undefined ? webhook.names : input.names,
      batchMax: input.batchMax ?? webhook.batchMax,
      status: status ?? webhook.status,
      onlySubaccountId: only,
      exceptSubaccounts: given ?? (isOfAll ? webhook.exceptSubaccounts : []),
      ...(input.auth === undefined ? {} : sealedAuth(world.ring, id, input.auth)),
    };
    await updateWebhook(tx, wanted, now);
    await tell(tx, wanted, 'webhook.changed', now);
    return found(tx, scope, id);
  });
}

/** The secret once more: some formats show it whenever they are asked. The route asks for `keys:secrets`. */
export async function secretOf(world: WebhookWorld, scope: Scope, id: string): Promise<string> {
  const { webhook } = await get(world, scope, id);
  return sealedText(world.ring, id, webhook.sealedSecret);
}

/** A new signing secret; for the overlap requests are signed with both. */
export async function rotate(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  overlapSeconds: number,
): Promise<MadeWebhook> {
  return world.db.scoped(scope, async (tx) => {
    const { webhook } = await found(tx, scope, id);
    const secret = secretFor(world.wordings, webhook.format);
    const now = new Date(world.clock.now());
    await updateWebhook(
      tx,
      {
        ...webhook,
        sealedSecret: sealText(world.ring, id, secret),
        sealedOldSecret: webhook.sealedSecret,
        oldSecretUntil: new Date(now.getTime() + overlapSeconds * 1000),
      },
      now,
    );
    await tell(tx, webhook, 'webhook.changed', now);
    return { ...(await found(tx, scope, id)), secret };
  });
}

export async function remove(world: WebhookWorld, scope: Scope, id: string): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const { webhook } = await found(tx, scope, id);
    await deleteWebhook(tx, id);
    await tell(tx, webhook, 'webhook.deleted', new Date(world.clock.now()));
  });
}

export type Tested = Pick<Delivery, 'isTaken' | 'status' | 'error' | 'ms' | 'responseBody'>;

/**
 * Sends one made-up event, outside the sequence, and says what came of it: to where it tells of events, or to where it is
 * to, before it is changed. It is in the log of deliveries.
 */
export async function sendTest(
  world: WebhookWorld,
  scope: Scope,
  id: string,
  to: Pick<ChangeWebhook, 'url' | 'auth'> = {},
): Promise<Tested> {
  if (to.url !== undefined) await checkUrl(world, to.url);
  if (to.auth !== undefined) await checkAuth(world, to.auth);
  const { webhook: stored } = await get(world, scope, id);
  const webhook: SealedWebhook = {
    ...stored,
    url: to.url ?? stored.url,
    ...(to.auth === undefined ? {} : sealedAuth(world.ring, id, to.auth)),
  };
  const now = world.clock.now();
  const { format } = webhook;
  const body =
    format === 'native'
      ? JSON.stringify({
          webhookId: id,
          isTest: true,
          events: [{ sequence: null, at: new Date(now).toISOString(), kind: 'webhook.test', data: {} }],
        })
      : world.wordings[format].testBody;
  const signed = { id: `wh_${id}_test_${scope.requestId}`, body, now, isTest: true };
  const headers = headersOf(world, webhook, signed);
  const answer = await world.poster.send(world.ring, webhook, { headers, body }, AbortSignal.timeout(40_000));
  const composed = { headers, body, items: [] };
  const delivery = deliveryOf(webhook, 'test', { composed, answer, failures: 0 }, new Date(now));
  await world.db.scoped(scope, (tx) => insertDelivery(tx, webhook, delivery));
  return delivery;
}

function tell(
  tx: Tx,
  { id, name, accountId, subaccountId }: Webhook,
  kind: EventKind,
  now: Date,
): Promise<void> {
  return append(tx, now, [{ accountId, subaccountId, kind, data: { webhookId: id, name } }]);
}
