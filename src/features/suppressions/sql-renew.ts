/** What comes by itself and is there already: one text for all statements that insert into `suppressions as s`. */
import { sql } from 'kysely';

export const entryKeyText = 'subaccount_id, layer, address, kind, only_list, only_sender';

/** Whether the entry had ended when this event happened: by the event's time, whoever comes first to write it down. */
const hadEnded = 's.expires_at <= excluded.last_event_at';

/**
 * `expires_at` of what is inserted is the end of a first time. An event within it counts anew from there; the first one after it
 * doubles it. What stays is not shortened, nor what somebody put for longer.
 */
export const renewedText = `
  expires_at = case when s.expires_at is not null and excluded.expires_at is not null then greatest(s.expires_at,
    renewed_end(excluded.last_event_at, excluded.expires_at, least(14, s.renewals + (${hadEnded})::int))) end,
  renewals = least(14, s.renewals + coalesce(${hadEnded}, false)::int), is_over = false,
  last_event_at = excluded.last_event_at, updated_at = excluded.updated_at`;

/** Of entries that stay, nothing changes; the same event twice is once. */
export const isRenewedText = '(s.expires_at is not null and s.last_event_at < excluded.last_event_at)';

export const [entryKey, renewed, isRenewed] = [
  sql.raw(entryKeyText),
  sql.raw(renewedText),
  sql.raw(isRenewedText),
];
