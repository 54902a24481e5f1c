/** Statements of accept and of the policy's background work; all of them the engine's. */
import { sql } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import type { HotConnection } from '../../base/database/hot-connection.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { SendingDomain } from '../domains/index.ts';
import type { Policy } from './model.ts';

export type ProvenSender = {
  readonly name: string;
  readonly replyTo: { readonly email: string; readonly name: string | null } | null;
  /** What signs its mail now; null when that domain is not proven any more, or no longer shared. */
  readonly domain: SendingDomain | null;
};

/** Who in an account has it. */
export type HeldSender = { readonly subaccountId: SubaccountId; readonly sender: ProvenSender };

export type AskedAddress = {
  readonly accountId: AccountId;
  /** Null for whoever in the account has proven it. */
  readonly subaccountId: SubaccountId | null;
  /** Lower case. */
  readonly address: string;
};

type ProvenRow = {
  ord: number;
  subaccount_id: SubaccountId;
  name: string;
  reply_to_email: string | null;
  reply_to_name: string | null;
  domain_id: string | null;
  domain_name: string | null;
  is_builtin: boolean | null;
};

const provenText = `/* senders.find_proven */
select i.ord::int, s.subaccount_id, s.name, s.reply_to_email, s.reply_to_name, d.id as domain_id, d.name as domain_name, d.is_builtin
from unnest($1::int[], $2::int[], $3::text[]) with ordinality i (account_id, subaccount_id, address, ord)
cross join lateral (
  select * from senders s where s.account_id = i.account_id and s.address = i.address and s.state = 'proven'
    and (i.subaccount_id is null or s.subaccount_id = i.subaccount_id)
  limit $5
) s
left join lateral (
  select d.id, d.name, d.is_builtin from domains d
  where d.id = s.domain_id and d.state = 'proven' and (d.subaccount_id = s.subaccount_id or d.share = 'use')
  union all
  select d.id, d.name, d.is_builtin from domains d join accounts a on a.id = d.account_id and a.is_system
  where s.domain_id is null and d.name = $4 and d.state = 'proven'
  limit 1
) d on true`;

/** HOT PATH (engine), for many callers at once: up to `limit` proven senders with each address, in its account and no other. */
export async function findProven(
  connection: HotConnection,
  asked: readonly AskedAddress[],
  { mailDomain, limit }: { readonly mailDomain: string; readonly limit: number },
): Promise<readonly (readonly HeldSender[])[]> {
  const rows = await connection.query<ProvenRow>('senders.find_proven', provenText, [
    asked.map(({ accountId }) => accountId),
    asked.map(({ subaccountId }) => subaccountId),
    asked.map(({ address }) => address),
    mailDomain,
    limit,
  ]);
  const found = asked.map((): HeldSender[] => []);
  for (const row of rows.rows)
    found[row.ord - 1]?.push({ subaccountId: row.subaccount_id, sender: toProven(row) });
  return found;
}

function toProven(row: ProvenRow): ProvenSender {
  const { domain_id: id, domain_name: name } = row;
  return {
    name: row.name,
    replyTo: row.reply_to_email === null ? null : { email: row.reply_to_email, name: row.reply_to_name },
    domain: id === null || name === null ? null : { id, name, isBuiltin: row.is_builtin === true },
  };
}

export type WatchedSender = {
  readonly accountId: AccountId;
  readonly subaccountId: SubaccountId;
  readonly id: string;
  readonly email: string;
  readonly domainName: string | null;
  readonly policy: Policy;
};

type Row = {
  account_id: number;
  subaccount_id: number;
  id: string;
  email: string;
  domain_name: string | null;
  policy: string;
};

const columns = sql`s.account_id, s.subaccount_id, s.id, s.email, s.policy,
  (select d.name from domains d where d.id = s.domain_id) as domain_name`;

function toWatched(row: Row): WatchedSender {
  return {
    accountId: row.account_id as AccountId,
    subaccountId: row.subaccount_id as SubaccountId,
    id: row.id,
    email: row.email,
    domainName: row.domain_name,
    policy: row.policy as Policy,
  };
}

/** Those whose policy is to be looked at; taken for ten minutes. */
export async function duePolicies(tx: Tx, now: Date, limit: number): Promise<readonly WatchedSender[]> {
  const rows = await sql<Row>`/* senders.due */
    update senders s set next_check_at = ${new Date(now.getTime() + 600_000)}
    from (select w.id as due_id from senders w join subaccounts a on a.id = w.subaccount_id and not a.mail_dropped
      where w.next_check_at <= ${now} order by w.next_check_at limit ${limit} for update of w skip locked) due
    where s.id = due.due_id returning ${columns}`.execute(tx);
  return rows.rows.map(toWatched);
}

export async function recordPolicy(
  tx: Tx,
  id: string,
  seen: {
    readonly policy: Policy;
    /** Null when DNS was silent. */
    readonly checkedAt: Date | null;
    readonly nextCheckAt: Date;
  },
): Promise<void> {
  await sql`/* senders.record_policy */
    update senders set policy = ${seen.policy}, policy_checked_at = coalesce(${seen.checkedAt}::timestamptz, policy_checked_at),
      next_check_at = ${seen.nextCheckAt}
    where id = ${id}`.execute(tx);
}
