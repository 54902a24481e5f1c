-- What an account does for its clients: forwarded DNS instructions, tracking domains, sender identities.

-- For composite foreign keys of things that may hang on a shared domain of the account.
alter table domains add unique (account_id, id);
-- The most specific proven name counts, whoever in the installation has proven it.
create index domains_proven on domains (name) where state = 'proven';

-- Mail that a tenant had us send to an address of its choosing (forwarded instructions, confirmations of senders): kept for
-- two days, so that nobody is flooded in our name.
create table asked_mails (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  recipient text not null,
  purpose text not null check (purpose in ('domain_instructions', 'sender_proof')),
  at timestamptz not null,
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index asked_mails_by_account on asked_mails (account_id, at);
create index asked_mails_age on asked_mails (at);

-- Hosts of links and pixels. Proven by a CNAME whose target holds a token of this owner, so that a name has one prover.
create table tracking_domains (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  name text not null check (name = lower(name) and length(name) <= 253),
  owner_token text not null,
  share text not null default 'none' check (share in ('none', 'read', 'use')),
  state text not null default 'unproven' check (state in ('unproven', 'proven', 'lost')),
  is_default boolean not null default false,
  -- Links begin with https.
  is_secure boolean not null default false,
  -- What DNS showed at the last look, and what that means.
  seen text not null default '',
  explain text not null default '',
  checked_at timestamptz,
  next_check_at timestamptz,
  proven_at timestamptz,
  created_at timestamptz not null,
  unique (subaccount_id, name),
  unique (account_id, id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  check (not is_default or state <> 'unproven')
);
create unique index tracking_domains_default on tracking_domains (subaccount_id) where is_default;
create unique index tracking_domains_prover on tracking_domains (name) where state = 'proven';
create index tracking_domains_due on tracking_domains (next_check_at) where next_check_at is not null;
create index tracking_domains_by_account on tracking_domains (account_id, id);

-- The tracking domain of a sending domain's mail; the row belongs to whoever holds the sending domain.
create table tracking_links (
  account_id integer not null,
  subaccount_id integer not null,
  domain_id bigint primary key,
  tracking_domain_id bigint not null,
  foreign key (account_id, subaccount_id, domain_id) references domains (account_id, subaccount_id, id) on delete cascade,
  foreign key (account_id, tracking_domain_id) references tracking_domains (account_id, id) on delete cascade
);
create index tracking_links_by_tracking_domain on tracking_links (tracking_domain_id);

-- One address, proven by a mail to it. It hangs on a sending domain that signs its mail; null: the installation's.
create table senders (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  email text not null,
  -- Lower case, what From addresses are compared with.
  address text not null check (address = lower(address) and length(address) <= 320),
  name text not null default '' check (length(name) <= 191),
  reply_to_email text,
  reply_to_name text,
  note text not null default '' check (length(note) <= 1000),
  domain_id bigint,
  state text not null default 'unproven' check (state in ('unproven', 'proven')),
  -- Of the newest confirmation mail; kept after the proof, so that a second click is no fault.
  token_hash bytea not null unique check (length(token_hash) = 32),
  expires_at timestamptz not null,
  resends integer not null default 0,
  sent_at timestamptz not null,
  proven_at timestamptz,
  -- The DMARC policy that the address's own domain publishes.
  policy text not null default 'unknown' check (policy in ('unknown', 'missing', 'none', 'quarantine', 'reject')),
  policy_checked_at timestamptz,
  next_check_at timestamptz,
  -- The policy became stricter and nobody was told yet; when somebody was.
  is_warning_due boolean not null default false,
  warned_at timestamptz,
  created_at timestamptz not null,
  unique (subaccount_id, address),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  foreign key (account_id, domain_id) references domains (account_id, id) on delete cascade,
  check ((state = 'proven') = (proven_at is not null))
);
create index senders_due on senders (next_check_at) where next_check_at is not null;
create index senders_warning on senders (account_id) where is_warning_due;
create index senders_by_account on senders (account_id, id);
create index senders_by_domain on senders (domain_id);

-- The text of confirmation mails in the tenant's own words.
create table sender_letters (
  account_id integer not null,
  subaccount_id integer primary key,
  subject text not null check (length(subject) between 1 and 200),
  body text not null check (length(body) between 1 and 5000),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
