-- What was said in the last attempt of a message that did not go through. A week, one per message.
create table attempt_transcripts (
  account_id integer not null,
  subaccount_id integer not null,
  message_id bigint not null,
  attempt smallint not null,
  at timestamptz not null,
  text text not null check (length(text) <= 10000),
  primary key (subaccount_id, message_id),
  foreign key (account_id, subaccount_id) references subaccounts (account_id, id)
);
create index attempt_transcripts_age on attempt_transcripts (at);
insert into unaudited_tables values ('attempt_transcripts');
