-- A report covers the whole account or one subaccount, the own one as any other: by who made it, not by where it stands.
alter table reports add column reach text not null default 'subaccount' check (reach in ('account', 'subaccount'));
update reports r set reach = 'account' from subaccounts s where s.id = r.subaccount_id and s.is_own;
alter table reports alter column reach drop default;
