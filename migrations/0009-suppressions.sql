-- Suppressions: three layers, seven kinds, what each stops, how long, and where it came from.
-- The account's layer lies with its own subaccount, the installation's with the own subaccount of the system account.
-- Addresses are compared by their bytes (lower case is made by the program), so that a prefix is found by any index.
alter table suppressions rename column detail to reason;
alter table suppressions
  drop constraint suppressions_layer_check,
  drop constraint suppressions_kind_check,
  alter column address type text collate "C",
  add constraint suppressions_layer_check check (layer in ('subaccount', 'account', 'installation')),
  add constraint suppressions_kind_check
    check (kind in ('hard_bounce', 'complaint', 'unsubscribe', 'manual', 'on_hold', 'pattern', 'allow')),
  add constraint suppressions_address_check check (length(address) between 1 and 320),
  add constraint suppressions_reason_check check (length(reason) <= 1000),
  add column stops_transactional boolean not null default true,
  add column stops_bulk boolean not null default true,
  add column expires_at timestamptz,
  add column sender text not null default '' check (length(sender) <= 320),
  add column list text not null default '' check (length(list) <= 200),
  add column message_id bigint,
  add column updated_at timestamptz not null default now(),
  add constraint suppressions_stops_check check (kind = 'allow' or stops_transactional or stops_bulk);
-- A person who was erased leaves a keyed hash (no address has a form without @).
-- `*@example.com` is found like an address; any other pattern has to be tried.
alter table suppressions
  add column is_erased boolean generated always as (position('@' in address) = 0) stored,
  add column domain text collate "C" generated always as (substring(address from '@([^@]*)$')) stored,
  add column is_glob boolean generated always as (kind = 'pattern' and address !~ '^\*@[^*?]+$') stored;
update suppressions set message_id = reason::bigint, reason = '' where source = 'delivery' and reason ~ '^\d{1,18}$';

create index suppressions_patterns on suppressions (subaccount_id, layer) where kind = 'pattern';
create index suppressions_globs on suppressions (subaccount_id, layer) where is_glob;
create index suppressions_by_end on suppressions (expires_at) where expires_at is not null;
create index suppressions_by_account on suppressions (account_id, id);
create index suppressions_by_subaccount on suppressions (subaccount_id, id);
create index suppressions_by_address on suppressions (account_id, address);
create index suppressions_by_domain on suppressions (account_id, domain, id);

-- Their lists go in the background.
create index subaccounts_deleted on subaccounts (id) where stage = 'deleted';

-- Messages that ended with a soft bounce; so many within so many days put the address on hold.
create table soft_bounces (
  account_id integer not null,
  subaccount_id integer not null,
  address text collate "C" not null,
  message_id bigint not null,
  at timestamptz not null,
  primary key (subaccount_id, address, message_id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index soft_bounces_age on soft_bounces (at);
insert into unaudited_tables values ('soft_bounces');

-- An import is audited as one thing: its entries themselves would drown the log.
create table suppression_imports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  layer text not null check (layer in ('subaccount', 'account', 'installation')),
  format text not null check (format in ('csv', 'ndjson')),
  state text not null default 'running' check (state in ('running', 'finished', 'cut')),
  read integer not null default 0,
  added integer not null default 0,
  changed integer not null default 0,
  bad integer not null default 0,
  bad_lines jsonb not null default '[]',
  created_at timestamptz not null,
  -- The last batch: one that stands still for long belongs to a process that died.
  moved_at timestamptz not null,
  finished_at timestamptz,
  check ((state = 'running') = (finished_at is null)),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index suppression_imports_by_account on suppression_imports (account_id, id);
create index suppression_imports_by_subaccount on suppression_imports (subaccount_id, id);
create index suppression_imports_running on suppression_imports (subaccount_id) where state = 'running';
