import type { ReactElement } from 'react';
import type { Item } from '../../api/client.ts';
import type { Pages } from '../../api/hooks.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageLink } from '../../parts/page-link.tsx';
import { State } from '../../parts/state.tsx';
import { useSubaccountColumn } from '../../parts/subaccount-column.tsx';
import { Time } from '../../parts/time.tsx';
import { pathTo } from '../../pages.ts';

/** Mail that waits, as a table; `isOfSite`: all of one site, which needs no column. */
export function Waiting({
  list,
  isOfSite = false,
}: {
  readonly list: Pages<Item<'GET /queue'>>;
  readonly isOfSite?: boolean;
}): ReactElement {
  const subaccount = useSubaccountColumn();
  return (
    <DataTable
      name="Waiting mail"
      list={list}
      keyOf={({ messageId }) => messageId}
      linkOf={({ messageId }) => pathTo('message', { id: messageId })}
      columns={[
        { title: 'To', width: '3fr', cell: ({ to }) => to },
        {
          title: 'State',
          width: '170px',
          cell: ({ state, hold }) => (
            <State
              name={hold === null ? state : `held: ${hold}`}
              tone={state === 'leased' ? 'good' : 'wait'}
            />
          ),
        },
        {
          title: 'Moves',
          width: '165px',
          cell: ({ hold, holdUntil, dueAt }) => {
            const at = hold === null ? dueAt : holdUntil;
            return at === null ? '–' : <Time at={at} />;
          },
        },
        { title: 'Attempts', width: '105px', isNumber: true, cell: ({ attempts }) => attempts },
        ...(isOfSite ? [] : [siteColumn]),
        { title: 'Lane', width: '120px', cell: ({ lane }) => lane },
        ...subaccount,
      ]}
    />
  );
}

const siteColumn = {
  title: 'Site',
  width: '2fr',
  cell: ({ site }: { readonly site: string | null }) =>
    site === null ? (
      '–'
    ) : (
      <PageLink to="site" params={{ site }}>
        {site}
      </PageLink>
    ),
};
