-- An entry may stop only mail whose From address is one sender's, in its compared form; empty: mail of all senders. It may be renewed
-- by what brought it there, and one that has ended stays for a year: `is_over` once that was told.
alter table suppressions
  add column only_sender text collate "C" not null default ''
    check (length(only_sender) <= 320 and only_sender !~ '[[:cntrl:]]'),
  add column renewals smallint not null default 0 check (renewals between 0 and 14),
  add column last_event_at timestamptz not null default now(),
  add column is_over boolean not null default false,
  add constraint suppressions_only_sender_check1 check (only_sender = '' or kind <> 'pattern'),
  add constraint suppressions_is_over_check check (not is_over or expires_at is not null),
  drop constraint suppressions_key,
  add constraint suppressions_key unique (subaccount_id, layer, address, kind, only_list, only_sender);
set local role lettershop_engine;
update suppressions set last_event_at = updated_at;
reset role;
drop index suppressions_by_end;
create index suppressions_by_end on suppressions (is_over, expires_at) where expires_at is not null;

-- For how many hours an entry of a cause stands (0: it stays), and whether an unsubscribe stops the one sender that it came from.
-- Null: as the account's own subaccount says, which says it for all; at last as below.
create table suppression_settings (
  account_id integer not null,
  subaccount_id integer not null unique,
  id bigint primary key default nextval('object_ids'),
  hard_bounce_hours smallint check (hard_bounce_hours between 0 and 8760),
  soft_bounce_hours smallint check (soft_bounce_hours between 1 and 8760),
  complaint_hours smallint check (complaint_hours between 0 and 8760),
  unsubscribe_hours smallint check (unsubscribe_hours between 0 and 8760),
  unsubscribe_holds_for text check (unsubscribe_holds_for in ('every_sender', 'one_sender')),
  updated_at timestamptz not null,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index suppression_settings_by_account on suppression_settings (account_id, id);

-- What counts for a subaccount. Nobody said: what delivery and reports put on a list stays, soft bounces are held as the account says.
create function suppression_settings_of(of_account integer, of_subaccount integer) returns table (hard_bounce_hours integer,
    soft_bounce_hours integer, complaint_hours integer, unsubscribe_hours integer, unsubscribe_holds_for text)
language sql stable as $$
  select coalesce(s.hard_bounce_hours, o.hard_bounce_hours, 0)::integer,
    coalesce(s.soft_bounce_hours, o.soft_bounce_hours, a.soft_bounce_hold_hours)::integer,
    coalesce(s.complaint_hours, o.complaint_hours, 0)::integer,
    coalesce(s.unsubscribe_hours, o.unsubscribe_hours, 0)::integer,
    coalesce(s.unsubscribe_holds_for, o.unsubscribe_holds_for, 'every_sender')
  from accounts a
  left join suppression_settings s on s.subaccount_id = of_subaccount
  left join suppression_settings o
    on o.subaccount_id = (select b.id from subaccounts b where b.account_id = of_account and b.is_own)
  where a.id = of_account
$$;

-- The end of an entry after an event: null stays.
create function suppression_end(last_event_at timestamptz, hours integer) returns timestamptz
language sql stable as $$
  select case when hours > 0 then last_event_at + hours * interval '1 hour' end
$$;

-- The same of one that was renewed: each renewal doubles the time, up to a year.
create function renewed_end(last_event_at timestamptz, first_end timestamptz, renewals integer) returns timestamptz
language sql stable as $$
  select last_event_at + make_interval(secs => least(extract(epoch from first_end - last_event_at)::float8 * 2 ^ renewals, 31536000))
$$;
