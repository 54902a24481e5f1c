/**
 * Background of incoming mail on one node: looks at who it is from, then hands it over. Places are bounded per node, account
 * and route, and fewer for endpoints that fail, so that a dead one delays neither its account's others nor other accounts;
 * so are the bytes in memory. What came of a request is recorded under the lease; a kill between the two sends it again.
 */
import { errorText } from '../../base/log.ts';
import type { Log } from '../../base/log.ts';
import { withDeadline } from '../../base/dns/index.ts';
import { authenticateMail } from '../../mail/authentication/index.ts';
import type { FindRecords } from '../../mail/authentication/index.ts';
import type { Tx } from '../../base/database/database.ts';
import { append } from '../events/index.ts';
import type { NewEvent } from '../events/index.ts';
import type { Outcome } from '../webhooks/index.ts';
import type { IncomingMail, RouteWorld } from './model.ts';
import { requestFor, wholeOf } from './payload.ts';
import { failureText, judgeHandOver } from './rules.ts';
import type { HandOver } from './rules.ts';
import {
  claim,
  claimLooks,
  recordAuthentication,
  recordFailing,
  recordRefused,
  recordTaken,
  recordTry,
  releaseOf,
} from './sql-hand-over.ts';
import type { ClaimedMail } from './sql-hand-over.ts';
import { mailEvent, readContent } from './sql-mails.ts';

export type IncomingSenderOptions = RouteWorld & { readonly node: number; readonly log: Log };

const tickMs = 250;
const looksMax = 16;
const places = { node: 40, account: 20, route: 4, troubled: 20 } as const;
const bytesMax = 32 * 1024 * 1024;
/** Of all look-ups for one mail; SPF alone may ask ten times. */
const dnsMs = 10_000;
/** Failures in a row of which the route's owner is told. */
const tellsAfter = 5;
/** A stop gives what is under way so long, then cuts it; what is cut is sent again. */
const stopMs = 3000;

export class IncomingSender implements AsyncDisposable {
  readonly #options: IncomingSenderOptions;
  readonly #running = new Map<string, { readonly claimed: ClaimedMail; readonly done: Promise<void> }>();
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #ticking: Promise<void> | null = null;
  #isStopping = false;

  private constructor(options: IncomingSenderOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#hint(), tickMs);
  }

  static async start(options: IncomingSenderOptions): Promise<IncomingSender> {
    await releaseOf(options.db.engine, options.node);
    return new IncomingSender(options);
  }

  #hint(): void {
    if (this.#ticking !== null || this.#isStopping) return;
    this.#ticking = this.#tick()
      .catch((error: unknown) =>
        this.#options.log.warn(
          { error: errorText(error) },
          'incoming mail could not go on; the next round tries',
        ),
      )
      .finally(() => {
        this.#ticking = null;
      });
  }

  async #tick(): Promise<void> {
    const { db, clock } = this.#options;
    const looks = await claimLooks(db.engine, new Date(clock.now()), looksMax);
    await Promise.all(looks.map((mail) => this.#look(mail)));
    if (this.#isStopping) return;
    for (const claimed of await this.#claim()) {
      const { id } = claimed.mail;
      this.#running.set(id, { claimed, done: this.#run(claimed) });
    }
  }

  async #look(mail: IncomingMail): Promise<void> {
    const { db, clock, hostname } = this.#options;
    const resolve = withDeadline(this.#options.resolve, dnsMs);
    const bytes = await readContent(db.engine, mail.contentId);
    if (bytes === null) return;
    const find: FindRecords = async (name, type) => records(await resolve(name, type as 'TXT'), type);
    const found = await authenticateMail(bytes, mail, { find, hostname });
    await recordAuthentication(db.engine, mail.id, found, new Date(clock.now()));
  }

  #claim(): Promise<readonly ClaimedMail[]> {
    const { db, clock, node } = this.#options;
    const running = [...this.#running.values()].map(({ claimed }) => claimed);
    const bytes = running.reduce((sum, { mail }) => sum + mail.sizeBytes, 0);
    const limit = places.node - running.length;
    if (limit <= 0 || bytes >= bytesMax) return Promise.resolve([]);
    return claim(db.engine, {
      node,
      now: new Date(clock.now()),
      limit,
      perAccount: places.account,
      perRoute: places.route,
      troubled: places.troubled - running.filter(({ failures }) => failures > 0).length,
      bytes: bytesMax - bytes,
    });
  }

  async #run(claimed: ClaimedMail): Promise<void> {
    const { db, log, node } = this.#options;
    const { id } = claimed.mail;
    try {
      await this.#handOver(claimed);
    } catch (error) {
      log.warn(
        { error: errorText(error), mail: id },
        'an incoming mail could not be handed over; it comes again',
      );
      // Without the database the lease ends by itself.
      await releaseOf(db.engine, node, id).catch(() => undefined);
    } finally {
      this.#running.delete(id);
    }
  }

  async #handOver(claimed: ClaimedMail): Promise<void> {
    const { db, clock, ring, poster, hostname, network, node } = this.#options;
    const { mail, route } = claimed;
    const stored = await readContent(db.engine, mail.contentId);
    if (stored === null) return;
    const request = await requestFor(this.#options, route, mail, wholeOf(mail, stored, hostname));
    const { outcome } = await poster.send(ring, route, request, this.#stopping.signal);
    if (this.#stopping.signal.aborted && outcome.kind === 'unreachable') {
      await releaseOf(db.engine, node, mail.id);
      return;
    }
    const judged = judgeHandOver(
      { ...mail, receivedAt: mail.receivedAt.getTime(), refusedSince: mail.refusedSince?.getTime() ?? null },
      { failures: claimed.failures, failingSince: claimed.failingSince?.getTime() ?? null },
      outcome,
      { now: clock.now(), random: network.random() },
    );
    const now = new Date(clock.now());
    await db.asEngine((tx) => record(tx, claimed, { node, outcome, judged, now }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#ticking;
    const cut = setTimeout(() => this.#stopping.abort(), stopMs);
    await Promise.all([...this.#running.values()].map(({ done }) => done));
    clearTimeout(cut);
  }
}

/** As mailauth wants them. */
function records(
  outcome: Awaited<ReturnType<RouteWorld['resolve']>>,
  type: string,
): Awaited<ReturnType<FindRecords>> {
  if (outcome.kind === 'failed') return { kind: 'failed' };
  if (outcome.kind !== 'found')
    return { kind: 'none', code: outcome.kind === 'nxdomain' ? 'ENOTFOUND' : 'ENODATA' };
  const data = outcome.records.flatMap((record): unknown[] => {
    if (record.type !== type) return [];
    if (record.type === 'TXT') return [[record.data].flat().map(String)];
    if (record.type === 'MX') return [{ exchange: record.data.exchange, priority: record.data.preference }];
    return record.type === 'A' || record.type === 'AAAA' ? [record.data] : [];
  });
  return data.length === 0 ? { kind: 'none', code: 'ENODATA' } : { kind: 'found', data };
}

async function record(
  tx: Tx,
  { mail, route, failures }: ClaimedMail,
  {
    node,
    outcome,
    judged,
    now,
  }: { readonly node: number; readonly outcome: Outcome; readonly judged: HandOver; readonly now: Date },
): Promise<void> {
  const error = failureText(outcome);
  const shared = { at: now, status: outcome.kind === 'unreachable' ? null : outcome.status, error };
  const isMine = await recordTry(tx, mail.id, node, { ...shared, ...next(judged, mail, now) });
  const { accountId, subaccountId, id, domain, pattern, url } = route;
  const told = { inboundRouteId: id, domain, pattern, host: new URL(url).host };
  const ofRoute = (kind: 'inbound_route.failing' | 'inbound_route.recovered'): NewEvent => {
    return { accountId, subaccountId, kind, data: { ...told, ...(error === '' ? {} : { error }) } };
  };
  const events: NewEvent[] = [];
  if (judged.kind === 'handed_over') {
    const before = await recordTaken(tx, id, now);
    if (before >= tellsAfter) events.push(ofRoute('inbound_route.recovered'));
    if (isMine) events.push(mailEvent(mail, 'inbound.handed_over', { attempt: mail.attempts }));
  } else if (judged.kind === 'failing') {
    const nextAt = new Date(judged.nextAt);
    const after = await recordFailing(tx, id, { at: now, nextAt, error, before: failures });
    if (after === tellsAfter && failures < tellsAfter) events.push(ofRoute('inbound_route.failing'));
  } else {
    await recordRefused(tx, id, now, error);
    if (judged.kind === 'given_up' && isMine) events.push(mailEvent(mail, 'inbound.given_up', { error }));
  }
  await append(tx, now, events);
}

function next(judged: HandOver, { refusedSince }: IncomingMail, now: Date) {
  if (judged.kind === 'handed_over' || judged.kind === 'given_up') return { state: judged.kind } as const;
  if (judged.kind === 'failing') return { state: 'waiting', dueAt: now, refusedSince } as const;
  return {
    state: 'waiting',
    dueAt: new Date(judged.dueAt),
    refusedSince: new Date(judged.refusedSince),
  } as const;
}
