import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { sizeText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';

export function Page(): ReactElement {
  const list = usePages('GET /captures', {}, { everyMs: 4000 });
  return (
    <>
      <PageHead
        isOfMany
        title="Captured mail"
        text="What would have left: a fresh installation delivers into this mailbox, the whole way but the last step."
      />
      {list.items.length === 0 && !list.hasMore ? (
        <EmptyList icon="inbox" things="captured messages" title="No mail was captured">
          In the capture mode each delivered copy appears here within a second. Addresses under .test that
          begin with hard@, soft@, slow@ or complain@ misbehave on purpose, so that you can see what comes of
          it.
        </EmptyList>
      ) : (
        <DataTable
          name="Captured mail"
          list={list}
          keyOf={({ id }) => id}
          linkOf={({ id }) => pathTo('capture', { id })}
          columns={[
            { title: 'To', width: '2fr', cell: ({ to }) => to },
            {
              title: 'Subject',
              width: '3fr',
              cell: ({ subject }) => (subject === '' ? '(no subject)' : subject),
            },
            {
              title: 'Return path',
              width: '2fr',
              cell: ({ mailFrom }) => (mailFrom === '' ? '<>' : mailFrom),
            },
            { title: 'Size', width: '110px', isNumber: true, cell: ({ sizeBytes }) => sizeText(sizeBytes) },
            { title: 'At', width: '165px', cell: ({ at }) => <Time at={at} /> },
          ]}
        />
      )}
    </>
  );
}
