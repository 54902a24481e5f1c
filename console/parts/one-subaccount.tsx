import { Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { SubaccountName, SubaccountPick } from './subaccount-pick.tsx';

type OneSubaccountProps = {
  readonly label: string;
  /** Null: the whole account. */
  readonly id: number | null;
  readonly set: (id: number) => void;
};

/** Whether something is of the whole account, or of one subaccount that is found by its name. */
export function OneSubaccount({ label, id, set }: OneSubaccountProps): ReactElement {
  return (
    <Stack gap={4}>
      <SubaccountPick
        label={label}
        placeholder={id === null ? 'of the whole account' : 'another'}
        onPick={set}
      />
      {id !== null && (
        <Text size="sm" role="status">
          Only of <SubaccountName id={id} />
        </Text>
      )}
    </Stack>
  );
}
