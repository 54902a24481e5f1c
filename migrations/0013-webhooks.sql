-- Webhooks: who is told of which events, how far each has been told, and what came of it.

-- Of the account (reach 'account', subaccount_id the own one; only_subaccount_id narrows it) or of one subaccount, which
-- then sees nothing but its own. What may not be read again is sealed.
create table webhooks (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  reach text not null check (reach in ('account', 'subaccount')),
  only_subaccount_id integer,
  name text not null check (length(name) between 1 and 200),
  url text not null check (length(url) <= 2000),
  -- Every kind when null.
  kinds text[] check (cardinality(kinds) between 1 and 100),
  format text not null default 'native',
  batch_max smallint not null default 500 check (batch_max between 1 and 1000),
  status text not null default 'active' check (status in ('active', 'paused')),
  auth_kind text not null default 'none' check (auth_kind in ('none', 'basic', 'bearer', 'header')),
  auth_name text not null default '',
  sealed_auth bytea,
  sealed_secret bytea not null,
  sealed_old_secret bytea,
  old_secret_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (account_id, subaccount_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  foreign key (account_id, only_subaccount_id) references subaccounts (account_id, id),
  check ((auth_kind = 'none') = (sealed_auth is null)),
  check ((sealed_old_secret is null) = (old_secret_until is null)),
  check (reach = 'account' or only_subaccount_id = subaccount_id)
);
create index webhooks_by_account on webhooks (account_id, id);

-- How far a webhook is: last_n events have their number, those up to sent_n have been taken by the endpoint. One node at
-- a time works on it: the lease has a term, and whoever records names the lease, so that a node that was away records nothing.
create table webhook_progress (
  account_id integer not null,
  subaccount_id integer not null,
  webhook_id bigint primary key,
  is_paused boolean not null default false,
  last_n bigint not null default 0,
  sent_n bigint not null default 0 check (sent_n <= last_n),
  last_day date not null default '-infinity',
  replay_id bigint,
  breaker text not null default 'closed' check (breaker in ('closed', 'open', 'stopped')),
  failures integer not null default 0,
  failing_since timestamptz,
  -- The one event that is refused by itself: since when.
  refused_since timestamptz,
  -- How many events the next try gets: the batch that failed, or a part of it.
  retry_count smallint,
  is_slow boolean not null default false,
  noticed_at timestamptz,
  next_at timestamptz not null default 'epoch',
  lease bigint,
  leased_by smallint,
  leased_until timestamptz,
  has_work boolean not null generated always as (not is_paused and breaker <> 'stopped' and (sent_n < last_n or replay_id is not null)) stored,
  foreign key (account_id, subaccount_id, webhook_id) references webhooks (account_id, subaccount_id, id) on delete cascade
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
create index webhook_progress_due on webhook_progress (next_at) where has_work;

-- The events that got numbers for a webhook at one time, in their order: seqs[1] is number first_n. No foreign key: they
-- are many and end with the account's retention.
create table handouts (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  webhook_id bigint not null,
  first_n bigint not null,
  last_n bigint not null,
  seqs bigint[] not null,
  -- The range of the events' own instants: by it a look-up finds their partitions.
  from_at timestamptz not null,
  until_at timestamptz not null,
  at timestamptz not null,
  unique (webhook_id, last_n),
  check (last_n - first_n + 1 = cardinality(seqs))
);
create index handouts_by_account on handouts (account_id, at);
create index handouts_by_subaccount on handouts (subaccount_id);

-- What was handed out per day (UTC) and kind: the day's certificate. first_n and last_n span the day, whatever the kind.
create table webhook_days (
  account_id integer not null,
  subaccount_id integer not null,
  webhook_id bigint not null,
  day date not null,
  kind text not null,
  n bigint not null,
  first_n bigint not null,
  last_n bigint not null,
  primary key (webhook_id, day, kind),
  foreign key (account_id, subaccount_id, webhook_id) references webhooks (account_id, subaccount_id, id) on delete cascade
);
create index webhook_days_age on webhook_days (day);

-- Events that the endpoint refused for good and that were passed over; a replay takes them out again.
create table webhook_failures (
  account_id integer not null,
  subaccount_id integer not null,
  webhook_id bigint not null,
  first_n bigint not null,
  last_n bigint not null check (last_n >= first_n),
  cause text not null check (cause in ('refused', 'ended')),
  at timestamptz not null,
  primary key (webhook_id, first_n),
  foreign key (account_id, subaccount_id, webhook_id) references webhooks (account_id, subaccount_id, id) on delete cascade
);

create table webhook_replays (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  webhook_id bigint not null,
  kind text not null check (kind in ('range', 'failed')),
  first_n bigint not null,
  last_n bigint not null,
  -- The next number to be sent; beyond last_n when done.
  next_n bigint not null,
  state text not null default 'running' check (state in ('running', 'done', 'cancelled')),
  created_at timestamptz not null,
  foreign key (account_id, subaccount_id, webhook_id) references webhooks (account_id, subaccount_id, id) on delete cascade
);
create index webhook_replays_by_webhook on webhook_replays (webhook_id, id);

-- Every request that was made, with the beginning of what was sent and answered. Seven days, and the last thousand.
create table webhook_deliveries (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  webhook_id bigint not null,
  at timestamptz not null,
  kind text not null check (kind in ('live', 'probe', 'replay', 'test')),
  -- Null for a test.
  first_n bigint,
  last_n bigint,
  failures integer not null,
  is_taken boolean not null,
  status integer,
  error text,
  ms real not null,
  request_headers text not null,
  request_body text not null,
  request_bytes integer not null,
  response_headers text not null default '',
  response_body text not null default ''
);
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, id);
create index webhook_deliveries_age on webhook_deliveries (at);
create index webhook_deliveries_by_subaccount on webhook_deliveries (subaccount_id);

insert into unaudited_tables values ('webhook_progress'), ('handouts'), ('webhook_days'), ('webhook_failures'), ('webhook_deliveries');
-- Subscribers begin with what happens from now on.
insert into event_cursors select 'webhooks', case when is_called then last_value else 0 end from event_numbers;

-- The log of one account in order; its search by recipient and by submission goes over the messages, once per message.
create index events_by_account on events (account_id, seq);
-- A column of its own and not an index on lower(recipient): row security keeps conditions with functions out of indexes.
create function address_hash(address text) returns integer language sql immutable parallel safe
  return ('x' || substr(md5(lower(address)), 1, 8))::bit(32)::integer;
alter table messages add column recipient_hash integer generated always as (('x' || substr(md5(lower(recipient)), 1, 8))::bit(32)::integer) stored;
create index messages_by_recipient on messages (account_id, recipient_hash, id);
create index messages_by_submission on messages (submission_id, id);
