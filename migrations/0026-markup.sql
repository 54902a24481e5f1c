-- What a version's HTML and text are made of when they are not written as they leave: MJML, styles to be put into elements, a
-- text part by machine; and what was made, once, when the version was stored.
alter table template_versions add column markup jsonb;
alter table template_versions drop constraint template_versions_check;
alter table template_versions add constraint template_versions_says check (html is not null or text is not null or markup ->> 'mjml' is not null);
