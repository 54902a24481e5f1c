/** One telling of one alert: by mail through the outbox, or by a request as webhooks make them. */
import type { Database, Tx } from '../../base/database/database.ts';
import type { Keyring } from '../../base/seal.ts';
import { add } from '../outbox/index.ts';
import { signatureHeader } from '../webhooks/index.ts';
import type { Poster } from '../webhooks/index.ts';
import type { Alert } from './model.ts';
import { isKnownMailbox } from './sql.ts';
import { sentenceOf, slackBody, subjectOf, webhookBody } from './words.ts';
import type { Told } from './words.ts';

export type SendWorld = { readonly db: Database; readonly ring: Keyring; readonly poster: Poster };

export type Sent = { readonly isTaken: boolean; readonly status: number | null; readonly error: string };

export const sealContext = (id: string): string => `alert/${id}`;

/** Posts to a webhook or to what speaks Slack's format; what failed is a value. */
export async function post(
  { ring, poster }: SendWorld,
  alert: Alert,
  told: Told,
  id: string,
  now: number,
): Promise<Sent> {
  const body = alert.targetKind === 'slack' ? slackBody(alert, told) : webhookBody(alert, told);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Lettershop-Alerts',
    ...signature(ring, alert, `al_${id}`, body, now),
  };
  const { outcome } = await poster.post(alert.target, headers, body, AbortSignal.timeout(20_000));
  if (outcome.kind === 'unreachable') return { isTaken: false, status: null, error: outcome.error };
  const isTaken = outcome.kind === 'taken';
  return { isTaken, status: outcome.status, error: isTaken ? '' : `status ${outcome.status}` };
}

function signature(
  ring: Keyring,
  alert: Alert,
  id: string,
  body: string,
  now: number,
): Record<string, string> {
  if (alert.sealedSecret === null) return {};
  const secret = ring.open(Buffer.from(alert.sealedSecret), sealContext(alert.id)).toString('utf8');
  const timestampSeconds = Math.floor(now / 1000);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatureHeader([secret], { id, timestampSeconds, body }),
  };
}

/** Writes the mail down, in the caller's transaction; not any more when the mailbox is nobody's of them now. */
export async function mail(world: SendWorld, tx: Tx, alert: Alert, told: Told, now: Date): Promise<Sent> {
  if (!(await isWanted(world, alert)))
    return { isTaken: false, status: null, error: 'the address is of no person or proven sender any more' };
  const content = { paragraphs: [sentenceOf(alert, told)] };
  await add(tx, alert, { to: alert.target, subject: subjectOf(alert, told), content }, now);
  return { isTaken: true, status: null, error: '' };
}

export function isWanted(
  { db }: SendWorld,
  { accountId, subaccountId, reach, target }: Pick<Alert, 'accountId' | 'subaccountId' | 'reach' | 'target'>,
): Promise<boolean> {
  const address = target.toLowerCase();
  return isKnownMailbox(db.engine, {
    accountId,
    subaccountId: reach === 'account' ? null : subaccountId,
    address,
  });
}
