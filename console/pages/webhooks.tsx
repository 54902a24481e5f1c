import { Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/empty.tsx';
import { Icon } from '../parts/icon.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { pathTo } from '../pages.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Create } from './webhooks/create.tsx';
import { kindsText, stateOf, toldText } from './webhooks/words.ts';

export function Page(): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <PageHead
        title="Webhooks"
        text="Programs that are told what happens: every event once in its place, numbered and signed."
      >
        <ActButton
          why={whyNot('POST /webhooks')}
          leftSection={<Icon name="plus" size={16} />}
          onClick={dialogue.open}
        >
          New webhook
        </ActButton>
      </PageHead>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
      <Modal opened={isOpen} onClose={dialogue.close} title="New webhook" size="lg">
        <Create onClose={dialogue.close} />
      </Modal>
    </>
  );
}

function List(): ReactElement {
  const list = usePages('GET /webhooks', { query: {} }, { everyMs: 10_000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Empty icon="hook" title="No webhooks yet">
        Name an address of yours that takes JSON by POST. What it does not take is sent again for five days,
        in order; each request and its answer can be read here, and sent once more.
      </Empty>
    );
  }
  return (
    <DataTable
      name="Webhooks"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('webhook', { id })}
      columns={[
        { title: 'Name', width: '2fr', cell: ({ name }) => name },
        { title: 'Address', width: '3fr', cell: ({ url }) => <span className="mono">{url}</span> },
        { title: 'State', width: '120px', cell: (webhook) => <State name={stateOf(webhook)} /> },
        { title: 'Told of', width: '170px', cell: (webhook) => toldText(webhook) },
        { title: 'Kinds', width: '110px', cell: ({ kinds }) => kindsText(kinds) },
        {
          title: 'Waiting',
          width: '100px',
          isNumber: true,
          cell: ({ lastSequence, sentSequence }) => countText(lastSequence - sentSequence),
        },
      ]}
    />
  );
}
