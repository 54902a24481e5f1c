/**
 * Postings: where in the log a term stands. HOT PATH (engine role, across tenants): behind the log a run reads the events of one
 * bucket at most and stores, for each subaccount and term, in which parts of the bucket it stands. A term of mail is read
 * once per message and not with each event. What a term finds is asked again by the search, so that a hash may collide.
 * Figures: docs/decisions/event-details.md, bench/events.ts.
 */
import { sql } from 'kysely';
import type { Db, Tx } from '../../base/database/database.ts';
import { termsNow } from './sql-terms.ts';

/** Numbers of a bucket, and of the part of it that one of its 64 marks stands for. */
export const bucketSize = 16_384;
export const partSize = 256;

const lock = 5_117_302;

/** Engine: where postings end, for the one node whose turn it is until its transaction ends; null: another node's. */
export async function lockEnd(tx: Tx): Promise<bigint | null> {
  const rows = await sql<{ end: string; mine: boolean }>`/* events.lock_postings */
    select l.mine, coalesce((select seq_until from event_spans order by seq_from desc limit 1), 0)::text as end
    from (select pg_try_advisory_xact_lock(${sql.lit(lock)}) as mine) l`.execute(tx);
  const [row] = rows.rows;
  return row?.mine === true ? BigInt(row.end) : null;
}

/** The end of what is committed: below it the log does not change any more. */
export async function logEnd(db: Db): Promise<bigint> {
  const rows = await sql<{ end: string }>`/* events.log_end, plan kept */
    select coalesce(max(seq), -1) + 1 as end from events`.execute(db);
  return BigInt(rows.rows[0]?.end ?? '0');
}

/** For this transaction: thousands of rows meet by a hash; pinned to nested loops they take several times as long. */
const inBulk = sql`/* events.in_bulk */
  select set_config('enable_hashjoin', 'on', true), set_config('plan_cache_mode', 'force_custom_plan', true)`;

/** Engine: postings of the events from the one number up to the other, both of one bucket. */
export async function writePostings(
  tx: Tx,
  { from, until, now }: { readonly from: bigint; readonly until: bigint; readonly now: Date },
): Promise<void> {
  await inBulk.execute(tx);
  await sql`/* events.write_postings */
    with batch as materialized (
      select account_id, subaccount_id, retention_days, message_id, submission_id, kind, data ->> 'class' as class,
        data ->> 'recipient' as recipient, data ->> 'site' as site, data ->> 'source' as source, at, 1::bigint << ((seq % ${bucketSize}) / ${partSize})::int as mark
      from events where seq >= ${from} and seq < ${until}
    ),
    span as (
      insert into event_spans (seq_from, seq_until, first_at, last_at, first_id, last_id, terms)
      select ${from}, ${until}, coalesce(min(at), ${now}), coalesce(max(at), ${now}),
        coalesce(least(min(message_id), min(submission_id)), 0), coalesce(greatest(max(message_id), max(submission_id)), 0), ${sql.lit(termsNow)} from batch
    ),
    copies as materialized (
      select b.*, m.tags, m.sender, coalesce(b.recipient, m.recipient) as address from (
        select account_id, subaccount_id, retention_days, message_id, min(recipient) as recipient, bit_or(mark) as mark
        from batch where message_id is not null group by 1, 2, 3, 4) b
      left join lateral (select recipient, data -> 'tags' as tags, data ->> 'from' as sender from messages where subaccount_id = b.subaccount_id
        and id = b.message_id and retention_days = b.retention_days offset 0) m on true
    ),
    mails as materialized (
      select b.*, s.subject, s.options, s.from_address from (
        select account_id, subaccount_id, retention_days, submission_id, bit_or(mark) as mark
        from batch where submission_id is not null group by 1, 2, 3, 4) b
      cross join lateral (select subject, options, from_address from submissions where subaccount_id = b.subaccount_id
        and id = b.submission_id and retention_days = b.retention_days offset 0) s
    ),
    terms as (
      select account_id, subaccount_id, retention_days, 'kind' as name, kind as value, mark from batch
      union all select account_id, subaccount_id, retention_days, 'class', class, mark from batch where class is not null
      union all select account_id, subaccount_id, retention_days, 'domain', lower(split_part(address, '@', 2)), mark from copies
        where address is not null
      union all select account_id, subaccount_id, retention_days, 'tag', t, mark
        from copies cross join lateral jsonb_array_elements_text(tags) t
      union all select account_id, subaccount_id, retention_days, 'tag', t, mark
        from mails cross join lateral jsonb_array_elements_text(options -> 'tags') t
      union all select account_id, subaccount_id, retention_days, 'campaign', options ->> 'campaign', mark from mails
        where options ->> 'campaign' is not null
      union all select account_id, subaccount_id, retention_days, 'template', options ->> 'templateId', mark from mails
        where options ->> 'templateId' is not null
      union all select account_id, subaccount_id, retention_days, 'site', site, mark from batch where site is not null
      union all select account_id, subaccount_id, retention_days, 'source', source, mark from batch where source is not null
      union all select account_id, subaccount_id, retention_days, 'sender', lower(from_address), mark from mails
      union all select account_id, subaccount_id, retention_days, 'sender', lower(sender), mark from copies where sender is not null
      union all select account_id, subaccount_id, retention_days, 'word', w, mark
        from mails cross join lateral unnest(subject_words(subject)) w where w <> ''
    )
    insert into postings (account_id, subaccount_id, retention_days, at, term, bucket, marks)
    select account_id, subaccount_id, retention_days, ${now}, event_term(name, value), ${from / BigInt(bucketSize)}::int, bit_or(mark)
    from (select account_id, subaccount_id, retention_days, name, value, bit_or(mark) as mark from terms group by 1, 2, 3, 4, 5) t
    group by account_id, subaccount_id, retention_days, event_term(name, value)
    order by subaccount_id, event_term(name, value)`.execute(tx);
}

/** Engine: spans of a log that is no more; postings end with their partitions. */
export async function endSpans(db: Db, before: Date): Promise<void> {
  await sql`/* events.end_spans */
    delete from event_spans where last_at < ${before}
      and seq_from < (select max(seq_from) from event_spans)`.execute(db);
}
