/** What was said in the last attempt that did not go through, for whoever may read content. Nothing when there was none. */
import { Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useReadIf } from '../../api/hooks.ts';
import { Panel } from '../../parts/panel.tsx';
import { Time } from '../../parts/time.tsx';

export function Transcript({ id }: { readonly id: string }): ReactElement | null {
  const found = useReadIf(true, 'GET /messages/{id}/transcript', { path: { id } }, { everyMs: 10_000 });
  if (found === null || found.text === null) return null;
  const lines = found.text.split(/\r?\n/).filter((line) => line !== '');
  return (
    <Panel title="Last dialogue with the receiver">
      <Text size="sm" c="dimmed" mb="sm">
        {found.attempt === null ? 'An attempt' : `Attempt ${found.attempt}`} that did not go through
        {found.at !== null && (
          <>
            , at <Time at={found.at} />
          </>
        )}
        . Content and secrets are left out; it is kept for a week.
      </Text>
      <ol className="dialogue" aria-label="Lines of the dialogue" tabIndex={0}>
        {lines.map((line, at) => (
          <li key={at} data-side={line.startsWith('S:') ? 'theirs' : 'ours'}>
            {line}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
