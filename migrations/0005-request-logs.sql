-- Request logs can be read by endpoint, and an account's own calls are not its own subaccount's business.
-- The audit log cannot be rewritten by whom it tells of; changes of the operator at the machine are in it.
alter table request_logs
  -- The path as the reference prints it, `/api/v1/messages/:id`; empty for SMTP.
  add column pattern text not null default '',
  add column reach text not null default 'account' check (reach in ('account', 'subaccount'));

revoke update, delete on audit_entries from lettershop_tenant;
-- Written by the engine.
revoke insert, update, delete on request_logs from lettershop_tenant;

create or replace function audit_value(value jsonb) returns jsonb language sql immutable parallel safe
  return case when length(value #>> '{}') > 1000 then to_jsonb(left(value #>> '{}', 200) || '...') else value end;

create or replace function audit_change() returns trigger language plpgsql as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}'::jsonb else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  row jsonb := case when tg_op = 'DELETE' then before else after end;
  actor text := current_setting('app.actor', true);
  account integer := coalesce((row ->> 'account_id')::integer, (row ->> 'id')::integer);
  changes jsonb;
begin
  select coalesce(jsonb_object_agg(key, case when key ~ 'secret|hash|token|sealed|password|private_key' then '"(secret)"'::jsonb
      when tg_op = 'UPDATE' then jsonb_build_array(audit_value(before -> key), audit_value(after -> key))
      else audit_value(row -> key) end), '{}')
    into changes
    from jsonb_object_keys(row) key
    where (before -> key) is distinct from (after -> key)
      and key not in ('account_id', 'updated_at', 'last_used_at', 'can_read', 'can_change', 'can_accept', 'mail_leaves', 'mail_dropped');
  if tg_op = 'UPDATE' and changes = '{}' then return null; end if;
  insert into audit_entries (account_id, subaccount_id, at, actor_kind, actor_id, request_id, action, subject, subject_id, changes)
  values (
    account,
    coalesce((row ->> 'subaccount_id')::integer, case tg_table_name when 'subaccounts' then (row ->> 'id')::integer end,
      nullif(current_setting('app.subaccount', true), '')::integer,
      -- The operator acts without a subaccount.
      (select s.id from subaccounts s where s.account_id = account and s.is_own)),
    now(), split_part(actor, ':', 1), split_part(actor, ':', 2), nullif(current_setting('app.request', true), ''),
    case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'deleted' end,
    tg_table_name,
    coalesce(row ->> 'id', row ->> 'user_id', row ->> 'level', row ->> 'subaccount_id'),
    changes);
  return null;
end $$;
