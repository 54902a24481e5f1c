-- Templates and snippets: one table, as a snippet is a template of one body that other templates render.
create table templates (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  kind text not null check (kind in ('template', 'snippet')),
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9_-]{0,99}$'),
  name text not null check (length(name) between 1 and 200),
  category text not null default '' check (length(category) <= 100),
  share text not null default 'none' check (share in ('none', 'read', 'use')),
  -- Versions count from 1 and are never given twice; the draft is the newest one.
  draft_version integer not null default 1 check (draft_version > 0),
  published_version integer check (published_version <= draft_version),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (subaccount_id, kind, slug),
  unique (account_id, subaccount_id, id, share),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index templates_by_account on templates (account_id, id);
create index templates_by_subaccount on templates (subaccount_id, id);

-- What a version says never changes; old ones beyond the hundredth go. `share` follows its template's, so that row security
-- shows the versions of a shared one.
create table template_versions (
  account_id integer not null,
  subaccount_id integer not null,
  template_id bigint not null,
  version integer not null check (version > 0),
  share text not null check (share in ('none', 'read', 'use')),
  language text not null check (length(language) <= 40),
  subject text not null check (length(subject) <= 998),
  html text,
  text text,
  -- From, reply-to and tags where the call has none, and which of them the call may set.
  defaults jsonb not null,
  created_at timestamptz not null,
  primary key (template_id, version),
  check (html is not null or text is not null),
  foreign key (account_id, subaccount_id, template_id, share) references templates (account_id, subaccount_id, id, share)
    on update cascade on delete cascade
);
-- Which version is the draft and which is published is audited with the template.
insert into unaudited_tables values ('template_versions');
