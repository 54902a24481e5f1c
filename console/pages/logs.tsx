import { Group } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { useChange, usePages, useReadIf } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { Actor } from '../parts/actor.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { EmptyList } from '../parts/empty-list.tsx';
import { FilterSelect, FilterText, FilterTime } from '../parts/filter-inputs.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import type { Tone } from '../parts/state.tsx';
import { Time } from '../parts/time.tsx';
import { pathTo } from '../pages.ts';
import { useFilters } from '../shell/location.ts';
import { mayCall, useMe, useWhyNot } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';

const names = ['door', 'status', 'method', 'path', 'requestId', 'actorId', 'after', 'before'] as const;
const doors = ['http', 'smtp'] as const;
const statuses = [
  { value: '2xx', label: 'Done (2xx)' },
  { value: '3xx', label: 'Elsewhere (3xx)' },
  { value: '4xx', label: 'Refused (4xx)' },
  { value: '5xx', label: 'Failed (5xx)' },
];
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'SEND', 'AUTH'];

/** A status of HTTP or SMTP as a colour: by SMTP a 4xx asks for another try and a 5xx refuses. */
export function toneOfStatus(status: number): Tone {
  if (status < 400) return 'good';
  return status < 500 ? 'wait' : 'bad';
}

export function Page(): ReactElement {
  return (
    <>
      <PageHead
        isOfMany
        title="Logs"
        text="Requests at the API and SMTP doors with what was sent and answered, secrets masked; kept for seven days."
      >
        <Suspense fallback={null}>
          <Switch />
        </Suspense>
      </PageHead>
      <Filters />
      <Suspense fallback={<PageWait />}>
        <List />
      </Suspense>
    </>
  );
}

function useIsLogging(): boolean | null {
  const me = useMe();
  const account = useReadIf(mayCall(me, 'GET /account'), 'GET /account', {});
  return account?.logRequests ?? null;
}

function Switch(): ReactElement | null {
  const isOn = useIsLogging();
  const change = useChange('PATCH /account');
  const whyNot = useWhyNot();
  if (isOn === null) return null;
  const run = async (): Promise<void> => {
    const text =
      'Nothing new is written from the next request on. What was written stays until it is seven days old.';
    if (isOn && !(await confirm({ title: 'Stop logging requests?', text, action: 'Stop logging' }))) return;
    await act(isOn ? 'Requests are not logged any more' : 'Requests are logged from now on', () =>
      change.run({ body: { logRequests: !isOn } }),
    );
  };
  return (
    <ActButton
      variant={isOn ? 'default' : 'filled'}
      why={whyNot('PATCH /account')}
      loading={change.isRunning}
      onClick={() => void run()}
    >
      {isOn ? 'Stop logging' : 'Log requests'}
    </ActButton>
  );
}

function Filters(): ReactElement {
  const [filters, set] = useFilters(names);
  const of = (name: (typeof names)[number]) => ({
    value: filters[name],
    set: (value: string): void => set({ [name]: value }),
  });
  return (
    <Group mb="md" gap="sm" role="search" aria-label="Logs">
      <FilterSelect label="Door" any="Any door" width={130} data={doors} {...of('door')} />
      <FilterSelect label="Status" any="Any status" width={170} data={statuses} {...of('status')} />
      <FilterSelect label="Method" any="Any method" width={150} data={methods} {...of('method')} />
      <FilterText label="Path" placeholder="Part of the path" width={170} {...of('path')} />
      <FilterText label="Request id" width={150} {...of('requestId')} />
      <FilterText label="Key or person" placeholder="Id of a key or person" width={180} {...of('actorId')} />
      <FilterTime label="After" {...of('after')} />
      <FilterTime label="Before" {...of('before')} />
    </Group>
  );
}

function List(): ReactElement {
  const [{ door, ...filters }] = useFilters(names);
  const knownDoor = doors.find((each) => each === door);
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
  const list = usePages(
    'GET /logs',
    { query: { ...given, ...(knownDoor === undefined ? {} : { door: knownDoor }) } },
    { everyMs: 10_000 },
  );
  if (list.items.length === 0 && !list.hasMore) return <None />;
  return (
    <DataTable
      name="Requests"
      list={list}
      keyOf={({ id }) => id}
      linkOf={({ id }) => pathTo('log', { id })}
      columns={[
        {
          title: 'Request',
          width: '4fr',
          cell: ({ method, path }) => (
            <span className="mono">
              {method} {path}
            </span>
          ),
        },
        {
          title: 'Status',
          width: '90px',
          cell: ({ status }) => <State name={String(status)} tone={toneOfStatus(status)} />,
        },
        { title: 'By', width: '2fr', cell: ({ actor }) => <Actor actor={actor} /> },
        { title: 'Program', width: '2fr', cell: ({ userAgent }) => userAgent },
        { title: 'Took', width: '90px', isNumber: true, cell: ({ ms }) => `${Math.round(ms)} ms` },
        { title: 'At', width: '165px', cell: ({ at }) => <Time at={at} /> },
      ]}
    />
  );
}

function None(): ReactElement {
  const isOn = useIsLogging();
  return (
    <EmptyList
      icon="log"
      things="requests"
      title={isOn === false ? 'Requests are not logged' : 'Nothing is logged yet'}
      filters={names}
      hint="Requests are kept for seven days."
    >
      {isOn === false
        ? 'Once it is turned on, every call of the API and every mail by SMTP stands here, with its answer: the quickest way to see what a program really sends.'
        : 'Every call of the API and every mail by SMTP appears here within seconds, with its answer, once the account logs requests.'}
    </EmptyList>
  );
}
