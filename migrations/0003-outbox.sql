-- Our own mail (invitations, confirmations, warnings), written down in the transaction that wants it. The installation
-- sends it as an account of its own, so that no tenant's grants reach the links in it.
alter table accounts add column is_system boolean not null default false;
create unique index accounts_system on accounts (is_system) where is_system;

create table outbox (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  recipient text not null,
  subject text not null check (length(subject) <= 300),
  content jsonb not null,
  created_at timestamptz not null,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
