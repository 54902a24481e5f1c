-- When soft bounces put an address on hold is the account's to set: so many messages within the days, the first and the
-- last of them so far apart, hold it for the hours.
alter table accounts
  add column soft_bounce_count smallint not null default 5 check (soft_bounce_count between 2 and 100),
  add column soft_bounce_days smallint not null default 30 check (soft_bounce_days between 1 and 90),
  add column soft_bounce_span_hours smallint not null default 72 check (soft_bounce_span_hours between 0 and 2160),
  add column soft_bounce_hold_hours smallint not null default 72 check (soft_bounce_hold_hours between 1 and 2160);
