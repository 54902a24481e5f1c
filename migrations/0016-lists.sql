-- Recipient lists: addresses with what mail to them is written with, kept to be sent to again.
create table recipient_lists (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  slug text not null check (slug ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'),
  name text not null check (length(name) between 1 and 200),
  description text not null default '' check (length(description) <= 1024),
  attributes jsonb not null default '{}',
  created_at timestamptz not null,
  -- Moves with its recipients, so that the audit tells of them as one thing.
  updated_at timestamptz not null,
  unique (subaccount_id, slug),
  unique (account_id, subaccount_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index recipient_lists_by_account on recipient_lists (account_id, id);
create index recipient_lists_by_subaccount on recipient_lists (subaccount_id, id);

-- An address stands in a list once. A list is bounded, in rows and in bytes, by its feature.
create table list_recipients (
  account_id integer not null,
  subaccount_id integer not null,
  list_id bigint not null,
  id bigint primary key default nextval('object_ids'),
  address text not null check (length(address) between 3 and 320),
  name text not null default '' check (length(name) <= 256),
  data jsonb not null default '{}',
  metadata jsonb not null default '{}',
  tags text[] not null default '{}' check (cardinality(tags) <= 10),
  size_bytes integer not null,
  created_at timestamptz not null,
  foreign key (account_id, subaccount_id, list_id) references recipient_lists (account_id, subaccount_id, id) on delete cascade
);
create unique index list_recipients_by_address on list_recipients (list_id, lower(address));
create index list_recipients_by_list on list_recipients (list_id, id);
create index list_recipients_by_subaccount on list_recipients (subaccount_id, id);
insert into unaudited_tables values ('list_recipients');

-- Submissions of a campaign, newest first; costs nothing for the others.
create index submissions_by_campaign on submissions (subaccount_id, (options ->> 'campaign'), id) where options ? 'campaign';
