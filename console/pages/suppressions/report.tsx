import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useRead } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { BadLines } from '../../parts/bad-lines.tsx';
import { Facts } from '../../parts/facts.tsx';
import { countText } from '../../parts/numbers.ts';
import { Time } from '../../parts/time.tsx';

type Report = Reply<'GET /suppressions/imports/{id}'>;

/** The newest imports, whose reports can be read again. */
export function Past({ onLook }: { readonly onLook: (id: string) => void }): ReactElement | null {
  const { items } = useRead('GET /suppressions/imports', { query: { limit: 5 } });
  if (items.length === 0) return null;
  return (
    <Stack gap={4} role="list" aria-label="Earlier imports">
      <Text size="sm" fw={600}>
        Earlier imports
      </Text>
      {items.map(({ id, createdAt, read, bad, state }) => (
        <Group key={id} gap="xs" role="listitem">
          <Text size="sm" flex={1}>
            <Time at={createdAt} />: {countText(read)} lines, {countText(bad)} bad
            {state === 'finished' ? '' : `, ${state}`}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => onLook(id)}>
            Report
          </Button>
        </Group>
      ))}
    </Stack>
  );
}

type OfReport = { readonly id: string; readonly onClose: () => void };

export function ReportOf({ id, onClose }: OfReport): ReactElement {
  const report = useRead('GET /suppressions/imports/{id}', { path: { id } });
  return <Outcome report={report} onClose={onClose} />;
}

type OutcomeProps = { readonly report: Report; readonly onClose: () => void };

const states: Readonly<Record<Report['state'], string>> = {
  running: 'The file is still being read.',
  finished: 'The file was read to its end.',
  cut: 'The file ended early; what was read of it is kept.',
};

export function Outcome({ report, onClose }: OutcomeProps): ReactElement {
  const { state, read, added, changed, unchanged, bad, badLines } = report;
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {states[state]}
      </Text>
      <Facts
        of={{
          'Lines read': countText(read),
          Added: countText(added),
          Changed: countText(changed),
          'There already': countText(unchanged),
          Bad: countText(bad),
        }}
      />
      <BadLines bad={bad} lines={badLines} />
      <Group justify="flex-end">
        <ActButton why={null} onClick={onClose}>
          Done
        </ActButton>
      </Group>
    </Stack>
  );
}
