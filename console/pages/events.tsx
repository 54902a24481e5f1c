import { Alert, Anchor, Group, Modal, Stack, Switch, Text, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { eventKinds, eventKindTable } from '../../src/features/events/kinds.ts';
import { usePages } from '../api/hooks.ts';
import type { Pages } from '../api/hooks.ts';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { Empty } from '../parts/empty.tsx';
import { replyOf, toldOf } from '../parts/event-text.ts';
import { Facts } from '../parts/facts.tsx';
import { FilterSelect, FilterText, FilterTime } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State, toneOf } from '../parts/state.tsx';
import { SubaccountName } from '../parts/subaccount-pick.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { keepLens, useFilters } from '../shell/location.ts';
import { PageWait } from '../shell/states.tsx';
import { useTail } from './events/tail.ts';
import type { Event, Kind } from './events/tail.ts';

const names = ['kind', 'recipient', 'domain', 'tag', 'subject', 'class', 'from', 'until', 'live'] as const;
const narrowing = names.filter((name) => name !== 'live');
const classes = ['hard', 'soft', 'block', 'policy', 'admin', 'undetermined'];

function kindOf(text: string): Kind | null {
  return eventKinds.find((each) => each === text) ?? null;
}

export function Page(): ReactElement {
  const [{ live, kind, ...narrow }, set] = useFilters(names);
  const isNarrowed = Object.values(narrow).some((value) => value !== '');
  const isLive = live !== '' && !isNarrowed;
  return (
    <>
      <PageHead
        isOfMany
        title="Events"
        text="Every fact of mail and settings, in the order in which it was committed; what webhooks tell comes from here."
      >
        <Switch
          label="Live"
          checked={isLive}
          disabled={isNarrowed}
          {...(isNarrowed ? { description: 'Live, only the kind narrows it' } : {})}
          onChange={(event) => set({ live: event.currentTarget.checked ? 'on' : '' })}
        />
      </PageHead>
      <Filters isLive={isLive} />
      {isLive ? (
        <Live kind={kindOf(kind)} />
      ) : (
        <Suspense fallback={<PageWait />}>
          <Past />
        </Suspense>
      )}
    </>
  );
}

function Filters({ isLive }: { readonly isLive: boolean }): ReactElement {
  const [filters, set] = useFilters(names);
  const of = (name: (typeof names)[number]) => ({
    value: filters[name],
    set: (value: string): void => set({ [name]: value }),
  });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Events">
      <FilterSelect label="Kind" any="Any kind" width={230} data={eventKinds} {...of('kind')} />
      {!isLive && (
        <>
          <FilterText
            label="Recipient"
            placeholder="Recipient, the whole address"
            width={240}
            {...of('recipient')}
          />
          <FilterText label="Recipient's domain" width={180} {...of('domain')} />
          <FilterText label="Tag" width={120} {...of('tag')} />
          <FilterText label="Words of the subject" width={180} {...of('subject')} />
          <FilterSelect
            label="Class of bounce"
            any="Any bounce"
            width={150}
            data={classes}
            {...of('class')}
          />
          <FilterTime label="From" {...of('from')} />
          <FilterTime label="Until" {...of('until')} />
        </>
      )}
    </Group>
  );
}

function Past(): ReactElement {
  const [{ kind, live: _live, ...filters }] = useFilters(names);
  const known = kindOf(kind);
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
  const list = usePages('GET /events', {
    query: { order: 'newest', ...given, ...(known === null ? {} : { kind: [known] }) },
  });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList
        icon="bell"
        things="events"
        title="Nothing has happened yet"
        filters={narrowing}
        hint="A recipient is looked for by the whole address, a subject by whole words."
      >
        Each mail leaves a trail here: accepted, delivered, opened, bounced. So do changes of settings.
      </EmptyList>
    );
  }
  return <Table list={list} name="Events" />;
}

function Live({ kind }: { readonly kind: Kind | null }): ReactElement {
  const { events, state, fault } = useTail(true, kind);
  const list: Pages<Event> = {
    items: events,
    hasMore: false,
    isMoreComing: false,
    more: () => undefined,
  };
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        <State name={state === 'live' ? 'live' : 'connecting'} tone={state === 'live' ? 'good' : 'wait'} />
      </Text>
      {fault !== null && <Alert color="yellow">{fault} It is tried again.</Alert>}
      {events.length === 0 ? (
        <Empty icon="bell" title="Listening">
          What happens from now on appears here within a second, the newest first.
        </Empty>
      ) : (
        <Table list={list} name="Live events" />
      )}
    </Stack>
  );
}

function Table({ list, name }: { readonly list: Pages<Event>; readonly name: string }): ReactElement {
  const [shown, setShown] = useState<Event | null>(null);
  return (
    <>
      <DataTable
        name={name}
        list={list}
        keyOf={({ seq }) => seq}
        columns={[
          {
            title: 'Event',
            width: '230px',
            cell: (event) => (
              <UnstyledButton className="row-button" onClick={() => setShown(event)}>
                <State name={event.kind} tone={toneOf(event.kind.split('.')[1] ?? '')} />
              </UnstyledButton>
            ),
          },
          { title: 'To', width: '2fr', cell: ({ recipient }) => recipient ?? '–' },
          { title: 'Subject', width: '2fr', cell: ({ subject }) => subject ?? '–' },
          {
            title: 'Told',
            width: '3fr',
            cell: ({ data }) => replyOf(data) ?? toldOf(data).join(' · '),
          },
          { title: 'At', width: '165px', cell: ({ at }) => <Time at={at} /> },
        ]}
      />
      <Modal opened={shown !== null} onClose={() => setShown(null)} title={shown?.kind ?? ''} size="lg">
        {shown !== null && <Details event={shown} />}
      </Modal>
    </>
  );
}

function Details({ event }: { readonly event: Event }): ReactElement {
  const { messageId } = event;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {eventKindTable[event.kind].tells}
      </Text>
      <Facts
        of={{
          At: <Time at={event.at} />,
          Number: <span className="mono">{event.seq}</span>,
          Subaccount: <SubaccountName id={event.subaccountId} />,
          To: event.recipient,
          Subject: event.subject,
          Tags: event.tags.length === 0 ? null : event.tags.join(', '),
          Message:
            messageId === null ? null : (
              <Anchor
                component={Link}
                size="sm"
                to={pathTo('message', { id: messageId })}
                search={keepLens as never}
              >
                {messageId}
              </Anchor>
            ),
        }}
      />
      <pre className="source panel" tabIndex={0} aria-label="What it tells">
        {JSON.stringify(event.data, null, 2)}
      </pre>
    </Stack>
  );
}
