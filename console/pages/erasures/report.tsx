import { Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { countText } from '../../parts/numbers.ts';
import { State } from '../../parts/state.tsx';
import type { Tone } from '../../parts/state.tsx';

type Erasure = Reply<'GET /erasures/{id}'>;

const tones: Readonly<Record<Erasure['state'], Tone>> = { waiting: 'wait', running: 'wait', done: 'good' };

export function ErasureState({ state }: Pick<Erasure, 'state'>): ReactElement {
  return <State name={state} tone={tones[state]} />;
}

export function rowsOf(counts: Erasure['counts']): number {
  return Object.values(counts).reduce((sum, rows) => sum + rows, 0);
}

const words: Readonly<Record<string, string>> = {
  cancelled: 'Waiting messages, cancelled',
  messages: 'Messages',
  submissions: 'Accepted calls',
  contents_erased: 'Contents of mail, deleted',
  contents_changed: 'Contents of mail, without the person',
  events: 'Events',
  captures: 'Captured mail',
  suppressions: 'Entries of suppression lists',
  suppression_imports: 'Imports of suppressions',
  list_recipients: 'Recipients of lists',
  recipient_lists: 'Lists',
  inbound_mails: 'Received mail',
  inbound_contents: 'Contents of received mail',
  outbox: 'Mail of the program itself',
  asked_mails: 'Mail that was asked for',
  attempt_transcripts: 'Sessions that were written down',
  audit: 'Entries of the audit log',
  request_logs: 'Logged requests',
  idempotency_keys: 'Kept answers to calls',
};

/** Rows that held the address, by what they were: never the address. */
export function Report({ counts }: Pick<Erasure, 'counts'>): ReactElement {
  const found = Object.entries(counts)
    .filter(([, rows]) => rows > 0)
    .toSorted(([, a], [, b]) => b - a);
  if (found.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing held the address so far.
      </Text>
    );
  }
  return (
    <table className="plain" aria-label="What held the address">
      <tbody>
        {found.map(([name, rows]) => (
          <tr key={name}>
            <th scope="row">{words[name] ?? name.replaceAll('_', ' ')}</th>
            <td data-end>{countText(rows)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
