-- The selector of a key that the holder has brought; keys themselves leave no entry in the audit log.
alter table domains add column own_selector text;
