-- Who was asked by mail whether a domain may be used, and which mailbox agreed. A new request replaces the code of the one before.
create table domain_mail_proofs (
  account_id integer not null,
  subaccount_id integer not null,
  domain_id bigint not null,
  mailbox text not null check (mailbox in ('admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster')),
  token_hash bytea not null unique check (length(token_hash) = 32),
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  proven_at timestamptz,
  primary key (domain_id, mailbox),
  foreign key (account_id, subaccount_id, domain_id) references domains (account_id, subaccount_id, id) on delete cascade
);
