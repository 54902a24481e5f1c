import type { ReactElement } from 'react';
import type { Item } from '../../api/client.ts';
import type { Pages } from '../../api/hooks.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { State } from '../../parts/state.tsx';
import { useSubaccountColumn } from '../../parts/subaccount-column.tsx';
import { Time } from '../../parts/time.tsx';
import { pathTo } from '../../pages.ts';

type MessagesTableProps = { readonly list: Pages<Item<'GET /messages'>> };

export function MessagesTable({ list }: MessagesTableProps): ReactElement {
  const subaccount = useSubaccountColumn();
  return (
    <DataTable
      name="Messages"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('message', { id })}
      columns={[
        { title: 'To', width: '2fr', cell: ({ to: address }) => address },
        {
          title: 'Subject',
          width: '3fr',
          cell: ({ subject }) => (subject === '' ? '(no subject)' : subject),
        },
        { title: 'State', width: '130px', cell: (message) => <State name={message.state} /> },
        { title: 'From', width: '2fr', cell: ({ from }) => from },
        { title: 'Since', width: '165px', cell: ({ stateAt }) => <Time at={stateAt} /> },
        ...subaccount,
      ]}
    />
  );
}
