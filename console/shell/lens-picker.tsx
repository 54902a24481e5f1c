/** Account and subaccount that every page looks at: one click for another account, a search for a subaccount. */
import { ActionIcon, Button, Combobox, Text, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { call } from '../api/client.ts';
import { Icon } from '../parts/icon.tsx';
import { accountIn, useChoices } from './choices.ts';
import { useLens } from './lens.ts';
import type { Search } from '../api/lens.ts';
import { useMe } from './me.ts';

function useChoose(): (lens: { account?: number; subaccount: number | null }) => void {
  const navigate = useNavigate();
  return ({ account, subaccount }) => {
    const search = (old: Search): Search => ({
      ...(account === undefined ? old : { account }),
      subaccount: subaccount ?? undefined,
    });
    // Another account has other things: its own overview, not the page of a thing that is not there.
    void navigate({ to: account === undefined ? '.' : '/', search } as never);
  };
}

export function useLensName(): string | null {
  const me = useMe();
  const lens = useLens();
  const given = accountIn(me)?.subaccounts.find(({ id }) => id === lens.subaccount)?.name;
  const isAsked =
    lens.subaccount !== null && given === undefined && me.current.grants.includes('subaccounts:read');
  const read = useQuery({
    queryKey: [lens, 'lens name'],
    enabled: isAsked,
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      call('GET /subaccounts/{id}', { path: { id: lens.subaccount ?? 0 } }, lens, signal),
  });
  if (lens.subaccount === null) return null;
  return given ?? read.data?.name ?? `Subaccount ${lens.subaccount}`;
}

export function LensPicker(): ReactElement {
  const me = useMe();
  const lens = useLens();
  const name = useLensName();
  const choose = useChoose();
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search, 150);
  const combobox = useCombobox({
    onDropdownClose: () => setSearch(''),
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
  const account = accountIn(me);
  const choices = useChoices(asked, combobox.dropdownOpened);
  const submit = (value: string): void => {
    const [kind, id] = value.split(' ');
    if (kind === 'account') choose({ account: Number(id), subaccount: null });
    else choose({ subaccount: id === undefined ? null : Number(id) });
    combobox.closeDropdown();
  };
  return (
    <Combobox store={combobox} width={300} position="bottom-start" onOptionSubmit={submit}>
      <Combobox.Target>
        <Button
          variant="default"
          rightSection={<Icon name="down" size={14} />}
          onClick={() => combobox.toggleDropdown()}
          aria-label={`Looking at ${account?.name ?? 'no account'}${name === null ? '' : `, subaccount ${name}`}; choose another`}
        >
          <Text size="sm" fw={600} truncate maw={220}>
            {name ?? account?.name ?? 'No account'}
          </Text>
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder="Find a subaccount"
          aria-label="Find a subaccount"
        />
        <Combobox.Options mah={380} style={{ overflowY: 'auto' }}>
          {me.accounts.length > 1 && (
            <Combobox.Group label="Accounts">
              {me.accounts.map(({ id, name: label }) => (
                <Combobox.Option key={id} value={`account ${id}`} active={id === account?.id}>
                  {label}
                </Combobox.Option>
              ))}
            </Combobox.Group>
          )}
          <Combobox.Group label="Look through">
            <Combobox.Option value="whole" active={lens.subaccount === null}>
              All of {account?.name ?? 'the account'}
            </Combobox.Option>
            {choices.map(({ id, name: label }) => (
              <Combobox.Option key={id} value={`subaccount ${id}`} active={id === lens.subaccount}>
                {label}
              </Combobox.Option>
            ))}
          </Combobox.Group>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Says all the time that less than the account is seen, and how to see all of it. */
export function LensStrip(): ReactElement | null {
  const name = useLensName();
  const choose = useChoose();
  if (name === null) return null;
  return (
    <div className="lens-strip" role="status">
      <Icon name="eye" size={16} />
      <span>
        Everything here is of <b>{name}</b>
      </span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        ml="auto"
        aria-label="Look at the whole account again"
        onClick={() => choose({ subaccount: null })}
      >
        <Icon name="cross" size={15} />
      </ActionIcon>
    </div>
  );
}
