-- Measures whose figures led to a step at the last look, also of a subaccount that is exempt from steps: by these the overview
-- puts subaccounts in order without reading anybody's hours.
alter table reputations add column over_limits text[] not null default '{}'
  check (over_limits <@ array['hard_bounces', 'unknown_users', 'complaints', 'trap_blocks']);
