import { Modal, Stack, Text } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { useRead, useReadIf } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { mayCall, useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { LimitsForm, limitsText } from './sites/limits.tsx';
import type { Limits } from './sites/limits.tsx';
import { Pace } from './sites/pace.tsx';
import type { Site } from './sites/pace.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Sites"
        text="The receivers that mail waits for, how fast they are met, and what they said last."
      >
        <NewThing call="PUT /site-limits" label="New limits" title="Limits for a site">
          {(close) => <LimitsForm site={null} limits={null} onDone={close} />}
        </NewThing>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

type Edited = { readonly site: string; readonly limits: Limits | null };

function List(): ReactElement {
  const { items } = useRead('GET /sites', {}, { everyMs: 3000 });
  const me = useMe();
  const limits = useReadIf(mayCall(me, 'GET /site-limits'), 'GET /site-limits', {});
  const [edited, setEdited] = useState<Edited | null>(null);
  return (
    <Stack gap="lg">
      {items.length === 0 ? (
        <Empty icon="send" title="No mail waits for a site">
          As mail waits it stands here by the receiver that takes it: many domains may be of one site.
        </Empty>
      ) : (
        <Waiting items={items} onEdit={setEdited} />
      )}
      {limits !== null && limits.items.length > 0 && <Own items={limits.items} onEdit={setEdited} />}
      <Modal
        opened={edited !== null}
        onClose={() => setEdited(null)}
        title={`Limits for ${edited?.site ?? ''}`}
      >
        {edited !== null && (
          <LimitsForm site={edited.site} limits={edited.limits} onDone={() => setEdited(null)} />
        )}
      </Modal>
    </Stack>
  );
}

type EditButtonProps = { readonly of: Edited; readonly onEdit: (edited: Edited) => void };

function EditButton({ of: edited, onEdit }: EditButtonProps): ReactElement {
  const whyNot = useWhyNot();
  return (
    <ActButton
      size="compact-xs"
      variant="default"
      why={whyNot('PUT /site-limits')}
      onClick={() => onEdit(edited)}
    >
      Limits
    </ActButton>
  );
}

type WaitingProps = { readonly items: readonly Site[]; readonly onEdit: EditButtonProps['onEdit'] };

function Waiting({ items, onEdit }: WaitingProps): ReactElement {
  return (
    <DataTable<Site>
      name="Sites"
      list={{ items, hasMore: false, isMoreComing: false, more: () => undefined }}
      keyOf={({ site }) => site}
      linkOf={({ site }) => pathTo('site', { site })}
      columns={[
        { title: 'Site', width: '2fr', cell: ({ site }) => site },
        { title: 'Domains', width: '2fr', cell: ({ domains }) => domains.join(', ') },
        {
          title: 'Waiting',
          width: '100px',
          isNumber: true,
          cell: ({ waiting, isExact }) => `${countText(waiting)}${isExact ? '' : '+'}`,
        },
        { title: 'In hand', width: '90px', isNumber: true, cell: ({ inHand }) => countText(inHand) },
        { title: 'Held', width: '80px', isNumber: true, cell: ({ held }) => countText(held) },
        { title: 'Oldest', width: '165px', cell: ({ oldestAt }) => <Time at={oldestAt} /> },
        { title: 'Pace', width: '2fr', cell: (site) => <Pace of={site} /> },
        {
          title: 'Acts',
          width: '90px',
          cell: ({ site, ownLimits }) => <EditButton of={{ site, limits: ownLimits }} onEdit={onEdit} />,
        },
      ]}
    />
  );
}

type OwnProps = { readonly items: readonly Limits[]; readonly onEdit: EditButtonProps['onEdit'] };

function Own({ items, onEdit }: OwnProps): ReactElement {
  return (
    <section aria-label="Limits of the account">
      <Text component="h2" fw={600} mb="sm">
        Limits of the account
      </Text>
      <DataTable<Limits>
        name="Limits of the account"
        list={{ items, hasMore: false, isMoreComing: false, more: () => undefined }}
        keyOf={({ site }) => site}
        linkOf={({ site }) => pathTo('site', { site })}
        columns={[
          { title: 'Site', width: '2fr', cell: ({ site }) => site },
          { title: 'At most', width: '3fr', cell: limitsText },
          {
            title: 'Acts',
            width: '90px',
            cell: (limits) => <EditButton of={{ site: limits.site, limits }} onEdit={onEdit} />,
          },
        ]}
      />
    </section>
  );
}
