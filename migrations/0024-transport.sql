-- Transport security of what we send: MTA-STS policies that were fetched, counts of TLS sessions, and the reports made of
-- them. The installation's own, about recipient domains: nothing here names a tenant or their addresses.

-- A policy stays in force until it ends, also when its domain's DNS and web host are silent, on every node.
create table sts_policies (
  domain text primary key check (length(domain) between 1 and 253),
  policy_id text not null check (length(policy_id) between 1 and 32),
  mode text not null check (mode in ('enforce', 'testing', 'none')),
  mx text[] not null check (cardinality(mx) <= 100),
  max_age_seconds integer not null check (max_age_seconds between 0 and 31557600),
  fetched_at timestamptz not null,
  expires_at timestamptz not null
);
create index sts_policies_age on sts_policies (fetched_at);
create index sts_policies_end on sts_policies (expires_at);

-- Sessions of one UTC day with the hosts of a domain that wants reports. `policy_key` is the digest of `policy`.
create table tls_sessions (
  day date not null,
  domain text not null check (length(domain) between 1 and 253),
  policy_key text not null,
  result text not null,
  mx text not null,
  address text not null,
  policy jsonb not null,
  detail text not null,
  sessions bigint not null check (sessions > 0),
  primary key (day, domain, policy_key, result, mx, address)
);

-- One report per domain and day, whichever node sends it; `sent_to` has the targets that have it.
create table tls_reports (
  day date not null,
  domain text not null,
  state text not null check (state in ('due', 'sent', 'given_up')),
  due_at timestamptz not null,
  sent_to text[] not null default '{}',
  primary key (day, domain)
);
create index tls_reports_due on tls_reports (due_at) where state = 'due';

-- What its node has left of what it took for the day: other nodes leave what is over to a pool that has some.
alter table warmup_days add column unsent integer not null default 0;

-- What the hosts of a domain must meet, as last resolved; null when nothing.
alter table domain_sites add column transport text check (length(transport) <= 100);
