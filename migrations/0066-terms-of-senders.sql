-- The log is searched by the sender's address, the mailbox provider's site and the source address as well. Which terms a span's
-- postings have: 1, those of before; 2, these too. A search for them walks what has the old ones only.
alter table event_spans add column terms smallint not null default 1;
create index event_spans_of_before on event_spans (seq_until) where terms < 2;
