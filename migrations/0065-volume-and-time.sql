-- How large the mail of a cell was and how long it took, in sum, told by the cell itself: no row more for a message. Null: the
-- cell was begun before this was counted.
alter table hourly_figures add column size_bytes bigint, add column waited_ms bigint;
alter table daily_figures add column size_bytes bigint, add column waited_ms bigint;
alter table account_figures add column size_bytes bigint, add column waited_ms bigint;

-- A node of before would count on without these: it finds no cursor of its name any more.
update event_cursors set consumer = 'summed_figures' where consumer = 'account_figures';
