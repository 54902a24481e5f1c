/**
 * Soft bounces: written down, and counted as the account wants it. The same text serves the attempt's own end
 * (delivery/sql-complete.ts, a hot path) and reports that come later.
 */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { SubaccountId } from '../../base/scope.ts';
import { entryKeyText, isRenewedText, renewedText } from './sql-renew.ts';

/**
 * Two parts of a `with`, `softly` and `on_hold`, after one named `soft_end` (account_id, subaccount_id, address, message_id,
 * at). What `softly` adds is not yet seen by the count of `on_hold`: both are added up.
 */
export function softBounceText(source: 'delivery' | 'report'): string {
  return `softly as (
  insert into soft_bounces (account_id, subaccount_id, address, message_id, at)
  select account_id, subaccount_id, address, message_id, at from soft_end order by subaccount_id, address, message_id
  on conflict do nothing
  returning *
),
on_hold as (
  insert into suppressions as s (account_id, subaccount_id, layer, address, kind, source, message_id, created_at, updated_at, last_event_at, expires_at)
  select b.account_id, b.subaccount_id, 'subaccount', b.address, 'on_hold', '${source}', b.message_id, b.at, b.at, b.at,
    suppression_end(b.at, (select t.soft_bounce_hours from suppression_settings_of(b.account_id, b.subaccount_id) t))
  from (select account_id, subaccount_id, address, max(message_id) as message_id, min(at) as first_at, max(at) as at, count(*) as n
    from softly group by account_id, subaccount_id, address) b
  join accounts a on a.id = b.account_id
  cross join lateral (select count(*) as n, min(o.at) as first_at from soft_bounces o where o.subaccount_id = b.subaccount_id
    and o.address = b.address and o.at > b.at - a.soft_bounce_days * interval '1 day') old
  where b.n + old.n >= a.soft_bounce_count
    and b.at - least(b.first_at, old.first_at) >= a.soft_bounce_span_hours * interval '1 hour'
  order by b.subaccount_id, b.address
  on conflict (${entryKeyText}) do update set ${renewedText},
    message_id = excluded.message_id
  where ${isRenewedText}
  returning s.subaccount_id, s.address, s.kind, s.expires_at, s.message_id
)`;
}

const reported = sql.raw(softBounceText('report'));

/** Engine: a soft bounce that was reported; when that put the address on hold, until when. The same one twice counts once. */
export async function putSoftBounce(
  tx: Tx,
  bounce: {
    readonly subaccountId: SubaccountId;
    readonly address: string;
    readonly messageId: string;
    readonly at: Date;
  },
): Promise<Date | null> {
  const rows = await sql<{ expires_at: Date }>`/* suppressions.put_soft_bounce */
    with soft_end as (
      select account_id, id as subaccount_id, ${bounce.address}::text as address, ${bounce.messageId}::bigint as message_id,
        ${bounce.at}::timestamptz as at
      from subaccounts where id = ${bounce.subaccountId}
    ),
    ${reported}
    select expires_at from on_hold`.execute(tx);
  return rows.rows[0]?.expires_at ?? null;
}
