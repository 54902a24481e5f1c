import { SegmentedControl } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { Create } from './keys/create.tsx';
import { CreateSmtpUser } from './keys/create-smtp-user.tsx';

type Kind = 'api' | 'smtp';

export function Page(): ReactElement {
  const [filters, set] = useFilters(['kind']);
  const kind: Kind = filters.kind === 'smtp' ? 'smtp' : 'api';
  const title = kind === 'api' ? 'New key' : 'New SMTP user';
  return (
    <>
      <PageHead
        isOfMany
        title="Keys"
        text="What programs log in with, each with no more grants than it needs."
      >
        <NewThing call={kind === 'api' ? 'POST /keys' : 'POST /smtp-users'} label={title} size="lg">
          {(close) => (kind === 'api' ? <Create onClose={close} /> : <CreateSmtpUser onClose={close} />)}
        </NewThing>
      </PageHead>
      <SegmentedControl
        mb="md"
        aria-label="Kind"
        data={[
          { value: 'api', label: 'API keys' },
          { value: 'smtp', label: 'SMTP users' },
        ]}
        value={kind}
        onChange={(value) => set({ kind: value === 'smtp' ? value : null })}
      />
      <Suspense fallback={<PageWait />}>
        <List key={kind} kind={kind} />
      </Suspense>
    </>
  );
}

function List({ kind }: { readonly kind: Kind }): ReactElement {
  const list = usePages(kind === 'api' ? 'GET /keys' : 'GET /smtp-users', { query: {} });
  if (list.items.length === 0 && !list.hasMore) return <None kind={kind} />;
  return (
    <DataTable
      name={kind === 'api' ? 'API keys' : 'SMTP users'}
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo(kind === 'api' ? 'key' : 'smtp-user', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        {
          title: kind === 'api' ? 'Begins' : 'User',
          width: '2fr',
          cell: ({ publicId }) => <span className="mono">{publicId}</span>,
        },
        {
          title: 'Reach',
          width: '150px',
          cell: ({ reach, subaccountId }) => (reach === 'subaccount' ? `subaccount ${subaccountId}` : reach),
        },
        { title: 'Grants', width: '80px', isNumber: true, cell: ({ grants }) => grants.length },
        { title: 'Status', width: '110px', cell: ({ status }) => <State name={status} /> },
        {
          title: 'Ends',
          width: '170px',
          cell: ({ expiresAt }) => (expiresAt === null ? 'never' : <Time at={expiresAt} />),
        },
        {
          title: 'Used',
          width: '170px',
          cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : <Time at={lastUsedAt} />),
        },
      ]}
    />
  );
}

function None({ kind }: { readonly kind: Kind }): ReactElement {
  return kind === 'api' ? (
    <EmptyList icon="key" things="keys" title="No keys yet">
      A key opens the API for one subaccount or for all of them. Its secret is shown once, when it is made.
    </EmptyList>
  ) : (
    <EmptyList icon="key" things="SMTP users" title="No SMTP users yet">
      For programs that send by SMTP: a name and a password, good for sending and nothing else.
    </EmptyList>
  );
}
