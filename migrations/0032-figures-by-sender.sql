-- Figures are asked by the address in From, too. Series from before have none; null stays null.
alter table series add column sender_address text;
