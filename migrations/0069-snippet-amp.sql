-- A snippet may say something in AMP parts alone; of templates `checkContent` asks for text or html beside AMP.
alter table template_versions
  drop constraint template_versions_says,
  add constraint template_versions_says
    check (html is not null or text is not null or amp is not null or markup ->> 'mjml' is not null);
