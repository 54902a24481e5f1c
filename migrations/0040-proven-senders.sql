-- Accept asks who in an account has proven an address, once for all its subaccounts.
create index senders_proven on senders (account_id, address) where state = 'proven';
