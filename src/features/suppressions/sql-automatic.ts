/** Engine: what comes by itself onto a subaccount's own list, for as long as its settings say. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { Kind, Source } from './model.ts';
import { entryKey, isRenewed, renewed } from './sql-renew.ts';

export type Automatic = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly address: string;
  readonly kind: Extract<Kind, 'hard_bounce' | 'complaint' | 'unsubscribe'>;
  readonly source: Extract<Source, 'report' | 'link' | 'capture'>;
  readonly messageId: string | null;
  readonly submissionId: string | null;
  readonly stopsTransactional: boolean;
  readonly reason: string;
  /** The From address of the mail that it is about; empty: not known. */
  readonly sender: string;
  /** The same in its compared form. */
  readonly senderKey: string;
  readonly list: string;
};

export type Added = {
  readonly subaccountId: number;
  readonly address: string;
  readonly kind: string;
  /** Empty: it stops mail of every sender. */
  readonly onlySender: string;
  readonly expiresAt: Date | null;
};

/**
 * Answers what was not there yet, or only for a while, or stopped less. Of several about one entry the one that stops most counts.
 */
export async function putAutomatic(
  tx: Tx,
  entries: readonly Automatic[],
  now: Date,
): Promise<readonly Added[]> {
  const of = <Key extends keyof Automatic>(key: Key): Automatic[Key][] => entries.map((entry) => entry[key]);
  const rows = await sql<Added>`/* suppressions.put_automatic */
    insert into suppressions as s (account_id, subaccount_id, layer, address, kind, source, message_id, stops_transactional, reason,
      sender, list, only_sender, expires_at, last_event_at, created_at, updated_at)
    select distinct on (o.id, i.address, i.kind, b.only_sender) o.account_id, o.id, 'subaccount', i.address, i.kind, i.source,
      i.message_id, i.stops_transactional, i.reason, i.sender, i.list, b.only_sender, suppression_end(${now}, b.hours), ${now}, ${now}, ${now}
    from unnest(${of('subaccountId')}::int[], ${of('address')}::text[], ${of('kind')}::text[], ${of('source')}::text[],
      ${of('messageId')}::bigint[], ${of('stopsTransactional')}::boolean[], ${of('reason')}::text[], ${of('sender')}::text[],
      ${of('senderKey')}::text[], ${of('list')}::text[])
      as i (subaccount_id, address, kind, source, message_id, stops_transactional, reason, sender, sender_key, list)
    join subaccounts o on o.id = i.subaccount_id
    cross join lateral (
      select case when i.kind = 'unsubscribe' and t.unsubscribe_holds_for = 'one_sender' then i.sender_key else '' end as only_sender,
        case i.kind when 'hard_bounce' then t.hard_bounce_hours when 'complaint' then t.complaint_hours else t.unsubscribe_hours end as hours
      from suppression_settings_of(o.account_id, o.id) t
    ) b
    order by o.id, i.address, i.kind, b.only_sender, i.stops_transactional desc, i.message_id
    on conflict (${entryKey}) do update set ${renewed}, stops_bulk = true,
      stops_transactional = s.stops_transactional or excluded.stops_transactional
    where ${isRenewed} or not s.stops_bulk or excluded.stops_transactional > s.stops_transactional
    returning s.subaccount_id as "subaccountId", s.address, s.kind, s.only_sender as "onlySender", s.expires_at as "expiresAt"`.execute(
    tx,
  );
  return rows.rows;
}
