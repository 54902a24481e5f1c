-- Exports: lists and mail that somebody wants as a file. No file is kept: it is made whenever its link is followed.
create table exports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  -- All of the account, held by its own subaccount, whose fixed keys do not see it.
  covers_account boolean not null,
  kind text not null check (kind in ('suppressions', 'messages')),
  form text not null check (form in ('native', 'mandrill')),
  query jsonb not null,
  -- Who is told by mail when it can be fetched.
  notify text check (length(notify) <= 320),
  state text not null default 'waiting' check (state in ('waiting', 'working', 'complete', 'failed')),
  -- How far its rows were counted.
  reached text not null default '' check (length(reached) <= 40),
  row_count bigint not null default 0,
  size_bytes bigint not null default 0,
  attempts smallint not null default 0,
  problem text not null default '',
  looked_at timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  check ((state in ('complete', 'failed')) = (finished_at is not null)),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index exports_by_account on exports (account_id, id);
create index exports_by_subaccount on exports (subaccount_id, id);
create index exports_waiting on exports (looked_at) where finished_at is null;
create index exports_age on exports (created_at);

alter table asked_mails drop constraint asked_mails_purpose_check;
alter table asked_mails add constraint asked_mails_purpose_check
  check (purpose in ('domain_instructions', 'sender_proof', 'report_link', 'export_ready'));
