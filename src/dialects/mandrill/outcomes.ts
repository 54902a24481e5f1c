/** What became of each recipient, in Mandrill's words (contract, 4.4): pure. */

export type NativeOutcome = {
  readonly id: string;
  readonly to: string;
  readonly state: string;
  readonly why?: { readonly code: string; readonly layer?: string; readonly kind?: string };
};

export type Said = {
  readonly status: 'sent' | 'queued' | 'scheduled' | 'rejected' | 'invalid';
  readonly reject_reason: string | null;
  readonly queued_reason: string | null;
};

const said = (
  status: Said['status'],
  reasons: { readonly rejected?: string; readonly queued?: string } = {},
): Said => ({ status, reject_reason: reasons.rejected ?? null, queued_reason: reasons.queued ?? null });

export const invalidAddress = said('invalid');
export const unsigned = said('rejected', { rejected: 'unsigned' });
export const brokenTemplate = said('rejected', { rejected: 'rule' });

const rejectReasons: Readonly<Record<string, string>> = {
  hard_bounce: 'hard-bounce',
  on_hold: 'soft-bounce',
  complaint: 'spam',
  unsubscribe: 'unsub',
  manual: 'custom',
  pattern: 'custom',
};

/** Of a kind of suppression; what other lists say is a rule of this installation. */
export function rejectReason(kind: string | undefined): string {
  return (kind === undefined ? undefined : rejectReasons[kind]) ?? 'rule';
}

type Stopping = {
  readonly reason: string;
  readonly onlyList: string;
  readonly onlySender: string;
  readonly stopsTransactional: boolean;
};

/** Why an entry is there, and which mail it stops when that is not all: Mandrill has no field for it, in a file none for senders either. */
export function rejectDetail(
  { reason, onlyList, onlySender, stopsTransactional }: Stopping,
  { namesSender = false } = {},
): string {
  const stops = [
    ...(onlyList === '' ? [] : [`only mail of the list ${onlyList} is rejected`]),
    ...(namesSender && onlySender !== '' ? [`only mail from ${onlySender} is rejected`] : []),
    ...(stopsTransactional ? [] : ['only mail in bulk is rejected']),
  ];
  return [reason, ...stops].filter((each) => each !== '').join('; ');
}

const queuedReasons: Readonly<Record<string, string>> = {
  paused: 'sending-paused',
  quota: 'hourly-quota-exhausted',
  review: 'sending-suspended',
  suspended: 'account-suspended',
};

export function queuedReason(hold: string): string {
  return queuedReasons[hold] ?? 'sending-backlogged';
}

/** More recipients than this in one call are looked at later, as `async` asks for all. */
export const atOnceMax = 10;

export type Manner = { readonly isAsync: boolean; readonly recipients: number };

export function outcomeOf({ state, why }: NativeOutcome, { isAsync, recipients }: Manner): Said {
  if (why?.code === 'scheduled') return said('scheduled');
  if (recipients > atOnceMax) return said('queued', { queued: 'multiple-recipients' });
  if (isAsync) return said('queued');
  if (state === 'suppressed') return said('rejected', { rejected: rejectReason(why?.kind) });
  if (state === 'held') return said('queued', { queued: queuedReason(why?.code ?? '') });
  return said('sent');
}
