-- Erasing a person: a job that takes one address out of everything of an account or of a subaccount. The address itself is
-- sealed and goes when the job is done; what stays is what was counted.
create table erasures (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  -- 'account': all subaccounts of the account; 'subaccount': this one only.
  reach text not null check (reach in ('account', 'subaccount')),
  sealed_address bytea,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done')),
  -- Where it goes on after a kill: step, subaccount, key.
  progress jsonb not null default '{}',
  counts jsonb not null default '{}',
  created_at timestamptz not null,
  finished_at timestamptz,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  check ((state = 'done') = (sealed_address is null)),
  check ((state = 'done') = (finished_at is not null))
);
create index erasures_waiting on erasures (id) where state <> 'done';
create index erasures_by_account on erasures (account_id, id);
create index erasures_by_subaccount on erasures (subaccount_id, id);
create index erasures_age on erasures (finished_at);

-- Last uses are written to many keys a minute: with room on the page they touch no index.
alter table keys set (fillfactor = 85);
