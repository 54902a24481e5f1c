-- What came back: which reports have counted (the same one twice changes nothing), and mail that nobody could make
-- anything of, for the operator.
create table inbound_reports (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  -- One of each counts per message: `bounce`, `complaint`, `auto_reply`, `notice.delayed`, `feedback.not-spam`, ...
  kind text not null check (length(kind) between 1 and 40),
  at timestamptz not null,
  primary key (subaccount_id, message_id, kind),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index inbound_reports_age on inbound_reports (at);
insert into unaudited_tables values ('inbound_reports');

-- Bounded per mailbox by number, and by age. Belongs to no tenant: whose it is, is what could not be found out.
create table inbound_unread (
  id bigint primary key default nextval('object_ids'),
  at timestamptz not null,
  mailbox text not null check (mailbox in ('return_path', 'feedback', 'operator')),
  why text not null,
  remote_address inet not null,
  mail_from text not null,
  recipient text not null,
  size_bytes integer not null,
  -- The first 64 KiB.
  content bytea not null check (length(content) <= 65536)
);
create index inbound_unread_by_mailbox on inbound_unread (mailbox, id);
create index inbound_unread_age on inbound_unread (at);
