-- Where in the log a term stands: a tag, a word of a subject, a kind, a recipient's domain. One row for a subaccount, a term and
-- a bucket of 16,384 numbers; a mark for each 256 of them. Written behind the log (docs/decisions/event-details.md). A term is a
-- hash: what it finds is always asked again. Ends with the events: same classes, same windows.
create table postings (
  account_id integer not null,
  subaccount_id integer not null,
  retention_days smallint not null,
  at timestamptz not null,
  term bigint not null,
  bucket integer not null,
  marks bigint not null
) partition by list (retention_days);
create index postings_by_subaccount on postings (subaccount_id, term, bucket);
create index postings_by_account on postings (account_id, term, bucket);
insert into partitioned_tables values ('postings', 'at');
insert into unaudited_tables values ('postings');

-- How far the log has postings, and when what was: spans follow each other without a gap. No tenant's.
create table event_spans (
  seq_from bigint primary key,
  seq_until bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null
);
create index event_spans_last on event_spans (last_at);
create index event_spans_first on event_spans (first_at);
grant select on event_spans to lettershop_tenant;

create function event_term(name text, value text) returns bigint language sql immutable parallel safe
  return hashtextextended(name || ':' || value, 0);

create function subject_words(subject text) returns text[] language sql immutable parallel safe
  return string_to_array(translate(lower(subject), E'\t\r\n.,:;!?"''()[]{}<>|/\\+*=&%$#~^`@_-', repeat(' ', 40)), ' ');
