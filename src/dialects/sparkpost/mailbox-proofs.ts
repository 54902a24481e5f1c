/**
 * Verification of a sending domain by one of its mailboxes (contract, section 7): the mail has a link and a token. Natively only
 * some mailboxes speak for whoever administers the domain; abuse@ and others do not, and are refused.
 */
import { isRefusal } from '../../features/refusals/index.ts';
import type { SparkpostCaller } from './caller.ts';
import { invalidFormat, missing, read } from './fields.ts';
import type { Fields } from './fields.ts';

export type MailProof = { readonly mailbox: string; readonly state: 'asked' | 'expired' | 'proven' };

/** Beside postmaster@, which has fields of its own. */
const others = ['admin', 'administrator', 'hostmaster', 'webmaster'];

type Status = 'postmaster_at_status' | 'verification_mailbox_status';

export type MailboxWish = {
  readonly mailbox: string;
  readonly status: Status;
  /** Null: a mail with a new one is asked for. */
  readonly token: string | null;
};

/** What a call to verify says of mailboxes; refuses those that speak for nobody. */
export function mailboxWishes(fields: Fields): readonly MailboxWish[] {
  if (fields['abuse_at_verify'] === true || fields['abuse_at_token'] !== undefined)
    throw invalidFormat(
      `abuse_at_verify is not supported: a domain is verified by postmaster_at_verify or by ${others.join(', ')}`,
    );
  return [
    ...wishesOf(fields, 'postmaster_at', 'postmaster_at_status', () => 'postmaster'),
    ...wishesOf(fields, 'verification_mailbox', 'verification_mailbox_status', () => otherMailbox(fields)),
  ];
}

function wishesOf(
  fields: Fields,
  name: string,
  status: Status,
  mailbox: () => string,
): readonly MailboxWish[] {
  const token = read(fields, `${name}_token`, 'string');
  if (token !== undefined) return [{ mailbox: mailbox(), status, token }];
  return read(fields, `${name}_verify`, 'bool') === true ? [{ mailbox: mailbox(), status, token: null }] : [];
}

function otherMailbox(fields: Fields): string {
  const mailbox = read(fields, 'verification_mailbox', 'string')?.toLowerCase() ?? '';
  if (mailbox === '') throw missing('verification_mailbox is a required field');
  if (!others.includes(mailbox))
    throw invalidFormat(`verification_mailbox must be one of ${others.join(', ')}`);
  return mailbox;
}

/** Mails and tokens, one after the other; a token that is not the newest one is an answer, and no refusal. */
export async function askMailboxes(
  { world, one }: SparkpostCaller,
  id: string,
  wishes: readonly MailboxWish[],
): Promise<Fields> {
  const failed: Record<string, string> = {};
  for (const { mailbox, status, token } of wishes) {
    const params = { id };
    if (token === null) {
      await world.native.call(one, 'POST /domains/:id/mail-proof', { params, body: { mailbox } });
      continue;
    }
    const body = { mailbox, code: token };
    await world.native
      .call(one, 'POST /domains/:id/mail-proof/code', { params, body })
      .catch((error: unknown) => {
        if (!isRefusal(error) || error.code !== 'request.invalid') throw error;
        failed[status] = 'invalid';
      });
  }
  return failed;
}

export function mailboxStatuses(proofs: readonly MailProof[]) {
  const statusOf = (asked: readonly MailProof[]): 'valid' | 'pending' | 'unverified' => {
    if (asked.some(({ state }) => state === 'proven')) return 'valid';
    return asked.some(({ state }) => state === 'asked') ? 'pending' : 'unverified';
  };
  return {
    abuse_at_status: 'unverified',
    postmaster_at_status: statusOf(proofs.filter(({ mailbox }) => mailbox === 'postmaster')),
    verification_mailbox_status: statusOf(proofs.filter(({ mailbox }) => others.includes(mailbox))),
  };
}
