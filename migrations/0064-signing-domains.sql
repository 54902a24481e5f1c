-- A domain whose mail is signed by another one of the account; asked again at each signature whether it may.
alter table domains add column signing_domain_id bigint;
alter table domains add foreign key (account_id, signing_domain_id) references domains (account_id, id) on delete set null (signing_domain_id);
alter table domains add check (signing_domain_id <> id);
create index domains_signed_by on domains (signing_domain_id) where signing_domain_id is not null;
