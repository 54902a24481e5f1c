-- Sending domains, submissions, messages, the queue, events.
create table domains (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  name text not null check (name = lower(name) and length(name) <= 253),
  owner_token text not null,
  share text not null default 'none' check (share in ('none', 'read', 'use')),
  state text not null default 'unproven' check (state in ('unproven', 'proven', 'lost')),
  -- Proven by the installation itself (lettershop.test in capture mode), not by DNS.
  is_builtin boolean not null default false,
  proofs jsonb not null default '[]',
  checked_at timestamptz,
  next_check_at timestamptz,
  proven_at timestamptz,
  created_at timestamptz not null default now(),
  unique (subaccount_id, name),
  unique (account_id, subaccount_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index domains_due on domains (next_check_at) where next_check_at is not null;
create index domains_by_account on domains (account_id, name);

create table domain_keys (
  account_id integer not null,
  subaccount_id integer not null,
  domain_id bigint not null,
  selector text not null,
  algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
  sealed_private_key bytea not null,
  record text not null,
  state text not null default 'reserve' check (state in ('signing', 'reserve', 'retired')),
  seen_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (domain_id, selector),
  foreign key (account_id, subaccount_id, domain_id) references domains (account_id, subaccount_id, id) on delete cascade
);

-- One proving account per domain name: written when the proof is seen, never by a mere claim.
create table domain_owners (
  name text primary key,
  account_id integer not null references accounts (id),
  proven_at timestamptz not null
);

-- One accepted call. Partitioned by retention class, then by id (42 bits of milliseconds come first in an id), so that
-- old mail is dropped whole. No foreign keys: a referenced partition can be neither dropped nor detached.
create table submissions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null,
  retention_days smallint not null,
  key_id bigint not null,
  door text not null,
  -- 'raw': content is the whole message, the same for every copy; 'parts': what each copy is composed from when it leaves.
  format text not null check (format in ('raw', 'parts')),
  mail_from text not null,
  from_address text not null,
  domain_id bigint not null,
  subject text not null,
  options jsonb not null,
  size_bytes integer not null,
  content bytea not null,
  primary key (subaccount_id, id, retention_days)
) partition by list (retention_days);

-- One copy for one recipient.
create table messages (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null,
  retention_days smallint not null,
  submission_id bigint not null,
  recipient text not null,
  data jsonb,
  state text not null check (state in ('queued', 'held', 'deferred', 'delivered', 'bounced', 'expired', 'cancelled',
    'suppressed', 'failed', 'undetermined')),
  state_at timestamptz not null,
  attempts smallint not null default 0,
  primary key (subaccount_id, id, retention_days)
) partition by list (retention_days);

-- For those who know only the id: an account's own keys, the built-in mailbox. Ids rise, so it is cheap to keep.
create index messages_by_id on messages (id);

-- What waits to leave. A leased row (leased_by) is in some node's hands until that node's term ends.
create table queue (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  submission_id bigint not null,
  retention_days smallint not null,
  lane smallint not null check (lane in (0, 1)),
  domain text not null,
  due_at timestamptz not null,
  leased_by smallint,
  hold text check (hold in ('scheduled', 'paused', 'quota', 'review')),
  hold_until timestamptz,
  attempts smallint not null default 0,
  -- The retry clock: it began here and stood still for so long.
  began_at timestamptz not null,
  held_ms bigint not null default 0,
  rather_not boolean not null default false,
  -- Rather-not mail only: set before its final dot, so that whoever inherits it knows.
  dot_at timestamptz,
  last_site text,
  primary key (subaccount_id, message_id),
  check ((hold is null) = (hold_until is null)),
  check (hold is null or leased_by is null)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000);
create index queue_due on queue (subaccount_id, lane, due_at, message_id) where leased_by is null and hold is null;
create index queue_held on queue (hold_until) where hold is not null;

create sequence event_numbers as bigint;

-- The append-only log. seq is given under a lock that ends with the commit, so that a reader's cursor never skips
-- a slower transaction (docs/decisions/event-numbers.md).
create table events (
  seq bigint not null,
  at timestamptz not null,
  retention_days smallint not null,
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint,
  submission_id bigint,
  kind text not null,
  data jsonb not null
) partition by list (retention_days);
create index events_seq on events (seq);
create index events_by_subaccount on events (subaccount_id, seq);
create index events_by_message on events (message_id, seq) where message_id is not null;

-- Which answer an Idempotency-Key got; written with the submission itself.
create table idempotency_keys (
  account_id integer not null,
  subaccount_id integer not null,
  key_hash bytea not null,
  fingerprint bytea not null,
  answer jsonb not null,
  created_at timestamptz not null,
  primary key (subaccount_id, key_hash)
);
create index idempotency_keys_age on idempotency_keys (created_at);

create table suppressions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  layer text not null check (layer in ('subaccount', 'account')),
  address text not null,
  kind text not null check (kind in ('hard_bounce', 'complaint', 'unsubscribe', 'manual')),
  source text not null,
  detail text not null default '',
  created_at timestamptz not null,
  unique (subaccount_id, layer, address, kind),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);

-- Mail whose final dot was sent and whose answer nobody can know any more.
create table perhaps_delivered (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  attempt smallint not null,
  node smallint not null,
  cause text not null check (cause in ('crash', 'node_lost', 'cut_after_dot')),
  resolution text not null check (resolution in ('sent_again', 'given_up')),
  at timestamptz not null,
  primary key (subaccount_id, message_id, attempt)
);

-- The built-in mailbox of capture mode.
create table captures (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  message_id bigint not null,
  mail_from text not null,
  recipient text not null,
  subject text not null,
  size_bytes integer not null,
  at timestamptz not null,
  -- complain@ under .test: when this mail's recipient complains, null when not or done.
  complains_at timestamptz,
  content bytea not null
);
create index captures_by_subaccount on captures (subaccount_id, id);
create index captures_age on captures (at);
create index captures_complaints on captures (complains_at) where complains_at is not null;
alter table captures alter column content set storage external;

create table partitioned_tables (
  name text primary key,
  range_key text not null check (range_key in ('id', 'at'))
);
insert into partitioned_tables values ('submissions', 'id'), ('messages', 'id'), ('events', 'at');

-- Makes the partitions that hold `instant` and the window after it, for every retention class; returns how many are new.
-- A window is a seventh of the class or a tenth: 7 d by day, 30 by 5, 90 by 10, 400 by 40.
create function make_partitions(instant timestamptz) returns integer language plpgsql as $$
declare
  t record;
  class record;
  leaf text;
  width bigint;
  low bigint;
  made integer := 0;
begin
  for class in select * from (values (7, 1), (30, 5), (90, 10), (400, 40)) as c (days, width_days) loop
    width := class.width_days * 86400000::bigint;
    for t in select * from partitioned_tables loop
      if to_regclass(t.name || '_' || class.days) is null then
        execute format('create table %I partition of %I for values in (%s) partition by range (%I)',
          t.name || '_' || class.days, t.name, class.days, t.range_key);
      end if;
      for step in 0..1 loop
        low := (floor(extract(epoch from instant) * 1000 / width)::bigint + step) * width;
        leaf := format('%s_%s_%s', t.name, class.days, to_char(to_timestamp(low / 1000) at time zone 'utc', 'YYYYMMDD'));
        continue when to_regclass(leaf) is not null;
        execute format('create table %I partition of %I for values from (%L) to (%L) with (fillfactor = %s)',
          leaf, t.name || '_' || class.days,
          case t.range_key when 'id' then (low << 21)::text else to_timestamp(low / 1000)::text end,
          case t.range_key when 'id' then ((low + width) << 21)::text else to_timestamp((low + width) / 1000)::text end,
          case t.name when 'messages' then 80 else 100 end);
        if t.name = 'submissions' then
          execute format('alter table %I alter column content set storage external', leaf);
        end if;
        made := made + 1;
      end loop;
    end loop;
  end loop;
  perform secure_tables();
  return made;
end $$;

-- Drops leaves whose newest possible row is older than its class, unless live queue rows still point into them.
create function drop_old_partitions(instant timestamptz) returns integer language plpgsql as $$
declare
  leaf record;
  ends bigint;
  dropped integer := 0;
begin
  for leaf in
    select c.relname, p.name, p.range_key, split_part(c.relname, '_', 2)::integer as days, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_class c
    join pg_inherits i on i.inhrelid = c.oid
    join pg_class parent on parent.oid = i.inhparent and parent.relispartition
    join partitioned_tables p on c.relname like p.name || '\_%'
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
  loop
    ends := case leaf.range_key
      when 'id' then (substring(leaf.bound from 'TO \(''?(\d+)''?\)'))::bigint >> 21
      else (extract(epoch from substring(leaf.bound from 'TO \(''(.*?)''\)')::timestamptz) * 1000)::bigint end;
    continue when ends + leaf.days * 86400000::bigint > extract(epoch from instant) * 1000;
    continue when leaf.range_key = 'id' and exists (
      select from queue where retention_days = leaf.days and message_id < ends << 21 limit 1);
    execute format('drop table %I', leaf.relname);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
