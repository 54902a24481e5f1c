import { FileInput, Group, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Query, Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { BadLines } from '../../parts/bad-lines.tsx';
import { act, confirm } from '../../parts/confirm.tsx';
import { Facts } from '../../parts/facts.tsx';
import { countText } from '../../parts/numbers.ts';

type Report = Reply<'POST /lists/{id}/import'>;
type Mode = NonNullable<Query<'POST /lists/{id}/import'>['mode']>;
type ImportProps = { readonly list: Reply<'GET /lists/{id}'>; readonly onClose: () => void };

const modes: Readonly<Record<Mode, string>> = {
  merge: 'Others on the list stay',
  replace: 'Others on the list go',
};

/** A file goes up as it is; who would go by it is asked about first, as nothing brings them back. */
export function Import({ list, onClose }: ImportProps): ReactElement {
  const send = useChange('POST /lists/{id}/import');
  const [report, setReport] = useState<Report | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [mode, setMode] = useState<Mode>('merge');
  const run = async (): Promise<void> => {
    if (file === null) return;
    if (mode === 'replace' && list.recipients > 0 && !(await isSure(list.recipients))) return;
    const type = /\.(ndjson|jsonl)$/i.test(file.name) ? 'application/x-ndjson' : 'text/csv';
    const body = new Blob([file], { type });
    await act(null, async () => setReport(await send.run({ path: { id: list.id }, query: { mode }, body })));
  };
  if (report !== null) return <Outcome report={report} onClose={onClose} />;
  return (
    <Stack gap="sm">
      <FileInput
        label="File"
        description="CSV with the column address or email, name, tags, and data in the others; a plain list of addresses; or JSON lines"
        placeholder="Choose a file"
        accept=".csv,.txt,.ndjson,.jsonl,text/csv"
        value={file}
        onChange={setFile}
        disabled={send.isRunning}
      />
      <Select
        label="Who is not in the file"
        allowDeselect={false}
        data={Object.entries(modes).map(([value, label]) => ({ value, label }))}
        value={mode}
        onChange={(value) => setMode(value === 'replace' ? value : 'merge')}
        disabled={send.isRunning}
      />
      <Group justify="flex-end">
        <ActButton
          why={file === null ? 'Choose a file first.' : null}
          loading={send.isRunning}
          onClick={() => void run()}
        >
          Import it
        </ActButton>
      </Group>
    </Stack>
  );
}

function isSure(count: number): Promise<boolean> {
  return confirm({
    title: 'Replace who is on the list?',
    text: `Whoever of the ${countText(count)} is not in the file is taken out.`,
    action: 'Replace them',
    isDangerous: true,
  });
}

type OutcomeProps = { readonly report: Report; readonly onClose: () => void };

function Outcome({ report, onClose }: OutcomeProps): ReactElement {
  const { read, added, changed, bad, badLines } = report;
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        The file was read to its end.
      </Text>
      <Facts
        of={{
          'Lines read': countText(read),
          Added: countText(added),
          Changed: countText(changed),
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
