/** Search and status of a list of subaccounts, kept in the address of the page. */
import { Group } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SubaccountStatus } from '../../src/features/subaccounts/rules.ts';
import { useFilters } from '../shell/location.ts';
import { FilterSelect, FilterText } from './filter-inputs.tsx';

export function SubaccountFilters({
  statuses,
}: {
  readonly statuses: readonly SubaccountStatus[];
}): ReactElement {
  const [filters, set] = useFilters(['search', 'status']);
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Subaccounts">
      <FilterText
        label="Name or external id"
        width={260}
        isSearch
        value={filters.search}
        set={(search) => set({ search })}
      />
      <FilterSelect
        label="Status"
        any="Any status"
        data={statuses.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
        value={filters.status}
        set={(status) => set({ status })}
      />
    </Group>
  );
}
