-- Turns, source addresses, limits per site, suspensions; what a queue row needs for them.

-- The pool that the call named or an operator moved it to; 0 leaves it to the subaccount's or the account's default, which is
-- asked at the attempt. Not null, so that the due index can be walked pool by pool: a node passes by what it cannot send.
alter table queue add column pool_id bigint not null default 0;
alter table queue add column tags text[];
-- Which suspension holds it; for a manual hold -1 when the account or the operator holds, -2 when the subaccount itself does.
alter table queue add column held_by bigint;
update queue q set pool_id = coalesce((s.options ->> 'poolId')::bigint, 0), tags = (
    select array_agg(t) from jsonb_array_elements_text(s.options -> 'tags') t)
  from submissions s where s.subaccount_id = q.subaccount_id and s.id = q.submission_id and s.retention_days = q.retention_days
    and (s.options ->> 'poolId' is not null or s.options -> 'tags' <> '[]'::jsonb);
alter table queue drop constraint queue_hold_check;
alter table queue add constraint queue_hold_check
  check (hold in ('scheduled', 'paused', 'quota', 'review', 'suspended', 'manual'));
alter table queue add check ((hold is not null and hold in ('suspended', 'manual')) = (held_by is not null));
drop index queue_due;
create index queue_due on queue (subaccount_id, lane, pool_id, due_at, message_id) where leased_by is null and hold is null;
create index queue_held_by_suspension on queue (held_by, message_id) where held_by > 0;

-- How many turns a subaccount has where another has one, within its account's share.
create table turn_weights (
  account_id integer not null,
  subaccount_id integer primary key,
  weight smallint not null check (weight between 1 and 100),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);

-- A local address that mail leaves from: given to one account by the operator, in at most one of its pools. Kept under the
-- account's own subaccount. `node` is the LETTERSHOP_NODE_NAME that owns it.
create table source_addresses (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  address inet not null check (masklen(address) = case family(address) when 4 then 32 else 128 end),
  ehlo_name text not null check (length(ehlo_name) between 1 and 253),
  node text not null check (length(node) between 1 and 255),
  pool_id bigint,
  -- Messages on the first, second ... day; none are planned for a warm address. Days are UTC.
  warmup_caps integer[] not null default '{}' check (cardinality(warmup_caps) <= 90 and 0 < all (warmup_caps)),
  warmup_started_on date,
  overflow_pool_id bigint,
  created_at timestamptz not null default now(),
  unique (address, node),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  foreign key (account_id, pool_id) references pools (account_id, id),
  foreign key (account_id, overflow_pool_id) references pools (account_id, id),
  check ((cardinality(warmup_caps) = 0) = (warmup_started_on is null)),
  check (overflow_pool_id is null or overflow_pool_id <> pool_id)
);
create index source_addresses_by_pool on source_addresses (account_id, pool_id);

-- What a warming address may still send on a day: taken in blocks before it is sent, so that no kill sends more.
create table warmup_days (
  account_id integer not null,
  subaccount_id integer not null,
  address_id bigint not null references source_addresses (id) on delete cascade,
  day date not null,
  taken integer not null,
  primary key (address_id, day),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);

-- An account's own limits for a site: only stricter than the provider's profile. Empty is the profile's.
create table site_limits (
  account_id integer not null,
  subaccount_id integer not null,
  site text not null check (length(site) between 1 and 253),
  connections integer check (connections between 1 and 1000),
  messages_per_connection integer check (messages_per_connection between 1 and 10000),
  messages_per_hour integer check (messages_per_hour between 1 and 3600000),
  primary key (account_id, site),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);

-- What must not leave now although its subaccount may send. `for_subaccount`: of that one only, else the whole account's.
create table suspensions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  authority text not null check (authority in ('operator', 'parent', 'subaccount')),
  for_subaccount integer,
  kind text not null check (kind in ('site', 'domain', 'pool', 'tag')),
  value text not null check (length(value) between 1 and 253),
  reason text not null default '' check (length(reason) <= 500),
  set_by text not null,
  until timestamptz,
  created_at timestamptz not null,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  foreign key (account_id, for_subaccount) references subaccounts (account_id, id)
);
create unique index suspensions_once on suspensions (account_id, authority, coalesce(for_subaccount, 0), kind, value);

-- What each node knows of the sites that it sends to, by source address (0 is the system's own). No tenant's numbers.
create table site_states (
  node smallint not null,
  site text not null,
  address_id bigint not null,
  profile text not null,
  level smallint not null,
  reason text not null,
  since timestamptz not null,
  until timestamptz,
  connections integer not null,
  messages_per_second real,
  seen_at timestamptz not null,
  primary key (site, address_id, node)
);
create index site_states_age on site_states (seen_at);

-- Which site a recipient domain belongs to, as last resolved.
create table domain_sites (
  domain text primary key,
  site text not null,
  seen_at timestamptz not null
);
create index domain_sites_by_site on domain_sites (site);
create index domain_sites_age on domain_sites (seen_at);

-- Bulk actions on the queue, each call that changed something: the audit keeps them too.
create table queue_actions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  at timestamptz not null,
  action text not null check (action in ('retry', 'hold', 'release', 'cancel', 'move_pool')),
  filter jsonb not null,
  changed integer not null,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index queue_actions_age on queue_actions (at);

insert into unaudited_tables values ('warmup_days');
