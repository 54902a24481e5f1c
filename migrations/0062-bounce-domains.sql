-- Where bounces of an owner's mail come back to, unless its call says so: DNS has shown the bounce host of the domain.
alter table domains add column is_bounce_proven boolean not null default false;
alter table domains add column is_default_bounce boolean not null default false;
alter table domains add check (not is_default_bounce or state <> 'unproven');
create unique index domains_default_bounce on domains (account_id, subaccount_id) where is_default_bounce;

set local role lettershop_engine;
update domains set is_bounce_proven = true where proofs @> '[{"purpose": "return_path", "state": "proven"}]';
reset role;
