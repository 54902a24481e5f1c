import { FileInput, Group, Loader, Select, Stack, Text } from '@mantine/core';
import { Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import { kinds } from '../../../src/features/suppressions/model.ts';
import type { Kind } from '../../../src/features/suppressions/model.ts';
import type { Reply } from '../../api/client.ts';
import { useChange, useReadIf } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act } from '../../parts/confirm.tsx';
import { countText } from '../../parts/numbers.ts';
import { PageWait } from '../../shell/states.tsx';
import { LayerSelect } from './layer-select.tsx';
import type { Layer } from './layer-select.tsx';
import { Outcome, Past, ReportOf } from './report.tsx';

type Report = Reply<'POST /suppressions/imports'>;

type OfImport = { readonly onClose: () => void };

export function Import({ onClose }: OfImport): ReactElement {
  const [report, setReport] = useState<Report | null>(null);
  const [past, setPast] = useState<string | null>(null);
  if (report !== null) return <Outcome report={report} onClose={onClose} />;
  if (past === null) return <Ask onReport={setReport} onLook={setPast} />;
  return (
    <Suspense fallback={<PageWait />}>
      <ReportOf id={past} onClose={onClose} />
    </Suspense>
  );
}

type AskProps = {
  readonly onReport: (report: Report) => void;
  readonly onLook: (id: string) => void;
};

/** A file goes up as it is and is read as it comes; meanwhile the server tells how far it has got. */
function Ask({ onReport, onLook }: AskProps): ReactElement {
  const send = useChange('POST /suppressions/imports');
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<Kind>('manual');
  const [layer, setLayer] = useState<Layer>('subaccount');
  const run = (): void => {
    if (file === null) return;
    const type = /\.(ndjson|jsonl)$/i.test(file.name) ? 'application/x-ndjson' : 'text/csv';
    const body = new Blob([file], { type });
    void act(null, async () => onReport(await send.run({ query: { kind, layer }, body })));
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
      <LayerSelect value={layer} onChange={setLayer} disabled={send.isRunning} />
      {send.isRunning && (
        <Suspense fallback={<Loader size="xs" role="progressbar" aria-label="The file is on its way" />}>
          <Progress />
        </Suspense>
      )}
      <Group justify="flex-end">
        <ActButton why={file === null ? 'Choose a file first.' : null} loading={send.isRunning} onClick={run}>
          Import it
        </ActButton>
      </Group>
      {!send.isRunning && (
        <Suspense fallback={null}>
          <Past onLook={onLook} />
        </Suspense>
      )}
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
