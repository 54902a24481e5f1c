-- Whether notices go to this person, who decides it.
alter table memberships add column is_told boolean not null default true;
