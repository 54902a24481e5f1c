-- What mail gets whose call does not say, beside what is tracked: by SMTP where that differs, its lane, and whether transactional
-- mail says how to unsubscribe. A lane is settled before the sending domain is known.
alter table tracking_settings
  add column smtp_opens boolean,
  add column smtp_initial_opens boolean,
  add column smtp_clicks boolean,
  add column smtp_text_clicks boolean,
  add column transactional_unsubscribe boolean,
  add column lane text check (lane in ('transactional', 'bulk')),
  add check (domain_id is null or lane is null);
