-- Reports: questions to the figures that somebody keeps, under a name, perhaps mailed at set times.
create table reports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  name text not null check (length(name) between 1 and 200),
  -- 'use': subaccounts of the account run it too, each over its own figures.
  share text not null default 'none' check (share in ('none', 'use')),
  query jsonb not null,
  period text not null check (period in ('yesterday', 'last_7_days', 'last_30_days', 'this_month', 'last_month')),
  every text check (every in ('daily', 'weekly', 'monthly')),
  -- Of the report's time zone.
  at_hour smallint not null default 6 check (at_hour between 0 and 23),
  -- Users who get it.
  people bigint[] not null default '{}' check (cardinality(people) <= 50),
  next_at timestamptz,
  created_at timestamptz not null,
  check ((every is null) = (next_at is null)),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index reports_by_account on reports (account_id, id);
create index reports_by_subaccount on reports (subaccount_id, id);
create index reports_due on reports (next_at) where next_at is not null;

alter table asked_mails drop constraint asked_mails_purpose_check;
alter table asked_mails add constraint asked_mails_purpose_check
  check (purpose in ('domain_instructions', 'sender_proof', 'report_link'));
