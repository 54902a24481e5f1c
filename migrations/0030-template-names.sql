-- Names that callers bring from elsewhere are kept as they are: capitals, dots and a leading underscore too.
alter table templates drop constraint templates_slug_check;
alter table templates add constraint templates_slug_check check (slug ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$');
