-- Row security adds its account to what a tenant asks for. An index that has both is one narrow scan; without it, where a
-- partition has no statistics yet, the planner also reads every event of the account in the index by account. Equal keys
-- are stored once: smaller than with the number of each event.
drop index events_by_message;
create index events_by_message on events (message_id, account_id) where message_id is not null;
drop index messages_by_submission;
create index messages_by_submission on messages (submission_id, account_id);
