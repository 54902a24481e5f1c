-- What counts the mail that waits for a subaccount names it. Without the second condition the claim of what is due fits this index
-- as well as its own, and by statistics of a time when nothing waited it took this one: all that waits was read for each route.
drop index inbound_mails_full;
create index inbound_mails_full on inbound_mails (subaccount_id) where state = 'waiting' and subaccount_id is not null;
