import { Group, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { kinds, layers } from '../../src/features/suppressions/model.ts';
import type { Item, Query } from '../api/client.ts';
import { useCaller, useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { Icon } from '../parts/icon.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { FilterSelect, FilterText } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Time } from '../parts/time.tsx';
import { useFilters } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Add } from './suppressions/add.tsx';
import { Import } from './suppressions/import.tsx';

type Entry = Item<'GET /suppressions'>;
const names = ['search', 'kind', 'layer', 'sender', 'ended'] as const;
type Filter = Pick<Query<'GET /suppressions'>, 'search' | 'kind' | 'layer' | 'onlySender' | 'includeExpired'>;

export function Page(): ReactElement {
  const [isImporting, importing] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <PageHead isOfMany title="Suppressions" text="Addresses that are not written to, and why.">
        <Export />
        <ActButton variant="default" why={whyNot('POST /suppressions/imports')} onClick={importing.open}>
          Import
        </ActButton>
        <NewThing call="POST /suppressions" label="Add addresses">
          {(close) => <Add onDone={close} />}
        </NewThing>
      </PageHead>
      <Filters />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
      <Modal opened={isImporting} onClose={importing.close} title="Import a file" size="lg">
        <Import onClose={importing.close} />
      </Modal>
    </>
  );
}

function useFilter(): Filter {
  const [{ search, kind, layer, sender, ended }] = useFilters(names);
  const knownKind = kinds.find((each) => each === kind);
  const knownLayer = layers.find((each) => each === layer);
  return {
    ...(search === '' ? {} : { search }),
    ...(knownKind === undefined ? {} : { kind: knownKind }),
    ...(knownLayer === undefined ? {} : { layer: knownLayer }),
    ...(sender === '' ? {} : { onlySender: sender }),
    ...(ended === '' ? {} : { includeExpired: true }),
  };
}

function Filters(): ReactElement {
  const [filters, set] = useFilters(names);
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Suppressions">
      <FilterText
        label="Part of an address"
        width={260}
        isSearch
        value={filters.search}
        set={(search) => set({ search })}
      />
      <FilterSelect
        label="Kind"
        any="Any kind"
        width={170}
        data={kinds.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
        value={filters.kind}
        set={(kind) => set({ kind })}
      />
      <FilterSelect
        label="Whose list"
        any="Anybody's list"
        width={170}
        data={layers}
        value={filters.layer}
        set={(layer) => set({ layer })}
      />
      <FilterText
        label="Only of one sender"
        width={200}
        value={filters.sender}
        set={(sender) => set({ sender })}
      />
      <FilterSelect
        label="Expired"
        any="Not expired"
        width={170}
        data={[{ value: 'too', label: 'Expired, too' }]}
        value={filters.ended}
        set={(ended) => set({ ended })}
      />
    </Group>
  );
}

/** What the filters show, as a file that an import reads again. */
function Export(): ReactElement {
  const caller = useCaller();
  const filter = useFilter();
  const whyNot = useWhyNot();
  const [isRunning, setRunning] = useState(false);
  const run = async (): Promise<void> => {
    setRunning(true);
    await act(null, async () => {
      const file = await caller('GET /suppressions/export', { query: { ...filter, format: 'csv' } });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(file);
      link.download = 'suppressions.csv';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
    setRunning(false);
  };
  return (
    <ActButton
      variant="default"
      why={whyNot('GET /suppressions/export')}
      loading={isRunning}
      leftSection={<Icon name="download" size={16} />}
      onClick={() => void run()}
    >
      Export
    </ActButton>
  );
}

function List(): ReactElement {
  const filter = useFilter();
  const list = usePages('GET /suppressions', { query: filter });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="block" things="suppressions" title="Nobody is suppressed" filters={names}>
        Hard bounces, complaints and unsubscribes come here by themselves. Bring the list of your last
        provider by an import before you send.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Suppressions"
      list={list}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Address', width: '3fr', cell: ({ address }) => address ?? '(erased)' },
        { title: 'Kind', width: '115px', cell: ({ kind }) => kind.replaceAll('_', ' ') },
        { title: 'Stops', width: '140px', cell: stopsText },
        { title: 'List of', width: '140px', cell: whoseText },
        {
          title: 'Reason',
          width: '1fr',
          cell: ({ reason, source }) => (reason === '' ? `by ${source}` : reason),
        },
        { title: 'Since', width: '125px', cell: ({ createdAt }) => <Time at={createdAt} isDay /> },
        { title: 'Until', width: '200px', cell: (entry) => <Until entry={entry} /> },
        { title: 'Acts', width: '100px', cell: (entry) => <Remove entry={entry} /> },
      ]}
    />
  );
}

function stopsText({ stopsTransactional, stopsBulk, onlyList, onlySender, isExpired }: Entry): string {
  if (isExpired) return 'nothing any more';
  const of = `${onlyList === '' ? '' : ` of ${onlyList}`}${onlySender === '' ? '' : ` from ${onlySender}`}`;
  if (stopsTransactional) return `${stopsBulk ? 'all mail' : 'transactional'}${of}`;
  return stopsBulk ? `bulk only${of}` : 'nothing';
}

function Until({ entry: { expiresAt, isExpired } }: { readonly entry: Entry }): ReactElement {
  if (expiresAt === null) return <>it stays</>;
  return (
    <>
      {isExpired && 'expired '}
      <Time at={expiresAt} isDay />
    </>
  );
}

function whoseText({ layer, subaccountId }: Entry): string {
  return layer === 'subaccount' ? `subaccount ${subaccountId}` : `the ${layer}`;
}

function Remove({ entry: { id, address, layer } }: { readonly entry: Entry }): ReactElement {
  const remove = useChange('DELETE /suppressions/{id}');
  const whyNot = useWhyNot();
  const isOperators = layer === 'installation' ? 'The list of the installation is its operator’s.' : null;
  const run = async (): Promise<void> => {
    const isSure = await confirm({
      title: `Write to ${address ?? 'this address'} again?`,
      text: 'It is taken off this list. Mail to somebody who complained or left harms the standing of all your mail.',
      action: 'Take it off',
      isDangerous: true,
    });
    if (isSure) await act('It was taken off the list', () => remove.run({ path: { id } }));
  };
  return (
    <ActButton
      size="compact-xs"
      variant="default"
      color="red"
      why={whyNot('DELETE /suppressions/{id}') ?? isOperators}
      onClick={() => void run()}
    >
      Remove
    </ActButton>
  );
}
