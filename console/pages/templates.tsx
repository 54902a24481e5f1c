import { Group, Select, Stack, TextInput } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { useFields } from '../parts/fields.ts';
import { FilterText } from '../parts/filter-inputs.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters, useGoTo } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { Labels } from './template/labels.tsx';
import { PublishedState } from './template/published-state.tsx';

export function Page(): ReactElement {
  const [filters, set] = useFilters(['search', 'label']);
  return (
    <>
      <PageHead
        isOfMany
        title="Templates"
        text="Mail that is written once and sent by its name, with each recipient's own data filled in."
      >
        <NewThing call="POST /templates" label="New template">
          {() => <Create />}
        </NewThing>
      </PageHead>
      <Group mb="md" gap="sm" role="search" aria-label="Templates">
        <FilterText
          label="Name"
          placeholder="Part of the name"
          width={240}
          value={filters.search}
          set={(search) => set({ search })}
        />
        <FilterText label="Label" value={filters.label} set={(label) => set({ label })} />
      </Group>
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function List(): ReactElement {
  const [{ search, label }] = useFilters(['search', 'label']);
  const subaccount = useSubaccountColumn();
  const list = usePages('GET /templates', {
    query: { ...(search === '' ? {} : { search }), ...(label === '' ? {} : { label }) },
  });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="template" things="templates" title="No templates yet" filters={['search', 'label']}>
        Begin with one of ours or with an empty page. A call names the template and gives the data; the texts
        stay here, where designers reach them.
      </EmptyList>
    );
  }
  return (
    <DataTable
      name="Templates"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('template', { id })}
      columns={[
        { title: 'Name', width: '3fr', cell: ({ name }) => name },
        { title: 'Called by', width: '2fr', cell: ({ slug }) => <span className="mono">{slug}</span> },
        { title: 'Labels', width: '2fr', cell: ({ labels }) => <Labels of={labels} /> },
        {
          title: 'State',
          width: '190px',
          cell: ({ draftVersion, publishedVersion }) => (
            <PublishedState draft={draftVersion} published={publishedVersion} />
          ),
        },
        { title: 'Shared', width: '90px', cell: ({ share }) => (share === 'none' ? '–' : share) },
        { title: 'Changed', width: '165px', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
        ...subaccount,
      ]}
    />
  );
}

const blankHtml = '<h1>Hello {{ name }}</h1>\n<p>Write your mail here.</p>\n';
const blankMjml = `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>Hello {{ name }}, write your mail here.</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`;

/** From one of the starters, or from nothing in HTML or MJML; then on to the editor. */
function Create(): ReactElement {
  const { items: starters } = useRead('GET /templates/starters', {});
  const create = useChange('POST /templates');
  const copy = useChange('POST /templates/starters/copy');
  const goTo = useGoTo();
  const form = useFields({ name: '', slug: '', from: 'html' });
  const send = form.send(null, async ({ name, slug, from }) => {
    const named = { name: name.trim(), ...(slug === '' ? {} : { slug }) };
    const starter = starters.find((each) => `starter ${each.slug}` === from);
    const made =
      starter === undefined
        ? await create.run({
            body: {
              ...named,
              language: 'liquid',
              subject: 'Hello',
              ...(from === 'mjml'
                ? { markup: { mjml: blankMjml, autoText: true } }
                : { html: blankHtml, markup: { autoText: true } }),
            },
          })
        : await copy.run({ body: { ...named, starter: starter.slug } });
    goTo('template', { id: made.id });
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <TextInput
          label="Called by"
          description="The word by which a call names it; made from the name when left empty"
          {...form.getInputProps('slug')}
        />
        <Select
          label="Begin with"
          allowDeselect={false}
          data={[
            {
              group: 'Nothing',
              items: [
                { value: 'html', label: 'HTML' },
                { value: 'mjml', label: 'MJML, which becomes HTML for every mail program' },
              ],
            },
            {
              group: 'One of ours',
              items: starters.map(({ slug, name }) => ({ value: `starter ${slug}`, label: name })),
            },
          ]}
          {...form.getInputProps('from')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
