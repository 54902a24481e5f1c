-- How mail is worded for the endpoint of a route: ours, or a provider's whose programs it was written for.
alter table inbound_routes add column format text not null default 'native' check (format in ('native', 'sparkpost'));
