-- People: logins (better-auth's tables under our names; docs/decisions/logins.md), memberships with grants of their own,
-- invitations. Row security learns of people who reach several chosen subaccounts.

-- app.reach is '*', one subaccount or several, separated by commas.
create function scope_subaccounts() returns integer[] language sql stable parallel safe
  return string_to_array(nullif(nullif(current_setting('app.reach', true), ''), '*'), ',')::integer[];

-- Every policy, and the function that makes them, ask for one of several instead of the one; all else of them stays.
do $$
declare
  p record;
  one constant text := '= \( SELECT scope_subaccount\(\) AS scope_subaccount\)';
  several constant text := '= any ((select scope_subaccounts())::integer[])';
begin
  execute replace(pg_get_functiondef('secure_tables'::regproc), '= (select scope_subaccount())', several);
  for p in
    select tablename, policyname, regexp_replace(qual, one, several, 'g') as seen, regexp_replace(with_check, one, several, 'g') as written
    from pg_policies where schemaname = current_schema() and (qual ~ one or with_check ~ one)
  loop
    execute format('alter policy %I on %I', p.policyname, p.tablename)
      || coalesce(' using (' || p.seen || ')', '') || coalesce(' with check (' || p.written || ')', '');
  end loop;
end $$;
-- Fails while a policy still asks for the one.
drop function scope_subaccount();

-- Logins belong to the installation, not to an account: one login, many accounts. Only the engine reaches them.
alter table users
  add column is_email_verified boolean not null default false,
  add column image text,
  add column has_second_factor boolean not null default false,
  add column updated_at timestamptz not null default now();
-- Until now only the operator made them.
update users set is_email_verified = true;
alter table users add check (email = lower(email) and length(email) <= 254);

-- The token is kept as a hash: who reads the table cannot log in with it.
drop table sessions;
create table sessions (
  id bigint primary key default nextval('object_ids'),
  user_id bigint not null references users (id) on delete cascade,
  token_hash text not null unique check (length(token_hash) = 64),
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  remote_address text,
  user_agent text,
  -- What the person has switched to, by their own choice: checked against the memberships at each call.
  current_account integer,
  current_subaccount integer
);
create index sessions_by_user on sessions (user_id, id);
create index sessions_age on sessions (expires_at);

-- How a person proves who they are: a password (provider 'credential') or a subject of the OIDC provider.
create table login_methods (
  id bigint primary key default nextval('object_ids'),
  user_id bigint not null references users (id) on delete cascade,
  provider text not null,
  subject text not null,
  password_hash text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider, subject)
);
create index login_methods_by_user on login_methods (user_id);

-- Short-lived: reset links, challenges, used codes. Identifiers are hashed.
create table login_proofs (
  id text primary key default gen_random_uuid()::text,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index login_proofs_by_identifier on login_proofs (identifier);
create index login_proofs_age on login_proofs (expires_at);

create table second_factors (
  id bigint primary key default nextval('object_ids'),
  user_id bigint not null unique references users (id) on delete cascade,
  secret text not null,
  backup_codes text not null,
  is_verified boolean not null default true,
  failures integer not null default 0,
  locked_until timestamptz
);

create table passkeys (
  id bigint primary key default nextval('object_ids'),
  user_id bigint not null references users (id) on delete cascade,
  name text,
  public_key text not null,
  credential_id text not null unique,
  counter bigint not null,
  device_type text not null,
  is_backed_up boolean not null,
  transports text,
  aaguid text,
  created_at timestamptz default now()
);
create index passkeys_by_user on passkeys (user_id);

create table login_rates (
  id text primary key default gen_random_uuid()::text,
  key text not null unique,
  count integer not null,
  last_request bigint not null
);

-- A person in an account: one row that reaches all of it, or one for each chosen subaccount.
alter table memberships
  drop constraint memberships_role_check,
  add check (role in ('owner', 'admin', 'manager', 'developer', 'designer', 'accountant', 'reporting', 'custom')),
  -- Of the role 'custom'; the others' follow from their name.
  add column grants text[] check ((role = 'custom') = (grants is not null)),
  -- These only; null for all.
  add column templates bigint[] check (cardinality(templates) <= 100),
  -- Pages that this person does not see; what they stand for is taken away, not only hidden.
  add column hidden_pages text[] not null default '{}',
  add check (role <> 'owner' or reach = 'account' and templates is null and hidden_pages = '{}');
create index memberships_by_account on memberships (account_id, user_id);
create index memberships_by_subaccount on memberships (subaccount_id, user_id);

create table invitations (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  email text not null check (email = lower(email) and length(email) <= 254),
  token_hash bytea not null unique,
  note text not null default '' check (length(note) <= 500),
  invited_by text not null,
  sent_at timestamptz not null,
  sent_count integer not null default 1,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  unique (account_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index invitations_by_account on invitations (account_id, id);
create index invitations_by_subaccount on invitations (subaccount_id, id);
-- One place invites an address once; another place's invitation of it is nobody's business.
create unique index invitations_address on invitations (subaccount_id, email);
create index invitations_age on invitations (expires_at);

-- What will be theirs: the memberships to come.
create table invitation_memberships (
  account_id integer not null,
  subaccount_id integer not null,
  invitation_id bigint not null,
  reach text not null check (reach in ('account', 'subaccount')),
  role text not null check (role in ('owner', 'admin', 'manager', 'developer', 'designer', 'accountant', 'reporting', 'custom')),
  grants text[] check ((role = 'custom') = (grants is not null)),
  templates bigint[] check (cardinality(templates) <= 100),
  hidden_pages text[] not null default '{}',
  primary key (invitation_id, subaccount_id),
  foreign key (account_id, invitation_id) references invitations (account_id, id) on delete cascade,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  check (role <> 'owner' or reach = 'account' and templates is null and hidden_pages = '{}')
);

-- A key of a person reaches what the person reaches in this account, no more than its own grants, and dies with them.
-- subaccount_id is only where it was made.
alter table keys
  drop constraint keys_reach_check,
  add column user_id bigint references users (id) on delete cascade,
  add check (reach in ('account', 'subaccount', 'person')),
  add check ((reach = 'person') = (user_id is not null));
create index keys_by_user on keys (user_id, id) where user_id is not null;

-- Whoever is in an account no more has no keys there, also if they come again. At the end of the transaction: a person who
-- is given other subaccounts keeps them.
create function end_keys_of_person() returns trigger language plpgsql as $$
begin
  delete from keys k where k.user_id = old.user_id and k.account_id = old.account_id and not exists (
    select from memberships m where m.user_id = old.user_id and m.account_id = old.account_id);
  return null;
end $$;
create constraint trigger end_keys after delete on memberships deferrable initially deferred
  for each row execute function end_keys_of_person();
