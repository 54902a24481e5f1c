-- AMP for Email (text/x-amp-html), beside the HTML and text of a version.
alter table template_versions add column amp text;
