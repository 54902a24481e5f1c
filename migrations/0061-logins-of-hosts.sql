-- A session and a passkey are of one host. Null for a session: the installation's own, under whatever name it is reached.
alter table sessions add column host text check (host = lower(host) and length(host) between 1 and 253);

-- WebAuthn's relying party. Null: registered before hosts were told apart; the program names its own at its start.
alter table passkeys add column rp_id text check (rp_id = lower(rp_id) and length(rp_id) between 1 and 253);

-- Hosts of brands are looked at every hour once they are proven, and these were to wait for half a day.
set local role lettershop_engine;
update brand_hosts set next_check_at = least(next_check_at, now() + interval '1 hour') where state = 'proven';
reset role;
