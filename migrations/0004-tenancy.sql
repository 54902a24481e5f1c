-- What a tenant may do: a stage of life, one stop per authority, and capabilities that the database derives from both.
-- Quotas with exact counters, pools, the audit log, counts per day.

-- The strictest of all stops counts, capability by capability: a parent's resume never lifts the operator's stop.
alter table subaccounts
  add column stage text not null default 'active' check (stage in ('active', 'pending_retirement', 'retired', 'deleted')),
  add column operator_stop text check (operator_stop in ('paused', 'suspended', 'terminated', 'deactivated')),
  add column system_stop text check (system_stop in ('paused', 'suspended', 'terminated', 'deactivated')),
  add column parent_stop text check (parent_stop in ('paused', 'suspended', 'terminated', 'deactivated')),
  add column stop_reasons jsonb not null default '{}',
  add column is_trial boolean not null default false,
  -- Who the subaccount is towards its recipients: name, address, postal address, time zone.
  add column profile jsonb not null default '{}',
  add column pool_id bigint,
  -- When a retirement takes effect, and when everything is purged.
  add column retires_at timestamptz,
  add column purge_at timestamptz,
  add column purged_at timestamptz;
update subaccounts set
  stage = case when status in ('pending_retirement', 'retired', 'deleted') then status else 'active' end,
  parent_stop = case when status in ('paused', 'suspended', 'terminated', 'deactivated') then status end;
drop index subaccounts_external_id;
alter table subaccounts drop column status;
alter table subaccounts
  add column status text not null generated always as (case
    when stage in ('retired', 'deleted') then stage
    when operator_stop = 'deactivated' or system_stop = 'deactivated' or parent_stop = 'deactivated' then 'deactivated'
    when operator_stop = 'terminated' or system_stop = 'terminated' or parent_stop = 'terminated' then 'terminated'
    when operator_stop = 'suspended' or system_stop = 'suspended' or parent_stop = 'suspended' then 'suspended'
    when operator_stop = 'paused' or system_stop = 'paused' or parent_stop = 'paused' then 'paused'
    else stage end) stored,
  add column can_read boolean not null generated always as (stage not in ('retired', 'deleted')
    and not (coalesce(operator_stop, '') = 'deactivated' or coalesce(system_stop, '') = 'deactivated' or coalesce(parent_stop, '') = 'deactivated')) stored,
  add column can_change boolean not null generated always as (stage not in ('retired', 'deleted')
    and coalesce(operator_stop, 'paused') = 'paused' and coalesce(system_stop, 'paused') = 'paused' and coalesce(parent_stop, 'paused') = 'paused') stored,
  add column can_accept boolean not null generated always as (stage not in ('retired', 'deleted')
    and coalesce(operator_stop, 'paused') = 'paused' and coalesce(system_stop, 'paused') = 'paused' and coalesce(parent_stop, 'paused') = 'paused') stored,
  add column mail_leaves boolean not null generated always as (stage not in ('retired', 'deleted')
    and coalesce(operator_stop, 'deactivated') = 'deactivated' and coalesce(system_stop, 'deactivated') = 'deactivated'
    and coalesce(parent_stop, 'deactivated') = 'deactivated') stored,
  add column mail_dropped boolean not null generated always as (stage in ('retired', 'deleted')) stored;
alter table subaccounts add check (not is_own or stage = 'active');
create unique index subaccounts_external_id on subaccounts (account_id, external_id) where stage <> 'deleted';
create index subaccounts_stopped on subaccounts (id) where not mail_leaves;
create index subaccounts_retiring on subaccounts (retires_at) where stage = 'pending_retirement';
create index subaccounts_purging on subaccounts (purge_at) where purge_at is not null and purged_at is null;

alter table accounts
  add column operator_stop text check (operator_stop in ('paused', 'suspended', 'terminated', 'deactivated')),
  add column system_stop text check (system_stop in ('paused', 'suspended', 'terminated', 'deactivated')),
  -- The day on which the monthly allowance starts anew.
  add column month_starts_on smallint not null default 1 check (month_starts_on between 1 and 28),
  add column logs_requests boolean not null default false;
update accounts set operator_stop = nullif(status, 'active');
alter table accounts drop column status;
alter table accounts
  add column status text not null generated always as (case
    when operator_stop = 'deactivated' or system_stop = 'deactivated' then 'deactivated'
    when operator_stop = 'terminated' or system_stop = 'terminated' then 'terminated'
    when operator_stop = 'suspended' or system_stop = 'suspended' then 'suspended'
    when operator_stop = 'paused' or system_stop = 'paused' then 'paused'
    else 'active' end) stored,
  add column can_read boolean not null generated always as
    (coalesce(operator_stop, '') <> 'deactivated' and coalesce(system_stop, '') <> 'deactivated') stored,
  add column can_change boolean not null generated always as
    (coalesce(operator_stop, 'paused') = 'paused' and coalesce(system_stop, 'paused') = 'paused') stored,
  add column can_accept boolean not null generated always as
    (coalesce(operator_stop, 'paused') = 'paused' and coalesce(system_stop, 'paused') = 'paused') stored,
  add column mail_leaves boolean not null generated always as
    (coalesce(operator_stop, 'deactivated') = 'deactivated' and coalesce(system_stop, 'deactivated') = 'deactivated') stored;
create index accounts_stopped on accounts (id) where not mail_leaves;

-- A set of source addresses; the account's, chosen for its subaccounts.
create table pools (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  name text not null check (length(name) between 1 and 64),
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  unique (account_id, id),
  unique (account_id, name),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create unique index pools_default on pools (account_id) where is_default;
alter table subaccounts add foreign key (account_id, pool_id) references pools (account_id, id);

-- Limits and counters together, so that admitting is one conditional update per tenant and batch. Level 'account' is
-- the pot that all subaccounts draw from, on the own subaccount's row. A window that is over counts as zero.
create table quotas (
  account_id integer not null,
  subaccount_id integer not null,
  level text not null check (level in ('account', 'subaccount')),
  hour_max bigint check (hour_max >= 0),
  day_max bigint check (day_max >= 0),
  month_max bigint check (month_max >= 0),
  -- The hourly limit follows reputation.
  is_automatic boolean not null default false,
  hour_start timestamptz not null default 'epoch',
  hour_used bigint not null default 0,
  day_start timestamptz not null default 'epoch',
  day_used bigint not null default 0,
  month_start timestamptz not null default 'epoch',
  month_used bigint not null default 0,
  primary key (subaccount_id, level),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
) with (fillfactor = 50);

create unique index quotas_account on quotas (account_id) where level = 'account';

-- Every tenant has its counters, by machine.
create function make_quotas() returns trigger language plpgsql as $$
begin
  insert into quotas (account_id, subaccount_id, level) values (new.account_id, new.id, 'subaccount');
  if new.is_own then insert into quotas (account_id, subaccount_id, level) values (new.account_id, new.id, 'account'); end if;
  return null;
end $$;
create trigger make_quotas after insert on subaccounts for each row execute function make_quotas();
insert into quotas (account_id, subaccount_id, level) select account_id, id, 'subaccount' from subaccounts;
insert into quotas (account_id, subaccount_id, level) select account_id, id, 'account' from subaccounts where is_own;

-- Months that are over. Kept when a subaccount is purged: an invoice must not shrink.
create table usage_months (
  account_id integer not null,
  subaccount_id integer not null,
  level text not null,
  month_start timestamptz not null,
  used bigint not null,
  primary key (subaccount_id, level, month_start)
);
create index usage_months_by_account on usage_months (account_id, month_start);

-- Windows turn by the database's clock alone, so that nodes with other clocks agree. (Tests replace this function.)
create function quota_clock() returns timestamptz language sql stable as 'select now()';
create function quota_hour(t timestamptz) returns timestamptz language sql immutable parallel safe
  return date_trunc('hour', t, 'UTC');
create function quota_day(t timestamptz) returns timestamptz language sql immutable parallel safe
  return date_trunc('day', t, 'UTC');
create function quota_month(t timestamptz, starts_on smallint) returns timestamptz language sql immutable parallel safe
  return date_trunc('month', t - make_interval(days => starts_on - 1), 'UTC') + make_interval(days => starts_on - 1);

-- Held mail that no window has counted yet is counted when it is let go.
alter table queue add column is_admitted boolean not null default true;
update queue set is_admitted = false where hold = 'scheduled';
alter table queue add column held_at timestamptz;
update queue set held_at = began_at where hold is not null;
alter table queue add check ((hold is null) = (held_at is null));
create index queue_held_by on queue (hold, subaccount_id, message_id) where hold is not null;

-- Who changed what. Written by the trigger below, in the change's own transaction.
create table audit_entries (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  at timestamptz not null,
  actor_kind text not null,
  actor_id text not null,
  request_id text,
  action text not null check (action in ('created', 'changed', 'deleted')),
  subject text not null,
  subject_id text not null,
  changes jsonb not null
);
create index audit_entries_by_account on audit_entries (account_id, id);
create index audit_entries_by_subaccount on audit_entries (subaccount_id, id);
create index audit_entries_age on audit_entries (at);

-- Tables whose rows are traffic, logs or our own bookkeeping; every other tenant table is audited, by machine.
create table unaudited_tables (name text primary key);
insert into unaudited_tables values ('submissions'), ('messages'), ('queue'), ('events'), ('idempotency_keys'),
  ('perhaps_delivered'), ('captures'), ('outbox'), ('audit_entries'), ('usage_months'), ('daily_counts'),
  ('request_logs'), ('domain_keys');

create function audit_value(value jsonb) returns jsonb language sql immutable parallel safe
  return case when length(value::text) > 1000 then to_jsonb(left(value::text, 200) || '...') else value end;

create function audit_change() returns trigger language plpgsql as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}'::jsonb else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  row jsonb := case when tg_op = 'DELETE' then before else after end;
  actor text := current_setting('app.actor', true);
  changes jsonb;
begin
  select coalesce(jsonb_object_agg(key, case when key ~ 'secret|hash|token|sealed' then '"(secret)"'::jsonb
      when tg_op = 'UPDATE' then jsonb_build_array(audit_value(before -> key), audit_value(after -> key))
      else audit_value(row -> key) end), '{}')
    into changes
    from jsonb_object_keys(row) key
    where (before -> key) is distinct from (after -> key)
      and key not in ('account_id', 'updated_at', 'last_used_at', 'can_read', 'can_change', 'can_accept', 'mail_leaves', 'mail_dropped');
  if tg_op = 'UPDATE' and changes = '{}' then return null; end if;
  insert into audit_entries (account_id, subaccount_id, at, actor_kind, actor_id, request_id, action, subject, subject_id, changes)
  values (
    coalesce((row ->> 'account_id')::integer, (row ->> 'id')::integer),
    coalesce((row ->> 'subaccount_id')::integer, case tg_table_name when 'subaccounts' then (row ->> 'id')::integer end,
      nullif(current_setting('app.subaccount', true), '')::integer),
    now(), split_part(actor, ':', 1), split_part(actor, ':', 2), nullif(current_setting('app.request', true), ''),
    case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'deleted' end,
    tg_table_name,
    coalesce(row ->> 'id', row ->> 'user_id', row ->> 'level', row ->> 'subaccount_id'),
    changes);
  return null;
end $$;

create function audit_tables() returns void language plpgsql as $$
declare
  t record;
begin
  for t in
    select c.relname from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and not c.relispartition
      and (c.relname = 'accounts' or exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped))
      and c.relname not in (select name from unaudited_tables)
      and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'audit')
  loop
    -- Background work has no actor: it is told by events.
    execute format('create trigger audit after insert or update or delete on %I for each row
      when (coalesce(current_setting(''app.actor'', true), '''') <> '''') execute function audit_change()', t.relname);
  end loop;
end $$;

-- What happened per day, counted from the event log by its own cursor: exact against the log.
create table daily_counts (
  account_id integer not null,
  subaccount_id integer not null,
  day date not null,
  kind text not null,
  n bigint not null,
  primary key (subaccount_id, day, kind)
);
create table event_cursors (
  consumer text primary key,
  seq bigint not null
);

insert into event_cursors values ('daily_counts', 0);

-- API and SMTP requests of accounts that switched them on. Seven days, dropped by age.
create table request_logs (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  at timestamptz not null,
  request_id text not null,
  door text not null check (door in ('http', 'smtp')),
  method text not null,
  path text not null,
  status integer not null,
  actor_kind text not null,
  actor_id text not null,
  remote_address inet not null,
  user_agent text not null default '',
  ms real not null,
  request text not null default '',
  response text not null default ''
);
create index request_logs_by_account on request_logs (account_id, id);
create index request_logs_by_subaccount on request_logs (subaccount_id, id);
create index request_logs_age on request_logs (at);
