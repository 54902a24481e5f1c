import { FileInput, Group, Loader, Select, Stack, Table, Text } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { kinds } from '../../../src/features/suppressions/model.ts';
import type { Kind } from '../../../src/features/suppressions/model.ts';
import type { Reply } from '../../api/client.ts';
import { useChange, useReadIf } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act } from '../../parts/confirm.tsx';
import { Facts } from '../../parts/facts.tsx';
import { countText } from '../../parts/numbers.ts';
import { useMe } from '../../shell/me.ts';

type Report = Reply<'POST /suppressions/imports'>;

/** A file goes up as it is and is read as it comes; meanwhile the server tells how far it has got. */
export function Import({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { current } = useMe();
  const send = useChange('POST /suppressions/imports');
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<Kind>('manual');
  const [layer, setLayer] = useState<'subaccount' | 'account'>('subaccount');
  const [report, setReport] = useState<Report | null>(null);
  if (report !== null) return <Outcome report={report} onClose={onClose} />;
  const run = (): void => {
    if (file === null) return;
    const type = /\.(ndjson|jsonl)$/i.test(file.name) ? 'application/x-ndjson' : 'text/csv';
    const body = new Blob([file], { type });
    void act(null, async () => setReport(await send.run({ query: { kind, layer }, body })));
  };
  return (
    <Stack gap="sm">
      <FileInput
        label="File"
        description="CSV with the column address or email, a plain list of addresses, or JSON lines"
        placeholder="Choose a file"
        accept=".csv,.txt,.ndjson,.jsonl,text/csv"
        value={file}
        onChange={setFile}
        disabled={send.isRunning}
      />
      <Select
        label="Kind"
        description="For lines that name none"
        allowDeselect={false}
        data={kinds.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
        value={kind}
        onChange={(value) => setKind(kinds.find((each) => each === value) ?? 'manual')}
        disabled={send.isRunning}
      />
      {current.reach === 'account' && (
        <Select
          label="Whose list"
          allowDeselect={false}
          data={[
            { value: 'subaccount', label: `of subaccount ${current.subaccountId}` },
            { value: 'account', label: 'of the account, for all its subaccounts' },
          ]}
          value={layer}
          onChange={(value) => setLayer(value === 'account' ? 'account' : 'subaccount')}
          disabled={send.isRunning}
        />
      )}
      {send.isRunning && (
        <Suspense fallback={<Loader size="xs" aria-label="The file is on its way" />}>
          <Progress />
        </Suspense>
      )}
      <Group justify="flex-end">
        <ActButton why={file === null ? 'Choose a file first.' : null} loading={send.isRunning} onClick={run}>
          Import it
        </ActButton>
      </Group>
    </Stack>
  );
}

/** The newest import, asked every second while it runs. */
function Progress(): ReactElement {
  const imports = useReadIf(true, 'GET /suppressions/imports', { query: { limit: 1 } }, { everyMs: 1000 });
  const newest = imports?.items[0];
  return (
    <Group gap="xs" role="status">
      <Loader size="xs" />
      <Text size="sm">
        {newest?.state === 'running'
          ? `${countText(newest.read)} lines read, ${countText(newest.bad)} of them bad`
          : 'The file is on its way'}
      </Text>
    </Group>
  );
}

type OutcomeProps = { readonly report: Report; readonly onClose: () => void };

function Outcome({ report, onClose }: OutcomeProps): ReactElement {
  const { state, read, added, changed, unchanged, bad, badLines } = report;
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {state === 'cut'
          ? 'The file ended early; what was read of it is kept.'
          : 'The file was read to its end.'}
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
      {badLines.length > 0 && (
        <div
          className="table-scroll"
          style={{ maxHeight: 300 }}
          tabIndex={0}
          role="region"
          aria-label="Bad lines"
        >
          <Table aria-label="Bad lines">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Line</Table.Th>
                <Table.Th>Field</Table.Th>
                <Table.Th>What is wrong</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {badLines.map(({ line, field, rule, message }) => (
                <Table.Tr key={`${line} ${field} ${rule}`}>
                  <Table.Td>{line}</Table.Td>
                  <Table.Td>{field}</Table.Td>
                  <Table.Td>{message}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {bad > badLines.length && (
        <Text size="xs" c="dimmed">
          The first {badLines.length} bad lines are shown.
        </Text>
      )}
      <Group justify="flex-end">
        <ActButton why={null} onClick={onClose}>
          Done
        </ActButton>
      </Group>
    </Stack>
  );
}
