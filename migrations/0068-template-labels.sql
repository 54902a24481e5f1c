-- A template has up to ten labels where it had one category; what it had is its label. No index holds them, as none held the
-- category: row security puts the scope before any other condition, so a list reads its own rows by `templates_by_account`.
alter table templates
  add column labels text[] not null default '{}'
    check (cardinality(labels) <= 10 and array_position(labels, null) is null and array_position(labels, '') is null);
set local role lettershop_engine;
update templates set labels = array[category] where category <> '';
reset role;
alter table templates drop column category;
