import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import { listKey } from '../../mail/list-id.ts';
import { senderKey } from '../suppressions/index.ts';
import type { Row } from './model.ts';

/** A page of a section after a key: what follows `last` is asked for next. */
export type Page<T> = { readonly rows: readonly T[]; readonly last: string | null };

function toPage<T>(rows: readonly { key: string; row: T }[], limit: number): Page<T> {
  return { rows: rows.map(({ row }) => row), last: rows.length < limit ? null : (rows.at(-1)?.key ?? null) };
}

export async function readSubaccount(tx: Tx, id: SubaccountId): Promise<Row<'subaccount'> | null> {
  const rows = await sql<{ row: Row<'subaccount'> }>`/* bundles.subaccount */
    select jsonb_build_object('name', s.name, 'externalId', s.external_id, 'notes', s.notes, 'trial', s.is_trial, 'stop', s.parent_stop,
      'profile', s.profile, 'pool', (select p.name from pools p where p.id = s.pool_id)) as row
    from subaccounts s where s.id = ${id}`.execute(tx);
  return rows.rows[0]?.row ?? null;
}

export async function readQuota(tx: Tx, id: SubaccountId): Promise<Row<'quota'> | null> {
  const rows = await sql<{ row: Row<'quota'> }>`/* bundles.quota */
    select jsonb_build_object('hour', case when is_automatic then null else hour_max end, 'day', day_max, 'month', month_max,
      'automatic', is_automatic) as row
    from quotas where subaccount_id = ${id} and level = 'subaccount'`.execute(tx);
  return rows.rows[0]?.row ?? null;
}

export type StoredDomain = Omit<Row<'domain'>, 'keys'> & {
  readonly id: string;
  readonly keys: readonly (Omit<Row<'domain'>['keys'][number], 'sealedPrivateKey'> & {
    readonly sealed: string;
  })[];
};

export async function readDomains(
  tx: Tx,
  id: SubaccountId,
  after: string,
  limit: number,
): Promise<Page<StoredDomain>> {
  const rows = await sql<{ key: string; row: StoredDomain }>`/* bundles.domains */
    select d.id as key, jsonb_build_object('id', d.id::text, 'name', d.name, 'keys', coalesce((
      select jsonb_agg(jsonb_build_object('selector', k.selector, 'algorithm', k.algorithm, 'state', k.state, 'record', k.record,
        'sealed', encode(k.sealed_private_key, 'base64')) order by k.selector)
      from domain_keys k where k.domain_id = d.id), '[]')) as row
    from domains d where d.subaccount_id = ${id} and not d.is_builtin and d.id > ${after} order by d.id limit ${limit}`.execute(
    tx,
  );
  return toPage(rows.rows, limit);
}

export type StoredKey = Omit<Row<'key'>, 'hashed'> & {
  readonly publicId: string;
  readonly secretHash: string;
};

/** Keys that are fixed to the subaccount: the account's own are not its. */
export async function readKeys(
  tx: Tx,
  id: SubaccountId,
  after: string,
  limit: number,
): Promise<Page<StoredKey>> {
  const rows = await sql<{ key: string; row: StoredKey }>`/* bundles.keys */
    select k.id as key, jsonb_build_object('kind', k.kind, 'name', k.name, 'grants', to_jsonb(k.grants), 'domainLimit', k.domain_limit,
      'allowedAddresses', to_jsonb(k.allowed_addresses::text[]), 'status', k.status,
      'expiresAt', to_char(k.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'publicId', k.public_id, 'secretHash', encode(k.secret_hash, 'base64')) as row
    from keys k where k.subaccount_id = ${id} and k.reach = 'subaccount' and k.kind <> 'embed'
      -- Its templates have other ids there: it would know none, or by mistake all.
      and k.template_ids is null and k.id > ${after} order by k.id limit ${limit}`.execute(tx);
  return toPage(rows.rows, limit);
}

export async function readSuppressions(
  tx: Tx,
  id: SubaccountId,
  after: string,
  limit: number,
): Promise<Page<Row<'suppression'>>> {
  const rows = await sql<{ key: string; row: Row<'suppression'> }>`/* bundles.suppressions */
    select s.id as key, jsonb_build_object('address', s.address, 'kind', s.kind, 'source', s.source, 'reason', s.reason,
      'sender', s.sender, 'list', s.list, 'onlyList', s.only_list, 'onlySender', s.only_sender, 'renewals', s.renewals,
      'lastEventAt', to_char(s.last_event_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'stopsTransactional', s.stops_transactional, 'stopsBulk', s.stops_bulk,
      'expiresAt', to_char(s.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'createdAt', to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as row
    from suppressions s where s.subaccount_id = ${id} and s.layer = 'subaccount' and s.id > ${after} order by s.id limit ${limit}`.execute(
    tx,
  );
  return toPage(rows.rows, limit);
}

/**
 * A subaccount that is not there yet: retired, and purged at `purgeAt` if nobody finishes it. Null when the external id is
 * taken.
 */
export async function insertLanding(
  tx: Tx,
  accountId: AccountId,
  row: Row<'subaccount'>,
  purgeAt: Date,
): Promise<SubaccountId | null> {
  const rows = await sql<{ id: number }>`/* bundles.insert_landing */
    insert into subaccounts (account_id, name, external_id, notes, is_trial, profile, stage, purge_at, mails_summaries,
      allows_own_html, allows_blank_template)
    select a.id, ${row.name}, ${row.externalId}, ${row.notes}, a.is_trial or ${row.trial}, ${JSON.stringify(row.profile)}::jsonb,
      'retired', ${purgeAt}, o.mails_summaries, o.allows_own_html, o.allows_blank_template
    from accounts a join subaccounts o on o.account_id = a.id and o.is_own where a.id = ${accountId}
    on conflict do nothing returning id`.execute(tx);
  const id = rows.rows[0]?.id;
  return id === undefined ? null : (id as SubaccountId);
}

/** Puts the purge off while the import goes on; false when the subaccount is gone. */
export async function keepLanding(tx: Tx, id: SubaccountId, purgeAt: Date): Promise<boolean> {
  const result = await sql`/* bundles.keep_landing */
    update subaccounts set purge_at = ${purgeAt} where id = ${id} and stage = 'retired' and purged_at is null`.execute(
    tx,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** There: as it was, with the account's stop and the pool of that name, if the account has one. */
export async function finishLanding(
  tx: Tx,
  id: SubaccountId,
  { stop, pool }: Pick<Row<'subaccount'>, 'stop' | 'pool'>,
): Promise<boolean> {
  const result = await sql`/* bundles.finish_landing */
    update subaccounts set stage = 'active', purge_at = null, parent_stop = ${stop},
      pool_id = (select p.id from pools p where p.name = ${pool})
    where id = ${id} and stage = 'retired' and purged_at is null`.execute(tx);
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Given up: its external id is free at once, its rows go with the next purge. */
export async function abandonLanding(tx: Tx, id: SubaccountId, now: Date): Promise<void> {
  await sql`/* bundles.abandon_landing */
    update subaccounts set stage = 'deleted', purge_at = ${now} where id = ${id} and stage = 'retired'`.execute(
    tx,
  );
}

export async function hasPool(tx: Tx, name: string): Promise<boolean> {
  const rows = await sql<{ n: number }>`/* bundles.has_pool */
    select count(*)::int as n from pools where name = ${name}`.execute(tx);
  return (rows.rows[0]?.n ?? 0) > 0;
}

export async function setKeyInactive(tx: Tx, id: string): Promise<void> {
  await sql`/* bundles.set_key_inactive */ update keys set status = 'inactive' where id = ${id}`.execute(tx);
}

/** How many were new. */
export async function insertSuppressions(
  tx: Tx,
  { accountId, subaccountId }: { readonly accountId: AccountId; readonly subaccountId: SubaccountId },
  rows: readonly Row<'suppression'>[],
): Promise<number> {
  const result = await sql`/* bundles.insert_suppressions */
    insert into suppressions (account_id, subaccount_id, layer, address, kind, source, reason, sender, list, only_list, only_sender, stops_transactional,
      stops_bulk, expires_at, created_at, last_event_at, renewals)
    select ${accountId}::int, ${subaccountId}::int, 'subaccount', case when position('@' in address) = 0 then address else lower(address) end,
      kind, source, reason, sender, list, coalesce(only_list, ''), only_sender, stops_transactional, stops_bulk, expires_at, created_at,
      coalesce(last_event_at, created_at), coalesce(renewals, 0)
    from jsonb_to_recordset(${JSON.stringify(
      rows.map((row) => ({
        address: row.address,
        kind: row.kind,
        source: row.source,
        reason: row.reason,
        sender: row.sender,
        list: row.list,
        only_list: row.kind === 'pattern' ? '' : (listKey(row.onlyList ?? '') ?? ''),
        only_sender: row.kind === 'pattern' ? '' : (senderKey(row.onlySender ?? '') ?? ''),
        last_event_at: row.lastEventAt,
        renewals: row.renewals,
        stops_transactional: row.stopsTransactional,
        stops_bulk: row.stopsBulk,
        expires_at: row.expiresAt,
        created_at: row.createdAt,
      })),
    )}::jsonb) as r (address text, kind text, source text, reason text, sender text, list text, only_list text, only_sender text,
      stops_transactional boolean, stops_bulk boolean, expires_at timestamptz, created_at timestamptz, last_event_at timestamptz,
      renewals smallint)
    on conflict do nothing`.execute(tx);
  return Number(result.numAffectedRows ?? 0n);
}

/** What is published of each and its draft. */
export async function readTemplates(
  tx: Tx,
  id: SubaccountId,
  after: string,
  limit: number,
): Promise<Page<Row<'template'>>> {
  const rows = await sql<{ key: string; row: Row<'template'> }>`/* bundles.templates */
    select t.id as key, jsonb_build_object('kind', t.kind, 'slug', t.slug, 'name', t.name, 'labels', t.labels, 'description', t.description,
      'versions', (
      select jsonb_agg(jsonb_build_object('language', v.language, 'subject', v.subject, 'html', v.html, 'text', v.text, 'amp', v.amp,
        'markup', v.markup, 'defaults', v.defaults, 'isPublished', v.version is not distinct from t.published_version) order by v.version)
      from template_versions v where v.template_id = t.id and v.version in (t.published_version, t.draft_version))) as row
    from templates t where t.subaccount_id = ${id} and t.id > ${after} order by t.id limit ${limit}`.execute(
    tx,
  );
  return toPage(rows.rows, limit);
}

export async function readLists(
  tx: Tx,
  id: SubaccountId,
  after: string,
  limit: number,
): Promise<Page<Row<'list'>>> {
  const rows = await sql<{ key: string; row: Row<'list'> }>`/* bundles.lists */
    select l.id as key, jsonb_build_object('slug', l.slug, 'name', l.name, 'description', l.description, 'attributes', l.attributes) as row
    from recipient_lists l where l.subaccount_id = ${id} and l.id > ${after} order by l.id limit ${limit}`.execute(
    tx,
  );
  return toPage(rows.rows, limit);
}

/** Of all lists, in the order in which they came into them. */
export async function readRecipients(
  tx: Tx,
  id: SubaccountId,
  after: string,
  limit: number,
): Promise<Page<Row<'recipient'>>> {
  const rows = await sql<{ key: string; row: Row<'recipient'> }>`/* bundles.recipients */
    select r.id as key, jsonb_build_object('list', (select l.slug from recipient_lists l where l.id = r.list_id), 'address', r.address,
      'name', r.name, 'data', r.data, 'metadata', r.metadata, 'tags', to_jsonb(r.tags)) as row
    from list_recipients r where r.subaccount_id = ${id} and r.id > ${after} order by r.id limit ${limit}`.execute(
    tx,
  );
  return toPage(rows.rows, limit);
}
