/** Every native route there is, put together from the features. */
import type { RequestFacts, Route } from '../base/route.ts';
import type { Scope, SubaccountId } from '../base/scope.ts';
import type { Access } from '../features/access/index.ts';
import { accountRoutes } from '../features/accounts/index.ts';
import { alertRoutes } from '../features/alerts/index.ts';
import { auditRoutes } from '../features/audit/index.ts';
import { brandRoutes } from '../features/brands/index.ts';
import { bundleRoutes } from '../features/bundles/index.ts';
import { captureRoutes } from '../features/captures/index.ts';
import { controlRoutes } from '../features/control/index.ts';
import { transcriptRoutes } from '../features/delivery/index.ts';
import { domainClientRoutes, domainRoutes } from '../features/domains/index.ts';
import { embedRoutes } from '../features/embeds/index.ts';
import { erasureRoutes } from '../features/erasure/index.ts';
import { Counts, eventRoutes } from '../features/events/index.ts';
import { exportRoutes } from '../features/exports/index.ts';
import { incomingRoutes } from '../features/incoming/index.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import { createWithin, deleteKeysOf, keyRoutes, newPair } from '../features/keys/index.ts';
import { listRoutes } from '../features/lists/index.ts';
import { loginRoutes } from '../features/logins/index.ts';
import { logRoutes } from '../features/logs/index.ts';
import { fieldRoutes } from '../features/metadata/index.ts';
import { metricRoutes } from '../features/metrics/index.ts';
import { messageRoutes, send } from '../features/messages/index.ts';
import type { MessageWorld } from '../features/messages/index.ts';
import { monitoringRoutes } from '../features/monitoring/index.ts';
import { checkPool, poolFor, poolRoutes } from '../features/pools/index.ts';
import { leaveGonePools, turnRoutes } from '../features/queue/index.ts';
import { quotaRoutes, setWithin } from '../features/quotas/index.ts';
import { overviewRoutes } from '../features/overview/index.ts';
import { reputationRoutes } from '../features/reputation/index.ts';
import { reportRoutes } from '../features/reports/index.ts';
import type { ReportWorld } from '../features/reports/index.ts';
import { senderRoutes } from '../features/senders/index.ts';
import { get as getSubaccount, mailStop, subaccountRoutes } from '../features/subaccounts/index.ts';
import { siteRoutes } from '../features/sites/index.ts';
import { suspensionRoutes } from '../features/suspensions/index.ts';
import { erasedForms, Gate, suppressionRoutes } from '../features/suppressions/index.ts';
import { snippetRoutes, templateRoutes } from '../features/templates/index.ts';
import type { TemplateWorld } from '../features/templates/index.ts';
import { trackingRoutes } from '../features/tracking/index.ts';
import { deletePeopleOf, invitationRoutes, meRoutes, userRoutes } from '../features/users/index.ts';
import type { InvitationWorld } from '../features/users/index.ts';
import { webhookRoutes } from '../features/webhooks/index.ts';
import { tenantHostAt } from './brands.ts';
import type { WebhookWorld } from '../features/webhooks/index.ts';
import { brandHostOf, readCredential } from '../http/credential.ts';
import type { LoginHosts } from '../http/credential.ts';
import { readSome, readSubaccount } from '../http/request-facts.ts';

import type { DoorsWorld } from './doors.ts';
import { exportsOf } from './exports.ts';
import type { Calling } from './webhooks.ts';

/** A subaccount's first key: bound by nothing but its grants. */
const plainKey = {
  kind: 'api',
  reach: 'subaccount',
  domainLimit: null,
  expiresAt: null,
} as const;

/** Every native route there is: the API, its document, the sweeps and the audit labels come from this list. */
export function nativeRoutes(world: DoorsWorld): readonly Route[] {
  const { db, ring } = world.store;
  const { clock, messages, domains, tracking, delivery, access, requestLog, webhooks, tails } = world;
  const tenants = { db, clock, access };
  const people = { db, clock, forgetPeople: access.forgetPeople };
  const subaccountOf = async (scope: Scope, reference: string): Promise<SubaccountId> =>
    (await getSubaccount(tenants, scope, reference)).id;
  return [
    ...accountRoutes({ ...tenants, onChange: (accountId) => requestLog.forget(accountId) }),
    ...subaccountRoutes({
      ...tenants,
      checkPool,
      firstKey: async (tx, scope, { id }, { secretForm, ...asked }) => {
        const [request, pair] = [{ ...plainKey, ...asked }, newPair('api', secretForm)];
        const { key, secret } = await createWithin(tenants, tx, scope, id, request, pair);
        return { publicId: key.publicId, secret };
      },
      firstQuota: (tx, scope, { id }, { hour = null, day = null, month = null }) => {
        const limits = { hour, day, month, isAutomatic: false };
        return setWithin(tx, { subaccountId: id, ownId: scope.subaccountId }, limits);
      },
      removeWith: async (tx, { id }) => {
        await deleteKeysOf(tx, id);
        await deletePeopleOf(tx, id);
      },
    }),
    ...userRoutes(people),
    ...invitationRoutes({ ...tenants, ...tenantHosts(world) }),
    ...meRoutes(people),
    ...loginRoutes(people),
    ...poolRoutes({ ...tenants, leaveGonePools: () => leaveGonePools(db.engine) }),
    ...quotaRoutes({ ...tenants, subaccountOf }),
    ...figureRoutes({ ...tenants, subaccountOf }),
    ...outgoingRoutes(world),
    ...keyRoutes(tenants),
    ...domainRoutes(domains),
    ...domainClientRoutes(domains),
    ...trackingRoutes(tracking, domains),
    ...namedRoutes(world),
    ...suppressionRoutes({
      db,
      clock,
      lookUp: (asked) => delivery.lookUp(asked),
      erasedForms: erasedForms(world.store.ring),
      gate: new Gate(),
    }),
    ...templatesOf(messages, subaccountOf),
    ...listRoutes({ db, clock }),
    ...messageRoutes(messages),
    ...fieldRoutes({ db, clock }),
    ...turnRoutes({ ...tenants, subaccountOf }),
    ...suspensionRoutes({ ...tenants, subaccountOf }),
    ...siteRoutes({ db, clock, profileOf: delivery.profileOf }),
    ...controlRoutes({
      db,
      clock,
      profileOf: delivery.profileOf,
      mailStop: (scope, subaccountId) => mailStop(db, scope, subaccountId),
      subaccountOf,
      choosePool: (scope, asked) => poolFor(tenants, scope, asked),
    }),
    ...eventRoutes({ db, tails, counts: new Counts(db), again: (request) => askAgain(world, request) }),
    ...monitoringRoutes({ db, clock }),
    ...callingRoutes({ ...tenants, ...webhooks, ring, subaccountOf }, world.incoming),
    ...[transcriptRoutes, captureRoutes, logRoutes, auditRoutes].flatMap((routes) => routes({ db })),
    ...erasureRoutes({ db, clock, ring: domains.ring }),
    ...bundleRoutes(domains),
  ];
}

/** Whose name mail and console carry. */
function namedRoutes({ senders, brands }: DoorsWorld): readonly Route[] {
  return [...senderRoutes(senders), ...brandRoutes(brands)];
}

/** What is read by a link. */
function outgoingRoutes(world: DoorsWorld): readonly Route[] {
  const { store, clock, access, publicUrl } = world;
  return [
    ...reportRoutes(reportsOf(world)),
    ...exportRoutes(exportsOf(world)),
    ...embedRoutes({ db: store.db, clock, access, publicUrl }),
  ];
}

/** What follows from counts. */
function figureRoutes(world: Parameters<typeof reputationRoutes>[0]): readonly Route[] {
  return [...metricRoutes(world), ...reputationRoutes(world), ...overviewRoutes(world)];
}

/** What makes requests to addresses of tenants. */
function callingRoutes(world: WebhookWorld & Calling, incoming: IncomingWorld): readonly Route[] {
  const { network, poster, mailWordings } = world;
  const received = incomingRoutes({ ...incoming, network, poster, mailWordings });
  return [...webhookRoutes(world), ...alertRoutes(world), ...received];
}

export function reportsOf({ store, clock, access, publicUrl }: DoorsWorld): ReportWorld {
  return { db: store.db, ring: store.ring, clock, access, publicUrl };
}

/** Templates and snippets; their test mails are sent as every other. */
function templatesOf(
  messages: MessageWorld,
  subaccountOf: (scope: Scope, reference: string) => Promise<SubaccountId>,
): readonly Route[] {
  const { db, clock, templates: cache, press } = messages;
  const sendTest: TemplateWorld['sendTest'] = async (scope, mail) =>
    (await send(messages, scope, mail, undefined)).id;
  const world = { db, clock, cache, press, sendTest };
  return [...templateRoutes(world, subaccountOf), ...snippetRoutes(world)];
}

/** The scope that a request's credential has now; refuses when it has none any more. */
function askAgain(
  { access, loginHosts }: { readonly access: Access; readonly loginHosts: LoginHosts },
  request: RequestFacts,
): Promise<Scope> {
  const [authorization, cookie] = [request.header('authorization'), request.header('cookie')];
  const credential = readCredential(
    {
      ...(authorization === undefined ? {} : { authorization }),
      ...(cookie === undefined ? {} : { cookie }),
    },
    'GET',
  );
  const asked = request.header('lettershop-subaccount');
  const some = request.header('lettershop-subaccounts');
  const isPerson = credential?.kind === 'session';
  const brandHost = isPerson ? brandHostOf({ host: request.header('host') }, loginHosts) : null;
  const facts = {
    remoteAddress: request.remoteAddress,
    requestId: request.id,
    ...(some === undefined ? {} : { some: readSome(some) }),
    ...(brandHost === null ? {} : { brandHost }),
  };
  return access.authenticate(
    credential,
    asked === undefined ? facts : { ...facts, subaccount: readSubaccount(asked) },
  );
}

function tenantHosts({ hosts, publicUrl }: DoorsWorld): Pick<InvitationWorld, 'publicUrl' | 'tenantHost'> {
  return { publicUrl, tenantHost: tenantHostAt(hosts, publicUrl) };
}
