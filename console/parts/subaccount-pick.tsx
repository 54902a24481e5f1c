import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { useChoices, useSubaccountName } from '../shell/choices.ts';

export function SubaccountName({ id }: { readonly id: number }): ReactElement {
  return <>{useSubaccountName(id)}</>;
}

type SubaccountPickProps = {
  readonly label: string;
  readonly placeholder?: string;
  /** Not offered: those that were chosen already. */
  readonly without?: readonly number[];
  /** Whether the account's own one is among them. */
  readonly hasOwn?: boolean;
  /** Within something that closes when anything outside of it is clicked. */
  readonly isInside?: true;
  readonly error?: ReactNode;
  readonly onPick: (id: number) => void;
};

/** Finds one of many subaccounts by its name; each that is picked is handed on and the field is empty again. */
export function SubaccountPick({
  label,
  placeholder = 'Find a subaccount',
  without = [],
  hasOwn = false,
  isInside,
  error,
  onPick,
}: SubaccountPickProps): ReactElement {
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search, 150);
  const choices = useChoices(asked, true).filter(
    ({ id, isOwn }) => !without.includes(id) && (hasOwn || isOwn !== true),
  );
  return (
    <Select
      label={label}
      placeholder={placeholder}
      searchable
      value={null}
      searchValue={search}
      onSearchChange={setSearch}
      data={choices.map(({ id, name }) => ({ value: String(id), label: `${name} (${id})` }))}
      // The server has searched, also in names that are not shown.
      filter={({ options }) => options}
      nothingFoundMessage="No subaccount is like that"
      comboboxProps={{ withinPortal: isInside !== true }}
      error={error}
      onChange={(id) => {
        if (id === null) return;
        onPick(Number(id));
        setSearch('');
      }}
    />
  );
}
