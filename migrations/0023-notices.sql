-- Limits that were reached are told once per window; what owners are told of is gathered, so that mail is never a storm.
create table quota_tellings (
  account_id integer not null,
  subaccount_id integer not null,
  level text not null check (level in ('account', 'subaccount')),
  period text not null check (period in ('hour', 'day', 'month')),
  -- The start of the window that was told last.
  start timestamptz not null,
  primary key (subaccount_id, level, period),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index quotas_limited on quotas (subaccount_id)
  where hour_max is not null or hour_cap is not null or day_max is not null or month_max is not null;

-- One row for each thing that owners are told of by mail: how often it happened since the last mail about it.
create table notice_subjects (
  account_id integer not null,
  subaccount_id integer not null,
  kind text not null,
  subject text not null,
  line text not null,
  n integer not null default 0,
  at timestamptz not null,
  told_at timestamptz,
  primary key (account_id, kind, subject),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index notice_subjects_waiting on notice_subjects (account_id, kind) where n > 0;
create index notice_subjects_by_subaccount on notice_subjects (subaccount_id);
create index notice_subjects_age on notice_subjects (at);
insert into unaudited_tables values ('quota_tellings'), ('notice_subjects');
insert into event_cursors select 'notices', case when is_called then last_value else 0 end from event_numbers;
