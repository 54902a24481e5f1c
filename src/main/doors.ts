/** Opens the listeners and writes `listening.json` once all of them are ready. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import type { RequestFacts, Route } from '../base/route.ts';
import type { Scope, SubaccountId } from '../base/scope.ts';
import { StartFault, systemCode } from '../base/start-fault.ts';
import type { Access } from '../features/access/index.ts';
import { accountRoutes } from '../features/accounts/index.ts';
import { alertRoutes } from '../features/alerts/index.ts';
import { auditRoutes } from '../features/audit/index.ts';
import { bundleRoutes } from '../features/bundles/index.ts';
import { captureRoutes } from '../features/captures/index.ts';
import { controlRoutes } from '../features/control/index.ts';
import { transcriptRoutes } from '../features/delivery/index.ts';
import { domainClientRoutes, domainRoutes } from '../features/domains/index.ts';
import type { ConnectWorld } from '../features/domains/index.ts';
import { erasureRoutes } from '../features/erasure/index.ts';
import { eventRoutes } from '../features/events/index.ts';
import type { Tails } from '../features/events/index.ts';
import { createWithin, deleteKeysOf, keyRoutes, newPair } from '../features/keys/index.ts';
import { listRoutes } from '../features/lists/index.ts';
import { loginRoutes } from '../features/logins/index.ts';
import { logRoutes } from '../features/logs/index.ts';
import type { RequestLog } from '../features/logs/index.ts';
import { metricRoutes } from '../features/metrics/index.ts';
import { messageRoutes, send } from '../features/messages/index.ts';
import type { MessageWorld } from '../features/messages/index.ts';
import { monitoringRoutes } from '../features/monitoring/index.ts';
import { checkPool, poolFor, poolRoutes } from '../features/pools/index.ts';
import { turnRoutes } from '../features/queue/index.ts';
import { quotaRoutes, setWithin } from '../features/quotas/index.ts';
import { reputationRoutes } from '../features/reputation/index.ts';
import { reportRoutes } from '../features/reports/index.ts';
import type { ReportWorld } from '../features/reports/index.ts';
import { senderRoutes } from '../features/senders/index.ts';
import type { SenderWorld } from '../features/senders/index.ts';
import { get as getSubaccount, mailStop, subaccountRoutes } from '../features/subaccounts/index.ts';
import { siteRoutes } from '../features/sites/index.ts';
import { suspensionRoutes } from '../features/suspensions/index.ts';
import { erasedForms, Gate, suppressionRoutes } from '../features/suppressions/index.ts';
import { snippetRoutes, templateRoutes } from '../features/templates/index.ts';
import type { TemplateWorld } from '../features/templates/index.ts';
import { trackingRoutes } from '../features/tracking/index.ts';
import type { TrackingWorld } from '../features/tracking/index.ts';
import { deletePeopleOf, invitationRoutes, meRoutes, userRoutes } from '../features/users/index.ts';
import { webhookRoutes } from '../features/webhooks/index.ts';
import type { WebhookWorld } from '../features/webhooks/index.ts';
import { connectPages } from '../http/connect-page.ts';
import type { Front } from '../http/connections.ts';
import { readCredential } from '../http/credential.ts';
import { makeLoginDoor } from '../http/login-door.ts';
import { readSubaccount } from '../http/request-facts.ts';
import { reportPages } from '../http/report-page.ts';
import { senderPages } from '../http/sender-page.ts';
import { startHttp } from '../http/server.ts';
import { makeMetrics, startMetrics } from '../http/metrics.ts';
import { statusPages } from '../http/status-page.ts';
import type { InboundDoor } from '../smtp/inbound.ts';
import { SmtpListener } from '../smtp/listener.ts';
import { submissionHooks } from '../smtp/submission.ts';
import { loadCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { clearAuthRule } from './clear-auth.ts';
import type { Delivery } from './delivery.ts';
import { dialects } from './dialects.ts';
import type { Dialects } from './dialects.ts';
import { openInbound } from './inbound.ts';
import type { Logins } from './logins.ts';
import type { PublicAddress } from './public-address.ts';
import { ping } from './sql.ts';
import type { Store } from './store.ts';

export type DoorsWorld = PublicAddress & {
  readonly auth: Logins;
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly store: Store;
  readonly access: Access;
  readonly messages: MessageWorld;
  readonly domains: ConnectWorld;
  readonly tracking: TrackingWorld;
  readonly senders: SenderWorld;
  readonly delivery: Delivery;
  readonly requestLog: RequestLog;
  readonly inbound: InboundDoor;
  readonly webhooks: Pick<WebhookWorld, 'network' | 'poster' | 'wordings'>;
  readonly tails: Tails;
  /** Stands before the API. */
  readonly front: Front;
};

type Closing = (graceMs: number) => PromiseLike<void>;

export type Doors = {
  readonly httpPort: number;
  readonly smtpPort: number;
  readonly inboundPort: number;
  /** Where a person's browser reaches the console. */
  readonly publicUrl: string;
  readonly stop: (graceMs: number) => Promise<void>;
};

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
  const { clock, messages, domains, tracking, senders, delivery, access, requestLog, webhooks, tails } =
    world;
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
    ...invitationRoutes({ ...tenants, publicUrl: world.publicUrl }),
    ...meRoutes(people),
    ...loginRoutes(people),
    ...poolRoutes(tenants),
    ...quotaRoutes({ ...tenants, subaccountOf }),
    ...figureRoutes({ ...tenants, subaccountOf }),
    ...reportRoutes(reportsOf(world)),
    ...keyRoutes(tenants),
    ...domainRoutes(domains),
    ...domainClientRoutes(domains),
    ...trackingRoutes(tracking, domains),
    ...senderRoutes(senders),
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
    ...transcriptRoutes({ db }),
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
    ...eventRoutes({ db, tails, again: (request) => askAgain(access, request) }),
    ...monitoringRoutes({ db, clock }),
    ...callingRoutes({ ...tenants, ...webhooks, ring, subaccountOf }),
    ...captureRoutes({ db }),
    ...logRoutes({ db }),
    ...auditRoutes({ db }),
    ...erasureRoutes({ db, clock, ring: domains.ring }),
    ...bundleRoutes(domains),
  ];
}

/** What follows from counts. */
function figureRoutes(world: Parameters<typeof reputationRoutes>[0]): readonly Route[] {
  return [...metricRoutes(world), ...reputationRoutes(world)];
}

/** What makes requests to addresses of tenants. */
function callingRoutes(world: WebhookWorld): readonly Route[] {
  return [...webhookRoutes(world), ...alertRoutes(world)];
}

function reportsOf({ store, clock, access, publicUrl }: DoorsWorld): ReportWorld {
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
function askAgain(access: Access, request: RequestFacts): Promise<Scope> {
  const [authorization, cookie] = [request.header('authorization'), request.header('cookie')];
  const credential = readCredential(
    {
      ...(authorization === undefined ? {} : { authorization }),
      ...(cookie === undefined ? {} : { cookie }),
    },
    'GET',
  );
  const asked = request.header('lettershop-subaccount');
  const facts = { remoteAddress: request.remoteAddress, requestId: request.id };
  return access.authenticate(
    credential,
    asked === undefined ? facts : { ...facts, subaccount: readSubaccount(asked) },
  );
}

export async function startDoors(world: DoorsWorld): Promise<Doors> {
  const { config, log, store } = world;
  const closing: Closing[] = [];
  const stop = async (graceMs: number): Promise<void> => {
    await rm(join(store.folder.path, 'listening.json'), { force: true });
    await Promise.all(closing.map((close) => close(graceMs)));
  };
  try {
    const certificate = await loadCertificate(config, log);
    if (certificate !== null) closing.push(() => certificate[Symbol.asyncDispose]());
    const routes = nativeRoutes(world);
    const speaking = dialects({ routes, access: world.access, clock: world.clock, ring: store.ring });
    const http = await openHttp(world, { routes, speaking }, certificate, closing);
    const smtp = await openSmtp(world, speaking, certificate, closing);
    const inbound = await listening('LETTERSHOP_INBOUND_PORT', openInbound(world, certificate));
    closing.push((graceMs) => inbound.stop(graceMs));
    if (config.LETTERSHOP_METRICS_PORT !== null) {
      const metrics = await startMetrics({
        host: config.LETTERSHOP_HOST,
        port: Number(config.LETTERSHOP_METRICS_PORT),
        registry: metricsOf(world),
      });
      closing.push(() => metrics[Symbol.asyncDispose]());
    }
    const places = {
      http: { host: config.LETTERSHOP_HOST, port: http },
      smtp: { host: config.LETTERSHOP_HOST, port: smtp },
      inbound: { host: config.LETTERSHOP_HOST, port: inbound.port },
      pid: process.pid,
    };
    await store.folder.write('listening.json', `${JSON.stringify(places)}\n`);
    const publicUrl = world.publicUrl();
    return { httpPort: http, smtpPort: smtp, inboundPort: inbound.port, publicUrl, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

async function openHttp(
  world: DoorsWorld,
  { routes, speaking }: { readonly routes: readonly Route[]; readonly speaking: Dialects },
  certificate: Certificate | null,
  closing: Closing[],
): Promise<number> {
  const { config, log, store, access, requestLog } = world;
  const door = makeLoginDoor(world.auth, world.publicUrl);
  const options = {
    host: config.LETTERSHOP_HOST,
    routes,
    mounts: speaking.mounts,
    authenticate: access.authenticate,
    trustedProxies: config.LETTERSHOP_TRUSTED_PROXIES,
    bodyLimitBytes: 1_048_576,
    checkReplies: 'log' as const,
    log,
    pages: [
      door.page,
      ...senderPages(world.senders),
      ...connectPages(world.domains, world.tracking),
      ...reportPages(reportsOf(world)),
      ...statusPages({
        db: store.db,
        access,
        door,
        outbound: config.LETTERSHOP_OUTBOUND,
        onLogin: () => rm(join(store.folder.path, 'first-login.txt'), { force: true }),
      }),
    ],
    readiness: () => readiness(world),
    front: world.front,
    observeRequest: requestLog.seeRequest,
  };
  const server = await listening(
    'LETTERSHOP_HTTP_PORT',
    startHttp({ ...options, port: config.LETTERSHOP_HTTP_PORT }),
  );
  world.onPort(server.port);
  closing.push((graceMs) => server.stop(graceMs));
  if (certificate !== null && config.LETTERSHOP_HTTPS_PORT !== null) {
    const secure = await startHttp({
      ...options,
      port: Number(config.LETTERSHOP_HTTPS_PORT),
      tls: certificate.files(),
    });
    certificate.onReload(() => secure.reloadTls(certificate.files()));
    closing.push((graceMs) => secure.stop(graceMs));
  }
  return server.port;
}

async function openSmtp(
  world: DoorsWorld,
  { obey }: Dialects,
  certificate: Certificate | null,
  closing: Closing[],
): Promise<number> {
  const { config, log, access, messages, requestLog } = world;
  const options = {
    host: config.LETTERSHOP_HOST,
    hostname: config.LETTERSHOP_HOSTNAME,
    clearAuthFrom: clearAuthRule(config.LETTERSHOP_SMTP_CLEAR_AUTH_FROM),
    requireAuth: true,
    sizeMax: config.LETTERSHOP_MESSAGE_BYTES_MAX,
    recipientsMax: 1000,
    connectionsMax: 2000,
    perAddressConnectionsMax: 500,
    loginTimeoutMs: 120_000,
    idleTimeoutMs: 300_000,
    dataTimeoutMs: 600_000,
    bufferedBytesMax: 256 * 1024 * 1024,
    hooks: submissionHooks({
      access,
      messages,
      hostname: config.LETTERSHOP_HOSTNAME,
      log,
      obey,
      seen: { submission: requestLog.seeSubmission, login: requestLog.seeLogin },
    }),
    log,
  };
  const plain = await listening(
    'LETTERSHOP_SMTP_PORT',
    SmtpListener.start({
      ...options,
      port: config.LETTERSHOP_SMTP_PORT,
      ...(certificate === null ? {} : { tls: { implicit: false, context: certificate.context } }),
    }),
  );
  closing.push((graceMs) => plain.stop(graceMs));
  if (certificate !== null && config.LETTERSHOP_SMTPS_PORT !== null) {
    const secure = await SmtpListener.start({
      ...options,
      port: Number(config.LETTERSHOP_SMTPS_PORT),
      tls: { implicit: true, context: certificate.context },
    });
    closing.push((graceMs) => secure.stop(graceMs));
  }
  return plain.port;
}

/** A listener, or the line that tells the operator why its port cannot be had. */
async function listening<T>(setting: string, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EADDRINUSE')
      throw new StartFault(
        `${setting}: the port is taken by another program; choose another (0 = any free one)`,
      );
    if (code === 'EACCES') throw new StartFault(`${setting}: this user may not listen on that port`);
    throw error;
  }
}

async function readiness({ store }: DoorsWorld): Promise<{ ready: boolean; why?: string }> {
  try {
    await ping(store.db.engine);
    return { ready: true };
  } catch {
    return { ready: false, why: 'the database does not answer' };
  }
}

function metricsOf({ delivery }: DoorsWorld): Registry {
  const { registry } = makeMetrics();
  const gauges: Record<string, () => number> = {
    lettershop_window_messages: () => delivery.window.size,
    lettershop_window_waiting: () => delivery.window.waiting,
    lettershop_under_way: () => delivery.worker.underWay,
    lettershop_outcomes_uncommitted: () => delivery.finisher.pending,
  };
  for (const [name, read] of Object.entries(gauges)) {
    const gauge: Gauge = new Gauge({
      name,
      help: name.replaceAll('_', ' '),
      registers: [registry],
      collect: () => gauge.set(read()),
    });
  }
  return registry;
}
