import { Group, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { FilterText } from '../parts/filter-inputs.tsx';
import { sizeText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        title="Submissions"
        text="One line for each call or SMTP transaction that was accepted, the newest first: each may be of many messages."
      />
      <Filters />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function Filters(): ReactElement {
  const [{ campaign }, set] = useFilters(['campaign']);
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Submissions">
      <FilterText
        label="Campaign"
        placeholder="Campaign, its whole name"
        width={260}
        value={campaign}
        set={(value) => set({ campaign: value })}
      />
      {campaign === '' ? (
        <Text size="xs" c="dimmed">
          name a campaign to cancel what waits of it
        </Text>
      ) : (
        <CancelCampaign campaign={campaign} />
      )}
    </Group>
  );
}

function CancelCampaign({ campaign }: { readonly campaign: string }): ReactElement {
  const cancel = useChange('POST /submissions/cancel');
  const whyNot = useWhyNot();
  const run = async (): Promise<void> => {
    const question = {
      title: `Cancel what waits of ${campaign}?`,
      text: 'Its recipients that were not reached yet will not get it. What was delivered stays. This cannot be undone.',
      action: 'Cancel the campaign',
      isDangerous: true,
      typed: campaign,
    };
    if (!(await confirm(question))) return;
    await act('What waited of the campaign was cancelled', () => cancel.run({ body: { campaign } }));
  };
  return (
    <ActButton
      variant="default"
      c="var(--bad)"
      why={whyNot('POST /submissions/cancel')}
      loading={cancel.isRunning}
      onClick={() => void run()}
    >
      Cancel what waits of it
    </ActButton>
  );
}

function List(): ReactElement {
  const [{ campaign, template }] = useFilters(['campaign', 'template']);
  const query = {
    ...(campaign === '' ? {} : { campaign }),
    ...(/^\d{1,19}$/.test(template) ? { template } : {}),
  };
  const list = usePages('GET /submissions', { query }, { everyMs: 10_000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList
        icon="check"
        things="submissions"
        title="Nothing was accepted yet"
        filters={['campaign', 'template']}
        hint="A campaign is looked for by its whole name, as calls write it."
      >
        Each call to send mail, and each mail that comes by SMTP, stands here once it was accepted, however
        many recipients it has. From here all of its messages are looked at, and cancelled, together.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Submissions"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('submission', { id })}
      columns={[
        {
          title: 'Subject',
          width: '3fr',
          cell: ({ subject }) => (subject === '' ? '(no subject)' : subject),
        },
        { title: 'From', width: '2fr', cell: ({ from }) => from },
        { title: 'Campaign', width: '2fr', cell: ({ campaign: name }) => name ?? '–' },
        {
          title: 'Leaves',
          width: '165px',
          cell: ({ sendAt }) => (sendAt === null ? 'at once' : <Time at={sendAt} />),
        },
        { title: 'Door', width: '90px', cell: ({ door }) => door },
        { title: 'Size', width: '100px', isNumber: true, cell: ({ sizeBytes }) => sizeText(sizeBytes) },
      ]}
    />
  );
}
