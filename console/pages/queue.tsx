import { Alert, Group, Stack, Text } from '@mantine/core';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { usePages, useRead, useReadIf } from '../api/hooks.ts';
import type { Query } from '../api/client.ts';
import { EmptyList } from '../parts/empty-list.tsx';
import { FilterSelect, FilterText } from '../parts/filter-inputs.tsx';
import { countText } from '../parts/numbers.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { Time } from '../parts/time.tsx';
import { useSome } from '../shell/lens.ts';
import { useFilters } from '../shell/location.ts';
import { mayCall, useMe } from '../shell/me.ts';
import { PageWait } from '../shell/states.tsx';
import { QueueActs } from './queue/acts.tsx';
import type { QueueFilter } from './queue/acts.tsx';
import { Waiting } from './queue/waiting.tsx';

const states = ['waiting', 'leased', 'held'] as const;
const holds = ['scheduled', 'paused', 'quota', 'review', 'suspended', 'manual'] as const;
const ages = [
  { value: '600', label: 'Older than 10 minutes' },
  { value: '3600', label: 'Older than 1 hour' },
  { value: '86400', label: 'Older than 1 day' },
];
const names = ['state', 'hold', 'domain', 'site', 'tag', 'pool', 'older', 'attempts'] as const;
type Names = Readonly<Record<(typeof names)[number], string>>;

/** As the API takes it; what an address holds that is no value of a filter is left out. */
function filterOf({ state, hold, domain, site, tag, pool, older, attempts }: Names): QueueFilter {
  const knownState = states.find((each) => each === state);
  const knownHold = holds.find((each) => each === hold);
  return {
    ...(knownState === undefined ? {} : { state: knownState }),
    ...(knownHold === undefined ? {} : { hold: knownHold }),
    ...(domain === '' ? {} : { domain }),
    ...(site === '' ? {} : { site }),
    ...(tag === '' ? {} : { tag }),
    ...(pool === '' ? {} : { pool }),
    ...(/^\d{1,8}$/.test(older) ? { olderThanSeconds: Number(older) } : {}),
    ...(/^\d{1,4}$/.test(attempts) ? { attemptsMin: Number(attempts) } : {}),
  };
}

export function Page(): ReactElement {
  const [filters] = useFilters(names);
  const some = useSome();
  const [only, ...others] = some === null || some.isHidden ? [] : some.ids;
  const isOfOne = only !== undefined && others.length === 0;
  const filter = { ...filterOf(filters), ...(isOfOne ? { subaccount: String(only) } : {}) };
  return (
    <>
      <PageHead
        isOfMany
        title="Queue"
        text="Mail that was accepted and has not left: what holds it, and what can be done with all of it at once."
      />
      {/* What stands below the reasons comes with them: their height is known only then. */}
      <Suspense fallback={<PageWait />}>
        <Stack gap="lg">
          <Why />
          <div>
            <Filters />
            <QueueActs filter={filter} why={some === null || isOfOne ? null : whyNotSome} />
            <Suspense fallback={<PageWait />}>
              <List filter={filter} />
            </Suspense>
          </div>
        </Stack>
      </Suspense>
    </>
  );
}

/** What is done at once is done by a filter of the call, which names one subaccount or none. */
const whyNotSome = 'Show all subaccounts or only one of them first.';

const groupTexts: Readonly<Record<string, string>> = {
  turn: 'due, in line',
  retry: 'between two attempts',
  site_pace: 'paced for a slow site',
  leased: 'in hand, being sent',
  scheduled: 'scheduled for later',
  paused: 'paused',
  quota: 'over quota',
  review: 'held for review',
  suspended: 'suspended',
  manual: 'held by hand',
};

/** What waits by its reason, and what the person can do something about: stops, suspensions, slow sites. */
function Why(): ReactElement {
  const { waiting, isExact, groups, reasons } = useRead('GET /why', {}, { everyMs: 5000 });
  return (
    <Panel title="Why mail waits">
      <Text size="sm" role="status" mb={groups.length === 0 ? 0 : 'xs'}>
        {waiting === 0 ? (
          'Nothing waits.'
        ) : (
          <>
            <b className="figure">
              {countText(waiting)}
              {isExact ? '' : ' or more'}
            </b>{' '}
            {waiting === 1 ? 'message waits' : 'messages wait'}:
          </>
        )}
      </Text>
      <Group gap="xl" mb={reasons.length === 0 ? 0 : 'sm'}>
        {groups.map(({ code, messages, movesAt }) => (
          <Text size="sm" key={code}>
            <b className="figure">{countText(messages)}</b> {groupTexts[code] ?? code.replaceAll('_', ' ')}
            {movesAt !== null && (
              <Text span c="dimmed">
                {', the first moves '}
                <Time at={movesAt} />
              </Text>
            )}
          </Text>
        ))}
      </Group>
      {reasons.length > 0 && (
        <Alert color="yellow">
          <Stack gap={4}>
            {reasons.map(({ code, owner, text, movesAt }) => (
              <Text size="sm" key={code + text}>
                {text}{' '}
                <Text span c="dimmed">
                  ({owner})
                </Text>
                {movesAt !== null && (
                  <>
                    {' It moves '}
                    <Time at={movesAt} />.
                  </>
                )}
              </Text>
            ))}
          </Stack>
        </Alert>
      )}
    </Panel>
  );
}

function Filters(): ReactElement {
  const [filters, set] = useFilters(names);
  const me = useMe();
  const pools = useReadIf(mayCall(me, 'GET /pools'), 'GET /pools', { query: { limit: 500 } });
  const of = (name: keyof Names) => ({
    value: filters[name],
    set: (value: string): void => set({ [name]: value }),
  });
  return (
    <Group mb="sm" gap="sm" role="search" aria-label="Queue">
      <FilterSelect label="State" any="Any state" width={140} data={states} {...of('state')} />
      <FilterSelect label="Hold" any="Any hold" width={150} data={holds} {...of('hold')} />
      <FilterText label="Recipient's domain" width={190} {...of('domain')} />
      <FilterText label="Site" width={160} {...of('site')} />
      <FilterText label="Tag" width={120} {...of('tag')} />
      {pools !== null && pools.items.length > 0 && (
        <FilterSelect
          label="Pool"
          any="Any pool"
          width={150}
          data={pools.items.map(({ id, name }) => ({ value: id, label: name }))}
          {...of('pool')}
        />
      )}
      <FilterSelect label="Age" any="Any age" width={200} data={ages} {...of('older')} />
      <FilterSelect
        label="Attempts"
        any="Any attempts"
        width={170}
        data={[
          { value: '1', label: '1 attempt or more' },
          { value: '3', label: '3 attempts or more' },
        ]}
        {...of('attempts')}
      />
    </Group>
  );
}

function List({ filter }: { readonly filter: QueueFilter }): ReactElement {
  const query: Query<'GET /queue'> = filter;
  const list = usePages('GET /queue', { query }, { everyMs: 5000 });
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <EmptyList
        icon="queue"
        things="waiting messages"
        title="Nothing waits"
        filters={names}
        hint="A site is named as in the reason that holds mail for it."
      >
        Mail stands here from its acceptance until its last attempt, with the reason for which it waits: its
        turn, a retry, a schedule, a pause, a quota, or a hold by hand.
      </EmptyList>
    );
  }
  return <Waiting list={list} />;
}
