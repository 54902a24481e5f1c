import { Group, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';

export type Site = Reply<'GET /sites/{site}'>;
export type SourceState = Site['states'][number];

export const paceTexts: Readonly<Record<SourceState['reason'], string>> = {
  none: 'at full pace',
  busy: 'it is busy',
  storm: 'it refuses much',
  block: 'it blocks us',
  unreachable: 'not reached',
};

/** The worst of what nodes know of a site. */
function paceOf({ states }: Site): {
  readonly text: string;
  readonly isSlow: boolean;
  readonly at: string | null;
} {
  const [worst] = states.filter(({ reason }) => reason !== 'none').toSorted((a, b) => b.level - a.level);
  if (worst === undefined) return { text: paceTexts.none, isSlow: false, at: null };
  return { text: paceTexts[worst.reason], isSlow: true, at: worst.nextProbeAt };
}

export function Pace({ of: site }: { readonly of: Site }): ReactElement {
  const { text, isSlow, at } = paceOf(site);
  return (
    <Group gap={6} wrap="nowrap">
      <State name={text} tone={isSlow ? 'wait' : 'good'} />
      {at !== null && (
        <Text size="sm" c="dimmed" component="span">
          again <Time at={at} />
        </Text>
      )}
    </Group>
  );
}
