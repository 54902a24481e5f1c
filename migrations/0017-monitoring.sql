-- What receivers say of a domain's mail (DMARC aggregate reports, RFC 9990), and whether source addresses are on blocklists.

create table dmarc_reports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  domain_id bigint not null,
  -- Who reports, and under which id of theirs: one of each counts per domain.
  reporter text not null check (length(reporter) between 1 and 255),
  reference text not null check (length(reference) between 1 and 255),
  begins_at timestamptz not null,
  ends_at timestamptz not null check (ends_at >= begins_at),
  policy text not null check (policy in ('none', 'quarantine', 'reject')),
  messages bigint not null check (messages >= 0),
  -- By DKIM or SPF, aligned.
  passed bigint not null check (passed between 0 and messages),
  -- Of dmarc_rows: what anyone may make us keep is bounded by the day.
  rows integer not null check (rows > 0),
  received_at timestamptz not null,
  unique (domain_id, reporter, reference),
  unique (account_id, subaccount_id, id),
  foreign key (account_id, subaccount_id, domain_id) references domains (account_id, subaccount_id, id) on delete cascade
);
create index dmarc_reports_by_domain on dmarc_reports (domain_id, id);
create index dmarc_reports_age on dmarc_reports (received_at);

create table dmarc_rows (
  account_id integer not null,
  subaccount_id integer not null,
  report_id bigint not null,
  n integer not null,
  domain_id bigint not null,
  ends_at timestamptz not null,
  source inet not null,
  header_from text not null check (length(header_from) <= 253),
  disposition text not null check (disposition in ('none', 'quarantine', 'reject')),
  dkim text not null check (dkim in ('pass', 'fail')),
  spf text not null check (spf in ('pass', 'fail')),
  messages bigint not null check (messages > 0),
  primary key (report_id, n),
  foreign key (account_id, subaccount_id, report_id) references dmarc_reports (account_id, subaccount_id, id) on delete cascade
);
create index dmarc_rows_by_source on dmarc_rows (domain_id, source);
create index dmarc_rows_by_report on dmarc_rows (account_id, subaccount_id, report_id);

-- What a DNS blocklist says of a source address. `unknown` until it has answered once; silence changes nothing.
create table blocklist_states (
  account_id integer not null,
  subaccount_id integer not null,
  address_id bigint not null references source_addresses (id) on delete cascade,
  blocklist text not null check (length(blocklist) between 1 and 253),
  state text not null default 'unknown' check (state in ('unknown', 'clear', 'listed')),
  codes text[] not null default '{}',
  reason text not null default '' check (length(reason) <= 500),
  since timestamptz,
  checked_at timestamptz,
  next_check_at timestamptz not null,
  primary key (address_id, blocklist),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  check ((state = 'unknown') = (since is null))
);
create index blocklist_states_due on blocklist_states (next_check_at);

insert into unaudited_tables values ('dmarc_reports'), ('dmarc_rows'), ('blocklist_states');

alter table inbound_unread drop constraint inbound_unread_mailbox_check;
alter table inbound_unread add constraint inbound_unread_mailbox_check
  check (mailbox in ('return_path', 'feedback', 'operator', 'dmarc'));
