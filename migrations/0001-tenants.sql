-- Accounts, subaccounts and keys; the rules of row security; nodes.
-- Accounts and subaccounts share one sequence of 31 bits; all other objects one below 2^53.
create sequence tenant_ids as integer start 1001;
create sequence object_ids as bigint start 100001 maxvalue 9007199254740991;

create table accounts (
  id integer primary key default nextval('tenant_ids'),
  name text not null check (length(name) between 1 and 200),
  status text not null default 'active' check (status in ('active', 'paused', 'suspended', 'terminated', 'deactivated')),
  retention_days smallint not null default 30 check (retention_days in (7, 30, 90, 400)),
  created_at timestamptz not null default now()
);

-- The account itself sends as a subaccount too, its own one (is_own), so that nothing is nullable.
create table subaccounts (
  account_id integer not null references accounts (id),
  id integer primary key default nextval('tenant_ids'),
  is_own boolean not null default false,
  name text not null check (length(name) between 1 and 200),
  external_id text check (length(external_id) between 1 and 255),
  status text not null default 'active' check (status in
    ('active', 'paused', 'suspended', 'terminated', 'deactivated', 'pending_retirement', 'retired', 'deleted')),
  notes text not null default '' check (length(notes) <= 10000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, id),
  check (not is_own or status <> 'deleted')
);
create unique index subaccounts_own on subaccounts (account_id) where is_own;
create unique index subaccounts_external_id on subaccounts (account_id, external_id) where status <> 'deleted';

-- A key belongs to the account (reach 'account', subaccount_id the own one) or to one subaccount.
-- An SMTP user is a key of kind 'smtp': a server-made name, and smtp:send as its only grant.
create table keys (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  kind text not null default 'api' check (kind in ('api', 'smtp')),
  reach text not null check (reach in ('account', 'subaccount')),
  public_id text not null unique,
  secret_hash bytea not null check (length(secret_hash) = 32),
  name text not null check (length(name) between 1 and 200),
  grants text[] not null,
  domain_limit text,
  allowed_addresses cidr[] not null default '{}',
  status text not null default 'active' check (status in ('active', 'inactive')),
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  check (kind = 'api' or grants = '{smtp:send}')
);
create unique index keys_secret_hash on keys (secret_hash);
create index keys_by_subaccount on keys (subaccount_id, id);

-- People, as far as the first login needs them.
create table users (
  id bigint primary key default nextval('object_ids'),
  email text not null unique,
  name text not null default '',
  created_at timestamptz not null default now()
);
create table memberships (
  account_id integer not null,
  subaccount_id integer not null,
  user_id bigint not null references users (id) on delete cascade,
  reach text not null check (reach in ('account', 'subaccount')),
  role text not null check (role in ('owner', 'admin', 'manager', 'developer', 'designer', 'accountant', 'reporting')),
  created_at timestamptz not null default now(),
  primary key (user_id, account_id, subaccount_id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create table login_links (
  token_hash bytea primary key,
  user_id bigint not null references users (id) on delete cascade,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create table sessions (
  token_hash bytea primary key,
  user_id bigint not null references users (id) on delete cascade,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);

-- Things that the installation has once: the fingerprint of its master key, the epoch of its event log.
create table installation (
  name text primary key,
  value jsonb not null
);

-- A node number and everything leased under it are valid until the term ends (design, sections 3 and 5).
create table nodes (
  number smallint primary key check (number between 0 and 511),
  instance uuid not null unique,
  incarnation bigint not null,
  host text not null,
  pid integer not null,
  term_ends_at timestamptz not null,
  -- Ids of this number may have used this millisecond: a clock behind it does not start.
  newest_id_ms bigint not null default 0,
  started_at timestamptz not null
);

-- Row security. A tenant's transaction sets app.account_id and app.reach ('*' or one subaccount) locally; without
-- them there are no rows. The setting is an empty string, not NULL, after a transaction that had it.
create function scope_account() returns integer language sql stable parallel safe
  return nullif(current_setting('app.account_id', true), '')::integer;
create function scope_sees_account() returns boolean language sql stable parallel safe
  return current_setting('app.reach', true) = '*';
create function scope_subaccount() returns integer language sql stable parallel safe
  return nullif(nullif(current_setting('app.reach', true), ''), '*')::integer;

-- Puts row security on every table that has an account (by machine, so that it cannot be forgotten): called after
-- each migration and for each new partition. Partitions themselves are closed to the tenant role.
create function secure_tables() returns void language plpgsql as $$
declare
  t record;
  sees text;
  holds text;
begin
  for t in
    select c.oid, c.relname, c.relispartition,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'subaccount_id' and not a.attisdropped) as has_subaccount,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'share' and not a.attisdropped) as has_share
    from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and (c.relname = 'accounts' or exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped))
      and not (c.relrowsecurity and c.relforcerowsecurity)
  loop
    execute format('alter table %I enable row level security', t.relname);
    execute format('alter table %I force row level security', t.relname);
    if t.relispartition then continue; end if;
    holds := case when t.relname = 'accounts' then 'id' else 'account_id' end || ' = (select scope_account())';
    if t.has_subaccount then
      holds := holds || ' and ((select scope_sees_account()) or subaccount_id = (select scope_subaccount()))';
    elsif t.relname = 'subaccounts' then
      holds := holds || ' and ((select scope_sees_account()) or id = (select scope_subaccount()))';
    end if;
    sees := case when t.has_share then format('(%s) or (account_id = (select scope_account()) and share <> ''none'')', holds) else holds end;
    execute format('create policy tenant_sees on %I for select to lettershop_tenant using (%s)', t.relname, sees);
    execute format('create policy tenant_adds on %I for insert to lettershop_tenant with check (%s)', t.relname, holds);
    execute format('create policy tenant_changes on %I for update to lettershop_tenant using (%s) with check (%s)', t.relname, holds, holds);
    execute format('create policy tenant_removes on %I for delete to lettershop_tenant using (%s)', t.relname, holds);
    execute format('create policy engine_works on %I to lettershop_engine using (true) with check (true)', t.relname);
    execute format('grant select, insert, update, delete on %I to lettershop_tenant', t.relname);
  end loop;
  for t in
    select c.relname from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'schema_migrations'
  loop
    execute format('grant select, insert, update, delete on %I to lettershop_engine', t.relname);
  end loop;
  execute 'grant usage on all sequences in schema ' || quote_ident(current_schema()) || ' to lettershop_tenant, lettershop_engine';
end $$;
