import { reachesMany, useMe } from '../shell/me.ts';
import type { Column } from './data-table.tsx';
import { SubaccountName } from './subaccount-pick.tsx';

/** Whose each row is, where a list holds things of several subaccounts; else no column. */
export function useSubaccountColumn(): readonly Column<{ readonly subaccountId: number }>[] {
  if (!reachesMany(useMe())) return [];
  return [
    {
      title: 'Subaccount',
      width: '2fr',
      cell: ({ subaccountId }) => <SubaccountName id={subaccountId} />,
    },
  ];
}
