/**
 * The built-in mailbox of capture mode: an SMTP server of our own on loopback, at the end of the real delivery path.
 * Recipients under .test misbehave on purpose: hard@ is refused for good, soft@ for now, slow@ answers after some
 * seconds, complain@ takes the mail and complains.
 */
import { Batcher } from '../../base/batch.ts';
import type { Clock } from '../../base/clock.ts';
import { isRowFault } from '../../base/database/store-lost.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { Reply } from '../../mail/reply.ts';
import type { Database } from '../../base/database/database.ts';
import { writeComplaint } from './complaint.ts';
import { captureBatchMax, dueComplaints, endComplaint, storeCaptures } from './sql.ts';
import type { NewCapture } from './sql.ts';

export type MailboxOptions = {
  readonly connection: HotConnection;
  readonly clock: Clock;
  /** The message that a return path belongs to, null when it is not one of ours. */
  readonly messageOf: (returnPath: string) => string | null;
  readonly slowMs: number;
};

export type Arrived = {
  readonly mailFrom: string;
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
};

/** A person reads the mail first. */
const complaintDelayMs = 1000;

const stored: Reply = { code: 250, enhanced: '2.0.0', text: 'captured' };

/** What the mailbox answers to RCPT; null takes the recipient. */
export function misbehaviour(recipient: string): Reply | null {
  const [local, domain] = split(recipient);
  if (!domain.endsWith('.test')) return null;
  if (local === 'hard')
    return { code: 550, enhanced: '5.1.1', text: 'no such mailbox (hard@ always bounces)' };
  if (local === 'soft')
    return { code: 452, enhanced: '4.2.2', text: 'mailbox full (soft@ is always deferred)' };
  return null;
}

export class CaptureMailbox {
  readonly #options: MailboxOptions;
  readonly #batcher: Batcher<NewCapture, void>;

  constructor(options: MailboxOptions) {
    this.#options = options;
    this.#batcher = new Batcher<NewCapture, void>({
      run: async (captures) => {
        await storeCaptures(options.connection, captures);
        return captures.map(() => undefined);
      },
      itemsMax: captureBatchMax,
      weigh: ({ content }) => content.length,
      weightMax: 32 * 1024 * 1024,
      isItemFault: isRowFault,
    });
  }

  /** Takes one mail; the answer to its final dot. Durable before the answer, as a real server would be. */
  async arrive(arrived: Arrived): Promise<Reply> {
    const { clock, messageOf, slowMs } = this.#options;
    const messageId = messageOf(arrived.mailFrom);
    if (messageId === null)
      return { code: 550, enhanced: '5.7.1', text: 'the mailbox takes only mail of this installation' };
    for (const recipient of arrived.recipients) {
      const [local, domain] = split(recipient);
      if (local === 'slow' && domain.endsWith('.test'))
        await new Promise((resolve) => setTimeout(resolve, slowMs));
      await this.#batcher.add({
        messageId,
        mailFrom: arrived.mailFrom,
        recipient,
        subject: subjectOf(arrived.bytes),
        at: new Date(clock.now()),
        content: arrived.bytes,
        complainsAt:
          local === 'complain' && domain.endsWith('.test') ? new Date(clock.now() + complaintDelayMs) : null,
      });
    }
    return stored;
  }
}

function split(address: string): readonly [local: string, domain: string] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at).toLowerCase().split('+')[0] ?? '', address.slice(at + 1).toLowerCase()];
}

/** The Subject field as it stands, for lists; decoded by who shows it. */
function subjectOf(bytes: Buffer): string {
  const end = bytes.indexOf('\r\n\r\n');
  const header = bytes.toString('utf8', 0, Math.min(end < 0 ? bytes.length : end + 2, 65_536));
  const match = /^subject:[ \t]*(.*(?:\r\n[ \t].*)*)/im.exec(header);
  return (match?.[1] ?? '')
    .replaceAll(/\r\n[ \t]/g, ' ')
    .replaceAll('\0', '')
    .toWellFormed()
    .slice(0, 998);
}

const complaintsAtOnce = 100;

/** Background: recipients under complain@ complain; `send` takes each report the road of every complaint. How many did. */
export async function complain(
  db: Database,
  clock: Clock,
  send: (report: Buffer) => Promise<unknown>,
): Promise<number> {
  const due = await dueComplaints(db.engine, new Date(clock.now()), complaintsAtOnce);
  for (const about of due) {
    await send(writeComplaint(about));
    // After it: a kill between the two sends it twice, which counts once.
    await db.asEngine((tx) => endComplaint(tx, about.id));
  }
  return due.length;
}
