import { Select } from '@mantine/core';
import type { ReactElement } from 'react';
import { useMe } from '../../shell/me.ts';

export type Layer = 'subaccount' | 'account';
type LayerSelectProps = {
  readonly value?: Layer;
  readonly onChange?: (layer: Layer) => void;
  readonly disabled?: boolean;
};

/** Whose list an entry goes to; who does not hold the account has the one choice, and is asked nothing. */
export function LayerSelect({ onChange, ...rest }: LayerSelectProps): ReactElement | null {
  const { current } = useMe();
  if (current.reach !== 'account') return null;
  return (
    <Select
      label="Whose list"
      allowDeselect={false}
      data={[
        { value: 'subaccount', label: `of subaccount ${current.subaccountId}` },
        { value: 'account', label: 'of the account, for all its subaccounts' },
      ]}
      onChange={(value) => onChange?.(value === 'account' ? value : 'subaccount')}
      {...rest}
    />
  );
}
