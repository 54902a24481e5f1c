/** Fields that narrow a list: what they hold stands in the address, a moment after it was typed. */
import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Icon } from './icon.tsx';
import { instantOf, localText } from './local-time.ts';

type FilterProps = {
  readonly label: string;
  readonly width?: number;
  readonly value: string;
  readonly set: (value: string) => void;
};

export function FilterText({
  label,
  width = 180,
  value,
  set,
  placeholder = label,
  isSearch = false,
}: FilterProps & { readonly placeholder?: string; readonly isSearch?: boolean }): ReactElement {
  const [typed, setTyped] = useState(value);
  const [sent, setSent] = useState(value);
  const [told, setTold] = useState(value);
  const later = useDebouncedCallback((now: string) => {
    setSent(now);
    set(now);
  }, 300);
  // What comes from elsewhere, as from a button that clears all filters, is shown; what was sent from here may be typed on.
  if (value !== told) {
    setTold(value);
    if (value !== sent) {
      setTyped(value);
      setSent(value);
    }
  }
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      leftSection={isSearch && <Icon name="search" size={15} />}
      w={width}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        later(event.currentTarget.value.trim());
      }}
    />
  );
}

export type FilterChoice = string | { readonly value: string; readonly label: string };

export function FilterSelect({
  label,
  width = 180,
  value,
  set,
  any,
  data,
}: FilterProps & {
  /** What stands there when nothing is chosen. */
  readonly any: string;
  readonly data: readonly FilterChoice[];
}): ReactElement {
  return (
    <Select
      aria-label={label}
      placeholder={any}
      clearable
      searchable={data.length > 12}
      w={width}
      data={[...data]}
      value={value === '' ? null : value}
      onChange={(chosen) => set(chosen ?? '')}
    />
  );
}

/** The address holds the instant, so that a link means the same in every zone. */
export function FilterTime({ label, width = 290, value, set }: FilterProps): ReactElement {
  return (
    <TextInput
      type="datetime-local"
      aria-label={label}
      title={label}
      leftSection={<span className="field-name">{label}</span>}
      leftSectionWidth={58}
      w={width}
      value={localText(value)}
      onChange={(event) => set(instantOf(event.currentTarget.value) ?? '')}
    />
  );
}
