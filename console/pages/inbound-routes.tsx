import { Group } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { CreateRoute } from './inbound/create-route.tsx';
import { DomainFilter } from './inbound/filters.tsx';
import { RouteTable } from './inbound/route-table.tsx';

export function Page(): ReactElement {
  const [{ domain }] = useFilters(['domain']);
  return (
    <>
      <PageHead
        isOfMany
        title="Inbound routes"
        text="Which addresses of an inbound domain are handed to which of your programs."
      >
        <NewThing call="POST /inbound-routes" label="New route" size="lg">
          {(close) => <CreateRoute domain={null} onClose={close} />}
        </NewThing>
      </PageHead>
      <Group mb="md" gap="sm" role="search" aria-label="Inbound routes">
        <Suspense fallback={null}>
          <DomainFilter />
        </Suspense>
      </Group>
      <Suspense fallback={<PageWait />}>
        <RouteTable domainId={domain === '' ? null : domain} />
      </Suspense>
    </>
  );
}
