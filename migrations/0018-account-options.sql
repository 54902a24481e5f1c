-- An account on trial makes trial subaccounts only.
alter table accounts add column is_trial boolean not null default false;

-- What an account lets a subaccount's own keys and people do in the editor; a new subaccount has what the account's own one has.
alter table subaccounts
  -- Its people get a mail about a bulk mailing a day after it.
  add column mails_summaries boolean not null default false,
  -- Templates with HTML of their own writing.
  add column allows_own_html boolean not null default true,
  -- Templates that begin with nothing, not as a copy.
  add column allows_blank_template boolean not null default true;

-- Named templates that a key is narrowed to; null for all.
alter table keys add column template_ids bigint[] check (cardinality(template_ids) <= 1000);
