import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { reaches } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { Keyring } from '../../base/seal.ts';
import { isTimeZone } from '../../base/time-zone.ts';
import type { Access } from '../access/index.ts';
import { append } from '../events/index.ts';
import type { EventKind } from '../events/index.ts';
import { figures, toQuery } from '../metrics/index.ts';
import type { FigureAnswer, What } from '../metrics/index.ts';
import { addAsked } from '../outbox/index.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import { get as getSender } from '../senders/index.ts';
import { readersAmong } from '../users/index.ts';
import { makeLink, readLink } from './links.ts';
import type { Report, ReportContent } from './model.ts';
import { nextAt, rangeOf } from './rules.ts';
import {
  countReports,
  deleteReport,
  findLinked,
  findReport,
  insertReport,
  listReports,
  mayRead,
  updateReport,
} from './sql.ts';

export type ReportWorld = {
  readonly db: Database;
  readonly clock: Clock;
  readonly ring: Keyring;
  readonly access: Pick<Access, 'readerScope'>;
  /** Where links lead, without a slash at its end. */
  readonly publicUrl: () => string;
};

/** Of one subaccount. */
const reportsMax = 500;

export function zoneOf({ timeZone = 'UTC' }: What): string {
  return timeZone;
}

async function timed(
  world: ReportWorld,
  holder: Pick<Scope, 'accountId' | 'subaccountId' | 'reach'>,
  content: ReportContent,
): Promise<ReportContent & { readonly nextAt: Date | null }> {
  const zone = zoneOf(content.query);
  if (!isTimeZone(zone))
    throw invalidField('query.timeZone', 'timeZone', 'must be a name of the time zone database');
  if (content.share !== 'none' && holder.reach !== 'account')
    throw invalidField('share', 'account', 'can be set by the account only');
  const readers = await readersAmong(world.db.engine, holder, content.people);
  const strangers = content.people.filter((id) => readers.every((reader) => reader.id !== id));
  if (strangers.length > 0)
    throw invalidField('people', 'known', `${strangers.join(', ')}: nobody here who may read figures`);
  const { schedule } = content;
  return {
    ...content,
    nextAt: schedule === null ? null : new Date(nextAt(schedule, zone, world.clock.now())),
  };
}

export async function create(world: ReportWorld, scope: Scope, content: ReportContent): Promise<Report> {
  const now = new Date(world.clock.now());
  const wanted = await timed(world, scope, content);
  return world.db.scoped(scope, async (tx) => {
    if ((await countReports(tx, scope.subaccountId)) >= reportsMax)
      throw refuse('limit.reached', { message: `There are ${reportsMax} reports already` });
    const made = await insertReport(tx, scope, wanted, now);
    await tell(tx, now, 'report.created', made);
    return made;
  });
}

export function list(
  world: ReportWorld,
  scope: Scope,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Report[]> {
  return world.db.scoped(scope, (tx) => listReports(tx, scope, page));
}

/** One that the scope sees, its own or a shared one. */
export function get(world: ReportWorld, scope: Scope, id: string): Promise<Report> {
  return world.db.scoped(scope, async (tx) => seen(await findReport(tx, scope, id)));
}

function seen(report: Report | null): Report {
  if (report === null) throw refuse('not_found');
  return report;
}

/** One that the scope holds; a shared one is not found by who may only run it. */
async function held(tx: Tx, scope: Scope, id: string): Promise<Report> {
  const report = seen(await findReport(tx, scope, id));
  const isHeld =
    report.reach === 'account' ? scope.reach === 'account' : reaches(scope.reach, report.subaccountId);
  if (!isHeld) throw refuse('not_found');
  return report;
}

export async function change(
  world: ReportWorld,
  scope: Scope,
  id: string,
  changes: Partial<ReportContent>,
): Promise<Report> {
  const before = await world.db.scoped(scope, (tx) => held(tx, scope, id));
  const wanted = await timed(world, covered(before), { ...before, ...changes });
  return world.db.scoped(scope, async (tx) => {
    const changed = seen(await updateReport(tx, id, wanted));
    await tell(tx, new Date(world.clock.now()), 'report.changed', changed);
    return changed;
  });
}

export async function remove(world: ReportWorld, scope: Scope, id: string): Promise<void> {
  await world.db.scoped(scope, async (tx) => {
    const report = await held(tx, scope, id);
    await deleteReport(tx, id);
    await tell(tx, new Date(world.clock.now()), 'report.deleted', report);
  });
}

/** Over the figures that the scope sees, whoever made the report. */
export async function run(world: ReportWorld, scope: Scope, id: string): Promise<FigureAnswer> {
  return answer(world, scope, await get(world, scope, id), null);
}

export function answer(
  world: Pick<ReportWorld, 'db' | 'clock'>,
  scope: Scope,
  { query, period }: Report,
  tag: string | null,
): Promise<FigureAnswer> {
  const asked = toQuery(query);
  const { from, until } = rangeOf(period, zoneOf(query), world.clock.now());
  const filters = tag === null ? asked.filters : { ...asked.filters, tag: [tag] };
  return figures(world, scope, { ...asked, filters, from, until });
}

export type LinkWish = {
  readonly days: number;
  readonly tag: string | null;
  /** A proven sender identity of the scope, who gets the link by mail. */
  readonly senderId: string | null;
};

/** A link for somebody without a login: over the figures of who holds the report. */
export async function link(
  world: ReportWorld,
  scope: Scope,
  id: string,
  wish: LinkWish,
): Promise<{ readonly url: string; readonly expiresAt: Date }> {
  const now = world.clock.now();
  const expiresAt = now + wish.days * 86_400_000;
  const { tag, senderId } = wish;
  const sender = senderId === null ? null : await senderOf(world, scope, senderId);
  return world.db.scoped(scope, async (tx) => {
    const report = await held(tx, scope, id);
    const asked = report.query.tag;
    if (tag !== null && asked !== undefined && !asked.includes(tag))
      throw invalidField('tag', 'known', 'is not among the tags of the report');
    const url = `${world.publicUrl()}/report/${makeLink(world.ring, { reportId: id, expiresAt, tag })}`;
    if (sender !== null) {
      const content = {
        paragraphs: [`Figures for you: ${report.name}.`, `The link is good for ${wish.days} days.`],
        action: { label: 'See the figures', url },
      };
      const mail = { purpose: 'report_link', to: sender, subject: report.name, content } as const;
      await addAsked(world.db, tx, report, mail, new Date(now));
    }
    await tell(tx, new Date(now), 'report.linked', report);
    return { url, expiresAt: new Date(expiresAt) };
  });
}

async function senderOf(world: ReportWorld, scope: Scope, senderId: string): Promise<string> {
  const sender = await getSender(world, scope, senderId);
  if (sender.state !== 'proven')
    throw refuse('conflict.state', { message: 'The sender is not proven: nobody there has agreed to mail' });
  return sender.email;
}

export type Opened = { readonly report: Report; readonly tag: string | null; readonly answer: FigureAnswer };

/** What a link shows; null: it is too old, was not made here, or its report or tenant is no more. */
export async function openLink(world: ReportWorld, token: string): Promise<Opened | null> {
  const known = readLink(world.ring, token, world.clock.now());
  const report = known === null ? null : await findLinked(world.db.engine, known.reportId);
  if (known === null || report === null) return null;
  const scope = await holderScope(world, report);
  if (scope === null) return null;
  return { report, tag: known.tag, answer: await answer(world, scope, report, known.tag) };
}

/** Reads the figures that the report covers; null while its holder may not. */
export async function holderScope(
  world: Pick<ReportWorld, 'db' | 'access'>,
  report: Report,
): Promise<Scope | null> {
  return (await mayRead(world.db.engine, report.subaccountId))
    ? world.access.readerScope(covered(report))
    : null;
}

function covered({
  accountId,
  subaccountId,
  reach,
}: Report): Pick<Scope, 'accountId' | 'subaccountId' | 'reach'> {
  return { accountId, subaccountId, reach: reach === 'account' ? reach : subaccountId };
}

function tell(tx: Tx, now: Date, kind: EventKind, report: Report): Promise<void> {
  const { accountId, subaccountId, id, name } = report;
  return append(tx, now, [{ accountId, subaccountId, kind, data: { reportId: id, name } }]);
}
