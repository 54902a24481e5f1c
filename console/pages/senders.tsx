import { Button, Group, Modal, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { NewThing } from '../parts/new-thing.tsx';
import { FilterSelect } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useSubaccountColumn } from '../parts/subaccount-column.tsx';
import { State } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { keepLens, useFilters } from '../shell/location.ts';
import { useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { Create, Edit } from './senders/form.tsx';
import type { Sender } from './senders/form.tsx';

const states = ['unproven', 'proven'] as const satisfies readonly Sender['state'][];

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Senders"
        text="Single addresses that may send without their domain: each agrees by a link in a mail."
      >
        <Button component={Link} to={pathTo('sender-letter')} search={keepLens as never} variant="default">
          Confirmation mail
        </Button>
        <NewThing call="POST /senders" label="New sender">
          {(close) => <Create onDone={close} />}
        </NewThing>
      </PageHead>
      <Filters />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function Filters(): ReactElement {
  const [{ state }, set] = useFilters(['state']);
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Senders">
      <FilterSelect
        label="State"
        any="Any state"
        width={170}
        data={states}
        value={state}
        set={(value) => set({ state: value })}
      />
    </Group>
  );
}

function List(): ReactElement {
  const [{ state }] = useFilters(['state']);
  const known = states.find((each) => each === state);
  const subaccount = useSubaccountColumn();
  const list = usePages(
    'GET /senders',
    { query: known === undefined ? {} : { state: known } },
    { everyMs: 10_000 },
  );
  const [edited, setEdited] = useState<Sender | null>(null);
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList icon="person" things="senders" title="No senders yet" filters={['state']}>
        Who cannot publish records for a domain proves one address instead: a mail goes there, and its link
        says yes. A domain that is proven needs none of this.
      </EmptyList>
    );
  }
  return (
    <>
      <DataTable
        name="Senders"
        list={list}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Address', width: '3fr', cell: ({ email }) => email },
          { title: 'Name', width: '1fr', cell: ({ name }) => (name === '' ? '–' : name) },
          { title: 'State', width: '110px', cell: ({ state: at }) => <State name={at} /> },
          { title: 'DMARC', width: '125px', cell: ({ dmarc }) => <Policy dmarc={dmarc} /> },
          {
            title: 'Proven, or due',
            width: '165px',
            cell: ({ provenAt, expiresAt }) => <Time at={provenAt ?? expiresAt} />,
          },
          { title: 'Acts', width: '260px', cell: (sender) => <Acts of={sender} onEdit={setEdited} /> },
          ...subaccount,
        ]}
      />
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={`Change ${edited?.email ?? ''}`}>
        {edited !== null && <Edit of={edited} onDone={() => setEdited(null)} />}
      </Modal>
    </>
  );
}

/** What the domain of the address tells receivers to do with mail that it did not sign. */
function Policy({ dmarc: { policy, warning } }: Pick<Sender, 'dmarc'>): ReactElement {
  if (warning === null) return <>{policy}</>;
  return (
    <Text size="sm" component="span" tabIndex={0} data-hint={warning}>
      <State name={policy} tone="bad" />
    </Text>
  );
}

type ActsProps = { readonly of: Sender; readonly onEdit: (sender: Sender) => void };

function Acts({ of: sender, onEdit }: ActsProps): ReactElement {
  const { id, email, state } = sender;
  const resend = useChange('POST /senders/{id}/resend');
  const remove = useChange('DELETE /senders/{id}');
  const whyNot = useWhyNot();
  const isDone = state === 'proven' ? 'It is proven already.' : null;
  const end = async (): Promise<void> => {
    const text = 'Mail from it is refused at once. It can be asked again.';
    if (!(await confirm({ title: `Remove ${email}?`, text, action: 'Remove it', isDangerous: true }))) return;
    await act(`${email} was removed`, () => remove.run({ path: { id } }));
  };
  const look = { size: 'compact-xs', variant: 'default' } as const;
  return (
    <Group gap={6} wrap="nowrap">
      <ActButton
        {...look}
        why={whyNot('POST /senders/{id}/resend') ?? isDone}
        loading={resend.isRunning}
        onClick={() => void act(`Another link went to ${email}`, () => resend.run({ path: { id } }))}
      >
        Ask again
      </ActButton>
      <ActButton {...look} why={whyNot('PATCH /senders/{id}')} onClick={() => onEdit(sender)}>
        Change
      </ActButton>
      <ActButton {...look} color="red" why={whyNot('DELETE /senders/{id}')} onClick={() => void end()}>
        Remove
      </ActButton>
    </Group>
  );
}
