-- Whether an account's mail says where complaints about it go, and by which name (RFC 9477).
alter table accounts add column feedback_headers boolean not null default false;
