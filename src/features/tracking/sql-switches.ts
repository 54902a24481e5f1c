/** Switches: what of a message is tracked where nobody said it with the call. */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, Scope, SubaccountId } from '../../base/scope.ts';
import type { ClaimState } from '../claims/index.ts';
import type { Switches, SwitchWords } from './model.ts';

type Row = {
  opens: boolean | null;
  initial_opens: boolean | null;
  clicks: boolean | null;
  text_clicks: boolean | null;
};

const names = sql`opens, initial_opens, clicks, text_clicks`;

function toWords(row: Row): SwitchWords {
  return {
    opens: row.opens,
    initialOpens: row.initial_opens,
    clicks: row.clicks,
    textClicks: row.text_clicks,
  };
}

/** Of a sending domain, or (null) of the whole subaccount; null when nothing is said. */
export async function findSwitches(
  tx: Tx,
  subaccountId: SubaccountId,
  domainId: string | null,
): Promise<SwitchWords | null> {
  const rows = await sql<Row>`/* tracking.find_switches */
    select ${names} from tracking_settings
    where subaccount_id = ${subaccountId} and domain_id is not distinct from ${domainId}::bigint`.execute(tx);
  return rows.rows[0] === undefined ? null : toWords(rows.rows[0]);
}

/** Replaces all four. */
export async function putSwitches(
  tx: Tx,
  holder: Pick<Scope, 'accountId' | 'subaccountId'> & { readonly domainId: string | null },
  words: SwitchWords,
  at: Date,
): Promise<void> {
  await sql`/* tracking.put_switches */
    insert into tracking_settings (account_id, subaccount_id, domain_id, ${names}, updated_at)
    values (${holder.accountId}, ${holder.subaccountId}, ${holder.domainId}::bigint, ${words.opens}, ${words.initialOpens},
      ${words.clicks}, ${words.textClicks}, ${at})
    on conflict (subaccount_id, domain_id) do update set opens = excluded.opens, initial_opens = excluded.initial_opens,
      clicks = excluded.clicks, text_clicks = excluded.text_clicks, updated_at = excluded.updated_at`.execute(
    tx,
  );
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
  readonly switches: Switches;
  readonly linked: TrackingHost | null;
  readonly subaccountDefault: TrackingHost | null;
  readonly accountDefault: TrackingHost | null;
};

type StandingRow = { ord: number } & { [name in keyof Switches]: boolean } & {
  [name in 'linked' | 'subaccount_default' | 'account_default']: TrackingHost | null;
};

const word = (name: string): ReturnType<typeof sql> =>
  sql`coalesce(d.${sql.ref(name)}, s.${sql.ref(name)}, a.${sql.ref(name)}, false)`;
const host = (alias: string): ReturnType<typeof sql> => {
  const table = sql.ref(alias);
  return sql`case when ${table}.id is not null then
    jsonb_build_object('name', ${table}.name, 'state', ${table}.state, 'isSecure', ${table}.is_secure) end`;
};

/** Engine: of many subaccounts at once, in the order of the asked. The same rows as `trackingCandidates`. */
export async function findStanding(db: Db, asked: readonly AskedTracking[]): Promise<readonly Standing[]> {
  const rows = await sql<StandingRow>`/* tracking.standing */
    select i.ord::int, ${word('opens')} as opens, ${word('initial_opens')} as "initialOpens", ${word('clicks')} as clicks,
      ${word('text_clicks')} as "textClicks", ${host('l')} as linked, ${host('sd')} as subaccount_default, ${host('ad')} as account_default
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
    switches: {
      opens: row.opens,
      initialOpens: row.initialOpens,
      clicks: row.clicks,
      textClicks: row.textClicks,
    },
    linked: row.linked,
    subaccountDefault: row.subaccount_default,
    accountDefault: row.account_default,
  }));
}

/** Engine: a proven tracking domain by its name, that the subaccount's mail may use; null: there is none. */
export async function findUsable(
  db: Db,
  { accountId, subaccountId }: Pick<AskedTracking, 'accountId' | 'subaccountId'>,
  name: string,
): Promise<TrackingHost | null> {
  const rows = await sql<TrackingHost & { is_secure: boolean }>`/* tracking.find_usable */
    select name, state, is_secure from tracking_domains where account_id = ${accountId} and name = ${name} and state = 'proven'
      and (subaccount_id = ${subaccountId} or share = 'use') order by subaccount_id = ${subaccountId} desc limit 1`.execute(
    db,
  );
  const [row] = rows.rows;
  return row === undefined ? null : { name: row.name, state: row.state, isSecure: row.is_secure };
}

/** Engine: accounts that said anything of what is tracked. */
export async function switchedAccounts(db: Db, limit: number): Promise<readonly number[]> {
  const rows = await sql<{ account_id: number }>`/* tracking.switched_accounts */
    select account_id from tracking_settings group by account_id limit ${limit}`.execute(db);
  return rows.rows.map(({ account_id }) => account_id);
}

/** Engine: the names of all proven tracking domains. */
export async function provenHosts(db: Db): Promise<readonly string[]> {
  const rows = await sql<{ name: string }>`/* tracking.proven_hosts */
    select name from tracking_domains where state = 'proven'`.execute(db);
  return rows.rows.map(({ name }) => name);
}
