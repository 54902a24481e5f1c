-- Mail that tenants receive: domains proven by their MX, routes that say where it goes, and the mail itself.
create table inbound_domains (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  name text not null check (name = lower(name) and length(name) <= 253),
  owner_token text not null,
  state text not null default 'unproven' check (state in ('unproven', 'proven', 'lost')),
  -- What DNS showed at the last look, and what that means.
  seen text not null default '',
  explain text not null default '',
  checked_at timestamptz,
  next_check_at timestamptz,
  proven_at timestamptz,
  created_at timestamptz not null,
  unique (subaccount_id, name),
  unique (account_id, subaccount_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create unique index inbound_domains_prover on inbound_domains (name) where state = 'proven';
create index inbound_domains_due on inbound_domains (next_check_at) where next_check_at is not null;
create index inbound_domains_by_account on inbound_domains (account_id, id);

-- Which mail of a domain goes where; of several that match, the most specific pattern.
create table inbound_routes (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key,
  domain_id bigint not null,
  name text not null check (length(name) <= 200),
  -- Of what stands before the @; a star for anything.
  pattern text not null check (pattern = lower(pattern) and length(pattern) between 1 and 64),
  url text not null,
  status text not null check (status in ('active', 'paused')),
  auth_kind text not null check (auth_kind in ('none', 'basic', 'bearer', 'header', 'headers', 'oauth2')),
  auth_name text not null,
  sealed_auth bytea,
  sealed_secret bytea not null,
  sealed_old_secret bytea,
  old_secret_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (domain_id, pattern),
  check ((auth_kind = 'none') = (sealed_auth is null)),
  foreign key (account_id, subaccount_id, domain_id) references inbound_domains (account_id, subaccount_id, id) on delete cascade
);
create index inbound_routes_by_account on inbound_routes (account_id, id);
create index inbound_routes_by_subaccount on inbound_routes (subaccount_id, id);

-- How its endpoint is: apart from the route, as it changes with every request that fails.
create table inbound_route_health (
  account_id integer not null,
  subaccount_id integer not null,
  route_id bigint primary key references inbound_routes (id) on delete cascade,
  -- In a row.
  failures integer not null default 0,
  failing_since timestamptz,
  next_at timestamptz not null default '-infinity',
  last_failure text not null default '',
  last_failure_at timestamptz,
  last_taken_at timestamptz,
  check ((failures = 0) = (failing_since is null)),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index inbound_route_health_by_subaccount on inbound_route_health (subaccount_id);
insert into unaudited_tables values ('inbound_route_health');

-- Once for all recipients of a mail in a subaccount; goes with everything that hangs on it.
create table inbound_contents (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  bytes bytea not null,
  ends_at timestamptz not null,
  unique (account_id, subaccount_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
alter table inbound_contents alter column bytes set storage external;
create index inbound_contents_end on inbound_contents (ends_at);
create index inbound_contents_by_subaccount on inbound_contents (subaccount_id, id);
insert into unaudited_tables values ('inbound_contents');

-- One per recipient. Its route may be gone: what was received stays to be read.
create table inbound_mails (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  content_id bigint not null,
  domain_id bigint not null,
  route_id bigint not null,
  recipient text not null,
  mail_from text not null,
  remote_address inet not null,
  helo text not null,
  from_address text not null,
  subject text not null,
  size_bytes integer not null,
  -- A machine wrote it: whoever answers it may answer for ever.
  is_automatic boolean not null,
  received_at timestamptz not null,
  -- SPF, DKIM and DMARC; null until they are looked at, which is before the mail is handed over.
  authentication jsonb,
  state text not null default 'waiting' check (state in ('waiting', 'handed_over', 'given_up')),
  is_replay boolean not null default false,
  attempts integer not null default 0,
  due_at timestamptz not null,
  refused_since timestamptz,
  last_tried_at timestamptz,
  last_status integer,
  last_error text not null default '',
  finished_at timestamptz,
  leased_by smallint,
  leased_until timestamptz,
  check ((state = 'waiting') = (finished_at is null)),
  check ((leased_by is null) = (leased_until is null)),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  foreign key (account_id, subaccount_id, content_id)
    references inbound_contents (account_id, subaccount_id, id) on delete cascade
);
create index inbound_mails_by_account on inbound_mails (account_id, id);
create index inbound_mails_by_subaccount on inbound_mails (subaccount_id, id);
create index inbound_mails_by_content on inbound_mails (content_id);
create index inbound_mails_waiting on inbound_mails (route_id, due_at, id) where state = 'waiting';
create index inbound_mails_full on inbound_mails (subaccount_id) where state = 'waiting';
create index inbound_mails_unlooked on inbound_mails (due_at) where authentication is null;
create index inbound_mails_leased on inbound_mails (leased_by) where leased_by is not null;
insert into unaudited_tables values ('inbound_mails');
