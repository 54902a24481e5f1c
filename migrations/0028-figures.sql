-- Figures: the event log counted per hour and per day. Mails that agree in everything that figures can be asked by are one
-- series; a cell says how many events of a series an hour or a day had (docs/decisions/figures.md).
create table series (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  -- Of all that follows `opened_on`.
  hash uuid not null,
  opened_on date not null,
  kind text not null,
  class text not null,
  -- How long it took, as the number of a bucket; 0: not timed. `is_first`: the message's first attempt.
  wait smallint not null check (wait between 0 and 100),
  is_first boolean not null,
  sending_domain text,
  recipient_domain text,
  site text,
  source text,
  pool_id bigint,
  template_id bigint,
  campaign text,
  tags jsonb not null,
  -- Dimensions whose value was one too many on that day: counted as other.
  folded text[] not null,
  unique (subaccount_id, hash)
);
create index series_opened on series (subaccount_id, opened_on);

create table hourly_figures (
  account_id integer not null,
  subaccount_id integer not null,
  at timestamptz not null,
  series_id bigint not null,
  n bigint not null,
  primary key (subaccount_id, at, series_id)
) with (fillfactor = 80);

create table daily_figures (
  account_id integer not null,
  subaccount_id integer not null,
  day date not null,
  series_id bigint not null,
  n bigint not null,
  primary key (subaccount_id, day, series_id)
) with (fillfactor = 80);

-- Who was mailed, since when, and when they last opened or clicked: what cohorts follow from. No address, and none of it
-- outlives the address's erasure.
create function recipient_mark(address text) returns bigint language sql immutable parallel safe
  return ('x' || substr(md5(lower(address)), 1, 16))::bit(64)::bigint;
create table known_recipients (
  account_id integer not null,
  subaccount_id integer not null,
  mark bigint not null,
  first_on date not null,
  engaged_on date,
  primary key (subaccount_id, mark)
) with (fillfactor = 90);

insert into unaudited_tables values ('series'), ('hourly_figures'), ('daily_figures'), ('known_recipients');

-- Counted together from now on: one cursor.
update event_cursors set consumer = 'figures' where consumer = 'daily_counts';
