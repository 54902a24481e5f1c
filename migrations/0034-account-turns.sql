-- How many turns an account has where another has one. The operator's: an account may only ask for less than it has.
alter table accounts add column turn_weight smallint not null default 1 check (turn_weight between 1 and 100);
