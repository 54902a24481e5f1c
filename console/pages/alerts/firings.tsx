import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { Item } from '../../api/client.ts';
import type { Pages } from '../../api/hooks.ts';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { countText } from '../../parts/numbers.ts';
import { State } from '../../parts/state.tsx';
import type { Tone } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { pathTo } from '../../pages.ts';
import { keepLens } from '../../shell/location.ts';
import { valueText } from './words.ts';
import type { Alert } from './words.ts';

type Firing = Item<'GET /alerts/firings'>;

const tones: Readonly<Record<Firing['kind'], Tone>> = { fired: 'bad', cleared: 'good', test: 'none' };

function toldText({ delivery, error }: Firing): string {
  if (delivery === 'quiet') return 'nobody: its quiet time';
  if (delivery === 'waiting') return error === '' ? 'is being told' : `tried: ${error}`;
  return delivery === 'sent' ? 'told' : `not told: ${error}`;
}

type FiringsProps = {
  readonly list: Pages<Firing>;
  /** Those that are known, for their names and what they measure. */
  readonly alerts: readonly Alert[];
  /** Whether each names its alert. */
  readonly isOfAll?: boolean;
};

/** When alerts fired and were over, what was measured then, and whether somebody was told. */
export function Firings({ list, alerts, isOfAll = false }: FiringsProps): ReactElement {
  const byId = new Map(alerts.map((alert) => [alert.id, alert]));
  if (list.items.length === 0 && !list.hasMore) {
    return (
      <Text size="sm" c="dimmed">
        Nothing has fired yet; a test leaves a line as well.
      </Text>
    );
  }
  const naming: readonly Column<Firing>[] = isOfAll
    ? [
        {
          title: 'Alert',
          width: '2fr',
          cell: ({ alertId }) => (
            <Link to={pathTo('alert', { id: alertId })} search={keepLens}>
              {byId.get(alertId)?.name ?? alertId}
            </Link>
          ),
        },
      ]
    : [];
  return (
    <DataTable
      name="What fired"
      list={list}
      keyOf={({ id }) => id}
      columns={[
        { title: 'At', width: '170px', cell: ({ at }) => <Time at={at} /> },
        ...naming,
        { title: 'What', width: '110px', cell: ({ kind }) => <State name={kind} tone={tones[kind]} /> },
        {
          title: 'Value',
          width: '110px',
          isNumber: true,
          cell: ({ value, alertId }) => {
            const alert = byId.get(alertId);
            if (value === null) return '–';
            return alert === undefined ? countText(value) : valueText(alert.measure, value);
          },
        },
        {
          title: 'Of',
          width: '100px',
          isNumber: true,
          cell: ({ volume }) => (volume === null ? '–' : countText(volume)),
        },
        { title: 'Told', width: '2fr', cell: toldText },
      ]}
    />
  );
}
