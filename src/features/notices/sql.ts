/** Engine role: what people of many accounts are to be told. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import type { AccountId, SubaccountId } from '../../base/scope.ts';
import type { EventKind } from '../events/index.ts';
import { heardKinds, toldAgain } from './news.ts';
import type { News, NewsKind, Noted, Thing } from './news.ts';

/** The cursor, locked to the end of the transaction; null while another node gathers or writes. */
export async function lockCursor(tx: Tx): Promise<string | null> {
  const rows = await sql<{ seq: string }>`/* notices.lock_cursor */
    select seq from event_cursors where consumer = 'notices' for update skip locked`.execute(tx);
  return rows.rows[0]?.seq ?? null;
}

export async function moveCursor(tx: Tx, seq: string): Promise<void> {
  await sql`/* notices.move_cursor */ update event_cursors set seq = ${seq} where consumer = 'notices'`.execute(
    tx,
  );
}

type Row = {
  events: number;
  last: string | null;
  account_id: number | null;
  subaccount_id: number;
  at: Date;
  kind: EventKind;
  data: Readonly<Record<string, unknown>>;
};

/** The next events after the cursor: how many, the last one's number, and those that say something here. */
export async function readNews(
  tx: Tx,
  seq: string,
  limit: number,
): Promise<{ readonly events: number; readonly last: string | null; readonly news: readonly News[] }> {
  const rows = await sql<Row>`/* notices.read_news, plan kept */
    with batch as materialized (
      select seq, at, account_id, subaccount_id, kind, data from events where seq > ${seq} order by seq limit ${limit}
    )
    select t.events, t.last, b.account_id, b.subaccount_id, b.at, b.kind, b.data
    from (select count(*)::int as events, max(seq) as last from batch) t
    left join batch b on b.kind = any(${heardKinds}::text[])
      and not (select is_system from accounts a where a.id = b.account_id)
      and exists (select from subaccounts s where s.id = b.subaccount_id and s.purged_at is null)
    order by b.seq`.execute(tx);
  const [first] = rows.rows;
  return {
    events: first?.events ?? 0,
    last: first?.last ?? null,
    news: rows.rows.flatMap(
      ({ account_id: accountId, subaccount_id: subaccountId, at, kind, data }): News[] =>
        accountId === null
          ? []
          : [
              {
                accountId: accountId as AccountId,
                subaccountId: subaccountId as SubaccountId,
                at,
                kind,
                data,
              },
            ],
    ),
  };
}

/** Of these things nothing that waits is told. */
export async function endThings(tx: Tx, over: readonly Thing[]): Promise<void> {
  if (over.length === 0) return;
  const of = <Key extends keyof Thing>(key: Key): Thing[Key][] => over.map((each) => each[key]);
  await sql`/* notices.end */
    update notice_subjects s set n = 0
    from unnest(${of('accountId')}::int[], ${of('kind')}::text[], ${of('subject')}::text[]) o (account_id, kind, subject)
    where s.account_id = o.account_id and s.kind = o.kind and s.subject = o.subject and s.n > 0`.execute(tx);
}

type NotedFor = Noted & { readonly userId: string };

/** Adds to what waits; each thing once for each person. */
export async function addNoted(tx: Tx, noted: readonly NotedFor[]): Promise<void> {
  if (noted.length === 0) return;
  const of = <Key extends keyof NotedFor>(key: Key): NotedFor[Key][] => noted.map((each) => each[key]);
  await sql`/* notices.add */
    insert into notice_subjects as s (account_id, subaccount_id, user_id, kind, subject, line, n, at)
    select * from unnest(${of('accountId')}::int[], ${of('subaccountId')}::int[], ${of('userId')}::bigint[], ${of('kind')}::text[],
      ${of('subject')}::text[], ${of('line')}::text[], ${of('n')}::int[], ${of('at')}::timestamptz[])
    on conflict (account_id, user_id, kind, subject) do update set line = excluded.line, n = s.n + excluded.n, at = excluded.at`.execute(
    tx,
  );
}

/** The kind's own pause is asked beside it. */
function isQuiet(dayAgo: Date): RawBuilder<boolean> {
  return sql<boolean>`(s.told_at is null or s.told_at <= ${dayAgo} or s.kind = any(${toldAgain}::text[]))`;
}

export type DigestOf = { readonly accountId: AccountId; readonly userId: string; readonly kind: NewsKind };

/** People of accounts, and kinds with something to tell: no mail of the kind within the hour, none about the thing within the day. */
export async function dueDigests(
  db: Db,
  at: { readonly hourAgo: Date; readonly dayAgo: Date; readonly limit: number },
): Promise<readonly DigestOf[]> {
  const rows = await sql<{ account_id: number; user_id: string; kind: NewsKind }>`/* notices.due */
    select distinct s.account_id, s.user_id, s.kind from notice_subjects s
    where s.n > 0 and ${isQuiet(at.dayAgo)} and not exists (
      select from notice_subjects o
      where o.account_id = s.account_id and o.user_id = s.user_id and o.kind = s.kind and o.told_at > ${at.hourAgo})
    limit ${at.limit}`.execute(db);
  return rows.rows.map(({ account_id, user_id, kind }) => ({
    accountId: account_id as AccountId,
    userId: user_id,
    kind,
  }));
}

export type Told = Pick<Noted, 'accountId' | 'subaccountId' | 'line' | 'n'>;

/** What one digest tells, by thing; it counts as told from here on. Empty when another node was faster. */
export async function takeDigest(
  tx: Tx,
  of: DigestOf,
  at: { readonly now: Date; readonly hourAgo: Date; readonly dayAgo: Date },
): Promise<readonly Told[]> {
  const rows = await sql<{ subaccount_id: number; line: string; n: number }>`/* notices.take */
    with due as materialized (
      select account_id, user_id, kind, subject, n from notice_subjects s
      where s.account_id = ${of.accountId} and s.user_id = ${of.userId} and s.kind = ${of.kind} and s.n > 0
        and ${isQuiet(at.dayAgo)}
        and not exists (select from notice_subjects o
          where o.account_id = s.account_id and o.user_id = s.user_id and o.kind = s.kind and o.told_at > ${at.hourAgo})
    ),
    taken as (
      update notice_subjects s set n = 0, told_at = ${at.now} from due d
      where s.account_id = d.account_id and s.user_id = d.user_id and s.kind = d.kind and s.subject = d.subject
      returning s.subaccount_id, s.subject, s.line, d.n
    )
    select subaccount_id, line, n from taken order by subject`.execute(tx);
  return rows.rows.map((row) => ({
    accountId: of.accountId,
    subaccountId: row.subaccount_id as SubaccountId,
    line: row.line,
    n: row.n,
  }));
}

/** What was told and has not happened again. */
export async function dropTold(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`/* notices.drop_told */
    delete from notice_subjects where ctid = any(array(
      select ctid from notice_subjects where at < ${before} and n = 0 order by at limit ${limit}))`.execute(
    tx,
  );
  return Number(result.numAffectedRows ?? 0n);
}
