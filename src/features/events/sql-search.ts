/**
 * Search. One order, the log's own, either way; a page looks at a bounded number of events and says how far it came, so that
 * it is answered in a bounded time whatever was asked for, and going on from there skips nothing. What has postings is looked
 * at only where all terms stand; the newest part of the log, which has none yet, is walked.
 */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Tx } from '../../base/database/database.ts';
import { onlySubaccount } from '../../base/scope.ts';
import type { Scope } from '../../base/scope.ts';
import type { Region } from '../../mail/site-regions.ts';
import { siteRegion } from './sql-region.ts';
import { detailed, withMessage } from './sql.ts';
import type { Bounds, DetailedRow } from './sql.ts';
import type { EventKind } from './kinds.ts';

/** What can be asked for by phrases: runs of whole words in any case, words ending at spaces, dots, dashes and underscores. */
const phrased = ['subject', 'campaign', 'templateSlug', 'senderDomain'] as const;
type Phrases = Readonly<Partial<Record<(typeof phrased)[number], readonly string[]>>>;

export type EventFilter = {
  readonly order: 'oldest' | 'newest';
  /** The number to go on from, not included; null for the beginning of the order. */
  readonly cursor: string | null;
  readonly limit: number;
  readonly kinds: readonly EventKind[] | null;
  /** Lists are of alternatives. */
  readonly seqs: readonly string[] | null;
  readonly subaccounts: readonly number[] | null;
  readonly messages: readonly string[] | null;
  readonly submissions: readonly string[] | null;
  readonly recipients: readonly string[] | null;
  /** The mails of these recipients or submissions are so many that their events are looked for in the log. */
  readonly isOfMany: boolean;
  readonly domains: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly campaign: string | null;
  readonly template: string | null;
  /** Whole words, all of them, in any case. */
  readonly subjectWords: string | null;
  readonly phrases: Phrases;
  readonly classes: readonly string[] | null;
  /** Addresses in From, one of them. */
  readonly senders: readonly string[] | null;
  /** Of attempts: one of the sites, where on earth they are, the source addresses. */
  readonly sites: readonly string[] | null;
  readonly regions: readonly Region[] | null;
  readonly sources: readonly string[] | null;
  readonly from: Date | null;
  readonly until: Date | null;
};

/** Everything, the oldest first. */
export const everything: EventFilter = {
  order: 'oldest',
  cursor: null,
  limit: 50,
  kinds: null,
  seqs: null,
  subaccounts: null,
  messages: null,
  submissions: null,
  recipients: null,
  isOfMany: false,
  domains: null,
  tags: null,
  campaign: null,
  template: null,
  subjectWords: null,
  phrases: {},
  classes: null,
  senders: null,
  sites: null,
  regions: null,
  sources: null,
  from: null,
  until: null,
};

/** Events that a walk looks at. */
export const looksMax = 5000;
/** Messages of recipients or submissions that are looked up one by one. */
const messagesMax = 2000;

export type Asking = Pick<Scope, 'accountId' | 'reach'>;
/** Numbers, the first of them included. */
export type Seqs = { readonly from: bigint; readonly until: bigint };
type Part = ReturnType<typeof sql>;
const nothing = sql``;
const lower = (values: readonly string[]): readonly string[] => values.map((value) => value.toLowerCase());
const top = 2n ** 63n - 1n;

/** What the cursor leaves. */
export function beyond({ cursor, order }: EventFilter): Seqs {
  if (cursor === null) return { from: 0n, until: top };
  return order === 'oldest' ? { from: BigInt(cursor) + 1n, until: top } : { from: 0n, until: BigInt(cursor) };
}

function ofScope({ accountId, reach }: Asking): Part {
  const only = onlySubaccount(reach);
  return sql`e.account_id = ${accountId} ${only === null ? nothing : sql`and e.subaccount_id = ${only}`}`;
}

export function inTime({ from, until }: EventFilter): Part {
  return sql`${from === null ? nothing : sql`and e.at >= ${from}`} ${until === null ? nothing : sql`and e.at < ${until}`}`;
}

/** Leaves out partitions before the plan is made. */
export function inBounds({ classes, firstAt, lastAt }: Bounds): Part {
  return sql`and e.retention_days = any(${classes}::smallint[]) and e.at >= ${firstAt} and e.at <= ${lastAt}`;
}

/** What is asked of the log itself, by its indexes. */
function walked(scope: Asking, filter: EventFilter, seqs: Seqs): Part {
  const { messages, seqs: numbers } = filter;
  const low = seqs.from === 0n ? nothing : sql`and e.seq >= ${seqs.from}`;
  const high = seqs.until === top ? nothing : sql`and e.seq < ${seqs.until}`;
  return sql`${ofScope(scope)} ${low} ${high}
    ${messages === null ? nothing : sql`and e.message_id = any(${messages}::bigint[])`}
    ${numbers === null ? nothing : sql`and e.seq = any(${numbers}::bigint[])`} ${inTime(filter)}`;
}

function ofMails(scope: Asking, { submissions, recipients }: EventFilter): Part {
  const only = onlySubaccount(scope.reach);
  return sql`messages where account_id = ${scope.accountId} ${only === null ? nothing : sql`and subaccount_id = ${only}`}
      ${submissions === null ? nothing : sql`and submission_id = any(${submissions}::bigint[])`}
      ${recipients === null ? nothing : sql`and recipient_hash = any(array(select address_hash(r) from unnest(${recipients}::text[]) r)) and lower(recipient) = any(${lower(recipients)}::text[])`}`;
}

/** Whether recipients' or submissions' messages are more than are looked up one by one. */
export async function areMany(tx: Tx, scope: Asking, filter: EventFilter): Promise<boolean> {
  const rows = await sql<{ n: number }>`/* events.count_mails */
    select count(*)::int as n from (select 1 from ${ofMails(scope, filter)} limit ${messagesMax + 1}) found`.execute(
    tx,
  );
  return (rows.rows[0]?.n ?? 0) > messagesMax;
}

/** The log, or of a recipient or a submission the events of its messages: one look-up each, never a walk of the
 * log. (`id + 0`: in the order of ids the planner would walk all messages and hope.) */
function source(scope: Asking, filter: EventFilter, bounds: Bounds | null): Part {
  const { submissions, recipients, isOfMany } = filter;
  if (isOfMany || (submissions === null && recipients === null)) return sql`events e`;
  return sql`(select id, retention_days from ${ofMails(scope, filter)}
      order by id + 0 desc limit ${messagesMax}) found
    cross join lateral (select * from events e where message_id = found.id and retention_days = found.retention_days ${bounds === null ? nothing : inBounds(bounds)} offset 0) e`;
}

/** Of the log alone: asked before anything is looked up. */
export function ofLog(filter: EventFilter): Part {
  const { kinds, classes, sites, regions, sources, subaccounts, submissions, isOfMany } = filter;
  return sql`${kinds === null ? nothing : sql`and e.kind = any(${kinds}::text[])`}
    ${subaccounts === null ? nothing : sql`and e.subaccount_id = any(${subaccounts}::int[])`}
    ${isOfMany && submissions !== null ? sql`and e.submission_id = any(${submissions}::bigint[])` : nothing}
    ${classes === null ? nothing : sql`and e.data ->> 'class' = any(${classes}::text[])`}
    ${sites === null ? nothing : sql`and e.data ->> 'site' = any(${sites}::text[])`}
    ${regions === null ? nothing : sql`and ${siteRegion(sql`(e.data ->> 'site')`)} = any(${regions}::text[])`}
    ${sources === null ? nothing : sql`and e.data ->> 'source' = any(${sources}::text[])`}`;
}

/** Runs of plain letters are looked for first: taking a subject apart takes 8 us, and most have not even those. */
function ofSubject(words: string): Part {
  const runs = [...new Set(words.toLowerCase().match(/[a-z\d]+/g))].slice(0, 5);
  return sql`${sql.join(
    runs.map((run) => sql`and position(${run} in lower(s.subject)) > 0`),
    sql` `,
  )}
    and array_remove(subject_words(${words}), '') <@ subject_words(s.subject)`;
}

const senderOf = sql`lower(coalesce(m.data ->> 'from', s.from_address))`;
const recipientOf = sql`lower(coalesce(e.data ->> 'recipient', m.recipient))`;
const phrasedIn: Readonly<Record<keyof Phrases, Part>> = {
  subject: sql`s.subject`,
  campaign: sql`s.options ->> 'campaign'`,
  templateSlug: sql`s.options ->> 'templateSlug'`,
  senderDomain: sql`split_part(${senderOf}, '@', 2)`,
};

function ofPhrases(name: keyof Phrases, wanted: readonly string[]): Part {
  const patterns = wanted.map((each) => {
    const words = each.toLowerCase().replaceAll(/[\s_.-]+/g, ' ');
    return `% ${words.replaceAll(/[\\%]/g, String.raw`\$&`)} %`;
  });
  return sql`and ' ' || regexp_replace(lower(${phrasedIn[name]}), '[\\s_.-]+', ' ', 'g') || ' ' like any(${patterns}::text[])`;
}

/** What is asked of what was looked at. */
export function kept(filter: EventFilter): Part {
  const { recipients, isOfMany, domains, tags, campaign, template, subjectWords, senders } = filter;
  const phrases = phrased.flatMap((name) => {
    const wanted = filter.phrases[name];
    return wanted === undefined ? [] : [ofPhrases(name, wanted)];
  });
  return sql`true ${ofLog(filter)}
    ${isOfMany && recipients !== null ? sql`and ${recipientOf} = any(${lower(recipients)}::text[])` : nothing}
    ${domains === null ? nothing : sql`and split_part(${recipientOf}, '@', 2) = any(${lower(domains)}::text[])`}
    ${tags === null ? nothing : sql`and (s.options -> 'tags' ?| ${tags}::text[] or m.data -> 'tags' ?| ${tags}::text[])`}
    ${campaign === null ? nothing : sql`and s.options ->> 'campaign' = ${campaign}`}
    ${template === null ? nothing : sql`and s.options ->> 'templateId' = ${template}`}
    ${senders === null ? nothing : sql`and ${senderOf} = any(${lower(senders)}::text[])`}
    ${phrases.length === 0 ? nothing : sql.join(phrases, sql` `)}
    ${subjectWords === null ? nothing : ofSubject(subjectWords)}`;
}

/** Whether `kept` asks anything of messages and submissions. */
export function asksMail(filter: EventFilter): boolean {
  const { recipients, isOfMany, domains, tags, campaign, template, subjectWords, senders, phrases } = filter;
  if (isOfMany && recipients !== null) return true;
  const asked = [domains, tags, campaign, template, subjectWords, senders];
  return Object.keys(phrases).length > 0 || asked.some((each) => each !== null);
}

type LookRow = {
  looked: number;
  first: string | null;
  last: string | null;
  first_at: Date;
  last_at: Date;
  first_id: string;
  last_id: string;
  classes: number[];
};

export function ordered(scope: Asking, filter: EventFilter, seqs: Seqs, bounds: Bounds | null): Part {
  return sql`from ${source(scope, filter, bounds)} where ${walked(scope, filter, seqs)} ${bounds === null ? nothing : inBounds(bounds)}
    order by e.seq ${filter.order === 'oldest' ? sql`asc` : sql`desc`}`;
}

/** What the next events are that a walk would look at, and where: without any detail of them. Two statements instead of one, because
 * the second opens two partitions then, not all. A millisecond wider: a Date has no microseconds. */
export function lookStatement(
  scope: Asking,
  filter: EventFilter,
  seqs: Seqs,
  limit: number,
): RawBuilder<LookRow> {
  return sql<LookRow>`/* events.look */
    select count(*)::int as looked, min(seq) as first, max(seq) as last, min(at) - interval '1 ms' as first_at,
      max(at) + interval '1 ms' as last_at, coalesce(least(min(message_id), min(submission_id)), 0)::text as first_id,
      coalesce(greatest(max(message_id), max(submission_id)), 0)::text as last_id,
      coalesce(array_agg(distinct retention_days), '{}') as classes
    from (select e.seq, e.at, e.message_id, e.submission_id, e.retention_days ${ordered(scope, filter, seqs, null)} limit ${limit}) e`;
}

export type Look = { readonly looked: number; readonly seqs: Seqs; readonly bounds: Bounds };

/** Null: there is nothing. */
export function toLook(row: LookRow | undefined): Look | null {
  if (row === undefined || row.first === null || row.last === null) return null;
  return {
    looked: row.looked,
    seqs: { from: BigInt(row.first), until: BigInt(row.last) + 1n },
    bounds: {
      classes: row.classes,
      firstAt: row.first_at,
      lastAt: row.last_at,
      firstId: BigInt(row.first_id),
      lastId: BigInt(row.last_id),
    },
  };
}

/** Its plan is pinned by a test: of one recipient, submission or message nothing else is read, and no more details than a page
 * needs. */
export function searchStatement(
  scope: Asking,
  filter: EventFilter,
  { seqs, bounds }: Pick<Look, 'seqs' | 'bounds'>,
): RawBuilder<DetailedRow> {
  return sql<DetailedRow>`/* events.search */
    ${detailed} from (select e.* ${ordered(scope, filter, seqs, bounds)} limit ${looksMax}) e ${withMessage(bounds)}
    where ${kept(filter)} order by e.seq ${filter.order === 'oldest' ? sql`asc` : sql`desc`} limit ${filter.limit}`;
}

/** For this transaction: walks of the log and of postings go along an index, where the planner would rather sort or read through
 * what it takes for little. */
export const inOrder = sql`/* events.in_order */
  select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_seqscan', 'off', true)`;
