-- Row security adds the account to what a subaccount's search asks of the postings. With both in one index it is always the
-- narrowest; without it the planner at times walked the whole account's postings of a term for a subaccount that has few
-- (8,700 pages instead of 30). No larger: the account fills a gap that alignment left.
drop index postings_by_subaccount;
create index postings_by_subaccount on postings (subaccount_id, account_id, term, bucket);

-- Ids of the messages and submissions that a span's events tell of: a search of it opens only the partitions that hold them.
-- Spans written before may have any.
alter table event_spans add first_id bigint not null default 0, add last_id bigint not null default 9223372036854775807;
