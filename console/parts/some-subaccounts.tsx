/** Which subaccounts a list shows: all, chosen ones, or all but some. It stands in the address of the page. */
import { Button, CloseButton, Group, Popover, SegmentedControl, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { someName, someText, useSome } from '../shell/lens.ts';
import type { Some } from '../shell/lens.ts';
import { useFilters } from '../shell/location.ts';
import { reachesMany, useMe } from '../shell/me.ts';
import { Icon } from './icon.tsx';
import { SubaccountName, SubaccountPick } from './subaccount-pick.tsx';

const idsMax = 100;

function labelOf(some: Some | null): string {
  if (some === null) return 'All subaccounts';
  const many = some.ids.length === 1 ? '1 subaccount' : `${some.ids.length} subaccounts`;
  return some.isHidden ? `Without ${many}` : `Only ${many}`;
}

/** Nothing where only one subaccount is reached. */
export function SomeSubaccounts(): ReactElement | null {
  const some = useSome();
  if (!reachesMany(useMe())) return null;
  return (
    <Popover position="bottom-end" width={320} trapFocus shadow="md">
      <Popover.Target>
        <Button variant={some === null ? 'default' : 'light'} leftSection={<Icon name="eye" size={16} />}>
          {labelOf(some)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Choice some={some} />
      </Popover.Dropdown>
    </Popover>
  );
}

const modes = [
  { value: 'only', label: 'Show only' },
  { value: 'hide', label: 'Hide' },
];

function Choice({ some }: { readonly some: Some | null }): ReactElement {
  const [{ mode }, setMode] = useFilters(['mode']);
  const [, set] = useFilters([someName]);
  const isHidden = some?.isHidden ?? mode === 'hide';
  const ids = some?.ids ?? [];
  const put = (next: Some): void => set({ [someName]: next.ids.length === 0 ? null : someText(next) });
  const choose = (value: string): void => {
    setMode({ mode: value === 'hide' ? 'hide' : null });
    if (ids.length > 0) put({ ids, isHidden: value === 'hide' });
  };
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="What is done with those that are chosen"
        data={modes}
        value={isHidden ? 'hide' : 'only'}
        onChange={choose}
      />
      {ids.length < idsMax && (
        <SubaccountPick
          label={isHidden ? 'Hide a subaccount' : 'Show a subaccount'}
          hasOwn
          isInside
          without={ids}
          onPick={(id) => put({ ids: [...ids, id], isHidden })}
        />
      )}
      {ids.length === 0 ? (
        <Text size="sm" c="dimmed">
          The list shows things of all subaccounts.
        </Text>
      ) : (
        <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {ids.map((id) => (
            <Group key={id} component="li" justify="space-between" wrap="nowrap" gap="xs">
              <Text size="sm" truncate>
                <SubaccountName id={id} />
              </Text>
              <CloseButton
                size="sm"
                aria-label={`Take ${id} out of the choice`}
                onClick={() => put({ ids: ids.filter((each) => each !== id), isHidden })}
              />
            </Group>
          ))}
        </Stack>
      )}
      {ids.length > 0 && (
        <Text size="xs" c="dimmed">
          What is of the account as a whole is left out meanwhile.
        </Text>
      )}
      <Button
        size="xs"
        variant="default"
        disabled={ids.length === 0}
        onClick={() => put({ ids: [], isHidden })}
      >
        Show all
      </Button>
    </Stack>
  );
}
