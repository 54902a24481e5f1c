-- A webhook of the whole account may leave out some subaccounts, put several headers on its requests, or prove itself with
-- tokens that it asks for.
alter table webhooks
  add column except_subaccounts integer[] not null default '{}' check (cardinality(except_subaccounts) <= 10),
  add constraint webhooks_except_check check (except_subaccounts = '{}' or (reach = 'account' and only_subaccount_id is null)),
  drop constraint webhooks_auth_kind_check,
  add constraint webhooks_auth_kind_check check (auth_kind in ('none', 'basic', 'bearer', 'header', 'headers', 'oauth2'));
