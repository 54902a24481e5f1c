-- An entry may stop only mail whose List-Id names one list (RFC 2919); empty: mail of all lists and of none.
alter table suppressions
  add column only_list text collate "C" not null default ''
    check (length(only_list) <= 200 and only_list !~ '[<>@[:cntrl:]]'),
  add constraint suppressions_only_list_check1 check (only_list = '' or kind <> 'pattern'),
  drop constraint suppressions_subaccount_id_layer_address_kind_key,
  add constraint suppressions_key unique (subaccount_id, layer, address, kind, only_list);
