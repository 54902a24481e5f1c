-- Tracking of opens and clicks.

-- Switches of a sending domain, a subaccount or (on its own subaccount) the account; null: as the next wider one says.
create table tracking_settings (
  account_id integer not null,
  subaccount_id integer not null,
  id bigint primary key default nextval('object_ids'),
  -- Null: of the whole subaccount.
  domain_id bigint,
  opens boolean,
  initial_opens boolean,
  clicks boolean,
  text_clicks boolean,
  updated_at timestamptz not null,
  unique nulls not distinct (subaccount_id, domain_id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id),
  foreign key (account_id, subaccount_id, domain_id) references domains (account_id, subaccount_id, id) on delete cascade
);
create index tracking_settings_by_account on tracking_settings (account_id, id);
create index tracking_settings_by_domain on tracking_settings (domain_id) where domain_id is not null;

-- What is known to have happened to a message once already, so that its event can say whether it is the first of its kind.
-- Ends with the message.
create table engagements (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  kind text not null check (kind in ('message.opened', 'message.initially_opened', 'message.clicked', 'message.unsubscribed')),
  ends_at timestamptz not null,
  primary key (subaccount_id, message_id, kind)
);
create index engagements_by_end on engagements (ends_at);
insert into unaudited_tables values ('engagements');
