-- Mail over SMTP that names a subaccount which is not there: the login is refused, or, where an account says so, the mail is
-- taken and rejected, so that its end can be seen.
alter table accounts add column unknown_subaccount_mail text not null default 'refused'
  check (unknown_subaccount_mail in ('refused', 'rejected'));

-- Not validated: rows that are there are of fewer words, and there may be very many.
alter table messages drop constraint messages_state_check;
alter table messages add constraint messages_state_check check (state in ('queued', 'held', 'deferred', 'delivered', 'bounced',
  'expired', 'cancelled', 'suppressed', 'rejected', 'failed', 'undetermined')) not valid;
