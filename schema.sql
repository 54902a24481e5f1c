-- A picture of the schema, made by `npm run schema` from the migrations. Not a script.

create table account_figures (
  account_id integer not null,
  at timestamp with time zone not null,
  kind text not null,
  class text not null,
  wait smallint not null,
  is_first boolean not null,
  n bigint not null,
  size_bytes bigint,
  waited_ms bigint,
  engaged bigint
);
create table accounts (
  id integer not null default nextval('tenant_ids'::regclass),
  name text not null,
  retention_days smallint not null default 30,
  created_at timestamp with time zone not null default now(),
  is_system boolean not null default false,
  operator_stop text,
  system_stop text,
  month_starts_on smallint not null default 1,
  logs_requests boolean not null default false,
  status text not null default 
CASE
    WHEN ((operator_stop = 'deactivated'::text) OR (system_stop = 'deactivated'::text)) THEN 'deactivated'::text
    WHEN ((operator_stop = 'terminated'::text) OR (system_stop = 'terminated'::text)) THEN 'terminated'::text
    WHEN ((operator_stop = 'suspended'::text) OR (system_stop = 'suspended'::text)) THEN 'suspended'::text
    WHEN ((operator_stop = 'paused'::text) OR (system_stop = 'paused'::text)) THEN 'paused'::text
    ELSE 'active'::text
END,
  can_read boolean not null default ((COALESCE(operator_stop, ''::text) <> 'deactivated'::text) AND (COALESCE(system_stop, ''::text) <> 'deactivated'::text)),
  can_change boolean not null default ((COALESCE(operator_stop, 'paused'::text) = 'paused'::text) AND (COALESCE(system_stop, 'paused'::text) = 'paused'::text)),
  can_accept boolean not null default ((COALESCE(operator_stop, 'paused'::text) = 'paused'::text) AND (COALESCE(system_stop, 'paused'::text) = 'paused'::text)),
  mail_leaves boolean not null default ((COALESCE(operator_stop, 'deactivated'::text) = 'deactivated'::text) AND (COALESCE(system_stop, 'deactivated'::text) = 'deactivated'::text)),
  is_trial boolean not null default false,
  unknown_subaccount_mail text not null default 'refused'::text,
  soft_bounce_count smallint not null default 5,
  soft_bounce_days smallint not null default 30,
  soft_bounce_span_hours smallint not null default 72,
  soft_bounce_hold_hours smallint not null default 72,
  turn_weight smallint not null default 1,
  feedback_headers boolean not null default false
);
create table alert_firings (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  alert_id bigint not null,
  at timestamp with time zone not null,
  kind text not null,
  value double precision,
  volume bigint,
  from_at timestamp with time zone,
  delivery text not null,
  attempts smallint not null default 0,
  next_try_at timestamp with time zone,
  told_at timestamp with time zone,
  error text not null default ''::text
);
create table alerts (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  reach text not null,
  only_subaccount_id integer,
  name text not null,
  measure text not null,
  comparison text not null,
  threshold double precision not null,
  clear_at double precision not null,
  window_hours smallint not null,
  volume_min bigint not null default 0,
  quiet_minutes integer not null,
  target_kind text not null,
  target text not null,
  sealed_secret bytea,
  status text not null default 'active'::text,
  state text not null default 'ok'::text,
  state_since timestamp with time zone not null,
  told_state text not null default 'ok'::text,
  told_at timestamp with time zone,
  tested_at timestamp with time zone,
  next_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null
);
create table asked_mails (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  recipient text not null,
  purpose text not null,
  at timestamp with time zone not null
);
create table attempt_transcripts (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  attempt smallint not null,
  at timestamp with time zone not null,
  text text not null
);
create table audit_entries (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  at timestamp with time zone not null,
  actor_kind text not null,
  actor_id text not null,
  request_id text,
  action text not null,
  subject text not null,
  subject_id text not null,
  changes jsonb not null
);
create table blocklist_states (
  account_id integer not null,
  subaccount_id integer not null,
  address_id bigint not null,
  blocklist text not null,
  state text not null default 'unknown'::text,
  codes text[] not null default '{}'::text[],
  reason text not null default ''::text,
  since timestamp with time zone,
  checked_at timestamp with time zone,
  next_check_at timestamp with time zone not null
);
create table brand_hosts (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  name text not null,
  owner_token text not null,
  state text not null default 'unproven'::text,
  seen text not null default ''::text,
  explain text not null default ''::text,
  checked_at timestamp with time zone,
  next_check_at timestamp with time zone,
  proven_at timestamp with time zone,
  created_at timestamp with time zone not null
);
create table brand_logos (
  account_id integer not null,
  subaccount_id integer not null,
  type text not null,
  bytes bytea not null
);
create table brands (
  account_id integer not null,
  subaccount_id integer not null,
  name text not null,
  color text,
  support_address text,
  logo_hash text,
  updated_at timestamp with time zone not null
);
create table bulk_sends (
  account_id integer not null,
  subaccount_id integer not null,
  submission_id bigint not null,
  retention_days smallint not null,
  copies integer not null,
  accepted_at timestamp with time zone not null,
  check_at timestamp with time zone not null
);
create table captures (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  message_id bigint not null,
  mail_from text not null,
  recipient text not null,
  subject text not null,
  size_bytes integer not null,
  at timestamp with time zone not null,
  complains_at timestamp with time zone,
  content bytea not null
);
create table daily_figures (
  account_id integer not null,
  subaccount_id integer not null,
  day date not null,
  series_id bigint not null,
  n bigint not null,
  wait smallint not null default 0,
  size_bytes bigint,
  waited_ms bigint,
  engaged bigint
);
create table dmarc_reports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  domain_id bigint not null,
  reporter text not null,
  reference text not null,
  begins_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  policy text not null,
  messages bigint not null,
  passed bigint not null,
  rows integer not null,
  received_at timestamp with time zone not null
);
create table dmarc_rows (
  account_id integer not null,
  subaccount_id integer not null,
  report_id bigint not null,
  n integer not null,
  domain_id bigint not null,
  ends_at timestamp with time zone not null,
  source inet not null,
  header_from text not null,
  disposition text not null,
  dkim text not null,
  spf text not null,
  messages bigint not null
);
create table domain_keys (
  account_id integer not null,
  subaccount_id integer not null,
  domain_id bigint not null,
  selector text not null,
  algorithm text not null,
  sealed_private_key bytea not null,
  record text not null,
  state text not null default 'reserve'::text,
  seen_at timestamp with time zone,
  created_at timestamp with time zone not null default now()
);
create table domain_mail_proofs (
  account_id integer not null,
  subaccount_id integer not null,
  domain_id bigint not null,
  mailbox text not null,
  token_hash bytea not null,
  asked_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  proven_at timestamp with time zone
);
create table domain_owners (
  name text not null,
  account_id integer not null,
  proven_at timestamp with time zone not null
);
create table domain_sites (
  domain text not null,
  site text not null,
  seen_at timestamp with time zone not null,
  transport text
);
create table domains (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  name text not null,
  owner_token text not null,
  share text not null default 'none'::text,
  state text not null default 'unproven'::text,
  is_builtin boolean not null default false,
  proofs jsonb not null default '[]'::jsonb,
  checked_at timestamp with time zone,
  next_check_at timestamp with time zone,
  proven_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  mail_proven_at timestamp with time zone,
  own_selector text,
  is_bounce_proven boolean not null default false,
  is_default_bounce boolean not null default false,
  signing_domain_id bigint,
  bounces_to_itself boolean not null default false
);
create table embeds (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null,
  token_hash bytea not null,
  pages text[] not null,
  frame_ancestors text[] not null,
  theme text not null,
  session_seconds integer not null,
  opened_at timestamp with time zone,
  opened_from inet,
  created_at timestamp with time zone not null
);
create table engagements (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  kind text not null,
  ends_at timestamp with time zone not null
);
create table erasures (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  reach text not null,
  sealed_address bytea,
  state text not null default 'waiting'::text,
  progress jsonb not null default '{}'::jsonb,
  counts jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone
);
create table event_cursors (
  consumer text not null,
  seq bigint not null
);
create table event_spans (
  seq_from bigint not null,
  seq_until bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  first_id bigint not null default 0,
  last_id bigint not null default '9223372036854775807'::bigint,
  terms smallint not null default 1
);
create table events (
  seq bigint not null,
  at timestamp with time zone not null,
  retention_days smallint not null,
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint,
  submission_id bigint,
  kind text not null,
  data jsonb not null
) partition by LIST (retention_days);
create table exports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  covers_account boolean not null,
  kind text not null,
  form text not null,
  query jsonb not null,
  notify text,
  state text not null default 'waiting'::text,
  reached text not null default ''::text,
  row_count bigint not null default 0,
  size_bytes bigint not null default 0,
  attempts smallint not null default 0,
  problem text not null default ''::text,
  due_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone
);
create table handouts (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  webhook_id bigint not null,
  first_n bigint not null,
  last_n bigint not null,
  seqs bigint[] not null,
  from_at timestamp with time zone not null,
  until_at timestamp with time zone not null,
  at timestamp with time zone not null
);
create table hourly_figures (
  account_id integer not null,
  subaccount_id integer not null,
  at timestamp with time zone not null,
  series_id bigint not null,
  n bigint not null,
  wait smallint not null default 0,
  size_bytes bigint,
  waited_ms bigint,
  engaged bigint
);
create table idempotency_keys (
  account_id integer not null,
  subaccount_id integer not null,
  key_hash bytea not null,
  fingerprint bytea not null,
  answer jsonb not null,
  created_at timestamp with time zone not null
);
create table inbound_contents (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  bytes bytea not null,
  ends_at timestamp with time zone not null
);
create table inbound_domains (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  name text not null,
  owner_token text not null,
  state text not null default 'unproven'::text,
  seen text not null default ''::text,
  explain text not null default ''::text,
  checked_at timestamp with time zone,
  next_check_at timestamp with time zone,
  proven_at timestamp with time zone,
  created_at timestamp with time zone not null
);
create table inbound_mails (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  content_id bigint not null,
  domain_id bigint not null,
  route_id bigint not null,
  recipient text not null,
  mail_from text not null,
  remote_address inet not null,
  helo text not null,
  from_address text not null,
  subject text not null,
  size_bytes integer not null,
  is_automatic boolean not null,
  received_at timestamp with time zone not null,
  authentication jsonb,
  state text not null default 'waiting'::text,
  is_replay boolean not null default false,
  attempts integer not null default 0,
  due_at timestamp with time zone not null,
  refused_since timestamp with time zone,
  last_tried_at timestamp with time zone,
  last_status integer,
  last_error text not null default ''::text,
  finished_at timestamp with time zone,
  leased_by smallint,
  leased_until timestamp with time zone
);
create table inbound_reports (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  kind text not null,
  at timestamp with time zone not null
);
create table inbound_route_health (
  account_id integer not null,
  subaccount_id integer not null,
  route_id bigint not null,
  failures integer not null default 0,
  failing_since timestamp with time zone,
  next_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  last_failure text not null default ''::text,
  last_failure_at timestamp with time zone,
  last_taken_at timestamp with time zone
);
create table inbound_routes (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null,
  domain_id bigint not null,
  name text not null,
  pattern text not null,
  url text not null,
  status text not null,
  auth_kind text not null,
  auth_name text not null,
  sealed_auth bytea,
  sealed_secret bytea not null,
  sealed_old_secret bytea,
  old_secret_until timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  format text not null default 'native'::text
);
create table inbound_unread (
  id bigint not null default nextval('object_ids'::regclass),
  at timestamp with time zone not null,
  mailbox text not null,
  why text not null,
  remote_address inet not null,
  mail_from text not null,
  recipient text not null,
  size_bytes integer not null,
  content bytea not null
);
create table installation (
  name text not null,
  value jsonb not null
);
create table invitation_memberships (
  account_id integer not null,
  subaccount_id integer not null,
  invitation_id bigint not null,
  reach text not null,
  role text not null,
  grants text[],
  templates bigint[],
  hidden_pages text[] not null default '{}'::text[]
);
create table invitations (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  email text not null,
  token_hash bytea not null,
  note text not null default ''::text,
  invited_by text not null,
  sent_at timestamp with time zone not null,
  sent_count integer not null default 1,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null
);
create table keys (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  kind text not null default 'api'::text,
  reach text not null,
  public_id text not null,
  secret_hash bytea not null,
  name text not null,
  grants text[] not null,
  domain_limit text,
  allowed_addresses cidr[] not null default '{}'::cidr[],
  status text not null default 'active'::text,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  user_id bigint,
  template_ids bigint[],
  made_by_key bigint,
  made_by_user bigint
);
create table known_recipients (
  account_id integer not null,
  subaccount_id integer not null,
  mark bigint not null,
  first_on date not null,
  engaged_on date
);
create table list_recipients (
  account_id integer not null,
  subaccount_id integer not null,
  list_id bigint not null,
  id bigint not null default nextval('object_ids'::regclass),
  address text not null,
  name text not null default ''::text,
  data jsonb not null default '{}'::jsonb,
  metadata jsonb not null default '{}'::jsonb,
  tags text[] not null default '{}'::text[],
  size_bytes integer not null,
  created_at timestamp with time zone not null
);
create table login_links (
  token_hash bytea not null,
  user_id bigint not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now()
);
create table login_methods (
  id bigint not null default nextval('object_ids'::regclass),
  user_id bigint not null,
  provider text not null,
  subject text not null,
  password_hash text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now()
);
create table login_proofs (
  id text not null default (gen_random_uuid())::text,
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now()
);
create table login_rates (
  id text not null default (gen_random_uuid())::text,
  key text not null,
  count integer not null,
  last_request bigint not null
);
create table memberships (
  account_id integer not null,
  subaccount_id integer not null,
  user_id bigint not null,
  reach text not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  grants text[],
  templates bigint[],
  hidden_pages text[] not null default '{}'::text[],
  is_told boolean not null default true
);
create table messages (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null,
  retention_days smallint not null,
  submission_id bigint not null,
  recipient text not null,
  data jsonb,
  state text not null,
  state_at timestamp with time zone not null,
  attempts smallint not null default 0,
  recipient_hash integer default ((('x'::text || substr(md5(lower(recipient)), 1, 8)))::bit(32))::integer
) partition by LIST (retention_days);
create table metadata_fields (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  name text not null,
  view_template text not null default ''::text,
  share text not null,
  created_at timestamp with time zone not null
);
create table nodes (
  number smallint not null,
  instance uuid not null,
  incarnation bigint not null,
  host text not null,
  pid integer not null,
  term_ends_at timestamp with time zone not null,
  newest_id_ms bigint not null default 0,
  started_at timestamp with time zone not null
);
create table notice_subjects (
  account_id integer not null,
  subaccount_id integer not null,
  kind text not null,
  subject text not null,
  line text not null,
  n integer not null default 0,
  at timestamp with time zone not null,
  told_at timestamp with time zone,
  user_id bigint not null
);
create table outbox (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  recipient text not null,
  subject text not null,
  content jsonb not null,
  created_at timestamp with time zone not null
);
create table outcome_hours (
  account_id integer not null,
  subaccount_id integer not null,
  hour timestamp with time zone not null,
  accepted bigint not null default 0,
  delivered bigint not null default 0,
  deferred bigint not null default 0,
  hard_bounces bigint not null default 0,
  other_bounces bigint not null default 0,
  complaints bigint not null default 0,
  unknown_users bigint not null default 0,
  trap_blocks bigint not null default 0,
  suppressed bigint not null default 0
);
create table partitioned_tables (
  name text not null,
  range_key text not null
);
create table passkeys (
  id bigint not null default nextval('object_ids'::regclass),
  user_id bigint not null,
  name text,
  public_key text not null,
  credential_id text not null,
  counter bigint not null,
  device_type text not null,
  is_backed_up boolean not null,
  transports text,
  aaguid text,
  created_at timestamp with time zone default now(),
  rp_id text
);
create table perhaps_delivered (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  attempt smallint not null,
  node smallint not null,
  cause text not null,
  resolution text not null,
  at timestamp with time zone not null
);
create table pools (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  name text not null,
  is_default boolean not null default false,
  created_at timestamp with time zone not null default now(),
  signing_domain_id bigint,
  feedback_domain_id bigint
);
create table postings (
  account_id integer not null,
  subaccount_id integer not null,
  retention_days smallint not null,
  at timestamp with time zone not null,
  term bigint not null,
  bucket integer not null,
  marks bigint not null
) partition by LIST (retention_days);
create table queue (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  submission_id bigint not null,
  retention_days smallint not null,
  lane smallint not null,
  domain text not null,
  due_at timestamp with time zone not null,
  leased_by smallint,
  hold text,
  hold_until timestamp with time zone,
  attempts smallint not null default 0,
  began_at timestamp with time zone not null,
  held_ms bigint not null default 0,
  rather_not boolean not null default false,
  dot_at timestamp with time zone,
  last_site text,
  is_admitted boolean not null default true,
  held_at timestamp with time zone,
  pool_id bigint not null default 0,
  tags text[],
  held_by bigint
);
create table queue_actions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  at timestamp with time zone not null,
  action text not null,
  filter jsonb not null,
  changed integer not null
);
create table quota_tellings (
  account_id integer not null,
  subaccount_id integer not null,
  level text not null,
  period text not null,
  start timestamp with time zone not null
);
create table quotas (
  account_id integer not null,
  subaccount_id integer not null,
  level text not null,
  hour_max bigint,
  day_max bigint,
  month_max bigint,
  is_automatic boolean not null default false,
  hour_start timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  hour_used bigint not null default 0,
  day_start timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  day_used bigint not null default 0,
  month_start timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  month_used bigint not null default 0,
  hour_cap bigint
);
create table recipient_lists (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  slug text not null,
  name text not null,
  description text not null default ''::text,
  attributes jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  revision integer not null default 1
);
create table reports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  name text not null,
  share text not null default 'none'::text,
  query jsonb not null,
  period text not null,
  every text,
  at_hour smallint not null default 6,
  people bigint[] not null default '{}'::bigint[],
  next_at timestamp with time zone,
  created_at timestamp with time zone not null,
  reach text not null
);
create table reputation_limits (
  account_id integer not null,
  subaccount_id integer not null,
  measures jsonb not null
);
create table reputation_steps (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  at timestamp with time zone not null,
  from_step text not null,
  step text not null,
  cause text not null,
  set_by text not null,
  evidence jsonb not null default '[]'::jsonb,
  until timestamp with time zone,
  reason text not null default ''::text
);
create table reputations (
  account_id integer not null,
  subaccount_id integer not null,
  step text not null default 'none'::text,
  set_by text not null default 'system'::text,
  since timestamp with time zone,
  until timestamp with time zone,
  evidence jsonb not null default '[]'::jsonb,
  reason text not null default ''::text,
  exempt_until timestamp with time zone,
  exempt_by text,
  counted_from timestamp with time zone,
  judged_at timestamp with time zone,
  judge_at timestamp with time zone,
  over_limits text[] not null default '{}'::text[]
);
create table request_logs (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  at timestamp with time zone not null,
  request_id text not null,
  door text not null,
  method text not null,
  path text not null,
  status integer not null,
  actor_kind text not null,
  actor_id text not null,
  remote_address inet not null,
  user_agent text not null default ''::text,
  ms real not null,
  request text not null default ''::text,
  response text not null default ''::text,
  pattern text not null default ''::text,
  reach text not null default 'account'::text
);
create table schema_migrations (
  version integer not null,
  name text not null,
  ran_at timestamp with time zone not null default now()
);
create table second_factors (
  id bigint not null default nextval('object_ids'::regclass),
  user_id bigint not null,
  secret text not null,
  backup_codes text not null,
  is_verified boolean not null default true,
  failures integer not null default 0,
  locked_until timestamp with time zone
);
create table sender_letters (
  account_id integer not null,
  subaccount_id integer not null,
  subject text not null,
  body text not null
);
create table senders (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  email text not null,
  address text not null,
  name text not null default ''::text,
  reply_to_email text,
  reply_to_name text,
  note text not null default ''::text,
  domain_id bigint,
  state text not null default 'unproven'::text,
  token_hash bytea not null,
  expires_at timestamp with time zone not null,
  resends integer not null default 0,
  sent_at timestamp with time zone not null,
  proven_at timestamp with time zone,
  policy text not null default 'unknown'::text,
  policy_checked_at timestamp with time zone,
  next_check_at timestamp with time zone,
  created_at timestamp with time zone not null
);
create table series (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  hash uuid not null,
  opened_on date not null,
  kind text not null,
  class text not null,
  is_first boolean not null,
  sending_domain text,
  recipient_domain text,
  site text,
  source text,
  pool_id bigint,
  template_id bigint,
  campaign text,
  tags jsonb not null,
  folded text[] not null,
  sender_address text,
  reason text,
  link text,
  attempt text,
  subject text
);
create table sessions (
  id bigint not null default nextval('object_ids'::regclass),
  user_id bigint not null,
  token_hash text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  remote_address text,
  user_agent text,
  current_account integer,
  current_subaccount integer,
  host text
);
create table site_limits (
  account_id integer not null,
  subaccount_id integer not null,
  site text not null,
  connections integer,
  messages_per_connection integer,
  messages_per_hour integer
);
create table site_states (
  node smallint not null,
  site text not null,
  address_id bigint not null,
  profile text not null,
  level smallint not null,
  reason text not null,
  since timestamp with time zone not null,
  until timestamp with time zone,
  connections integer not null,
  messages_per_second real,
  seen_at timestamp with time zone not null
);
create table soft_bounces (
  account_id integer not null,
  subaccount_id integer not null,
  address text not null,
  message_id bigint not null,
  at timestamp with time zone not null
);
create table source_addresses (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  address inet not null,
  ehlo_name text not null,
  node text not null,
  pool_id bigint,
  warmup_caps integer[] not null default '{}'::integer[],
  warmup_started_on date,
  overflow_pool_id bigint,
  created_at timestamp with time zone not null default now()
);
create table sts_policies (
  domain text not null,
  policy_id text not null,
  mode text not null,
  mx text[] not null,
  max_age_seconds integer not null,
  fetched_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);
create table subaccounts (
  account_id integer not null,
  id integer not null default nextval('tenant_ids'::regclass),
  is_own boolean not null default false,
  name text not null,
  external_id text,
  notes text not null default ''::text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  stage text not null default 'active'::text,
  operator_stop text,
  system_stop text,
  parent_stop text,
  stop_reasons jsonb not null default '{}'::jsonb,
  is_trial boolean not null default false,
  profile jsonb not null default '{}'::jsonb,
  pool_id bigint,
  retires_at timestamp with time zone,
  purge_at timestamp with time zone,
  purged_at timestamp with time zone,
  status text not null default 
CASE
    WHEN (stage = ANY (ARRAY['retired'::text, 'deleted'::text])) THEN stage
    WHEN ((operator_stop = 'deactivated'::text) OR (system_stop = 'deactivated'::text) OR (parent_stop = 'deactivated'::text)) THEN 'deactivated'::text
    WHEN ((operator_stop = 'terminated'::text) OR (system_stop = 'terminated'::text) OR (parent_stop = 'terminated'::text)) THEN 'terminated'::text
    WHEN ((operator_stop = 'suspended'::text) OR (system_stop = 'suspended'::text) OR (parent_stop = 'suspended'::text)) THEN 'suspended'::text
    WHEN ((operator_stop = 'paused'::text) OR (system_stop = 'paused'::text) OR (parent_stop = 'paused'::text)) THEN 'paused'::text
    ELSE stage
END,
  can_read boolean not null default ((stage <> ALL (ARRAY['retired'::text, 'deleted'::text])) AND (NOT ((COALESCE(operator_stop, ''::text) = 'deactivated'::text) OR (COALESCE(system_stop, ''::text) = 'deactivated'::text) OR (COALESCE(parent_stop, ''::text) = 'deactivated'::text)))),
  can_change boolean not null default ((stage <> ALL (ARRAY['retired'::text, 'deleted'::text])) AND (COALESCE(operator_stop, 'paused'::text) = 'paused'::text) AND (COALESCE(system_stop, 'paused'::text) = 'paused'::text) AND (COALESCE(parent_stop, 'paused'::text) = 'paused'::text)),
  can_accept boolean not null default ((stage <> ALL (ARRAY['retired'::text, 'deleted'::text])) AND (COALESCE(operator_stop, 'paused'::text) = 'paused'::text) AND (COALESCE(system_stop, 'paused'::text) = 'paused'::text) AND (COALESCE(parent_stop, 'paused'::text) = 'paused'::text)),
  mail_leaves boolean not null default ((stage <> ALL (ARRAY['retired'::text, 'deleted'::text])) AND (COALESCE(operator_stop, 'deactivated'::text) = 'deactivated'::text) AND (COALESCE(system_stop, 'deactivated'::text) = 'deactivated'::text) AND (COALESCE(parent_stop, 'deactivated'::text) = 'deactivated'::text)),
  mail_dropped boolean not null default (stage = ANY (ARRAY['retired'::text, 'deleted'::text])),
  mails_summaries boolean not null default false,
  allows_own_html boolean not null default true,
  allows_blank_template boolean not null default true,
  is_reviewed boolean not null default false
);
create table submissions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null,
  retention_days smallint not null,
  key_id bigint not null,
  door text not null,
  format text not null,
  mail_from text not null,
  from_address text not null,
  domain_id bigint not null,
  subject text not null,
  options jsonb not null,
  size_bytes integer not null,
  content bytea not null
) partition by LIST (retention_days);
create table suppression_imports (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  layer text not null,
  format text not null,
  state text not null default 'running'::text,
  read integer not null default 0,
  added integer not null default 0,
  changed integer not null default 0,
  bad integer not null default 0,
  bad_lines jsonb not null default '[]'::jsonb,
  created_at timestamp with time zone not null,
  moved_at timestamp with time zone not null,
  finished_at timestamp with time zone
);
create table suppression_settings (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  hard_bounce_hours smallint,
  soft_bounce_hours smallint,
  complaint_hours smallint,
  unsubscribe_hours smallint,
  unsubscribe_holds_for text,
  updated_at timestamp with time zone not null
);
create table suppressions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  layer text not null,
  address text not null,
  kind text not null,
  source text not null,
  reason text not null default ''::text,
  created_at timestamp with time zone not null,
  stops_transactional boolean not null default true,
  stops_bulk boolean not null default true,
  expires_at timestamp with time zone,
  sender text not null default ''::text,
  list text not null default ''::text,
  message_id bigint,
  updated_at timestamp with time zone not null default now(),
  is_erased boolean default (POSITION(('@'::text) IN (address)) = 0),
  domain text default "substring"(address, '@([^@]*)$'::text),
  is_glob boolean default ((kind = 'pattern'::text) AND (address !~ '^\*@[^*?]+$'::text)),
  only_list text not null default ''::text,
  only_sender text not null default ''::text,
  renewals smallint not null default 0,
  last_event_at timestamp with time zone not null default now(),
  is_over boolean not null default false
);
create table suspensions (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  authority text not null,
  for_subaccount integer,
  kind text not null,
  value text not null,
  reason text not null default ''::text,
  set_by text not null,
  until timestamp with time zone,
  created_at timestamp with time zone not null
);
create table template_versions (
  account_id integer not null,
  subaccount_id integer not null,
  template_id bigint not null,
  version integer not null,
  share text not null,
  language text not null,
  subject text not null,
  html text,
  text text,
  defaults jsonb not null,
  created_at timestamp with time zone not null,
  markup jsonb,
  amp text
);
create table templates (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  kind text not null,
  slug text not null,
  name text not null,
  share text not null default 'none'::text,
  draft_version integer not null default 1,
  published_version integer,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  description text not null default ''::text,
  labels text[] not null default '{}'::text[]
);
create table tls_reports (
  day date not null,
  domain text not null,
  state text not null,
  due_at timestamp with time zone not null,
  sent_to text[] not null default '{}'::text[]
);
create table tls_sessions (
  day date not null,
  domain text not null,
  policy_key text not null,
  result text not null,
  mx text not null,
  address text not null,
  policy jsonb not null,
  detail text not null,
  sessions bigint not null
);
create table tracking_domains (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  name text not null,
  owner_token text not null,
  share text not null default 'none'::text,
  state text not null default 'unproven'::text,
  is_default boolean not null default false,
  is_secure boolean not null default false,
  seen text not null default ''::text,
  explain text not null default ''::text,
  checked_at timestamp with time zone,
  next_check_at timestamp with time zone,
  proven_at timestamp with time zone,
  created_at timestamp with time zone not null
);
create table tracking_links (
  account_id integer not null,
  subaccount_id integer not null,
  domain_id bigint not null,
  tracking_domain_id bigint not null
);
create table tracking_settings (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  domain_id bigint,
  opens boolean,
  initial_opens boolean,
  clicks boolean,
  text_clicks boolean,
  updated_at timestamp with time zone not null,
  smtp_opens boolean,
  smtp_initial_opens boolean,
  smtp_clicks boolean,
  smtp_text_clicks boolean,
  transactional_unsubscribe boolean,
  lane text
);
create table turn_weights (
  account_id integer not null,
  subaccount_id integer not null,
  weight smallint not null
);
create table unaudited_tables (
  name text not null
);
create table usage_months (
  account_id integer not null,
  subaccount_id integer not null,
  level text not null,
  month_start timestamp with time zone not null,
  used bigint not null
);
create table users (
  id bigint not null default nextval('object_ids'::regclass),
  email text not null,
  name text not null default ''::text,
  created_at timestamp with time zone not null default now(),
  is_email_verified boolean not null default false,
  image text,
  has_second_factor boolean not null default false,
  updated_at timestamp with time zone not null default now()
);
create table warmup_days (
  account_id integer not null,
  subaccount_id integer not null,
  address_id bigint not null,
  day date not null,
  taken integer not null,
  unsent integer not null default 0
);
create table webhook_days (
  account_id integer not null,
  subaccount_id integer not null,
  webhook_id bigint not null,
  day date not null,
  kind text not null,
  n bigint not null,
  first_n bigint not null,
  last_n bigint not null
);
create table webhook_deliveries (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  webhook_id bigint not null,
  at timestamp with time zone not null,
  kind text not null,
  first_n bigint,
  last_n bigint,
  failures integer not null,
  is_taken boolean not null,
  status integer,
  error text,
  ms real not null,
  request_headers text not null,
  request_body text not null,
  request_bytes integer not null,
  response_headers text not null default ''::text,
  response_body text not null default ''::text
);
create table webhook_failures (
  account_id integer not null,
  subaccount_id integer not null,
  webhook_id bigint not null,
  first_n bigint not null,
  last_n bigint not null,
  cause text not null,
  at timestamp with time zone not null
);
create table webhook_progress (
  account_id integer not null,
  subaccount_id integer not null,
  webhook_id bigint not null,
  is_paused boolean not null default false,
  last_n bigint not null default 0,
  sent_n bigint not null default 0,
  last_day date not null default '-infinity'::date,
  replay_id bigint,
  breaker text not null default 'closed'::text,
  failures integer not null default 0,
  failing_since timestamp with time zone,
  refused_since timestamp with time zone,
  retry_count smallint,
  is_slow boolean not null default false,
  next_at timestamp with time zone not null default '1970-01-01 00:00:00+00'::timestamp with time zone,
  lease bigint,
  leased_by smallint,
  leased_until timestamp with time zone,
  has_work boolean not null default ((NOT is_paused) AND (breaker <> 'stopped'::text) AND ((sent_n < last_n) OR (replay_id IS NOT NULL)))
);
create table webhook_replays (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  webhook_id bigint not null,
  kind text not null,
  first_n bigint not null,
  last_n bigint not null,
  next_n bigint not null,
  state text not null default 'running'::text,
  created_at timestamp with time zone not null
);
create table webhooks (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint not null default nextval('object_ids'::regclass),
  reach text not null,
  only_subaccount_id integer,
  name text not null,
  url text not null,
  kinds text[],
  format text not null default 'native'::text,
  batch_max smallint not null default 500,
  status text not null default 'active'::text,
  auth_kind text not null default 'none'::text,
  auth_name text not null default ''::text,
  sealed_auth bytea,
  sealed_secret bytea not null,
  sealed_old_secret bytea,
  old_secret_until timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  names text[],
  except_subaccounts integer[] not null default '{}'::integer[]
);

alter table account_figures add constraint account_figures_pkey PRIMARY KEY (account_id, at, kind, class, wait, is_first);
alter table accounts add constraint accounts_month_starts_on_check CHECK (((month_starts_on >= 1) AND (month_starts_on <= 28)));
alter table accounts add constraint accounts_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table accounts add constraint accounts_operator_stop_check CHECK ((operator_stop = ANY (ARRAY['paused'::text, 'suspended'::text, 'terminated'::text, 'deactivated'::text])));
alter table accounts add constraint accounts_pkey PRIMARY KEY (id);
alter table accounts add constraint accounts_retention_days_check CHECK ((retention_days = ANY (ARRAY[7, 30, 90, 400])));
alter table accounts add constraint accounts_soft_bounce_count_check CHECK (((soft_bounce_count >= 2) AND (soft_bounce_count <= 100)));
alter table accounts add constraint accounts_soft_bounce_days_check CHECK (((soft_bounce_days >= 1) AND (soft_bounce_days <= 90)));
alter table accounts add constraint accounts_soft_bounce_hold_hours_check CHECK (((soft_bounce_hold_hours >= 1) AND (soft_bounce_hold_hours <= 2160)));
alter table accounts add constraint accounts_soft_bounce_span_hours_check CHECK (((soft_bounce_span_hours >= 0) AND (soft_bounce_span_hours <= 2160)));
alter table accounts add constraint accounts_system_stop_check CHECK ((system_stop = ANY (ARRAY['paused'::text, 'suspended'::text, 'terminated'::text, 'deactivated'::text])));
alter table accounts add constraint accounts_turn_weight_check CHECK (((turn_weight >= 1) AND (turn_weight <= 100)));
alter table accounts add constraint accounts_unknown_subaccount_mail_check CHECK ((unknown_subaccount_mail = ANY (ARRAY['refused'::text, 'rejected'::text])));
alter table alert_firings add constraint alert_firings_account_id_subaccount_id_alert_id_fkey FOREIGN KEY (account_id, subaccount_id, alert_id) REFERENCES alerts(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table alert_firings add constraint alert_firings_check CHECK (((delivery = 'waiting'::text) = (next_try_at IS NOT NULL)));
alter table alert_firings add constraint alert_firings_delivery_check CHECK ((delivery = ANY (ARRAY['quiet'::text, 'waiting'::text, 'sent'::text, 'failed'::text])));
alter table alert_firings add constraint alert_firings_kind_check CHECK ((kind = ANY (ARRAY['fired'::text, 'cleared'::text, 'test'::text])));
alter table alert_firings add constraint alert_firings_pkey PRIMARY KEY (id);
alter table alerts add constraint alerts_account_id_only_subaccount_id_fkey FOREIGN KEY (account_id, only_subaccount_id) REFERENCES subaccounts(account_id, id);
alter table alerts add constraint alerts_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table alerts add constraint alerts_account_id_subaccount_id_id_key UNIQUE (account_id, subaccount_id, id);
alter table alerts add constraint alerts_check CHECK (((reach = 'account'::text) OR (only_subaccount_id = subaccount_id)));
alter table alerts add constraint alerts_check1 CHECK (((target_kind = 'webhook'::text) = (sealed_secret IS NOT NULL)));
alter table alerts add constraint alerts_check2 CHECK (
CASE comparison
    WHEN 'above'::text THEN (clear_at <= threshold)
    ELSE (clear_at >= threshold)
END);
alter table alerts add constraint alerts_clear_at_check CHECK ((clear_at >= (0)::double precision));
alter table alerts add constraint alerts_comparison_check CHECK ((comparison = ANY (ARRAY['above'::text, 'below'::text])));
alter table alerts add constraint alerts_measure_check CHECK ((measure = ANY (ARRAY['bounce_rate'::text, 'hard_bounce_rate'::text, 'complaint_rate'::text, 'deferral_rate'::text, 'sent'::text, 'domains_lost'::text, 'webhooks_failing'::text])));
alter table alerts add constraint alerts_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table alerts add constraint alerts_pkey PRIMARY KEY (id);
alter table alerts add constraint alerts_quiet_minutes_check CHECK (((quiet_minutes >= 15) AND (quiet_minutes <= 10080)));
alter table alerts add constraint alerts_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table alerts add constraint alerts_state_check CHECK ((state = ANY (ARRAY['ok'::text, 'firing'::text])));
alter table alerts add constraint alerts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text])));
alter table alerts add constraint alerts_target_check CHECK (((length(target) >= 1) AND (length(target) <= 2000)));
alter table alerts add constraint alerts_target_kind_check CHECK ((target_kind = ANY (ARRAY['mail'::text, 'webhook'::text, 'slack'::text])));
alter table alerts add constraint alerts_threshold_check CHECK ((threshold >= (0)::double precision));
alter table alerts add constraint alerts_told_state_check CHECK ((told_state = ANY (ARRAY['ok'::text, 'firing'::text])));
alter table alerts add constraint alerts_volume_min_check CHECK ((volume_min >= 0));
alter table alerts add constraint alerts_window_hours_check CHECK (((window_hours >= 1) AND (window_hours <= 720)));
alter table asked_mails add constraint asked_mails_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table asked_mails add constraint asked_mails_pkey PRIMARY KEY (id);
alter table asked_mails add constraint asked_mails_purpose_check CHECK ((purpose = ANY (ARRAY['domain_instructions'::text, 'domain_proof'::text, 'sender_proof'::text, 'report_link'::text, 'export_ready'::text])));
alter table attempt_transcripts add constraint attempt_transcripts_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table attempt_transcripts add constraint attempt_transcripts_pkey PRIMARY KEY (subaccount_id, message_id);
alter table attempt_transcripts add constraint attempt_transcripts_text_check CHECK ((length(text) <= 10000));
alter table audit_entries add constraint audit_entries_action_check CHECK ((action = ANY (ARRAY['created'::text, 'changed'::text, 'deleted'::text])));
alter table audit_entries add constraint audit_entries_pkey PRIMARY KEY (id);
alter table blocklist_states add constraint blocklist_states_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table blocklist_states add constraint blocklist_states_address_id_fkey FOREIGN KEY (address_id) REFERENCES source_addresses(id) ON DELETE CASCADE;
alter table blocklist_states add constraint blocklist_states_blocklist_check CHECK (((length(blocklist) >= 1) AND (length(blocklist) <= 253)));
alter table blocklist_states add constraint blocklist_states_check CHECK (((state = 'unknown'::text) = (since IS NULL)));
alter table blocklist_states add constraint blocklist_states_pkey PRIMARY KEY (address_id, blocklist);
alter table blocklist_states add constraint blocklist_states_reason_check CHECK ((length(reason) <= 500));
alter table blocklist_states add constraint blocklist_states_state_check CHECK ((state = ANY (ARRAY['unknown'::text, 'clear'::text, 'listed'::text])));
alter table brand_hosts add constraint brand_hosts_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table brand_hosts add constraint brand_hosts_name_check CHECK (((name = lower(name)) AND (length(name) <= 253)));
alter table brand_hosts add constraint brand_hosts_pkey PRIMARY KEY (id);
alter table brand_hosts add constraint brand_hosts_state_check CHECK ((state = ANY (ARRAY['unproven'::text, 'proven'::text, 'lost'::text])));
alter table brand_hosts add constraint brand_hosts_subaccount_id_name_key UNIQUE (subaccount_id, name);
alter table brand_logos add constraint brand_logos_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES brands(account_id, subaccount_id) ON DELETE CASCADE;
alter table brand_logos add constraint brand_logos_bytes_check CHECK ((length(bytes) <= 65536));
alter table brand_logos add constraint brand_logos_pkey PRIMARY KEY (subaccount_id);
alter table brand_logos add constraint brand_logos_type_check CHECK ((type = ANY (ARRAY['image/png'::text, 'image/jpeg'::text, 'image/webp'::text])));
alter table brands add constraint brands_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table brands add constraint brands_account_id_subaccount_id_key UNIQUE (account_id, subaccount_id);
alter table brands add constraint brands_color_check CHECK ((color ~ '^#[0-9a-f]{6}$'::text));
alter table brands add constraint brands_name_check CHECK (((length(name) >= 1) AND (length(name) <= 60)));
alter table brands add constraint brands_pkey PRIMARY KEY (subaccount_id);
alter table brands add constraint brands_support_address_check CHECK ((length(support_address) <= 320));
alter table bulk_sends add constraint bulk_sends_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table bulk_sends add constraint bulk_sends_copies_check CHECK ((copies > 1));
alter table bulk_sends add constraint bulk_sends_pkey PRIMARY KEY (subaccount_id, submission_id);
alter table captures add constraint captures_pkey PRIMARY KEY (id);
alter table daily_figures add constraint daily_figures_pkey PRIMARY KEY (subaccount_id, day, series_id, wait);
alter table daily_figures add constraint daily_figures_wait_check CHECK (((wait >= 0) AND (wait <= 100)));
alter table dmarc_reports add constraint dmarc_reports_account_id_subaccount_id_domain_id_fkey FOREIGN KEY (account_id, subaccount_id, domain_id) REFERENCES domains(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table dmarc_reports add constraint dmarc_reports_account_id_subaccount_id_id_key UNIQUE (account_id, subaccount_id, id);
alter table dmarc_reports add constraint dmarc_reports_check CHECK ((ends_at >= begins_at));
alter table dmarc_reports add constraint dmarc_reports_check1 CHECK (((passed >= 0) AND (passed <= messages)));
alter table dmarc_reports add constraint dmarc_reports_domain_id_reporter_reference_key UNIQUE (domain_id, reporter, reference);
alter table dmarc_reports add constraint dmarc_reports_messages_check CHECK ((messages >= 0));
alter table dmarc_reports add constraint dmarc_reports_pkey PRIMARY KEY (id);
alter table dmarc_reports add constraint dmarc_reports_policy_check CHECK ((policy = ANY (ARRAY['none'::text, 'quarantine'::text, 'reject'::text])));
alter table dmarc_reports add constraint dmarc_reports_reference_check CHECK (((length(reference) >= 1) AND (length(reference) <= 255)));
alter table dmarc_reports add constraint dmarc_reports_reporter_check CHECK (((length(reporter) >= 1) AND (length(reporter) <= 255)));
alter table dmarc_reports add constraint dmarc_reports_rows_check CHECK ((rows > 0));
alter table dmarc_rows add constraint dmarc_rows_account_id_subaccount_id_report_id_fkey FOREIGN KEY (account_id, subaccount_id, report_id) REFERENCES dmarc_reports(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table dmarc_rows add constraint dmarc_rows_disposition_check CHECK ((disposition = ANY (ARRAY['none'::text, 'quarantine'::text, 'reject'::text])));
alter table dmarc_rows add constraint dmarc_rows_dkim_check CHECK ((dkim = ANY (ARRAY['pass'::text, 'fail'::text])));
alter table dmarc_rows add constraint dmarc_rows_header_from_check CHECK ((length(header_from) <= 253));
alter table dmarc_rows add constraint dmarc_rows_messages_check CHECK ((messages > 0));
alter table dmarc_rows add constraint dmarc_rows_pkey PRIMARY KEY (report_id, n);
alter table dmarc_rows add constraint dmarc_rows_spf_check CHECK ((spf = ANY (ARRAY['pass'::text, 'fail'::text])));
alter table domain_keys add constraint domain_keys_account_id_subaccount_id_domain_id_fkey FOREIGN KEY (account_id, subaccount_id, domain_id) REFERENCES domains(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table domain_keys add constraint domain_keys_algorithm_check CHECK ((algorithm = ANY (ARRAY['rsa-sha256'::text, 'ed25519-sha256'::text])));
alter table domain_keys add constraint domain_keys_pkey PRIMARY KEY (domain_id, selector);
alter table domain_keys add constraint domain_keys_state_check CHECK ((state = ANY (ARRAY['signing'::text, 'reserve'::text, 'retired'::text])));
alter table domain_mail_proofs add constraint domain_mail_proofs_account_id_subaccount_id_domain_id_fkey FOREIGN KEY (account_id, subaccount_id, domain_id) REFERENCES domains(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table domain_mail_proofs add constraint domain_mail_proofs_mailbox_check CHECK ((mailbox = ANY (ARRAY['admin'::text, 'administrator'::text, 'hostmaster'::text, 'postmaster'::text, 'webmaster'::text])));
alter table domain_mail_proofs add constraint domain_mail_proofs_pkey PRIMARY KEY (domain_id, mailbox);
alter table domain_mail_proofs add constraint domain_mail_proofs_token_hash_check CHECK ((length(token_hash) = 32));
alter table domain_mail_proofs add constraint domain_mail_proofs_token_hash_key UNIQUE (token_hash);
alter table domain_owners add constraint domain_owners_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table domain_owners add constraint domain_owners_pkey PRIMARY KEY (name);
alter table domain_sites add constraint domain_sites_pkey PRIMARY KEY (domain);
alter table domain_sites add constraint domain_sites_transport_check CHECK ((length(transport) <= 100));
alter table domains add constraint domains_account_id_id_key UNIQUE (account_id, id);
alter table domains add constraint domains_account_id_signing_domain_id_fkey FOREIGN KEY (account_id, signing_domain_id) REFERENCES domains(account_id, id) ON DELETE SET NULL (signing_domain_id);
alter table domains add constraint domains_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table domains add constraint domains_account_id_subaccount_id_id_key UNIQUE (account_id, subaccount_id, id);
alter table domains add constraint domains_check CHECK (((NOT is_default_bounce) OR (state <> 'unproven'::text)));
alter table domains add constraint domains_check1 CHECK ((signing_domain_id <> id));
alter table domains add constraint domains_name_check CHECK (((name = lower(name)) AND (length(name) <= 253)));
alter table domains add constraint domains_pkey PRIMARY KEY (id);
alter table domains add constraint domains_share_check CHECK ((share = ANY (ARRAY['none'::text, 'read'::text, 'use'::text])));
alter table domains add constraint domains_state_check CHECK ((state = ANY (ARRAY['unproven'::text, 'proven'::text, 'lost'::text])));
alter table domains add constraint domains_subaccount_id_name_key UNIQUE (subaccount_id, name);
alter table embeds add constraint embeds_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table embeds add constraint embeds_check CHECK (((opened_at IS NULL) = (opened_from IS NULL)));
alter table embeds add constraint embeds_frame_ancestors_check CHECK (((cardinality(frame_ancestors) >= 1) AND (cardinality(frame_ancestors) <= 10)));
alter table embeds add constraint embeds_id_fkey FOREIGN KEY (id) REFERENCES keys(id) ON DELETE CASCADE;
alter table embeds add constraint embeds_pages_check CHECK (((cardinality(pages) >= 1) AND (cardinality(pages) <= 40)));
alter table embeds add constraint embeds_pkey PRIMARY KEY (id);
alter table embeds add constraint embeds_session_seconds_check CHECK (((session_seconds >= 60) AND (session_seconds <= 43200)));
alter table embeds add constraint embeds_theme_check CHECK ((theme = ANY (ARRAY['light'::text, 'dark'::text, 'auto'::text])));
alter table embeds add constraint embeds_token_hash_check CHECK ((length(token_hash) = 32));
alter table engagements add constraint engagements_kind_check CHECK ((kind = ANY (ARRAY['message.opened'::text, 'message.initially_opened'::text, 'message.clicked'::text, 'message.unsubscribed'::text, 'engaged'::text])));
alter table engagements add constraint engagements_pkey PRIMARY KEY (subaccount_id, message_id, kind);
alter table erasures add constraint erasures_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table erasures add constraint erasures_check CHECK (((state = 'done'::text) = (sealed_address IS NULL)));
alter table erasures add constraint erasures_check1 CHECK (((state = 'done'::text) = (finished_at IS NOT NULL)));
alter table erasures add constraint erasures_pkey PRIMARY KEY (id);
alter table erasures add constraint erasures_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table erasures add constraint erasures_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text])));
alter table event_cursors add constraint event_cursors_pkey PRIMARY KEY (consumer);
alter table event_spans add constraint event_spans_pkey PRIMARY KEY (seq_from);
alter table exports add constraint exports_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table exports add constraint exports_check CHECK (((state = ANY (ARRAY['complete'::text, 'failed'::text])) = (finished_at IS NOT NULL)));
alter table exports add constraint exports_form_check CHECK ((form = ANY (ARRAY['native'::text, 'mandrill'::text])));
alter table exports add constraint exports_kind_check CHECK ((kind = ANY (ARRAY['suppressions'::text, 'messages'::text])));
alter table exports add constraint exports_notify_check CHECK ((length(notify) <= 320));
alter table exports add constraint exports_pkey PRIMARY KEY (id);
alter table exports add constraint exports_reached_check CHECK ((length(reached) <= 40));
alter table exports add constraint exports_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'working'::text, 'complete'::text, 'failed'::text])));
alter table handouts add constraint handouts_check CHECK ((((last_n - first_n) + 1) = cardinality(seqs)));
alter table handouts add constraint handouts_pkey PRIMARY KEY (id);
alter table handouts add constraint handouts_webhook_id_last_n_key UNIQUE (webhook_id, last_n);
alter table hourly_figures add constraint hourly_figures_pkey PRIMARY KEY (subaccount_id, at, series_id, wait);
alter table hourly_figures add constraint hourly_figures_wait_check CHECK (((wait >= 0) AND (wait <= 100)));
alter table idempotency_keys add constraint idempotency_keys_pkey PRIMARY KEY (subaccount_id, key_hash);
alter table inbound_contents add constraint inbound_contents_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table inbound_contents add constraint inbound_contents_account_id_subaccount_id_id_key UNIQUE (account_id, subaccount_id, id);
alter table inbound_contents add constraint inbound_contents_pkey PRIMARY KEY (id);
alter table inbound_domains add constraint inbound_domains_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table inbound_domains add constraint inbound_domains_account_id_subaccount_id_id_key UNIQUE (account_id, subaccount_id, id);
alter table inbound_domains add constraint inbound_domains_name_check CHECK (((name = lower(name)) AND (length(name) <= 253)));
alter table inbound_domains add constraint inbound_domains_pkey PRIMARY KEY (id);
alter table inbound_domains add constraint inbound_domains_state_check CHECK ((state = ANY (ARRAY['unproven'::text, 'proven'::text, 'lost'::text])));
alter table inbound_domains add constraint inbound_domains_subaccount_id_name_key UNIQUE (subaccount_id, name);
alter table inbound_mails add constraint inbound_mails_account_id_subaccount_id_content_id_fkey FOREIGN KEY (account_id, subaccount_id, content_id) REFERENCES inbound_contents(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table inbound_mails add constraint inbound_mails_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table inbound_mails add constraint inbound_mails_check CHECK (((state = 'waiting'::text) = (finished_at IS NULL)));
alter table inbound_mails add constraint inbound_mails_check1 CHECK (((leased_by IS NULL) = (leased_until IS NULL)));
alter table inbound_mails add constraint inbound_mails_pkey PRIMARY KEY (id);
alter table inbound_mails add constraint inbound_mails_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'handed_over'::text, 'given_up'::text])));
alter table inbound_reports add constraint inbound_reports_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table inbound_reports add constraint inbound_reports_kind_check CHECK (((length(kind) >= 1) AND (length(kind) <= 40)));
alter table inbound_reports add constraint inbound_reports_pkey PRIMARY KEY (subaccount_id, message_id, kind);
alter table inbound_route_health add constraint inbound_route_health_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table inbound_route_health add constraint inbound_route_health_check CHECK (((failures = 0) = (failing_since IS NULL)));
alter table inbound_route_health add constraint inbound_route_health_pkey PRIMARY KEY (route_id);
alter table inbound_route_health add constraint inbound_route_health_route_id_fkey FOREIGN KEY (route_id) REFERENCES inbound_routes(id) ON DELETE CASCADE;
alter table inbound_routes add constraint inbound_routes_account_id_subaccount_id_domain_id_fkey FOREIGN KEY (account_id, subaccount_id, domain_id) REFERENCES inbound_domains(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table inbound_routes add constraint inbound_routes_auth_kind_check CHECK ((auth_kind = ANY (ARRAY['none'::text, 'basic'::text, 'bearer'::text, 'header'::text, 'headers'::text, 'oauth2'::text])));
alter table inbound_routes add constraint inbound_routes_check CHECK (((auth_kind = 'none'::text) = (sealed_auth IS NULL)));
alter table inbound_routes add constraint inbound_routes_domain_id_pattern_key UNIQUE (domain_id, pattern);
alter table inbound_routes add constraint inbound_routes_format_check CHECK ((format = ANY (ARRAY['native'::text, 'sparkpost'::text, 'mandrill'::text])));
alter table inbound_routes add constraint inbound_routes_name_check CHECK ((length(name) <= 200));
alter table inbound_routes add constraint inbound_routes_pattern_check CHECK (((pattern = lower(pattern)) AND ((length(pattern) >= 1) AND (length(pattern) <= 64))));
alter table inbound_routes add constraint inbound_routes_pkey PRIMARY KEY (id);
alter table inbound_routes add constraint inbound_routes_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text])));
alter table inbound_unread add constraint inbound_unread_content_check CHECK ((length(content) <= 65536));
alter table inbound_unread add constraint inbound_unread_mailbox_check CHECK ((mailbox = ANY (ARRAY['return_path'::text, 'feedback'::text, 'operator'::text, 'dmarc'::text])));
alter table inbound_unread add constraint inbound_unread_pkey PRIMARY KEY (id);
alter table installation add constraint installation_pkey PRIMARY KEY (name);
alter table invitation_memberships add constraint invitation_memberships_account_id_invitation_id_fkey FOREIGN KEY (account_id, invitation_id) REFERENCES invitations(account_id, id) ON DELETE CASCADE;
alter table invitation_memberships add constraint invitation_memberships_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table invitation_memberships add constraint invitation_memberships_check CHECK (((role = 'custom'::text) = (grants IS NOT NULL)));
alter table invitation_memberships add constraint invitation_memberships_check1 CHECK (((role <> 'owner'::text) OR ((reach = 'account'::text) AND (templates IS NULL) AND (hidden_pages = '{}'::text[]))));
alter table invitation_memberships add constraint invitation_memberships_pkey PRIMARY KEY (invitation_id, subaccount_id);
alter table invitation_memberships add constraint invitation_memberships_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table invitation_memberships add constraint invitation_memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'manager'::text, 'developer'::text, 'designer'::text, 'accountant'::text, 'reporting'::text, 'custom'::text])));
alter table invitation_memberships add constraint invitation_memberships_templates_check CHECK ((cardinality(templates) <= 100));
alter table invitations add constraint invitations_account_id_id_key UNIQUE (account_id, id);
alter table invitations add constraint invitations_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table invitations add constraint invitations_email_check CHECK (((email = lower(email)) AND (length(email) <= 254)));
alter table invitations add constraint invitations_note_check CHECK ((length(note) <= 500));
alter table invitations add constraint invitations_pkey PRIMARY KEY (id);
alter table invitations add constraint invitations_token_hash_key UNIQUE (token_hash);
alter table keys add constraint keys_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table keys add constraint keys_check1 CHECK (((reach = 'person'::text) = (user_id IS NOT NULL)));
alter table keys add constraint keys_embed_check CHECK (((num_nonnulls(made_by_key, made_by_user) =
CASE kind
    WHEN 'embed'::text THEN 1
    ELSE 0
END) AND ((kind <> 'embed'::text) OR ((reach = 'subaccount'::text) AND (expires_at IS NOT NULL)))));
alter table keys add constraint keys_kind_check CHECK ((kind = ANY (ARRAY['api'::text, 'smtp'::text, 'embed'::text])));
alter table keys add constraint keys_made_by_key_fkey FOREIGN KEY (made_by_key) REFERENCES keys(id) ON DELETE CASCADE;
alter table keys add constraint keys_made_by_user_fkey FOREIGN KEY (made_by_user) REFERENCES users(id) ON DELETE CASCADE;
alter table keys add constraint keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table keys add constraint keys_pkey PRIMARY KEY (id);
alter table keys add constraint keys_public_id_key UNIQUE (public_id);
alter table keys add constraint keys_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text, 'person'::text])));
alter table keys add constraint keys_secret_hash_check CHECK ((length(secret_hash) = 32));
alter table keys add constraint keys_smtp_check CHECK (((kind <> 'smtp'::text) OR (grants = '{smtp:send}'::text[])));
alter table keys add constraint keys_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text])));
alter table keys add constraint keys_template_ids_check CHECK ((cardinality(template_ids) <= 1000));
alter table keys add constraint keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table known_recipients add constraint known_recipients_pkey PRIMARY KEY (subaccount_id, mark);
alter table list_recipients add constraint list_recipients_account_id_subaccount_id_list_id_fkey FOREIGN KEY (account_id, subaccount_id, list_id) REFERENCES recipient_lists(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table list_recipients add constraint list_recipients_address_check CHECK (((length(address) >= 3) AND (length(address) <= 320)));
alter table list_recipients add constraint list_recipients_name_check CHECK ((length(name) <= 256));
alter table list_recipients add constraint list_recipients_pkey PRIMARY KEY (id);
alter table list_recipients add constraint list_recipients_tags_check CHECK ((cardinality(tags) <= 10));
alter table login_links add constraint login_links_pkey PRIMARY KEY (token_hash);
alter table login_links add constraint login_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table login_methods add constraint login_methods_pkey PRIMARY KEY (id);
alter table login_methods add constraint login_methods_provider_subject_key UNIQUE (provider, subject);
alter table login_methods add constraint login_methods_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table login_proofs add constraint login_proofs_pkey PRIMARY KEY (id);
alter table login_rates add constraint login_rates_key_key UNIQUE (key);
alter table login_rates add constraint login_rates_pkey PRIMARY KEY (id);
alter table memberships add constraint end_keys TRIGGER DEFERRABLE INITIALLY DEFERRED;
alter table memberships add constraint memberships_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table memberships add constraint memberships_check CHECK (((role = 'custom'::text) = (grants IS NOT NULL)));
alter table memberships add constraint memberships_check1 CHECK (((role <> 'owner'::text) OR ((reach = 'account'::text) AND (templates IS NULL) AND (hidden_pages = '{}'::text[]))));
alter table memberships add constraint memberships_pkey PRIMARY KEY (user_id, account_id, subaccount_id);
alter table memberships add constraint memberships_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table memberships add constraint memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'manager'::text, 'developer'::text, 'designer'::text, 'accountant'::text, 'reporting'::text, 'custom'::text])));
alter table memberships add constraint memberships_templates_check CHECK ((cardinality(templates) <= 100));
alter table memberships add constraint memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table messages add constraint messages_pkey PRIMARY KEY (subaccount_id, id, retention_days);
alter table messages add constraint messages_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'held'::text, 'deferred'::text, 'delivered'::text, 'bounced'::text, 'expired'::text, 'cancelled'::text, 'suppressed'::text, 'rejected'::text, 'failed'::text, 'undetermined'::text]))) NOT VALID;
alter table metadata_fields add constraint metadata_fields_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table metadata_fields add constraint metadata_fields_name_check CHECK (((length(name) >= 1) AND (length(name) <= 64)));
alter table metadata_fields add constraint metadata_fields_pkey PRIMARY KEY (id);
alter table metadata_fields add constraint metadata_fields_share_check CHECK ((share = ANY (ARRAY['none'::text, 'use'::text])));
alter table metadata_fields add constraint metadata_fields_subaccount_id_name_key UNIQUE (subaccount_id, name);
alter table metadata_fields add constraint metadata_fields_view_template_check CHECK ((length(view_template) <= 1024));
alter table nodes add constraint nodes_instance_key UNIQUE (instance);
alter table nodes add constraint nodes_number_check CHECK (((number >= 0) AND (number <= 511)));
alter table nodes add constraint nodes_pkey PRIMARY KEY (number);
alter table notice_subjects add constraint notice_subjects_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table notice_subjects add constraint notice_subjects_pkey PRIMARY KEY (account_id, user_id, kind, subject);
alter table notice_subjects add constraint notice_subjects_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table outbox add constraint outbox_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table outbox add constraint outbox_pkey PRIMARY KEY (id);
alter table outbox add constraint outbox_subject_check CHECK ((length(subject) <= 300));
alter table outcome_hours add constraint outcome_hours_pkey PRIMARY KEY (subaccount_id, hour);
alter table partitioned_tables add constraint partitioned_tables_pkey PRIMARY KEY (name);
alter table partitioned_tables add constraint partitioned_tables_range_key_check CHECK ((range_key = ANY (ARRAY['id'::text, 'at'::text])));
alter table passkeys add constraint passkeys_credential_id_key UNIQUE (credential_id);
alter table passkeys add constraint passkeys_pkey PRIMARY KEY (id);
alter table passkeys add constraint passkeys_rp_id_check CHECK (((rp_id = lower(rp_id)) AND ((length(rp_id) >= 1) AND (length(rp_id) <= 253))));
alter table passkeys add constraint passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table perhaps_delivered add constraint perhaps_delivered_cause_check CHECK ((cause = ANY (ARRAY['crash'::text, 'node_lost'::text, 'cut_after_dot'::text])));
alter table perhaps_delivered add constraint perhaps_delivered_pkey PRIMARY KEY (subaccount_id, message_id, attempt);
alter table perhaps_delivered add constraint perhaps_delivered_resolution_check CHECK ((resolution = ANY (ARRAY['sent_again'::text, 'given_up'::text])));
alter table pools add constraint pools_account_id_feedback_domain_id_fkey FOREIGN KEY (account_id, feedback_domain_id) REFERENCES domains(account_id, id) ON DELETE SET NULL (feedback_domain_id);
alter table pools add constraint pools_account_id_id_key UNIQUE (account_id, id);
alter table pools add constraint pools_account_id_name_key UNIQUE (account_id, name);
alter table pools add constraint pools_account_id_signing_domain_id_fkey FOREIGN KEY (account_id, signing_domain_id) REFERENCES domains(account_id, id) ON DELETE SET NULL (signing_domain_id);
alter table pools add constraint pools_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table pools add constraint pools_name_check CHECK (((length(name) >= 1) AND (length(name) <= 64)));
alter table pools add constraint pools_pkey PRIMARY KEY (id);
alter table queue add constraint queue_check CHECK (((hold IS NULL) = (hold_until IS NULL)));
alter table queue add constraint queue_check1 CHECK (((hold IS NULL) OR (leased_by IS NULL)));
alter table queue add constraint queue_check2 CHECK (((hold IS NULL) = (held_at IS NULL)));
alter table queue add constraint queue_check3 CHECK ((((hold IS NOT NULL) AND (hold = ANY (ARRAY['suspended'::text, 'manual'::text]))) = (held_by IS NOT NULL)));
alter table queue add constraint queue_hold_check CHECK ((hold = ANY (ARRAY['scheduled'::text, 'paused'::text, 'quota'::text, 'review'::text, 'suspended'::text, 'manual'::text])));
alter table queue add constraint queue_lane_check CHECK ((lane = ANY (ARRAY[0, 1])));
alter table queue add constraint queue_pkey PRIMARY KEY (subaccount_id, message_id);
alter table queue_actions add constraint queue_actions_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table queue_actions add constraint queue_actions_action_check CHECK ((action = ANY (ARRAY['retry'::text, 'hold'::text, 'release'::text, 'cancel'::text, 'move_pool'::text])));
alter table queue_actions add constraint queue_actions_pkey PRIMARY KEY (id);
alter table quota_tellings add constraint quota_tellings_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table quota_tellings add constraint quota_tellings_level_check CHECK ((level = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table quota_tellings add constraint quota_tellings_period_check CHECK ((period = ANY (ARRAY['hour'::text, 'day'::text, 'month'::text])));
alter table quota_tellings add constraint quota_tellings_pkey PRIMARY KEY (subaccount_id, level, period);
alter table quotas add constraint quotas_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table quotas add constraint quotas_day_max_check CHECK ((day_max >= 0));
alter table quotas add constraint quotas_hour_cap_check CHECK ((hour_cap >= 0));
alter table quotas add constraint quotas_hour_max_check CHECK ((hour_max >= 0));
alter table quotas add constraint quotas_level_check CHECK ((level = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table quotas add constraint quotas_month_max_check CHECK ((month_max >= 0));
alter table quotas add constraint quotas_pkey PRIMARY KEY (subaccount_id, level);
alter table recipient_lists add constraint recipient_lists_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table recipient_lists add constraint recipient_lists_account_id_subaccount_id_id_key UNIQUE (account_id, subaccount_id, id);
alter table recipient_lists add constraint recipient_lists_description_check CHECK ((length(description) <= 1024));
alter table recipient_lists add constraint recipient_lists_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table recipient_lists add constraint recipient_lists_pkey PRIMARY KEY (id);
alter table recipient_lists add constraint recipient_lists_slug_check CHECK ((slug ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$'::text));
alter table recipient_lists add constraint recipient_lists_subaccount_id_slug_key UNIQUE (subaccount_id, slug);
alter table reports add constraint reports_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table reports add constraint reports_at_hour_check CHECK (((at_hour >= 0) AND (at_hour <= 23)));
alter table reports add constraint reports_check CHECK (((every IS NULL) = (next_at IS NULL)));
alter table reports add constraint reports_every_check CHECK ((every = ANY (ARRAY['daily'::text, 'weekly'::text, 'monthly'::text])));
alter table reports add constraint reports_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table reports add constraint reports_people_check CHECK ((cardinality(people) <= 50));
alter table reports add constraint reports_period_check CHECK ((period = ANY (ARRAY['yesterday'::text, 'last_7_days'::text, 'last_30_days'::text, 'this_month'::text, 'last_month'::text])));
alter table reports add constraint reports_pkey PRIMARY KEY (id);
alter table reports add constraint reports_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table reports add constraint reports_share_check CHECK ((share = ANY (ARRAY['none'::text, 'use'::text])));
alter table reputation_limits add constraint reputation_limits_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table reputation_limits add constraint reputation_limits_pkey PRIMARY KEY (account_id);
alter table reputation_steps add constraint reputation_steps_cause_check CHECK ((cause = ANY (ARRAY['figures'::text, 'ended'::text, 'raised'::text, 'reset'::text, 'exempted'::text])));
alter table reputation_steps add constraint reputation_steps_pkey PRIMARY KEY (id);
alter table reputations add constraint reputations_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table reputations add constraint reputations_check CHECK ((((step = 'none'::text) = (until IS NULL)) AND ((until IS NULL) = (since IS NULL))));
alter table reputations add constraint reputations_check1 CHECK (((exempt_until IS NULL) = (exempt_by IS NULL)));
alter table reputations add constraint reputations_exempt_by_check CHECK ((exempt_by = ANY (ARRAY['parent'::text, 'operator'::text])));
alter table reputations add constraint reputations_over_limits_check CHECK ((over_limits <@ ARRAY['hard_bounces'::text, 'unknown_users'::text, 'complaints'::text, 'trap_blocks'::text]));
alter table reputations add constraint reputations_pkey PRIMARY KEY (subaccount_id);
alter table reputations add constraint reputations_reason_check CHECK ((length(reason) <= 500));
alter table reputations add constraint reputations_set_by_check CHECK ((set_by = ANY (ARRAY['system'::text, 'parent'::text, 'operator'::text])));
alter table reputations add constraint reputations_step_check CHECK ((step = ANY (ARRAY['none'::text, 'warn'::text, 'slow'::text, 'review'::text, 'pause'::text])));
alter table request_logs add constraint request_logs_door_check CHECK ((door = ANY (ARRAY['http'::text, 'smtp'::text])));
alter table request_logs add constraint request_logs_pkey PRIMARY KEY (id);
alter table request_logs add constraint request_logs_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table schema_migrations add constraint schema_migrations_pkey PRIMARY KEY (version);
alter table second_factors add constraint second_factors_pkey PRIMARY KEY (id);
alter table second_factors add constraint second_factors_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table second_factors add constraint second_factors_user_id_key UNIQUE (user_id);
alter table sender_letters add constraint sender_letters_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table sender_letters add constraint sender_letters_body_check CHECK (((length(body) >= 1) AND (length(body) <= 5000)));
alter table sender_letters add constraint sender_letters_pkey PRIMARY KEY (subaccount_id);
alter table sender_letters add constraint sender_letters_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)));
alter table senders add constraint senders_account_id_domain_id_fkey FOREIGN KEY (account_id, domain_id) REFERENCES domains(account_id, id) ON DELETE CASCADE;
alter table senders add constraint senders_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table senders add constraint senders_address_check CHECK (((address = lower(address)) AND (length(address) <= 320)));
alter table senders add constraint senders_check CHECK (((state = 'proven'::text) = (proven_at IS NOT NULL)));
alter table senders add constraint senders_name_check CHECK ((length(name) <= 191));
alter table senders add constraint senders_note_check CHECK ((length(note) <= 1000));
alter table senders add constraint senders_pkey PRIMARY KEY (id);
alter table senders add constraint senders_policy_check CHECK ((policy = ANY (ARRAY['unknown'::text, 'missing'::text, 'none'::text, 'quarantine'::text, 'reject'::text])));
alter table senders add constraint senders_state_check CHECK ((state = ANY (ARRAY['unproven'::text, 'proven'::text])));
alter table senders add constraint senders_subaccount_id_address_key UNIQUE (subaccount_id, address);
alter table senders add constraint senders_token_hash_check CHECK ((length(token_hash) = 32));
alter table senders add constraint senders_token_hash_key UNIQUE (token_hash);
alter table series add constraint series_pkey PRIMARY KEY (id);
alter table series add constraint series_subaccount_id_hash_key UNIQUE (subaccount_id, hash);
alter table sessions add constraint sessions_host_check CHECK (((host = lower(host)) AND ((length(host) >= 1) AND (length(host) <= 253))));
alter table sessions add constraint sessions_pkey PRIMARY KEY (id);
alter table sessions add constraint sessions_token_hash_check CHECK ((length(token_hash) = 64));
alter table sessions add constraint sessions_token_hash_key UNIQUE (token_hash);
alter table sessions add constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
alter table site_limits add constraint site_limits_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table site_limits add constraint site_limits_connections_check CHECK (((connections >= 1) AND (connections <= 1000)));
alter table site_limits add constraint site_limits_messages_per_connection_check CHECK (((messages_per_connection >= 1) AND (messages_per_connection <= 10000)));
alter table site_limits add constraint site_limits_messages_per_hour_check CHECK (((messages_per_hour >= 1) AND (messages_per_hour <= 3600000)));
alter table site_limits add constraint site_limits_pkey PRIMARY KEY (account_id, site);
alter table site_limits add constraint site_limits_site_check CHECK (((length(site) >= 1) AND (length(site) <= 253)));
alter table site_states add constraint site_states_pkey PRIMARY KEY (site, address_id, node);
alter table soft_bounces add constraint soft_bounces_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table soft_bounces add constraint soft_bounces_pkey PRIMARY KEY (subaccount_id, address, message_id);
alter table source_addresses add constraint source_addresses_account_id_overflow_pool_id_fkey FOREIGN KEY (account_id, overflow_pool_id) REFERENCES pools(account_id, id);
alter table source_addresses add constraint source_addresses_account_id_pool_id_fkey FOREIGN KEY (account_id, pool_id) REFERENCES pools(account_id, id);
alter table source_addresses add constraint source_addresses_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table source_addresses add constraint source_addresses_address_check CHECK ((masklen(address) =
CASE family(address)
    WHEN 4 THEN 32
    ELSE 128
END));
alter table source_addresses add constraint source_addresses_address_node_key UNIQUE (address, node);
alter table source_addresses add constraint source_addresses_check CHECK (((cardinality(warmup_caps) = 0) = (warmup_started_on IS NULL)));
alter table source_addresses add constraint source_addresses_check1 CHECK (((overflow_pool_id IS NULL) OR (overflow_pool_id <> pool_id)));
alter table source_addresses add constraint source_addresses_ehlo_name_check CHECK (((length(ehlo_name) >= 1) AND (length(ehlo_name) <= 253)));
alter table source_addresses add constraint source_addresses_node_check CHECK (((length(node) >= 1) AND (length(node) <= 255)));
alter table source_addresses add constraint source_addresses_pkey PRIMARY KEY (id);
alter table source_addresses add constraint source_addresses_warmup_caps_check CHECK (((cardinality(warmup_caps) <= 90) AND (0 < ALL (warmup_caps))));
alter table sts_policies add constraint sts_policies_domain_check CHECK (((length(domain) >= 1) AND (length(domain) <= 253)));
alter table sts_policies add constraint sts_policies_max_age_seconds_check CHECK (((max_age_seconds >= 0) AND (max_age_seconds <= 31557600)));
alter table sts_policies add constraint sts_policies_mode_check CHECK ((mode = ANY (ARRAY['enforce'::text, 'testing'::text, 'none'::text])));
alter table sts_policies add constraint sts_policies_mx_check CHECK ((cardinality(mx) <= 100));
alter table sts_policies add constraint sts_policies_pkey PRIMARY KEY (domain);
alter table sts_policies add constraint sts_policies_policy_id_check CHECK (((length(policy_id) >= 1) AND (length(policy_id) <= 32)));
alter table subaccounts add constraint subaccounts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id);
alter table subaccounts add constraint subaccounts_account_id_id_key UNIQUE (account_id, id);
alter table subaccounts add constraint subaccounts_account_id_pool_id_fkey FOREIGN KEY (account_id, pool_id) REFERENCES pools(account_id, id);
alter table subaccounts add constraint subaccounts_check CHECK (((NOT is_own) OR (stage = 'active'::text)));
alter table subaccounts add constraint subaccounts_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 255)));
alter table subaccounts add constraint subaccounts_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table subaccounts add constraint subaccounts_notes_check CHECK ((length(notes) <= 10000));
alter table subaccounts add constraint subaccounts_operator_stop_check CHECK ((operator_stop = ANY (ARRAY['paused'::text, 'suspended'::text, 'terminated'::text, 'deactivated'::text])));
alter table subaccounts add constraint subaccounts_parent_stop_check CHECK ((parent_stop = ANY (ARRAY['paused'::text, 'suspended'::text, 'terminated'::text, 'deactivated'::text])));
alter table subaccounts add constraint subaccounts_pkey PRIMARY KEY (id);
alter table subaccounts add constraint subaccounts_stage_check CHECK ((stage = ANY (ARRAY['active'::text, 'pending_retirement'::text, 'retired'::text, 'deleted'::text])));
alter table subaccounts add constraint subaccounts_system_stop_check CHECK ((system_stop = ANY (ARRAY['paused'::text, 'suspended'::text, 'terminated'::text, 'deactivated'::text])));
alter table submissions add constraint submissions_format_check CHECK ((format = ANY (ARRAY['raw'::text, 'parts'::text])));
alter table submissions add constraint submissions_pkey PRIMARY KEY (subaccount_id, id, retention_days);
alter table suppression_imports add constraint suppression_imports_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table suppression_imports add constraint suppression_imports_check CHECK (((state = 'running'::text) = (finished_at IS NULL)));
alter table suppression_imports add constraint suppression_imports_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'ndjson'::text])));
alter table suppression_imports add constraint suppression_imports_layer_check CHECK ((layer = ANY (ARRAY['subaccount'::text, 'account'::text, 'installation'::text])));
alter table suppression_imports add constraint suppression_imports_pkey PRIMARY KEY (id);
alter table suppression_imports add constraint suppression_imports_state_check CHECK ((state = ANY (ARRAY['running'::text, 'finished'::text, 'cut'::text])));
alter table suppression_settings add constraint suppression_settings_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table suppression_settings add constraint suppression_settings_complaint_hours_check CHECK (((complaint_hours >= 0) AND (complaint_hours <= 8760)));
alter table suppression_settings add constraint suppression_settings_hard_bounce_hours_check CHECK (((hard_bounce_hours >= 0) AND (hard_bounce_hours <= 8760)));
alter table suppression_settings add constraint suppression_settings_pkey PRIMARY KEY (id);
alter table suppression_settings add constraint suppression_settings_soft_bounce_hours_check CHECK (((soft_bounce_hours >= 1) AND (soft_bounce_hours <= 8760)));
alter table suppression_settings add constraint suppression_settings_subaccount_id_key UNIQUE (subaccount_id);
alter table suppression_settings add constraint suppression_settings_unsubscribe_holds_for_check CHECK ((unsubscribe_holds_for = ANY (ARRAY['every_sender'::text, 'one_sender'::text])));
alter table suppression_settings add constraint suppression_settings_unsubscribe_hours_check CHECK (((unsubscribe_hours >= 0) AND (unsubscribe_hours <= 8760)));
alter table suppressions add constraint suppressions_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table suppressions add constraint suppressions_address_check CHECK (((length(address) >= 1) AND (length(address) <= 320)));
alter table suppressions add constraint suppressions_is_over_check CHECK (((NOT is_over) OR (expires_at IS NOT NULL)));
alter table suppressions add constraint suppressions_key UNIQUE (subaccount_id, layer, address, kind, only_list, only_sender);
alter table suppressions add constraint suppressions_kind_check CHECK ((kind = ANY (ARRAY['hard_bounce'::text, 'complaint'::text, 'unsubscribe'::text, 'manual'::text, 'on_hold'::text, 'pattern'::text, 'allow'::text])));
alter table suppressions add constraint suppressions_layer_check CHECK ((layer = ANY (ARRAY['subaccount'::text, 'account'::text, 'installation'::text])));
alter table suppressions add constraint suppressions_list_check CHECK ((length(list) <= 200));
alter table suppressions add constraint suppressions_only_list_check CHECK (((length(only_list) <= 200) AND (only_list !~ '[<>@[:cntrl:]]'::text)));
alter table suppressions add constraint suppressions_only_list_check1 CHECK (((only_list = ''::text) OR (kind <> 'pattern'::text)));
alter table suppressions add constraint suppressions_only_sender_check CHECK (((length(only_sender) <= 320) AND (only_sender !~ '[[:cntrl:]]'::text)));
alter table suppressions add constraint suppressions_only_sender_check1 CHECK (((only_sender = ''::text) OR (kind <> 'pattern'::text)));
alter table suppressions add constraint suppressions_pkey PRIMARY KEY (id);
alter table suppressions add constraint suppressions_reason_check CHECK ((length(reason) <= 1000));
alter table suppressions add constraint suppressions_renewals_check CHECK (((renewals >= 0) AND (renewals <= 14)));
alter table suppressions add constraint suppressions_sender_check CHECK ((length(sender) <= 320));
alter table suppressions add constraint suppressions_stops_check CHECK (((kind = 'allow'::text) OR stops_transactional OR stops_bulk));
alter table suspensions add constraint suspensions_account_id_for_subaccount_fkey FOREIGN KEY (account_id, for_subaccount) REFERENCES subaccounts(account_id, id);
alter table suspensions add constraint suspensions_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table suspensions add constraint suspensions_authority_check CHECK ((authority = ANY (ARRAY['operator'::text, 'parent'::text, 'subaccount'::text])));
alter table suspensions add constraint suspensions_kind_check CHECK ((kind = ANY (ARRAY['site'::text, 'domain'::text, 'pool'::text, 'tag'::text])));
alter table suspensions add constraint suspensions_pkey PRIMARY KEY (id);
alter table suspensions add constraint suspensions_reason_check CHECK ((length(reason) <= 500));
alter table suspensions add constraint suspensions_value_check CHECK (((length(value) >= 1) AND (length(value) <= 253)));
alter table template_versions add constraint template_versions_account_id_subaccount_id_template_id_sha_fkey FOREIGN KEY (account_id, subaccount_id, template_id, share) REFERENCES templates(account_id, subaccount_id, id, share) ON UPDATE CASCADE ON DELETE CASCADE;
alter table template_versions add constraint template_versions_language_check CHECK ((length(language) <= 40));
alter table template_versions add constraint template_versions_pkey PRIMARY KEY (template_id, version);
alter table template_versions add constraint template_versions_says CHECK (((html IS NOT NULL) OR (text IS NOT NULL) OR (amp IS NOT NULL) OR ((markup ->> 'mjml'::text) IS NOT NULL)));
alter table template_versions add constraint template_versions_share_check CHECK ((share = ANY (ARRAY['none'::text, 'read'::text, 'use'::text])));
alter table template_versions add constraint template_versions_subject_check CHECK ((length(subject) <= 998));
alter table template_versions add constraint template_versions_version_check CHECK ((version > 0));
alter table templates add constraint templates_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table templates add constraint templates_account_id_subaccount_id_id_share_key UNIQUE (account_id, subaccount_id, id, share);
alter table templates add constraint templates_check CHECK ((published_version <= draft_version));
alter table templates add constraint templates_draft_version_check CHECK ((draft_version > 0));
alter table templates add constraint templates_kind_check CHECK ((kind = ANY (ARRAY['template'::text, 'snippet'::text])));
alter table templates add constraint templates_labels_check CHECK (((cardinality(labels) <= 10) AND (array_position(labels, NULL::text) IS NULL) AND (array_position(labels, ''::text) IS NULL)));
alter table templates add constraint templates_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table templates add constraint templates_pkey PRIMARY KEY (id);
alter table templates add constraint templates_share_check CHECK ((share = ANY (ARRAY['none'::text, 'read'::text, 'use'::text])));
alter table templates add constraint templates_slug_check CHECK ((slug ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$'::text));
alter table templates add constraint templates_subaccount_id_kind_slug_key UNIQUE (subaccount_id, kind, slug);
alter table tls_reports add constraint tls_reports_pkey PRIMARY KEY (day, domain);
alter table tls_reports add constraint tls_reports_state_check CHECK ((state = ANY (ARRAY['due'::text, 'sent'::text, 'given_up'::text])));
alter table tls_sessions add constraint tls_sessions_domain_check CHECK (((length(domain) >= 1) AND (length(domain) <= 253)));
alter table tls_sessions add constraint tls_sessions_pkey PRIMARY KEY (day, domain, policy_key, result, mx, address);
alter table tls_sessions add constraint tls_sessions_sessions_check CHECK ((sessions > 0));
alter table tracking_domains add constraint tracking_domains_account_id_id_key UNIQUE (account_id, id);
alter table tracking_domains add constraint tracking_domains_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table tracking_domains add constraint tracking_domains_check CHECK (((NOT is_default) OR (state <> 'unproven'::text)));
alter table tracking_domains add constraint tracking_domains_name_check CHECK (((name = lower(name)) AND (length(name) <= 253)));
alter table tracking_domains add constraint tracking_domains_pkey PRIMARY KEY (id);
alter table tracking_domains add constraint tracking_domains_share_check CHECK ((share = ANY (ARRAY['none'::text, 'read'::text, 'use'::text])));
alter table tracking_domains add constraint tracking_domains_state_check CHECK ((state = ANY (ARRAY['unproven'::text, 'proven'::text, 'lost'::text])));
alter table tracking_domains add constraint tracking_domains_subaccount_id_name_key UNIQUE (subaccount_id, name);
alter table tracking_links add constraint tracking_links_account_id_subaccount_id_domain_id_fkey FOREIGN KEY (account_id, subaccount_id, domain_id) REFERENCES domains(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table tracking_links add constraint tracking_links_account_id_tracking_domain_id_fkey FOREIGN KEY (account_id, tracking_domain_id) REFERENCES tracking_domains(account_id, id) ON DELETE CASCADE;
alter table tracking_links add constraint tracking_links_pkey PRIMARY KEY (domain_id);
alter table tracking_settings add constraint tracking_settings_account_id_subaccount_id_domain_id_fkey FOREIGN KEY (account_id, subaccount_id, domain_id) REFERENCES domains(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table tracking_settings add constraint tracking_settings_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table tracking_settings add constraint tracking_settings_check CHECK (((domain_id IS NULL) OR (lane IS NULL)));
alter table tracking_settings add constraint tracking_settings_lane_check CHECK ((lane = ANY (ARRAY['transactional'::text, 'bulk'::text])));
alter table tracking_settings add constraint tracking_settings_pkey PRIMARY KEY (id);
alter table tracking_settings add constraint tracking_settings_subaccount_id_domain_id_key UNIQUE NULLS NOT DISTINCT (subaccount_id, domain_id);
alter table turn_weights add constraint turn_weights_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table turn_weights add constraint turn_weights_pkey PRIMARY KEY (subaccount_id);
alter table turn_weights add constraint turn_weights_weight_check CHECK (((weight >= 1) AND (weight <= 100)));
alter table unaudited_tables add constraint unaudited_tables_pkey PRIMARY KEY (name);
alter table usage_months add constraint usage_months_pkey PRIMARY KEY (subaccount_id, level, month_start);
alter table users add constraint users_email_check CHECK (((email = lower(email)) AND (length(email) <= 254)));
alter table users add constraint users_email_key UNIQUE (email);
alter table users add constraint users_pkey PRIMARY KEY (id);
alter table warmup_days add constraint warmup_days_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table warmup_days add constraint warmup_days_address_id_fkey FOREIGN KEY (address_id) REFERENCES source_addresses(id) ON DELETE CASCADE;
alter table warmup_days add constraint warmup_days_pkey PRIMARY KEY (address_id, day);
alter table webhook_days add constraint webhook_days_account_id_subaccount_id_webhook_id_fkey FOREIGN KEY (account_id, subaccount_id, webhook_id) REFERENCES webhooks(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table webhook_days add constraint webhook_days_pkey PRIMARY KEY (webhook_id, day, kind);
alter table webhook_deliveries add constraint webhook_deliveries_kind_check CHECK ((kind = ANY (ARRAY['live'::text, 'probe'::text, 'replay'::text, 'test'::text])));
alter table webhook_deliveries add constraint webhook_deliveries_pkey PRIMARY KEY (id);
alter table webhook_failures add constraint webhook_failures_account_id_subaccount_id_webhook_id_fkey FOREIGN KEY (account_id, subaccount_id, webhook_id) REFERENCES webhooks(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table webhook_failures add constraint webhook_failures_cause_check CHECK ((cause = ANY (ARRAY['refused'::text, 'ended'::text])));
alter table webhook_failures add constraint webhook_failures_check CHECK ((last_n >= first_n));
alter table webhook_failures add constraint webhook_failures_pkey PRIMARY KEY (webhook_id, first_n);
alter table webhook_progress add constraint webhook_progress_account_id_subaccount_id_webhook_id_fkey FOREIGN KEY (account_id, subaccount_id, webhook_id) REFERENCES webhooks(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table webhook_progress add constraint webhook_progress_breaker_check CHECK ((breaker = ANY (ARRAY['closed'::text, 'open'::text, 'stopped'::text])));
alter table webhook_progress add constraint webhook_progress_check CHECK ((sent_n <= last_n));
alter table webhook_progress add constraint webhook_progress_pkey PRIMARY KEY (webhook_id);
alter table webhook_replays add constraint webhook_replays_account_id_subaccount_id_webhook_id_fkey FOREIGN KEY (account_id, subaccount_id, webhook_id) REFERENCES webhooks(account_id, subaccount_id, id) ON DELETE CASCADE;
alter table webhook_replays add constraint webhook_replays_kind_check CHECK ((kind = ANY (ARRAY['range'::text, 'failed'::text])));
alter table webhook_replays add constraint webhook_replays_pkey PRIMARY KEY (id);
alter table webhook_replays add constraint webhook_replays_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text])));
alter table webhooks add constraint webhooks_account_id_only_subaccount_id_fkey FOREIGN KEY (account_id, only_subaccount_id) REFERENCES subaccounts(account_id, id);
alter table webhooks add constraint webhooks_account_id_subaccount_id_fkey FOREIGN KEY (account_id, subaccount_id) REFERENCES subaccounts(account_id, id);
alter table webhooks add constraint webhooks_account_id_subaccount_id_id_key UNIQUE (account_id, subaccount_id, id);
alter table webhooks add constraint webhooks_auth_kind_check CHECK ((auth_kind = ANY (ARRAY['none'::text, 'basic'::text, 'bearer'::text, 'header'::text, 'headers'::text, 'oauth2'::text])));
alter table webhooks add constraint webhooks_batch_max_check CHECK (((batch_max >= 1) AND (batch_max <= 1000)));
alter table webhooks add constraint webhooks_check CHECK (((auth_kind = 'none'::text) = (sealed_auth IS NULL)));
alter table webhooks add constraint webhooks_check1 CHECK (((sealed_old_secret IS NULL) = (old_secret_until IS NULL)));
alter table webhooks add constraint webhooks_check2 CHECK (((reach = 'account'::text) OR (only_subaccount_id = subaccount_id)));
alter table webhooks add constraint webhooks_except_check CHECK (((except_subaccounts = '{}'::integer[]) OR ((reach = 'account'::text) AND (only_subaccount_id IS NULL))));
alter table webhooks add constraint webhooks_except_subaccounts_check CHECK ((cardinality(except_subaccounts) <= 10));
alter table webhooks add constraint webhooks_kinds_check CHECK (((cardinality(kinds) >= 1) AND (cardinality(kinds) <= 100)));
alter table webhooks add constraint webhooks_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)));
alter table webhooks add constraint webhooks_names_check CHECK (((cardinality(names) >= 1) AND (cardinality(names) <= 100)));
alter table webhooks add constraint webhooks_pkey PRIMARY KEY (id);
alter table webhooks add constraint webhooks_reach_check CHECK ((reach = ANY (ARRAY['account'::text, 'subaccount'::text])));
alter table webhooks add constraint webhooks_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text])));
alter table webhooks add constraint webhooks_url_check CHECK ((length(url) <= 2000));

CREATE INDEX accounts_stopped ON accounts USING btree (id) WHERE (NOT mail_leaves);
CREATE INDEX alert_firings_age ON alert_firings USING btree (at);
CREATE INDEX alert_firings_by_account ON alert_firings USING btree (account_id, id);
CREATE INDEX alert_firings_by_alert ON alert_firings USING btree (alert_id, id);
CREATE INDEX alert_firings_by_subaccount ON alert_firings USING btree (subaccount_id, id);
CREATE INDEX alert_firings_waiting ON alert_firings USING btree (next_try_at) WHERE (delivery = 'waiting'::text);
CREATE INDEX alerts_by_account ON alerts USING btree (account_id, id);
CREATE INDEX alerts_due ON alerts USING btree (next_at) WHERE (status = 'active'::text);
CREATE INDEX asked_mails_age ON asked_mails USING btree (at);
CREATE INDEX asked_mails_by_account ON asked_mails USING btree (account_id, at);
CREATE INDEX attempt_transcripts_age ON attempt_transcripts USING btree (at);
CREATE INDEX audit_entries_age ON audit_entries USING btree (at);
CREATE INDEX audit_entries_by_account ON audit_entries USING btree (account_id, id);
CREATE INDEX audit_entries_by_subaccount ON audit_entries USING btree (subaccount_id, id);
CREATE INDEX blocklist_states_due ON blocklist_states USING btree (next_check_at);
CREATE INDEX brand_hosts_by_account ON brand_hosts USING btree (account_id, id);
CREATE INDEX brand_hosts_due ON brand_hosts USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
CREATE INDEX brand_logos_by_account ON brand_logos USING btree (account_id);
CREATE INDEX brands_by_logo ON brands USING btree (logo_hash) WHERE (logo_hash IS NOT NULL);
CREATE INDEX bulk_sends_due ON bulk_sends USING btree (check_at);
CREATE INDEX captures_age ON captures USING btree (at);
CREATE INDEX captures_by_subaccount ON captures USING btree (subaccount_id, id);
CREATE INDEX captures_complaints ON captures USING btree (complains_at) WHERE (complains_at IS NOT NULL);
CREATE INDEX dmarc_reports_age ON dmarc_reports USING btree (received_at);
CREATE INDEX dmarc_reports_by_domain ON dmarc_reports USING btree (domain_id, id);
CREATE INDEX dmarc_rows_by_report ON dmarc_rows USING btree (account_id, subaccount_id, report_id);
CREATE INDEX dmarc_rows_by_source ON dmarc_rows USING btree (domain_id, source);
CREATE INDEX domain_sites_age ON domain_sites USING btree (seen_at);
CREATE INDEX domain_sites_by_site ON domain_sites USING btree (site);
CREATE INDEX domains_bounce_hosts ON domains USING btree (name) WHERE bounces_to_itself;
CREATE INDEX domains_by_account ON domains USING btree (account_id, name);
CREATE INDEX domains_due ON domains USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
CREATE INDEX domains_proven ON domains USING btree (name) WHERE (state = 'proven'::text);
CREATE INDEX domains_signed_by ON domains USING btree (signing_domain_id) WHERE (signing_domain_id IS NOT NULL);
CREATE INDEX embeds_by_account ON embeds USING btree (account_id, id);
CREATE INDEX embeds_by_subaccount ON embeds USING btree (subaccount_id, id);
CREATE INDEX engagements_by_end ON engagements USING btree (ends_at);
CREATE INDEX erasures_age ON erasures USING btree (finished_at);
CREATE INDEX erasures_by_account ON erasures USING btree (account_id, id);
CREATE INDEX erasures_by_subaccount ON erasures USING btree (subaccount_id, id);
CREATE INDEX erasures_waiting ON erasures USING btree (id) WHERE (state <> 'done'::text);
CREATE INDEX event_spans_first ON event_spans USING btree (first_at);
CREATE INDEX event_spans_last ON event_spans USING btree (last_at);
CREATE INDEX event_spans_of_before ON event_spans USING btree (seq_until) WHERE (terms < 2);
CREATE INDEX events_by_account ON ONLY events USING btree (account_id, seq);
CREATE INDEX events_by_message ON ONLY events USING btree (message_id, account_id, subaccount_id) WHERE (message_id IS NOT NULL);
CREATE INDEX events_by_subaccount ON ONLY events USING btree (subaccount_id, seq);
CREATE INDEX events_seq ON ONLY events USING btree (seq);
CREATE INDEX exports_age ON exports USING btree (created_at);
CREATE INDEX exports_by_account ON exports USING btree (account_id, id);
CREATE INDEX exports_by_subaccount ON exports USING btree (subaccount_id, id);
CREATE INDEX exports_waiting ON exports USING btree (due_at) WHERE (finished_at IS NULL);
CREATE INDEX handouts_by_account ON handouts USING btree (account_id, at);
CREATE INDEX handouts_by_subaccount ON handouts USING btree (subaccount_id);
CREATE INDEX idempotency_keys_age ON idempotency_keys USING btree (created_at);
CREATE INDEX inbound_contents_by_subaccount ON inbound_contents USING btree (subaccount_id, id);
CREATE INDEX inbound_contents_end ON inbound_contents USING btree (ends_at);
CREATE INDEX inbound_domains_by_account ON inbound_domains USING btree (account_id, id);
CREATE INDEX inbound_domains_due ON inbound_domains USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
CREATE INDEX inbound_mails_by_account ON inbound_mails USING btree (account_id, id);
CREATE INDEX inbound_mails_by_content ON inbound_mails USING btree (content_id);
CREATE INDEX inbound_mails_by_subaccount ON inbound_mails USING btree (subaccount_id, id);
CREATE INDEX inbound_mails_full ON inbound_mails USING btree (subaccount_id) WHERE ((state = 'waiting'::text) AND (subaccount_id IS NOT NULL));
CREATE INDEX inbound_mails_leased ON inbound_mails USING btree (leased_by) WHERE (leased_by IS NOT NULL);
CREATE INDEX inbound_mails_unlooked ON inbound_mails USING btree (due_at) WHERE (authentication IS NULL);
CREATE INDEX inbound_mails_waiting ON inbound_mails USING btree (route_id, due_at, id) WHERE (state = 'waiting'::text);
CREATE INDEX inbound_reports_age ON inbound_reports USING btree (at);
CREATE INDEX inbound_route_health_by_subaccount ON inbound_route_health USING btree (subaccount_id);
CREATE INDEX inbound_routes_by_account ON inbound_routes USING btree (account_id, id);
CREATE INDEX inbound_routes_by_subaccount ON inbound_routes USING btree (subaccount_id, id);
CREATE INDEX inbound_unread_age ON inbound_unread USING btree (at);
CREATE INDEX inbound_unread_by_mailbox ON inbound_unread USING btree (mailbox, id);
CREATE INDEX invitations_age ON invitations USING btree (expires_at);
CREATE INDEX invitations_by_account ON invitations USING btree (account_id, id);
CREATE INDEX invitations_by_subaccount ON invitations USING btree (subaccount_id, id);
CREATE INDEX keys_by_maker_key ON keys USING btree (made_by_key) WHERE (made_by_key IS NOT NULL);
CREATE INDEX keys_by_maker_user ON keys USING btree (made_by_user) WHERE (made_by_user IS NOT NULL);
CREATE INDEX keys_by_subaccount ON keys USING btree (subaccount_id, id);
CREATE INDEX keys_by_user ON keys USING btree (user_id, id) WHERE (user_id IS NOT NULL);
CREATE INDEX keys_embeds_by_end ON keys USING btree (expires_at) WHERE (kind = 'embed'::text);
CREATE INDEX list_recipients_by_list ON list_recipients USING btree (list_id, id);
CREATE INDEX list_recipients_by_subaccount ON list_recipients USING btree (subaccount_id, id);
CREATE INDEX login_methods_by_user ON login_methods USING btree (user_id);
CREATE INDEX login_proofs_age ON login_proofs USING btree (expires_at);
CREATE INDEX login_proofs_by_identifier ON login_proofs USING btree (identifier);
CREATE INDEX memberships_by_account ON memberships USING btree (account_id, user_id);
CREATE INDEX memberships_by_subaccount ON memberships USING btree (subaccount_id, user_id);
CREATE INDEX messages_by_id ON ONLY messages USING btree (id);
CREATE INDEX messages_by_recipient ON ONLY messages USING btree (account_id, recipient_hash, subaccount_id);
CREATE INDEX messages_by_submission ON ONLY messages USING btree (submission_id, account_id, subaccount_id);
CREATE INDEX metadata_fields_by_account ON metadata_fields USING btree (account_id, id);
CREATE INDEX notice_subjects_age ON notice_subjects USING btree (at);
CREATE INDEX notice_subjects_by_subaccount ON notice_subjects USING btree (subaccount_id);
CREATE INDEX notice_subjects_by_user ON notice_subjects USING btree (user_id);
CREATE INDEX notice_subjects_waiting ON notice_subjects USING btree (account_id, kind, subject) WHERE (n > 0);
CREATE INDEX outcome_hours_age ON outcome_hours USING btree (hour);
CREATE INDEX outcome_hours_by_account ON outcome_hours USING btree (account_id, hour);
CREATE INDEX passkeys_by_user ON passkeys USING btree (user_id);
CREATE INDEX pools_feedback_by ON pools USING btree (feedback_domain_id) WHERE (feedback_domain_id IS NOT NULL);
CREATE INDEX pools_signed_by ON pools USING btree (signing_domain_id) WHERE (signing_domain_id IS NOT NULL);
CREATE INDEX postings_by_account ON ONLY postings USING btree (account_id, term, bucket);
CREATE INDEX postings_by_subaccount ON ONLY postings USING btree (subaccount_id, account_id, term, bucket);
CREATE INDEX queue_actions_age ON queue_actions USING btree (at);
CREATE INDEX queue_due ON queue USING btree (subaccount_id, lane, pool_id, due_at, message_id) WHERE ((leased_by IS NULL) AND (hold IS NULL));
CREATE INDEX queue_held ON queue USING btree (hold_until) WHERE (hold IS NOT NULL);
CREATE INDEX queue_held_by ON queue USING btree (hold, subaccount_id, message_id) WHERE (hold IS NOT NULL);
CREATE INDEX queue_held_by_suspension ON queue USING btree (held_by, message_id) WHERE (held_by > 0);
CREATE INDEX quotas_limited ON quotas USING btree (subaccount_id) WHERE ((hour_max IS NOT NULL) OR (hour_cap IS NOT NULL) OR (day_max IS NOT NULL) OR (month_max IS NOT NULL));
CREATE INDEX recipient_lists_by_account ON recipient_lists USING btree (account_id, id);
CREATE INDEX recipient_lists_by_subaccount ON recipient_lists USING btree (subaccount_id, id);
CREATE INDEX reports_by_account ON reports USING btree (account_id, id);
CREATE INDEX reports_by_subaccount ON reports USING btree (subaccount_id, id);
CREATE INDEX reports_due ON reports USING btree (next_at) WHERE (next_at IS NOT NULL);
CREATE INDEX reputation_steps_age ON reputation_steps USING btree (at);
CREATE INDEX reputation_steps_by_subaccount ON reputation_steps USING btree (subaccount_id, id);
CREATE INDEX reputations_by_account ON reputations USING btree (account_id, subaccount_id);
CREATE INDEX reputations_due ON reputations USING btree (judge_at) WHERE (judge_at IS NOT NULL);
CREATE INDEX request_logs_age ON request_logs USING btree (at);
CREATE INDEX request_logs_by_account ON request_logs USING btree (account_id, id);
CREATE INDEX request_logs_by_subaccount ON request_logs USING btree (subaccount_id, id);
CREATE INDEX senders_by_account ON senders USING btree (account_id, id);
CREATE INDEX senders_by_domain ON senders USING btree (domain_id);
CREATE INDEX senders_due ON senders USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
CREATE INDEX senders_proven ON senders USING btree (account_id, address) WHERE (state = 'proven'::text);
CREATE INDEX series_opened ON series USING btree (subaccount_id, opened_on);
CREATE INDEX sessions_age ON sessions USING btree (expires_at);
CREATE INDEX sessions_by_user ON sessions USING btree (user_id, id);
CREATE INDEX site_states_age ON site_states USING btree (seen_at);
CREATE INDEX soft_bounces_age ON soft_bounces USING btree (at);
CREATE INDEX source_addresses_by_pool ON source_addresses USING btree (account_id, pool_id);
CREATE INDEX sts_policies_age ON sts_policies USING btree (fetched_at);
CREATE INDEX sts_policies_end ON sts_policies USING btree (expires_at);
CREATE INDEX subaccounts_deleted ON subaccounts USING btree (id) WHERE (stage = 'deleted'::text);
CREATE INDEX subaccounts_purging ON subaccounts USING btree (purge_at) WHERE ((purge_at IS NOT NULL) AND (purged_at IS NULL));
CREATE INDEX subaccounts_retiring ON subaccounts USING btree (retires_at) WHERE (stage = 'pending_retirement'::text);
CREATE INDEX subaccounts_reviewed ON subaccounts USING btree (id) WHERE is_reviewed;
CREATE INDEX subaccounts_stopped ON subaccounts USING btree (id) WHERE (NOT mail_leaves);
CREATE INDEX submissions_by_campaign ON ONLY submissions USING btree (subaccount_id, ((options ->> 'campaign'::text)), id) WHERE (options ? 'campaign'::text);
CREATE INDEX suppression_imports_by_account ON suppression_imports USING btree (account_id, id);
CREATE INDEX suppression_imports_by_subaccount ON suppression_imports USING btree (subaccount_id, id);
CREATE INDEX suppression_imports_running ON suppression_imports USING btree (subaccount_id) WHERE (state = 'running'::text);
CREATE INDEX suppression_settings_by_account ON suppression_settings USING btree (account_id, id);
CREATE INDEX suppressions_by_account ON suppressions USING btree (account_id, id);
CREATE INDEX suppressions_by_address ON suppressions USING btree (account_id, address);
CREATE INDEX suppressions_by_domain ON suppressions USING btree (account_id, domain, id);
CREATE INDEX suppressions_by_end ON suppressions USING btree (is_over, expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX suppressions_by_subaccount ON suppressions USING btree (subaccount_id, id);
CREATE INDEX suppressions_globs ON suppressions USING btree (subaccount_id, layer) WHERE is_glob;
CREATE INDEX suppressions_patterns ON suppressions USING btree (subaccount_id, layer) WHERE (kind = 'pattern'::text);
CREATE INDEX templates_by_account ON templates USING btree (account_id, id);
CREATE INDEX templates_by_subaccount ON templates USING btree (subaccount_id, id);
CREATE INDEX tls_reports_due ON tls_reports USING btree (due_at) WHERE (state = 'due'::text);
CREATE INDEX tracking_domains_by_account ON tracking_domains USING btree (account_id, id);
CREATE INDEX tracking_domains_due ON tracking_domains USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
CREATE INDEX tracking_links_by_tracking_domain ON tracking_links USING btree (tracking_domain_id);
CREATE INDEX tracking_settings_by_account ON tracking_settings USING btree (account_id, id);
CREATE INDEX tracking_settings_by_domain ON tracking_settings USING btree (domain_id) WHERE (domain_id IS NOT NULL);
CREATE INDEX usage_months_by_account ON usage_months USING btree (account_id, month_start);
CREATE INDEX webhook_days_age ON webhook_days USING btree (day);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries USING btree (at);
CREATE INDEX webhook_deliveries_by_subaccount ON webhook_deliveries USING btree (subaccount_id);
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries USING btree (webhook_id, id);
CREATE INDEX webhook_progress_due ON webhook_progress USING btree (next_at) WHERE has_work;
CREATE INDEX webhook_replays_by_webhook ON webhook_replays USING btree (webhook_id, id);
CREATE INDEX webhooks_by_account ON webhooks USING btree (account_id, id);
CREATE UNIQUE INDEX accounts_system ON accounts USING btree (is_system) WHERE is_system;
CREATE UNIQUE INDEX brand_hosts_prover ON brand_hosts USING btree (name) WHERE (state = 'proven'::text);
CREATE UNIQUE INDEX domains_default_bounce ON domains USING btree (account_id, subaccount_id) WHERE is_default_bounce;
CREATE UNIQUE INDEX embeds_token_hash ON embeds USING btree (token_hash);
CREATE UNIQUE INDEX inbound_domains_prover ON inbound_domains USING btree (name) WHERE (state = 'proven'::text);
CREATE UNIQUE INDEX invitations_address ON invitations USING btree (subaccount_id, email);
CREATE UNIQUE INDEX keys_secret_hash ON keys USING btree (secret_hash);
CREATE UNIQUE INDEX list_recipients_by_address ON list_recipients USING btree (list_id, lower(address));
CREATE UNIQUE INDEX pools_default ON pools USING btree (account_id) WHERE is_default;
CREATE UNIQUE INDEX quotas_account ON quotas USING btree (account_id) WHERE (level = 'account'::text);
CREATE UNIQUE INDEX subaccounts_external_id ON subaccounts USING btree (account_id, external_id) WHERE (stage <> 'deleted'::text);
CREATE UNIQUE INDEX subaccounts_own ON subaccounts USING btree (account_id) WHERE is_own;
CREATE UNIQUE INDEX suspensions_once ON suspensions USING btree (account_id, authority, COALESCE(for_subaccount, 0), kind, value);
CREATE UNIQUE INDEX tracking_domains_default ON tracking_domains USING btree (subaccount_id) WHERE is_default;
CREATE UNIQUE INDEX tracking_domains_prover ON tracking_domains USING btree (name) WHERE (state = 'proven'::text);

create policy engine_works on account_figures for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on account_figures for insert to lettershop_tenant
  with check (account_id = ( SELECT scope_account() AS scope_account));
create policy tenant_changes on account_figures for update to lettershop_tenant
  using (account_id = ( SELECT scope_account() AS scope_account))
  with check (account_id = ( SELECT scope_account() AS scope_account));
create policy tenant_removes on account_figures for delete to lettershop_tenant
  using (account_id = ( SELECT scope_account() AS scope_account));
create policy tenant_sees on account_figures for select to lettershop_tenant
  using (account_id = ( SELECT scope_account() AS scope_account));
create policy whole_account on account_figures as restrictive for all to lettershop_tenant
  using ( SELECT scope_sees_account() AS scope_sees_account);
create policy engine_works on accounts for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on accounts for insert to lettershop_tenant
  with check (id = ( SELECT scope_account() AS scope_account));
create policy tenant_changes on accounts for update to lettershop_tenant
  using (id = ( SELECT scope_account() AS scope_account))
  with check (id = ( SELECT scope_account() AS scope_account));
create policy tenant_removes on accounts for delete to lettershop_tenant
  using (id = ( SELECT scope_account() AS scope_account));
create policy tenant_sees on accounts for select to lettershop_tenant
  using (id = ( SELECT scope_account() AS scope_account));
create policy engine_works on alert_firings for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on alert_firings for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on alert_firings for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on alert_firings for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on alert_firings for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on alerts for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on alerts for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on alerts for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on alerts for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on alerts for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on asked_mails for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on asked_mails for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on asked_mails for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on asked_mails for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on asked_mails for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on attempt_transcripts for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on attempt_transcripts for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on attempt_transcripts for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on attempt_transcripts for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on attempt_transcripts for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on audit_entries for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on audit_entries for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on audit_entries for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on audit_entries for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on audit_entries for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on blocklist_states for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on blocklist_states for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on blocklist_states for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on blocklist_states for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on blocklist_states for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on brand_hosts for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on brand_hosts for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on brand_hosts for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on brand_hosts for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on brand_hosts for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on brand_logos for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on brand_logos for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on brand_logos for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on brand_logos for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on brand_logos for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on brands for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on brands for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on brands for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on brands for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on brands for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on bulk_sends for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on bulk_sends for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on bulk_sends for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on bulk_sends for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on bulk_sends for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on captures for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on captures for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on captures for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on captures for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on captures for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on daily_figures for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on daily_figures for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on daily_figures for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on daily_figures for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on daily_figures for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on dmarc_reports for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on dmarc_reports for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on dmarc_reports for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on dmarc_reports for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on dmarc_reports for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on dmarc_rows for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on dmarc_rows for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on dmarc_rows for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on dmarc_rows for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on dmarc_rows for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on domain_keys for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on domain_keys for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on domain_keys for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on domain_keys for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on domain_keys for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on domain_mail_proofs for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on domain_mail_proofs for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on domain_mail_proofs for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on domain_mail_proofs for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on domain_mail_proofs for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on domain_owners for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on domain_owners for insert to lettershop_tenant
  with check (account_id = ( SELECT scope_account() AS scope_account));
create policy tenant_changes on domain_owners for update to lettershop_tenant
  using (account_id = ( SELECT scope_account() AS scope_account))
  with check (account_id = ( SELECT scope_account() AS scope_account));
create policy tenant_removes on domain_owners for delete to lettershop_tenant
  using (account_id = ( SELECT scope_account() AS scope_account));
create policy tenant_sees on domain_owners for select to lettershop_tenant
  using (account_id = ( SELECT scope_account() AS scope_account));
create policy engine_works on domains for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on domains for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on domains for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on domains for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on domains for select to lettershop_tenant
  using (((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[])))) OR ((account_id = ( SELECT scope_account() AS scope_account)) AND (share <> 'none'::text)));
create policy engine_works on embeds for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on embeds for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on embeds for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on embeds for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on embeds for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on engagements for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on engagements for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on engagements for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on engagements for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on engagements for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on erasures for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on erasures for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on erasures for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on erasures for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on erasures for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on events for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on events for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on events for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on events for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on events for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on exports for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on exports for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on exports for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on exports for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on exports for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on handouts for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on handouts for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on handouts for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on handouts for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on handouts for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on hourly_figures for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on hourly_figures for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on hourly_figures for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on hourly_figures for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on hourly_figures for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on idempotency_keys for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on idempotency_keys for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on idempotency_keys for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on idempotency_keys for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on idempotency_keys for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on inbound_contents for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on inbound_contents for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on inbound_contents for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on inbound_contents for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on inbound_contents for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on inbound_domains for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on inbound_domains for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on inbound_domains for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on inbound_domains for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on inbound_domains for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on inbound_mails for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on inbound_mails for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on inbound_mails for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on inbound_mails for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on inbound_mails for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on inbound_reports for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on inbound_reports for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on inbound_reports for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on inbound_reports for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on inbound_reports for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on inbound_route_health for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on inbound_route_health for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on inbound_route_health for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on inbound_route_health for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on inbound_route_health for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on inbound_routes for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on inbound_routes for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on inbound_routes for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on inbound_routes for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on inbound_routes for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on invitation_memberships for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on invitation_memberships for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on invitation_memberships for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on invitation_memberships for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on invitation_memberships for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on invitations for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on invitations for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on invitations for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on invitations for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on invitations for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on keys for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on keys for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on keys for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on keys for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on keys for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on known_recipients for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on known_recipients for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on known_recipients for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on known_recipients for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on known_recipients for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on list_recipients for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on list_recipients for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on list_recipients for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on list_recipients for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on list_recipients for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on memberships for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on memberships for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on memberships for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on memberships for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on memberships for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on messages for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on messages for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on messages for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on messages for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on messages for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on metadata_fields for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on metadata_fields for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on metadata_fields for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on metadata_fields for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on metadata_fields for select to lettershop_tenant
  using (((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[])))) OR ((account_id = ( SELECT scope_account() AS scope_account)) AND (share <> 'none'::text)));
create policy engine_works on notice_subjects for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on notice_subjects for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on notice_subjects for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on notice_subjects for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on notice_subjects for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on outbox for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on outbox for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on outbox for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on outbox for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on outbox for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on outcome_hours for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on outcome_hours for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on outcome_hours for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on outcome_hours for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on outcome_hours for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on perhaps_delivered for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on perhaps_delivered for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on perhaps_delivered for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on perhaps_delivered for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on perhaps_delivered for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on pools for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on pools for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on pools for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on pools for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on pools for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on postings for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on postings for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on postings for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on postings for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on postings for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on queue for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on queue for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on queue for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on queue for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on queue for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on queue_actions for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on queue_actions for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on queue_actions for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on queue_actions for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on queue_actions for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on quota_tellings for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on quota_tellings for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on quota_tellings for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on quota_tellings for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on quota_tellings for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on quotas for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on quotas for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on quotas for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on quotas for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on quotas for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on recipient_lists for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on recipient_lists for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on recipient_lists for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on recipient_lists for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on recipient_lists for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on reports for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on reports for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on reports for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on reports for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on reports for select to lettershop_tenant
  using (((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[])))) OR ((account_id = ( SELECT scope_account() AS scope_account)) AND (share <> 'none'::text)));
create policy engine_works on reputation_limits for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on reputation_limits for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on reputation_limits for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on reputation_limits for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on reputation_limits for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on reputation_steps for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on reputation_steps for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on reputation_steps for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on reputation_steps for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on reputation_steps for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on reputations for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on reputations for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on reputations for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on reputations for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on reputations for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on request_logs for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on request_logs for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on request_logs for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on request_logs for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on request_logs for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on sender_letters for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on sender_letters for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on sender_letters for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on sender_letters for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on sender_letters for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on senders for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on senders for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on senders for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on senders for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on senders for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on series for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on series for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on series for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on series for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on series for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on site_limits for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on site_limits for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on site_limits for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on site_limits for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on site_limits for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on soft_bounces for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on soft_bounces for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on soft_bounces for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on soft_bounces for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on soft_bounces for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on source_addresses for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on source_addresses for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on source_addresses for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on source_addresses for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on source_addresses for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on subaccounts for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on subaccounts for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on subaccounts for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on subaccounts for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on subaccounts for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on submissions for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on submissions for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on submissions for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on submissions for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on submissions for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on suppression_imports for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on suppression_imports for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on suppression_imports for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on suppression_imports for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on suppression_imports for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on suppression_settings for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on suppression_settings for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on suppression_settings for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on suppression_settings for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on suppression_settings for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on suppressions for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on suppressions for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on suppressions for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on suppressions for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on suppressions for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on suspensions for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on suspensions for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on suspensions for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on suspensions for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on suspensions for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on template_versions for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on template_versions for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on template_versions for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on template_versions for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on template_versions for select to lettershop_tenant
  using (((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[])))) OR ((account_id = ( SELECT scope_account() AS scope_account)) AND (share <> 'none'::text)));
create policy engine_works on templates for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on templates for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on templates for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on templates for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on templates for select to lettershop_tenant
  using (((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[])))) OR ((account_id = ( SELECT scope_account() AS scope_account)) AND (share <> 'none'::text)));
create policy engine_works on tracking_domains for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on tracking_domains for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on tracking_domains for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on tracking_domains for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on tracking_domains for select to lettershop_tenant
  using (((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[])))) OR ((account_id = ( SELECT scope_account() AS scope_account)) AND (share <> 'none'::text)));
create policy engine_works on tracking_links for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on tracking_links for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on tracking_links for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on tracking_links for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on tracking_links for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on tracking_settings for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on tracking_settings for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on tracking_settings for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on tracking_settings for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on tracking_settings for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on turn_weights for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on turn_weights for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on turn_weights for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on turn_weights for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on turn_weights for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on usage_months for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on usage_months for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on usage_months for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on usage_months for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on usage_months for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on warmup_days for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on warmup_days for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on warmup_days for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on warmup_days for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on warmup_days for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on webhook_days for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on webhook_days for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on webhook_days for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on webhook_days for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on webhook_days for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on webhook_deliveries for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on webhook_deliveries for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on webhook_deliveries for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on webhook_deliveries for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on webhook_deliveries for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on webhook_failures for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on webhook_failures for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on webhook_failures for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on webhook_failures for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on webhook_failures for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on webhook_progress for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on webhook_progress for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on webhook_progress for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on webhook_progress for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on webhook_progress for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on webhook_replays for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on webhook_replays for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on webhook_replays for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on webhook_replays for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on webhook_replays for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy engine_works on webhooks for all to lettershop_engine
  using true
  with check true;
create policy tenant_adds on webhooks for insert to lettershop_tenant
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_changes on webhooks for update to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))))
  with check ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_removes on webhooks for delete to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));
create policy tenant_sees on webhooks for select to lettershop_tenant
  using ((account_id = ( SELECT scope_account() AS scope_account)) AND (( SELECT scope_sees_account() AS scope_sees_account) OR (subaccount_id = ANY (( SELECT scope_subaccounts() AS scope_subaccounts)::integer[]))));

CREATE OR REPLACE FUNCTION address_hash(address text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((('x'::text || substr(md5(lower(address)), 1, 8)))::bit(32))::integer
;
CREATE OR REPLACE FUNCTION audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;
CREATE OR REPLACE FUNCTION audit_tables()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  t record;
begin
  for t in
    select c.relname from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and not c.relispartition
      and (c.relname = 'accounts' or exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped))
      and c.relname not in (select name from unaudited_tables)
      and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'audit')
  loop
    -- Background work has no actor: it is told by events.
    execute format('create trigger audit after insert or update or delete on %I for each row
      when (coalesce(current_setting(''app.actor'', true), '''') <> '''') execute function audit_change()', t.relname);
  end loop;
end $function$
;
CREATE OR REPLACE FUNCTION audit_value(value jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (length((value #>> '{}'::text[])) > 1000) THEN to_jsonb(("left"((value #>> '{}'::text[]), 200) || '...'::text)) ELSE value END
;
CREATE OR REPLACE PROCEDURE drop_old_partitions(IN instant timestamp with time zone)
 LANGUAGE plpgsql
AS $procedure$
declare
  leaf record;
  ends bigint;
begin
  -- By name: events go before the postings that are made of them, so that none is made for a partition that is gone.
  for leaf in
    select c.relname, p.name, p.range_key, split_part(c.relname, '_', 2)::integer as days, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_class c
    join pg_inherits i on i.inhrelid = c.oid
    join pg_class parent on parent.oid = i.inhparent and parent.relispartition
    join partitioned_tables p on c.relname like p.name || '\_%'
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
    order by c.relname
  loop
    ends := case leaf.range_key
      when 'id' then (substring(leaf.bound from 'TO \(''?(\d+)''?\)'))::bigint >> 21
      else (extract(epoch from substring(leaf.bound from 'TO \(''(.*?)''\)')::timestamptz) * 1000)::bigint end;
    continue when ends + leaf.days * 86400000::bigint > extract(epoch from instant) * 1000;
    continue when leaf.range_key = 'id' and exists (
      select from queue where retention_days = leaf.days and message_id < ends << 21 limit 1);
    perform set_config('lock_timeout', '200ms', true);
    begin
      execute format('drop table if exists %I', leaf.relname);
    exception when lock_not_available then null;
    end;
    commit;
  end loop;
end $procedure$
;
CREATE OR REPLACE FUNCTION end_keys_of_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  delete from keys k where k.user_id = old.user_id and k.account_id = old.account_id and not exists (
    select from memberships m where m.user_id = old.user_id and m.account_id = old.account_id);
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION event_term(name text, value text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN hashtextextended(((name || ':'::text) || value), (0)::bigint)
;
CREATE OR REPLACE PROCEDURE make_partitions(IN instant timestamp with time zone)
 LANGUAGE plpgsql
AS $procedure$
declare
  t record;
  class record;
  parent text;
  leaf text;
  width bigint;
  low bigint;
begin
  for class in select * from (values (7, 1), (30, 5), (90, 10), (400, 40)) as c (days, width_days) loop
    width := class.width_days * 86400000::bigint;
    for t in select * from partitioned_tables order by name loop
      parent := t.name || '_' || class.days;
      if to_regclass(parent) is null then
        execute format('create table %I partition of %I for values in (%s) partition by range (%I)',
          parent, t.name, class.days, t.range_key);
        perform secure_tables();
        commit;
      end if;
      for step in 0..1 loop
        low := (floor(extract(epoch from instant) * 1000 / width)::bigint + step) * width;
        leaf := format('%s_%s', parent, to_char(to_timestamp(low / 1000) at time zone 'utc', 'YYYYMMDD'));
        continue when to_regclass(leaf) is not null;
        -- Several nodes come here in the same hour: the second finds what the first has made.
        perform pg_advisory_xact_lock(hashtext('lettershop partitions'));
        if to_regclass(leaf) is null then
          execute format('create table %I (like %I including all) with (fillfactor = %s)',
            leaf, parent, case t.name when 'messages' then 80 else 100 end);
          if t.name = 'submissions' then
            execute format('alter table %I alter column content set storage external', leaf);
          end if;
          execute format('alter table %I enable row level security, force row level security', leaf);
          execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, leaf,
            case t.range_key when 'id' then (low << 21)::text else to_timestamp(low / 1000)::text end,
            case t.range_key when 'id' then ((low + width) << 21)::text else to_timestamp((low + width) / 1000)::text end);
        end if;
        commit;
      end loop;
    end loop;
  end loop;
end $procedure$
;
CREATE OR REPLACE FUNCTION make_quotas()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into quotas (account_id, subaccount_id, level) values (new.account_id, new.id, 'subaccount');
  if new.is_own then insert into quotas (account_id, subaccount_id, level) values (new.account_id, new.id, 'account'); end if;
  return null;
end $function$
;
CREATE OR REPLACE FUNCTION plain_words(text text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN NULLIF(btrim("left"(regexp_replace(regexp_replace(regexp_replace(regexp_replace("left"(text, 500), '<?[^\s<>@"]+@[^\s<>@"]+>?'::text, '<address>'::text, 'g'::text), '\[?\m\d{1,3}(\.\d{1,3}){3}\M\]?'::text, '<ip>'::text, 'g'::text), '\S*\d\S*\d\S*\d\S*\d\S*\d\S*'::text, '<id>'::text, 'g'::text), '\s+'::text, ' '::text, 'g'::text), 200)), ''::text)
;
CREATE OR REPLACE FUNCTION quota_clock()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$select now()$function$
;
CREATE OR REPLACE FUNCTION quota_day(t timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN date_trunc('day'::text, t, 'UTC'::text)
;
CREATE OR REPLACE FUNCTION quota_hour(t timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN date_trunc('hour'::text, t, 'UTC'::text)
;
CREATE OR REPLACE FUNCTION quota_month(t timestamp with time zone, starts_on smallint)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (date_trunc('month'::text, (t - make_interval(days => (starts_on - 1))), 'UTC'::text) + make_interval(days => (starts_on - 1)))
;
CREATE OR REPLACE FUNCTION reason_of(data jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN plain_words(CASE WHEN (jsonb_typeof((data -> 'reply'::text)) = 'object'::text) THEN concat_ws(' '::text, ((data -> 'reply'::text) ->> 'code'::text), ((data -> 'reply'::text) ->> 'enhanced'::text), ((data -> 'reply'::text) ->> 'text'::text)) ELSE (data ->> 'error'::text) END)
;
CREATE OR REPLACE FUNCTION recipient_mark(address text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((('x'::text || substr(md5(lower(address)), 1, 16)))::bit(64))::bigint
;
CREATE OR REPLACE FUNCTION renewed_end(last_event_at timestamp with time zone, first_end timestamp with time zone, renewals integer)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
  select last_event_at + make_interval(secs => least(extract(epoch from first_end - last_event_at)::float8 * 2 ^ renewals, 31536000))
$function$
;
CREATE OR REPLACE FUNCTION scope_account()
 RETURNS integer
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('app.account_id'::text, true), ''::text))::integer
;
CREATE OR REPLACE FUNCTION scope_sees_account()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (current_setting('app.reach'::text, true) = '*'::text)
;
CREATE OR REPLACE FUNCTION scope_subaccounts()
 RETURNS integer[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (string_to_array(NULLIF(NULLIF(current_setting('app.reach'::text, true), ''::text), '*'::text), ','::text))::integer[]
;
CREATE OR REPLACE FUNCTION secure_tables()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  t record;
  sees text;
  holds text;
begin
  for t in
    select c.oid, c.relname, c.relispartition,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'subaccount_id' and not a.attisdropped) as has_subaccount,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'share' and not a.attisdropped) as has_share
    from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and (c.relname = 'accounts' or exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped))
      and not (c.relrowsecurity and c.relforcerowsecurity)
  loop
    execute format('alter table %I enable row level security', t.relname);
    execute format('alter table %I force row level security', t.relname);
    if t.relispartition then continue; end if;
    holds := case when t.relname = 'accounts' then 'id' else 'account_id' end || ' = (select scope_account())';
    if t.has_subaccount then
      holds := holds || ' and ((select scope_sees_account()) or subaccount_id = any ((select scope_subaccounts())::integer[]))';
    elsif t.relname = 'subaccounts' then
      holds := holds || ' and ((select scope_sees_account()) or id = any ((select scope_subaccounts())::integer[]))';
    end if;
    sees := case when t.has_share then format('(%s) or (account_id = (select scope_account()) and share <> ''none'')', holds) else holds end;
    execute format('create policy tenant_sees on %I for select to lettershop_tenant using (%s)', t.relname, sees);
    execute format('create policy tenant_adds on %I for insert to lettershop_tenant with check (%s)', t.relname, holds);
    execute format('create policy tenant_changes on %I for update to lettershop_tenant using (%s) with check (%s)', t.relname, holds, holds);
    execute format('create policy tenant_removes on %I for delete to lettershop_tenant using (%s)', t.relname, holds);
    execute format('create policy engine_works on %I to lettershop_engine using (true) with check (true)', t.relname);
    execute format('grant select, insert, update, delete on %I to lettershop_tenant', t.relname);
  end loop;
  for t in
    select c.relname from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'schema_migrations'
  loop
    execute format('grant select, insert, update, delete on %I to lettershop_engine', t.relname);
  end loop;
  execute 'grant usage on all sequences in schema ' || quote_ident(current_schema()) || ' to lettershop_tenant, lettershop_engine';
end $function$
;
CREATE OR REPLACE FUNCTION subject_words(subject text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN string_to_array(translate(lower(subject), '	
.,:;!?"''()[]{}<>|/\+*=&%$#~^`@_-'::text, repeat(' '::text, 40)), ' '::text)
;
CREATE OR REPLACE FUNCTION suppression_end(last_event_at timestamp with time zone, hours integer)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
  select case when hours > 0 then last_event_at + hours * interval '1 hour' end
$function$
;
CREATE OR REPLACE FUNCTION suppression_settings_of(of_account integer, of_subaccount integer)
 RETURNS TABLE(hard_bounce_hours integer, soft_bounce_hours integer, complaint_hours integer, unsubscribe_hours integer, unsubscribe_holds_for text)
 LANGUAGE sql
 STABLE
AS $function$
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
$function$
;
