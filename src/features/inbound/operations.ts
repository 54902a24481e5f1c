import type { Clock } from '../../base/clock.ts';
import type { Database, Tx } from '../../base/database/database.ts';
import { readReport } from '../../mail/report/index.ts';
import type { InboundReport } from '../../mail/report/index.ts';
import type { NewEvent } from '../events/index.ts';
import { setState } from '../messages/index.ts';
import { addFromReports, addSoftBounce } from '../suppressions/index.ts';
import type { Report } from '../suppressions/index.ts';
import { readDmarc } from './dmarc.ts';
import type { PrepareDmarc } from './dmarc.ts';
import type { Arrival, Consequence, Judgement, Mailbox, ReportedMessage } from './model.ts';
import { complainedOf, complainedSubmissionOf, judgeComplaint, judgeReturned, mailboxOf } from './rules.ts';
import type { OwnNames } from './rules.ts';
import { findSoleCopy, keepUnread, lockMessage, markReported } from './sql.ts';

export type InboundWorld = OwnNames & {
  readonly db: Database;
  readonly clock: Clock;
  readonly prepareDmarc: PrepareDmarc;
};

export type Received = 'taken' | 'too_early';

const unreadPerMailbox = 1000;

type Addressed = { readonly address: string; readonly mailbox: Mailbox };

/**
 * One mail with everything that follows from it, in one transaction: when this resolves to `taken`, it is stored. The
 * same mail twice changes nothing more. Recipients that are not ours are passed over.
 */
export async function receive(world: InboundWorld, arrival: Arrival): Promise<Received> {
  const now = world.clock.now();
  const report = await readReport(arrival.bytes);
  const addressed = arrival.recipients.flatMap((address): Addressed[] => {
    const mailbox = mailboxOf(address, world, now);
    return mailbox === null ? [] : [{ address, mailbox }];
  });
  const keepDmarc = await readDmarc(world.prepareDmarc, addressed, arrival, {
    now,
    unreadMax: unreadPerMailbox,
  });
  const others = addressed.filter(({ mailbox }) => mailbox.kind !== 'dmarc');
  const plans = plan(others, report, world, now);
  return world.db.asEngine(async (tx) => {
    const judged: Judged[] = [];
    for (const each of plans) {
      const named = await withCopy(tx, each, report, world, now);
      judged.push(await judge(tx, named, report, arrival.mailFrom));
    }
    if (judged.some(({ judgement }) => judgement.kind === 'too_early')) return 'too_early';
    const effects: Effect[] = [];
    for (const each of judged) effects.push(...(await follow(tx, each, arrival, new Date(now))));
    const suppressed = effects.flatMap(({ suppressed: each }) => (each === null ? [] : [each]));
    const events = [...effects.map(({ event }) => event), ...(await keepDmarc(tx))];
    // Last, as the log's lock lasts to the commit.
    await addFromReports(tx, new Date(now), suppressed, events);
    return 'taken';
  });
}

/** Which message a recipient's mail is about; null for none of ours. */
type Plan = Addressed & { readonly messageId: string | null };

/** In the order of messages, so that two mails that name the same ones wait for each other and do not lock. */
function plan(
  addressed: readonly Addressed[],
  report: InboundReport,
  { ring }: OwnNames,
  now: number,
): readonly Plan[] {
  const plans = addressed.map(({ address, mailbox }): Plan => {
    if (mailbox.kind === 'return_path') return { address, mailbox, messageId: mailbox.messageId };
    const messageId = mailbox.kind === 'feedback' ? complainedOf(report, ring, now) : null;
    return { address, mailbox, messageId };
  });
  return plans.toSorted((a, b) => Number(BigInt(a.messageId ?? 0) - BigInt(b.messageId ?? 0)));
}

/** A complaint that kept the Message-ID alone, which copies may share. */
async function withCopy(
  tx: Tx,
  each: Plan,
  report: InboundReport,
  { ring }: OwnNames,
  now: number,
): Promise<Plan> {
  if (each.mailbox.kind !== 'feedback' || each.messageId !== null) return each;
  const named = complainedSubmissionOf(report, ring, now);
  return named === null ? each : { ...each, messageId: await findSoleCopy(tx, named) };
}

type Judged = Plan & { readonly message: ReportedMessage | null; readonly judgement: Judgement };

/** Holds the message to the end of the transaction; changes nothing. */
async function judge(tx: Tx, each: Plan, report: InboundReport, mailFrom: string): Promise<Judged> {
  const { mailbox, messageId } = each;
  const unread = (why: string, message: ReportedMessage | null = null): Judged => ({
    ...each,
    message,
    judgement: { kind: 'unread', why },
  });
  if (mailbox.kind === 'operator') return unread('for the operator');
  if (messageId === null) return unread('names no mail of ours');
  const message = await lockMessage(tx, messageId);
  if (message === null) return unread('the message is no longer stored');
  const judgement =
    mailbox.kind === 'feedback' ? judgeComplaint(report, message) : judgeReturned(report, mailFrom, message);
  return { ...each, message, judgement };
}

/** What is left to write down once all reports of the mail are judged. */
type Effect = { readonly event: NewEvent; readonly suppressed: Report | null };

async function follow(
  tx: Tx,
  { address, mailbox, message, judgement }: Judged,
  { mailFrom, remoteAddress, bytes: content }: Arrival,
  at: Date,
): Promise<readonly Effect[]> {
  if (judgement.kind === 'does' && message !== null) return apply(tx, message, judgement.consequence, at);
  if (judgement.kind === 'unread') {
    const unread = { at, mailbox: mailbox.kind, remoteAddress, mailFrom, recipient: address, content };
    await keepUnread(tx, { ...unread, why: judgement.why }, unreadPerMailbox);
  }
  return [];
}

async function apply(
  tx: Tx,
  message: ReportedMessage,
  { mark, event, data, state, suppresses, isSoft }: Consequence,
  at: Date,
): Promise<readonly Effect[]> {
  if (!(await markReported(tx, message, mark, at))) return [];
  if (state !== null) await setState(tx, message, state, at);
  const { accountId, subaccountId, submissionId, id: messageId, recipient, sender } = message;
  const shared = { accountId, subaccountId, messageId, submissionId };
  const entry = { address: recipient, source: 'report', reason: '', sender, list: '' } as const;
  const suppressed = suppresses === null ? null : { ...shared, ...entry, kind: suppresses };
  const held = isSoft ? await addSoftBounce(tx, { ...shared, address: recipient, at }) : [];
  return [
    { event: { ...shared, kind: event, data }, suppressed },
    ...held.map((each) => ({ event: each, suppressed: null })),
  ];
}
