-- Each person is told by themselves: owners of the whole account, a subaccount's own people of that subaccount alone. What
-- waits so far was for owners.
alter table notice_subjects add column user_id bigint references users (id) on delete cascade;
alter table notice_subjects drop constraint notice_subjects_pkey;
drop index notice_subjects_waiting;
insert into notice_subjects (account_id, subaccount_id, kind, subject, line, n, at, told_at, user_id)
  select n.account_id, n.subaccount_id, n.kind, n.subject, n.line, n.n, n.at, n.told_at, m.user_id
  from notice_subjects n join memberships m on m.account_id = n.account_id and m.role = 'owner';
delete from notice_subjects where user_id is null;
alter table notice_subjects alter column user_id set not null, add primary key (account_id, user_id, kind, subject);
create index notice_subjects_waiting on notice_subjects (account_id, kind, subject) where n > 0;
create index notice_subjects_by_user on notice_subjects (user_id);
-- Stricter policies of senders are told with the rest, by their event.
drop index senders_warning;
alter table senders drop column is_warning_due, drop column warned_at;
