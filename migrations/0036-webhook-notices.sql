-- How often people are told of an endpoint that fails is for notices to know.
alter table webhook_progress drop column noticed_at;
