-- Embeds: pages of a subaccount inside its parent's own product. Link and session are one key of the kind 'embed': inactive until
-- its link is opened, and gone some time after its end.
alter table keys
  drop constraint keys_kind_check,
  drop constraint keys_check,
  -- In whose name an embed acts: it can do nothing that they cannot at that moment.
  add column made_by_key bigint references keys (id) on delete cascade,
  add column made_by_user bigint references users (id) on delete cascade,
  add constraint keys_kind_check check (kind in ('api', 'smtp', 'embed')),
  add constraint keys_smtp_check check (kind <> 'smtp' or grants = '{smtp:send}'),
  add constraint keys_embed_check check (num_nonnulls(made_by_key, made_by_user) = case kind when 'embed' then 1 else 0 end
    and (kind <> 'embed' or reach = 'subaccount' and expires_at is not null));
create index keys_by_maker_key on keys (made_by_key) where made_by_key is not null;
create index keys_by_maker_user on keys (made_by_user) where made_by_user is not null;
create index keys_embeds_by_end on keys (expires_at) where kind = 'embed';

create table embeds (
  account_id integer not null,
  subaccount_id integer not null,
  -- That of its key.
  id bigint primary key references keys (id) on delete cascade,
  token_hash bytea not null check (length(token_hash) = 32),
  pages text[] not null check (cardinality(pages) between 1 and 40),
  frame_ancestors text[] not null check (cardinality(frame_ancestors) between 1 and 10),
  theme text not null check (theme in ('light', 'dark', 'auto')),
  session_seconds integer not null check (session_seconds between 60 and 43200),
  opened_at timestamptz,
  opened_from inet,
  created_at timestamptz not null,
  check ((opened_at is null) = (opened_from is null)),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create unique index embeds_token_hash on embeds (token_hash);
create index embeds_by_account on embeds (account_id, id);
create index embeds_by_subaccount on embeds (subaccount_id, id);
