-- A message writes fewer rows of counts. How long something took is told by the cell: a series no longer opens for each bucket
-- of time in which one of its mails was delivered.
alter table hourly_figures add column wait smallint not null default 0 check (wait between 0 and 100);
alter table daily_figures add column wait smallint not null default 0 check (wait between 0 and 100);
-- Row security holds the owner, too.
set local role lettershop_engine;
update hourly_figures f set wait = s.wait from series s
  where s.id = f.series_id and s.subaccount_id = f.subaccount_id and s.wait <> 0;
update daily_figures f set wait = s.wait from series s
  where s.id = f.series_id and s.subaccount_id = f.subaccount_id and s.wait <> 0;
reset role;
alter table hourly_figures drop constraint hourly_figures_pkey, add primary key (subaccount_id, at, series_id, wait);
alter table daily_figures drop constraint daily_figures_pkey, add primary key (subaccount_id, day, series_id, wait);
alter table series drop column wait;

-- What a summary and a standing need is in the outcomes but for one column, so that it is counted once. Days that are over
-- bring theirs along; both were counted from the same log.
alter table outcome_hours add column suppressed bigint not null default 0, set (fillfactor = 80);
set local role lettershop_engine;
insert into outcome_hours as h (account_id, subaccount_id, hour, suppressed)
select account_id, subaccount_id, day::timestamp at time zone 'UTC', n from daily_counts
where kind = 'message.suppressed' and day > current_date - 40
on conflict (subaccount_id, hour) do update set suppressed = excluded.suppressed;
reset role;
drop table daily_counts;
delete from unaudited_tables where name = 'daily_counts';
