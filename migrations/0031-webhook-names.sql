-- What a webhook's format calls what it tells of: the kinds say what it gets, its wording leaves out what has none of these names.
alter table webhooks add column names text[] check (cardinality(names) between 1 and 100);
