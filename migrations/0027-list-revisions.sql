-- Counts changes of who is in a list, which are not audited one by one: the list's own entry tells who made them.
alter table recipient_lists add column revision integer not null default 1;
