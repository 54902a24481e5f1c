/** Opens the listeners and writes `listening.json` once all of them are ready. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import type { Route } from '../base/route.ts';
import { StartFault, systemCode } from '../base/start-fault.ts';
import { Throttle } from '../features/access/index.ts';
import type { Access } from '../features/access/index.ts';
import { makeConfirmHost } from '../features/brands/index.ts';
import type { BrandHosts, BrandWorld } from '../features/brands/index.ts';
import type { ConnectWorld } from '../features/domains/index.ts';
import type { Tails } from '../features/events/index.ts';
import type { RequestLog } from '../features/logs/index.ts';
import type { IncomingWorld } from '../features/incoming/index.ts';
import type { MessageWorld } from '../features/messages/index.ts';
import type { SenderWorld } from '../features/senders/index.ts';
import type { TrackingWorld } from '../features/tracking/index.ts';
import { brandPages } from '../http/brand-page.ts';
import type { LoginHosts } from '../http/credential.ts';
import { connectPages } from '../http/connect-page.ts';
import { domainProofPages } from '../http/domain-proof-page.ts';
import { embedPages } from '../http/embed-page.ts';
import type { EmbedPageWorld } from '../http/embed-page.ts';
import { exportPages } from '../http/export-page.ts';
import { readConsole } from '../http/console-files.ts';
import { consolePages } from '../http/console-page.ts';
import type { ConsoleWorld } from '../http/console-page.ts';
import type { Front } from '../http/connections.ts';
import { makeLoginDoor } from '../http/login-door.ts';
import { reportPages } from '../http/report-page.ts';
import { senderPages } from '../http/sender-page.ts';
import { startHttp } from '../http/server.ts';
import { makeMetrics, startMetrics } from '../http/metrics.ts';
import type { InboundDoor } from '../smtp/inbound.ts';
import { SmtpListener } from '../smtp/listener.ts';
import { submissionHooks } from '../smtp/submission.ts';
import { loadCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { clearAuthRule } from './clear-auth.ts';
import type { Delivery } from './delivery.ts';
import { dialects } from './dialects.ts';
import type { Dialects } from './dialects.ts';
import { exportsOf } from './exports.ts';
import { openInbound } from './inbound.ts';
import type { Logins } from './logins.ts';
import type { PublicAddress } from './public-address.ts';
import { nativeRoutes, reportsOf } from './routes.ts';
import { ping } from './sql.ts';
import type { Store } from './store.ts';
import type { Calling } from './webhooks.ts';

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
  readonly incoming: IncomingWorld;
  readonly brands: BrandWorld;
  readonly hosts: BrandHosts;
  readonly loginHosts: LoginHosts;
  readonly delivery: Delivery;
  readonly requestLog: RequestLog;
  readonly inbound: InboundDoor;
  readonly webhooks: Calling;
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
  const door = makeLoginDoor({
    auth: world.auth.at,
    publicUrl: world.publicUrl,
    hosts: world.loginHosts,
    confirmHost: makeConfirmHost({ ...world.brands, log }, world.hosts),
    onLogin: () => rm(join(store.folder.path, 'first-login.txt'), { force: true }),
  });
  const console = { files: readConsole(), publicUrl: world.publicUrl };
  const options = {
    host: config.LETTERSHOP_HOST,
    routes,
    mounts: speaking.mounts,
    authenticate: access.authenticate,
    hosts: world.loginHosts,
    trustedProxies: config.LETTERSHOP_TRUSTED_PROXIES,
    bodyLimitBytes: 1_048_576,
    checkReplies: 'log' as const,
    log,
    pages: [
      door.page,
      ...brandPages({ db: store.db.engine, hosts: world.hosts, hasProvider: world.auth.hasProvider }),
      ...senderPages(world.senders),
      ...domainProofPages(world.domains),
      ...connectPages(world.domains, world.tracking),
      ...reportPages(reportsOf(world)),
      ...exportPages(exportsOf(world)),
      ...embedPages(embedsOf(world, console)),
      ...consolePages(console),
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

function embedsOf(world: DoorsWorld, console: ConsoleWorld): EmbedPageWorld {
  const { clock, access, publicUrl } = world;
  return { db: world.store.db, clock, access, publicUrl, console, throttle: new Throttle(clock) };
}

async function openSmtp(
  world: DoorsWorld,
  { smtp }: Dialects,
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
      dialects: smtp,
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
