-- What a subaccount asks by message, submission or recipient is its own in the index already: with the account alone, rows of a
-- sibling were read and left out, which takes a moment more than when there are none. No larger: alignment left the room, and the
-- id is no longer part of the third.
drop index events_by_message;
create index events_by_message on events (message_id, account_id, subaccount_id) where message_id is not null;
drop index messages_by_submission;
create index messages_by_submission on messages (submission_id, account_id, subaccount_id);
drop index messages_by_recipient;
create index messages_by_recipient on messages (account_id, recipient_hash, subaccount_id);
