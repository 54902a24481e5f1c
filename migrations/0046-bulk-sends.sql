-- Bulk calls with copies that are not settled: from the accept to the event that says they all are, which takes the row away in its own
-- transaction. Looked at by time, so that completing a message costs nothing more.
create table bulk_sends (
  account_id integer not null,
  subaccount_id integer not null,
  submission_id bigint not null,
  retention_days smallint not null,
  copies integer not null check (copies > 1),
  accepted_at timestamptz not null,
  check_at timestamptz not null,
  primary key (subaccount_id, submission_id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index bulk_sends_due on bulk_sends (check_at);
insert into unaudited_tables values ('bulk_sends');
