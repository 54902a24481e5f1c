-- White label of the console: the brand of an account (on its own subaccount) or of a subaccount, and the hosts that show it.
create table brands (
  account_id integer not null,
  subaccount_id integer primary key,
  name text not null check (length(name) between 1 and 60),
  -- Null: the installation's.
  color text check (color ~ '^#[0-9a-f]{6}$'),
  support_address text check (length(support_address) <= 320),
  logo_hash text,
  updated_at timestamptz not null,
  unique (account_id, subaccount_id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index brands_by_logo on brands (logo_hash) where logo_hash is not null;

-- Apart from the brand, which is read for each host every few seconds.
create table brand_logos (
  account_id integer not null,
  subaccount_id integer primary key,
  type text not null check (type in ('image/png', 'image/jpeg', 'image/webp')),
  bytes bytea not null check (length(bytes) <= 65536),
  foreign key (account_id, subaccount_id) references brands (account_id, subaccount_id) on delete cascade
);
create index brand_logos_by_account on brand_logos (account_id);
-- The brand's hash says that it was changed.
insert into unaudited_tables values ('brand_logos');

-- Hosts of the console. Proven by a CNAME whose target holds a token of this owner, so that a name has one prover.
create table brand_hosts (
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
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create unique index brand_hosts_prover on brand_hosts (name) where state = 'proven';
create index brand_hosts_due on brand_hosts (next_check_at) where next_check_at is not null;
create index brand_hosts_by_account on brand_hosts (account_id, id);
