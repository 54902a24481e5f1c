-- What became of each subaccount's mail by the hour, and the steps that its own figures lead to.

-- Counted from the event log by its own cursor. Forty days: no window looks back further.
create table outcome_hours (
  account_id integer not null,
  subaccount_id integer not null,
  hour timestamptz not null,
  accepted bigint not null default 0,
  delivered bigint not null default 0,
  -- Attempts that were put off.
  deferred bigint not null default 0,
  hard_bounces bigint not null default 0,
  other_bounces bigint not null default 0,
  complaints bigint not null default 0,
  -- Of the hard bounces those that say that nobody is there.
  unknown_users bigint not null default 0,
  -- Refusals that speak of spam traps or of this content as spam.
  trap_blocks bigint not null default 0,
  primary key (subaccount_id, hour)
);
create index outcome_hours_by_account on outcome_hours (account_id, hour);
create index outcome_hours_age on outcome_hours (hour);
insert into event_cursors select 'outcomes', case when is_called then last_value else 0 end from event_numbers;

-- The step that holds now. There once a subaccount's mail has harmed, or somebody has decided by hand.
create table reputations (
  account_id integer not null,
  subaccount_id integer primary key,
  step text not null default 'none' check (step in ('none', 'warn', 'slow', 'review', 'pause')),
  set_by text not null default 'system' check (set_by in ('system', 'parent', 'operator')),
  since timestamptz,
  -- When it ends by itself, or goes on when the figures still say so.
  until timestamptz,
  evidence jsonb not null default '[]',
  reason text not null default '' check (length(reason) <= 500),
  exempt_until timestamptz,
  exempt_by text check (exempt_by in ('parent', 'operator')),
  -- Figures before a reset do not count any more.
  counted_from timestamptz,
  judged_at timestamptz,
  judge_at timestamptz,
  check ((step = 'none') = (until is null) and (until is null) = (since is null)),
  check ((exempt_until is null) = (exempt_by is null)),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index reputations_due on reputations (judge_at) where judge_at is not null;
create index reputations_by_account on reputations (account_id, subaccount_id);

-- Every change of step with what led to it. Four hundred days.
create table reputation_steps (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  at timestamptz not null,
  from_step text not null,
  step text not null,
  cause text not null check (cause in ('figures', 'ended', 'raised', 'reset', 'exempted')),
  set_by text not null,
  evidence jsonb not null default '[]',
  until timestamptz,
  reason text not null default ''
);
create index reputation_steps_by_subaccount on reputation_steps (subaccount_id, id);
create index reputation_steps_age on reputation_steps (at);

-- Where an account wants other limits than the built-in ones.
create table reputation_limits (
  account_id integer primary key,
  subaccount_id integer not null,
  measures jsonb not null,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
insert into unaudited_tables values ('outcome_hours'), ('reputation_steps');

-- Its mail is accepted and held until somebody has looked at it.
alter table subaccounts add column is_reviewed boolean not null default false;
create index subaccounts_reviewed on subaccounts (id) where is_reviewed;
-- The system's own hourly limit beside the one that was set; the smaller counts.
alter table quotas add column hour_cap bigint check (hour_cap >= 0);
