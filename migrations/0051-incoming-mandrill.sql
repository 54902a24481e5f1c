-- Mandrill's wording of a received mail: a signed form.
alter table inbound_routes drop constraint inbound_routes_format_check;
alter table inbound_routes add constraint inbound_routes_format_check check (format in ('native', 'sparkpost', 'mandrill'));
