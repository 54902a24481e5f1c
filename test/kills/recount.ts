/**
 * A recount of the event log, by a statement of its own: the rows in which the figures differ from it. To be asked when the
 * counters have come to the end of the log. Tags, senders and recipients' domains only where no value was one too many.
 */
const message = `e.kind like 'message.%'`;
const tagsOf = `(coalesce((select s.options -> 'tags' from submissions s where s.subaccount_id = e.subaccount_id
  and s.id = e.submission_id and s.retention_days = e.retention_days), '[]') || coalesce((select m.data -> 'tags' from messages m
  where m.subaccount_id = e.subaccount_id and m.id = e.message_id and m.retention_days = e.retention_days), '[]'))`;
const recipientOf = `coalesce(e.data ->> 'recipient', (select m.recipient from messages m where m.subaccount_id = e.subaccount_id
  and m.id = e.message_id and m.retention_days = e.retention_days))`;
const senderOf = `coalesce((select m.data ->> 'from' from messages m where m.subaccount_id = e.subaccount_id
  and m.id = e.message_id and m.retention_days = e.retention_days), (select s.from_address from submissions s
  where s.subaccount_id = e.subaccount_id and s.id = e.submission_id and s.retention_days = e.retention_days))`;
const cellsOf = (table: string): string =>
  `${table} f join series s on s.id = f.series_id and s.subaccount_id = f.subaccount_id and s.account_id = f.account_id`;

const isNamed = (alias: string): string =>
  `not exists (select from series x where x.subaccount_id = ${alias}.subaccount_id and x.folded <> '{}')`;

const bytes = `coalesce(sum((e.data ->> 'sizeBytes')::bigint), 0)`;
const ms = `coalesce(sum((e.data ->> 'waitedMs')::bigint), 0)`;
const isTimed = `(e.kind = 'message.delivered' or e.data ->> 'attempt' = '1')`;
/** Sums of the events, and of the cells: bytes of what was delivered, the time that it and first attempts took, engaged messages. */
function sumsOf(of: string, hour: string, cells: string, at: string): readonly (readonly [string, string])[] {
  const counted = (sum: string, what: string): string =>
    `select f.${of}, 'sum ' || ${at}, '${what}', sum(${sum}) from ${cells} where kind = 'message.delivered' group by 1, 2`;
  return [
    [
      `select e.${of}, 'sum ' || ${hour}, 'bytes', ${bytes} from events e where e.kind = 'message.delivered' group by 1, 2`,
      counted('f.size_bytes', 'bytes'),
    ],
    [
      `select e.${of}, 'sum ' || ${hour}, 'ms', ${ms} from events e where e.kind = 'message.delivered' and ${isTimed} group by 1, 2`,
      counted('f.waited_ms', 'ms'),
    ],
    [
      `select e.${of}, 'sum ' || ${hour}, 'first ms', ${ms} from events e where e.kind = 'message.deferred' and ${isTimed} and e.data ? 'waitedMs' group by 1, 2`,
      `select f.${of}, 'sum ' || ${at}, 'first ms', sum(f.waited_ms) from ${cells} where kind = 'message.deferred' and is_first group by 1, 2`,
    ],
    [
      `select e.${of}, 'sum ' || ${hour}, 'engaged', count(distinct e.message_id) from events e where (e.data ->> 'isFirstSign')::boolean group by 1, 2`,
      `select f.${of}, 'sum ' || ${at}, 'engaged', sum(f.engaged) from ${cells} group by 1, 2 having sum(f.engaged) > 0`,
    ],
  ];
}
const hourOf = `date_trunc('hour', e.at, 'UTC')`;

/** [what the log says, what was counted]: both as (subaccount, key, kind, n); of whole accounts with the account's number. */
const pairs: readonly (readonly [string, string])[] = [
  ...sumsOf('subaccount_id', hourOf, cellsOf('hourly_figures'), 'f.at'),
  ...sumsOf('subaccount_id', `(e.at at time zone 'UTC')::date`, cellsOf('daily_figures'), 'f.day'),
  ...sumsOf('account_id', hourOf, 'account_figures f', 'f.at'),
  [
    `select e.subaccount_id, date_trunc('hour', e.at, 'UTC')::text, e.kind, count(*) from events e where ${message} group by 1, 2, 3`,
    `select f.subaccount_id, f.at::text, s.kind, sum(f.n) from ${cellsOf('hourly_figures')} group by 1, 2, 3`,
  ],
  [
    `select e.account_id, 'all ' || date_trunc('hour', e.at, 'UTC'), e.kind, count(*) from events e where ${message} group by 1, 2, 3`,
    `select f.account_id, 'all ' || f.at, f.kind, sum(f.n) from account_figures f group by 1, 2, 3`,
  ],
  [
    `select e.subaccount_id, (e.at at time zone 'UTC')::date::text, e.kind, count(*) from events e where ${message} group by 1, 2, 3`,
    `select f.subaccount_id, f.day::text, s.kind, sum(f.n) from ${cellsOf('daily_figures')} group by 1, 2, 3`,
  ],
  [
    `select e.subaccount_id, date_trunc('hour', e.at, 'UTC')::text, k.name, count(*) from events e
      join (values ('message.accepted', 'accepted'), ('message.delivered', 'delivered'), ('message.deferred', 'deferred'),
        ('message.suppressed', 'suppressed'), ('message.complained', 'complaints')) k (kind, name) on k.kind = e.kind group by 1, 2, 3`,
    `select h.subaccount_id, h.hour::text, k.name, k.n from outcome_hours h cross join lateral (values ('accepted', h.accepted),
      ('delivered', h.delivered), ('deferred', h.deferred), ('suppressed', h.suppressed), ('complaints', h.complaints)) k (name, n) where k.n > 0`,
  ],
  [
    `select e.subaccount_id, t, e.kind, count(*) from events e cross join lateral jsonb_array_elements_text(${tagsOf}) t where ${message} and ${isNamed('e')} group by 1, 2, 3`,
    `select f.subaccount_id, t, s.kind, sum(f.n) from ${cellsOf('hourly_figures')} cross join lateral jsonb_array_elements_text(s.tags) t where ${isNamed('f')} group by 1, 2, 3`,
  ],
  [
    `select e.subaccount_id, coalesce(split_part(lower(${recipientOf}), '@', 2), ''), e.kind, count(*) from events e where ${message} and ${isNamed('e')} group by 1, 2, 3`,
    `select f.subaccount_id, coalesce(s.recipient_domain, ''), s.kind, sum(f.n) from ${cellsOf('hourly_figures')} where ${isNamed('f')} group by 1, 2, 3`,
  ],
  [
    `select e.subaccount_id, coalesce(lower(${senderOf}), ''), e.kind, count(*) from events e where ${message} and ${isNamed('e')} group by 1, 2, 3`,
    `select f.subaccount_id, coalesce(s.sender_address, ''), s.kind, sum(f.n) from ${cellsOf('hourly_figures')} where ${isNamed('f')} group by 1, 2, 3`,
  ],
  [
    `select e.subaccount_id, coalesce(reason_of(e.data), ''), e.kind, count(*) from events e where e.kind in ('message.bounced', 'message.deferred') and ${isNamed('e')} group by 1, 2, 3`,
    `select f.subaccount_id, coalesce(s.reason, ''), s.kind, sum(f.n) from ${cellsOf('daily_figures')} where s.kind in ('message.bounced', 'message.deferred') and ${isNamed('f')} group by 1, 2, 3`,
  ],
  [
    `select e.subaccount_id, coalesce(e.data ->> 'class', ''), e.kind, count(*) from events e where e.kind in ('message.bounced', 'message.deferred') group by 1, 2, 3`,
    `select f.subaccount_id, s.class, s.kind, sum(f.n) from ${cellsOf('daily_figures')} where s.kind in ('message.bounced', 'message.deferred') group by 1, 2, 3`,
  ],
];

/** Selects `n`, the number of differing rows, and `looked`, the number of rows compared. */
export const miscountedQuery = `with ${pairs
  .map(
    ([log, counted], at) =>
      `log_${at} (subaccount_id, key, kind, n) as (${log}), counted_${at} (subaccount_id, key, kind, n) as (${counted})`,
  )
  .join(', ')}
  select count(*) filter (where a is distinct from b)::int as n, count(*)::int as looked from (${pairs
    .map(
      (_, at) =>
        `select l.n::bigint as a, c.n::bigint as b from log_${at} l full join counted_${at} c using (subaccount_id, key, kind)`,
    )
    .join(' union all ')}) compared`;

/** Whether the counters have come to the end of the log. */
export const countedQuery = `select (select min(seq) from event_cursors where consumer in ('engaged_figures', 'outcomes')) >= (select coalesce(max(seq), 0) from events) as is_through`;
