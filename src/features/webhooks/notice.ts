/** The mail that tells an owner of a failing endpoint. */
import type { Tx } from '../../base/database/database.ts';
import { add } from '../outbox/index.ts';
import type { Webhook } from './model.ts';

export async function writeNotice(
  tx: Tx,
  to: string,
  webhook: Webhook,
  what: {
    readonly news: 'failing' | 'stopped' | 'recovered' | null;
    readonly error: string;
    readonly failingSince: number | null;
  },
  now: Date,
): Promise<void> {
  const isStopped = what.news === 'stopped';
  const since = new Date(what.failingSince ?? now.getTime()).toISOString();
  const { host } = new URL(webhook.url);
  await add(
    tx,
    webhook,
    {
      to,
      subject: isStopped ? `Webhook stopped: ${webhook.name}` : `Webhook fails: ${webhook.name}`,
      content: {
        paragraphs: [
          `The webhook “${webhook.name}” (${webhook.id}, at ${host}) has failed since ${since}. Last answer: ${what.error}.`,
          isStopped
            ? 'It is not tried any more. Once it works, set its status to active: everything since then is told in order.'
            : 'It is tried again at growing intervals, up to half an hour, for five days. Nothing is lost meanwhile: events wait, in order.',
        ],
      },
    },
    now,
  );
}
