/** What mail gets where nobody said it with the call: what is tracked of it, its lane, whether it says how to unsubscribe. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { ClaimState } from '../claims/index.ts';
import type { DefaultWords } from './model.ts';

/** A row as `DefaultWords`; null where there is none. */
const words = (alias: string): ReturnType<typeof sql> => {
  const of = (name: string): ReturnType<typeof sql> => sql.ref(`${alias}.${name}`);
  return sql`case when ${of('id')} is not null then jsonb_build_object(
    'opens', ${of('opens')}, 'initialOpens', ${of('initial_opens')}, 'clicks', ${of('clicks')}, 'textClicks', ${of('text_clicks')},
    'smtp', jsonb_build_object('opens', ${of('smtp_opens')}, 'initialOpens', ${of('smtp_initial_opens')},
      'clicks', ${of('smtp_clicks')}, 'textClicks', ${of('smtp_text_clicks')}),
    'transactionalUnsubscribe', ${of('transactional_unsubscribe')}, 'lane', ${of('lane')}) end`;
};

/** Of a sending domain, or (null) of the whole subaccount; null when nothing is said. */
export async function findWords(
  tx: Tx,
  subaccountId: SubaccountId,
  domainId: string | null,
): Promise<DefaultWords | null> {
  const rows = await sql<{ said: DefaultWords }>`/* tracking.find_words */
    select ${words('t')} as said from tracking_settings t
    where t.subaccount_id = ${subaccountId} and t.domain_id is not distinct from ${domainId}::bigint`.execute(
    tx,
  );
  return rows.rows[0]?.said ?? null;
}

/** Replaces all of them. */
export async function putWords(
  tx: Tx,
  holder: Pick<Scope, 'accountId' | 'subaccountId'> & { readonly domainId: string | null },
  { smtp, ...said }: DefaultWords,
  at: Date,
): Promise<void> {
  await sql`/* tracking.put_words */
    insert into tracking_settings as t (account_id, subaccount_id, domain_id, opens, initial_opens, clicks, text_clicks,
      smtp_opens, smtp_initial_opens, smtp_clicks, smtp_text_clicks, transactional_unsubscribe, lane, updated_at)
    values (${holder.accountId}, ${holder.subaccountId}, ${holder.domainId}::bigint, ${said.opens}, ${said.initialOpens},
      ${said.clicks}, ${said.textClicks}, ${smtp.opens}, ${smtp.initialOpens}, ${smtp.clicks}, ${smtp.textClicks},
      ${said.transactionalUnsubscribe}, ${said.lane}, ${at})
    on conflict (subaccount_id, domain_id) do update set opens = excluded.opens, initial_opens = excluded.initial_opens,
      clicks = excluded.clicks, text_clicks = excluded.text_clicks, smtp_opens = excluded.smtp_opens,
      smtp_initial_opens = excluded.smtp_initial_opens, smtp_clicks = excluded.smtp_clicks,
      smtp_text_clicks = excluded.smtp_text_clicks, transactional_unsubscribe = excluded.transactional_unsubscribe,
      lane = excluded.lane, updated_at = excluded.updated_at`.execute(tx);
}

/** Whether a subaccount is the account's own one, whose words count for all. */
export async function isOwn(tx: Tx, subaccountId: SubaccountId): Promise<boolean> {
  const rows = await sql<{ is_own: boolean }>`/* tracking.is_own */
    select is_own from subaccounts where id = ${subaccountId}`.execute(tx);
  return rows.rows[0]?.is_own === true;
}

/** A subaccount's mail from one sending domain. */
export type AskedTracking = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly domainId: string;
};

export type TrackingHost = {
  readonly name: string;
  readonly state: ClaimState;
  readonly isSecure: boolean;
};

export type Standing = {
  /** From the nearest to the widest: sending domain, subaccount, account; those that say anything. */
  readonly places: readonly DefaultWords[];
  readonly linked: TrackingHost | null;
  readonly subaccountDefault: TrackingHost | null;
  readonly accountDefault: TrackingHost | null;
};

type StandingRow = { ord: number } & {
  [name in 'domain' | 'subaccount' | 'account']: DefaultWords | null;
} & {
  [name in 'linked' | 'subaccount_default' | 'account_default']: TrackingHost | null;
};

const host = (alias: string): ReturnType<typeof sql> => {
  const table = sql.ref(alias);
  return sql`case when ${table}.id is not null then
    jsonb_build_object('name', ${table}.name, 'state', ${table}.state, 'isSecure', ${table}.is_secure) end`;
};

/** Engine: of many subaccounts at once, in the order of the asked. The same rows as `trackingCandidates`. */
export async function findStanding(db: Db, asked: readonly AskedTracking[]): Promise<readonly Standing[]> {
  const rows = await sql<StandingRow>`/* tracking.standing */
    select i.ord::int, ${words('d')} as domain, case when s.id is distinct from a.id then ${words('s')} end as subaccount,
      ${words('a')} as account, ${host('l')} as linked, ${host('sd')} as subaccount_default, ${host('ad')} as account_default
    from unnest(${asked.map((each) => each.accountId)}::int[], ${asked.map((each) => each.subaccountId)}::int[],
      ${asked.map((each) => each.domainId)}::bigint[]) with ordinality as i (account_id, subaccount_id, domain_id, ord)
    left join subaccounts own on own.account_id = i.account_id and own.is_own
    left join tracking_settings a on a.subaccount_id = own.id and a.domain_id is null
    left join tracking_settings s on s.account_id = i.account_id and s.subaccount_id = i.subaccount_id and s.domain_id is null
    left join tracking_settings d on d.account_id = i.account_id and d.domain_id = i.domain_id
    left join tracking_links k on k.account_id = i.account_id and k.domain_id = i.domain_id
    left join tracking_domains l on l.id = k.tracking_domain_id and (l.subaccount_id = k.subaccount_id or l.share = 'use')
    left join tracking_domains sd on sd.account_id = i.account_id and sd.subaccount_id = i.subaccount_id and sd.is_default
    left join tracking_domains ad on ad.subaccount_id = own.id and ad.is_default
    order by i.ord`.execute(db);
  return rows.rows.map((row) => ({
    places: [row.domain, row.subaccount, row.account].filter((each) => each !== null),
    linked: row.linked,
    subaccountDefault: row.subaccount_default,
    accountDefault: row.account_default,
  }));
}

/** Engine: a tracking domain by its name, that the subaccount's mail may use once it is proven; null: there is none. */
export async function findUsable(
  db: Db,
  { accountId, subaccountId }: Pick<AskedTracking, 'accountId' | 'subaccountId'>,
  name: string,
): Promise<TrackingHost | null> {
  const rows = await sql<TrackingHost & { is_secure: boolean }>`/* tracking.find_usable */
    select name, state, is_secure from tracking_domains where account_id = ${accountId} and name = ${name}
      and (subaccount_id = ${subaccountId} or share = 'use') order by state = 'proven' desc, subaccount_id = ${subaccountId} desc limit 1`.execute(
    db,
  );
  const [row] = rows.rows;
  return row === undefined ? null : { name: row.name, state: row.state, isSecure: row.is_secure };
}

/** Engine: accounts that said anything, and whether it is of a lane. */
export async function sayingAccounts(
  db: Db,
  limit: number,
): Promise<readonly (readonly [accountId: number, saysLane: boolean])[]> {
  const rows = await sql<{ account_id: number; says_lane: boolean }>`/* tracking.saying_accounts */
    select account_id, bool_or(lane is not null) as says_lane from tracking_settings group by account_id limit ${limit}`.execute(
    db,
  );
  return rows.rows.map(({ account_id, says_lane }) => [account_id, says_lane]);
}

/** Engine: the names of all proven tracking domains. */
export async function provenHosts(db: Db): Promise<readonly string[]> {
  const rows = await sql<{ name: string }>`/* tracking.proven_hosts */
    select name from tracking_domains where state = 'proven'`.execute(db);
  return rows.rows.map(({ name }) => name);
}
