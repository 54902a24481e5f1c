-- Alerts: rules over an account's or a subaccount's own figures, who is told, and what came of it.

-- Of the account (reach 'account', subaccount_id the own one; only_subaccount_id narrows it) or of one subaccount.
create table alerts (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  reach text not null check (reach in ('account', 'subaccount')),
  only_subaccount_id integer,
  name text not null check (length(name) between 1 and 200),
  measure text not null check (measure in ('bounce_rate', 'hard_bounce_rate', 'complaint_rate', 'deferral_rate', 'sent', 'domains_lost', 'webhooks_failing')),
  comparison text not null check (comparison in ('above', 'below')),
  threshold double precision not null check (threshold >= 0),
  -- Once it fires, it is over only when the value is back here.
  clear_at double precision not null check (clear_at >= 0),
  window_hours smallint not null check (window_hours between 1 and 720),
  volume_min bigint not null default 0 check (volume_min >= 0),
  -- Nobody is told twice within so long.
  quiet_minutes integer not null check (quiet_minutes between 15 and 10080),
  target_kind text not null check (target_kind in ('mail', 'webhook', 'slack')),
  target text not null check (length(target) between 1 and 2000),
  sealed_secret bytea,
  status text not null default 'active' check (status in ('active', 'paused')),
  state text not null default 'ok' check (state in ('ok', 'firing')),
  state_since timestamptz not null,
  -- What its target was told last, and when.
  told_state text not null default 'ok' check (told_state in ('ok', 'firing')),
  told_at timestamptz,
  tested_at timestamptz,
  next_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (account_id, subaccount_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  foreign key (account_id, only_subaccount_id) references subaccounts (account_id, id),
  check (reach = 'account' or only_subaccount_id = subaccount_id),
  check ((target_kind = 'webhook') = (sealed_secret is not null)),
  check (case comparison when 'above' then clear_at <= threshold else clear_at >= threshold end)
);
create index alerts_by_account on alerts (account_id, id);
create index alerts_due on alerts (next_at) where status = 'active';

-- Each change of state, and each test. Ninety days.
create table alert_firings (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  alert_id bigint not null,
  at timestamptz not null,
  kind text not null check (kind in ('fired', 'cleared', 'test')),
  value double precision,
  volume bigint,
  from_at timestamptz,
  -- quiet: nobody was told, for the sake of quiet.
  delivery text not null check (delivery in ('quiet', 'waiting', 'sent', 'failed')),
  attempts smallint not null default 0,
  next_try_at timestamptz,
  told_at timestamptz,
  error text not null default '',
  foreign key (account_id, subaccount_id, alert_id) references alerts (account_id, subaccount_id, id) on delete cascade,
  check ((delivery = 'waiting') = (next_try_at is not null))
);
create index alert_firings_by_alert on alert_firings (alert_id, id);
create index alert_firings_by_account on alert_firings (account_id, id);
create index alert_firings_by_subaccount on alert_firings (subaccount_id, id);
create index alert_firings_waiting on alert_firings (next_try_at) where delivery = 'waiting';
create index alert_firings_age on alert_firings (at);
insert into unaudited_tables values ('alert_firings');
