-- A domain by which bounces come back may be its own bounce host: its CNAME or MX leads here, in place of a host below it.
-- Counts while `is_bounce_proven`: older nodes that set that one to false know nothing of this.
alter table domains add column bounces_to_itself boolean not null default false;
create index domains_bounce_hosts on domains (name) where bounces_to_itself;

-- Domains that sign what leaves by a pool, besides the one that it is from.
alter table pools add column signing_domain_id bigint;
alter table pools add column feedback_domain_id bigint;
alter table pools add foreign key (account_id, signing_domain_id) references domains (account_id, id) on delete set null (signing_domain_id);
alter table pools add foreign key (account_id, feedback_domain_id) references domains (account_id, id) on delete set null (feedback_domain_id);
create index pools_signed_by on pools (signing_domain_id) where signing_domain_id is not null;
create index pools_feedback_by on pools (feedback_domain_id) where feedback_domain_id is not null;
