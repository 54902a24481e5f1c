-- The figures of a whole account, as hourly_figures without the dimensions: what all of its subaccounts did in an hour is read
-- from some rows for each hour instead of some for each hour, subaccount and series.
create table account_figures (
  account_id integer not null,
  at timestamp with time zone not null,
  kind text not null,
  class text not null,
  wait smallint not null,
  is_first boolean not null,
  n bigint not null,
  primary key (account_id, at, kind, class, wait, is_first)
) with (fillfactor = 90);

insert into unaudited_tables values ('account_figures');

select secure_tables();
-- Nobody below the account reads what the others of it did.
create policy whole_account on account_figures as restrictive to lettershop_tenant using ((select scope_sees_account()));

-- A node of before would count on without these: it finds no cursor of its name any more.
update event_cursors set consumer = 'account_figures' where consumer = 'figures';

-- Row security holds the owner, too.
set local role lettershop_engine;
insert into account_figures (account_id, at, kind, class, wait, is_first, n)
  select f.account_id, f.at, s.kind, s.class, f.wait, s.is_first, sum(f.n)
  from hourly_figures f join series s on s.id = f.series_id and s.subaccount_id = f.subaccount_id
  group by f.account_id, f.at, s.kind, s.class, f.wait, s.is_first;
reset role;
