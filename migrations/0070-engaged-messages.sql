-- A message is engaged once: by whatever a person did with it first, opened it or followed a link of it. `engaged` beside the
-- kinds says that somebody did.
alter table engagements drop constraint engagements_kind_check, add constraint engagements_kind_check
  check (kind in ('message.opened', 'message.initially_opened', 'message.clicked', 'message.unsubscribed', 'engaged'));

-- Of a cell's events, how many were their message's first sign: no row more for a message. Null: the cell was begun before this
-- was counted.
alter table hourly_figures add column engaged bigint;
alter table daily_figures add column engaged bigint;
alter table account_figures add column engaged bigint;

-- A node of before would count on without these: it finds no cursor of its name any more.
update event_cursors set consumer = 'engaged_figures' where consumer = 'summed_figures';
