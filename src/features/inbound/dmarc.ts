/** DMARC reports on their way through: what the feature below makes of them is told, or kept for the operator. */
import type { Tx } from '../../base/database/database.ts';
import type { NewEvent } from '../events/index.ts';
import type { Arrival, Mailbox } from './model.ts';
import { keepUnread } from './sql.ts';

/** Reads a mail, and keeps it for a domain in a transaction of ours: its event, if it counts, or why it does not. */
export type PrepareDmarc = (
  mail: Buffer,
) => Promise<(tx: Tx, domainId: string, now: number) => Promise<Kept>>;
type Kept = { readonly event: NewEvent | null; readonly why: string | null };

/** What is to be done in the transaction; its events are to be appended last. In the order of domains, against deadlocks. */
export async function readDmarc(
  prepare: PrepareDmarc,
  addressed: readonly { readonly address: string; readonly mailbox: Mailbox }[],
  { mailFrom, remoteAddress, bytes: content }: Arrival,
  { now, unreadMax }: { readonly now: number; readonly unreadMax: number },
): Promise<(tx: Tx) => Promise<readonly NewEvent[]>> {
  const asked = addressed
    .flatMap(({ address, mailbox }) => (mailbox.kind === 'dmarc' ? [{ address, id: mailbox.domainId }] : []))
    .toSorted((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
  if (asked.length === 0) return () => Promise.resolve([]);
  const keep = await prepare(content);
  return async (tx) => {
    const events: NewEvent[] = [];
    for (const { address: recipient, id } of asked) {
      const { event, why } = await keep(tx, id, now);
      if (event !== null) events.push(event);
      const unread = {
        at: new Date(now),
        mailbox: 'dmarc',
        remoteAddress,
        mailFrom,
        recipient,
        content,
      } as const;
      if (why !== null) await keepUnread(tx, { ...unread, why }, unreadMax);
    }
    return events;
  };
}
