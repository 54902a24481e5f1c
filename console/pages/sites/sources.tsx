import type { ReactElement } from 'react';
import { Text } from '@mantine/core';
import { DataTable } from '../../parts/data-table.tsx';
import { countText } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { paceTexts } from './pace.tsx';
import type { SourceState } from './pace.tsx';

/** How each source address is received: one that is blocked does not slow the others down. */
export function Sources({ states }: { readonly states: readonly SourceState[] }): ReactElement {
  if (states.length === 0) {
    return (
      <Panel title="Source addresses">
        <Text size="sm" c="dimmed">
          Nothing was sent to it in the last minute. While mail goes there, each address that it leaves from
          stands here, with the pace that the receiver&apos;s answers allow.
        </Text>
      </Panel>
    );
  }
  return (
    <section aria-label="Source addresses">
      <Text component="h2" fw={600} mb="sm">
        Source addresses
      </Text>
      <DataTable<SourceState>
        name="Source addresses"
        list={{ items: states, hasMore: false, isMoreComing: false, more: () => undefined }}
        keyOf={({ node, source }) => `${node} ${source ?? ''}`}
        columns={[
          { title: 'Address', width: '2fr', cell: ({ source }) => source ?? 'the address of the node' },
          { title: 'Node', width: '80px', isNumber: true, cell: ({ node }) => node },
          {
            title: 'Pace',
            width: '160px',
            cell: ({ reason }) => (
              <State name={paceTexts[reason]} tone={reason === 'none' ? 'good' : 'wait'} />
            ),
          },
          {
            title: 'Of the profile',
            width: '125px',
            cell: ({ level }) => (level === 0 ? 'all of it' : `1/${2 ** level}`),
          },
          {
            title: 'Since',
            width: '165px',
            cell: ({ reason, since }) => (reason === 'none' ? '–' : <Time at={since} />),
          },
          {
            title: 'Tried again',
            width: '165px',
            cell: ({ nextProbeAt }) => (nextProbeAt === null ? '–' : <Time at={nextProbeAt} />),
          },
          {
            title: 'Connections now',
            width: '155px',
            isNumber: true,
            cell: ({ connections }) => countText(connections),
          },
          {
            title: 'Messages an hour',
            width: '165px',
            isNumber: true,
            cell: ({ messagesPerSecond }) =>
              messagesPerSecond === null ? 'no limit' : countText(Math.round(messagesPerSecond * 3600)),
          },
        ]}
      />
    </section>
  );
}
