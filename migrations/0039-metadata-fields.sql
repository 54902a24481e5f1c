-- Named fields of metadata: the account's words for what its mail carries, each perhaps with a way to show it.
create table metadata_fields (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  name text not null check (length(name) between 1 and 64),
  view_template text not null default '' check (length(view_template) <= 1024),
  -- The account's are for its subaccounts, too.
  share text not null check (share in ('none', 'use')),
  created_at timestamptz not null,
  unique (subaccount_id, name),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index metadata_fields_by_account on metadata_fields (account_id, id);

-- A mail to a domain's administrator may stand for the owner record.
alter table domains add column mail_proven_at timestamptz;

alter table asked_mails drop constraint asked_mails_purpose_check;
alter table asked_mails add constraint asked_mails_purpose_check
  check (purpose in ('domain_instructions', 'domain_proof', 'sender_proof', 'report_link', 'export_ready'));
