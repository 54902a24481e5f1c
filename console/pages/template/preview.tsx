/** What is typed as a mail would be: rendered by the server a moment later, with data to try it with. */
import { Alert, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Problem } from '../../api/client.ts';
import type { Input } from '../../api/client.ts';
import { useCaller } from '../../api/hooks.ts';
import { HtmlFrame } from '../../parts/mail-view.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useLens } from '../../shell/lens.ts';

type Rendering = NonNullable<Input<'POST /templates/render'>['body']>;

export const exampleData = '{\n  "name": "Ada"\n}';

export function DataInput({
  value,
  set,
}: {
  readonly value: string;
  readonly set: (text: string) => void;
}): ReactElement {
  return (
    <Textarea
      label="Data to try it with"
      description="JSON, as a call gives it for one recipient"
      classNames={{ input: 'code' }}
      rows={5}
      spellCheck={false}
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      error={parsed(value) === null ? 'This is no JSON object.' : null}
    />
  );
}

type Data = { readonly [name: string]: unknown };

export function parsed(text: string): Data | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : null;
  } catch {
    return null;
  }
}

const widths = [
  { value: 'desktop', label: 'Desktop' },
  { value: 'phone', label: 'Phone' },
  { value: 'text', label: 'Text' },
  { value: 'amp', label: 'AMP' },
];

export function Preview({
  body,
  data,
}: {
  readonly body: Omit<Rendering, 'data'>;
  readonly data: Data;
}): ReactElement {
  const lens = useLens();
  const caller = useCaller();
  const [width, setWidth] = useState('desktop');
  const asked = JSON.stringify({ ...body, data });
  const [settled] = useDebouncedValue(asked, 400);
  const rendered = useQuery({
    queryKey: [lens, 'render', settled],
    staleTime: Infinity,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      caller('POST /templates/render', { body: JSON.parse(settled) as Rendering }, signal),
  });
  const { subject = null, html = null, text = null, amp = null, faults = [] } = rendered.data ?? {};
  const refusal = rendered.error instanceof Problem ? rendered.error : null;
  return (
    <Panel
      title="As it will look"
      isFlush
      actions={
        <SegmentedControl size="xs" aria-label="Width" data={widths} value={width} onChange={setWidth} />
      }
    >
      <Stack gap="xs" px={20} pb="sm">
        <Text size="sm" fw={600} role="status">
          {subject === null || subject === '' ? '(no subject)' : subject}
        </Text>
        {refusal !== null && (
          <Alert color="red" role="alert">
            {[refusal.message, ...refusal.errors.map(({ field, message }) => `${field} ${message}`)].join(
              '. ',
            )}
          </Alert>
        )}
        {faults.length > 0 && (
          <Alert color="red" role="alert" title="It cannot be rendered like this">
            {faults.map(({ part, line, column, message }) => (
              <Text size="sm" key={`${part} ${line} ${column} ${message}`}>
                {part}, line {line}, column {column}: {message}
              </Text>
            ))}
          </Alert>
        )}
      </Stack>
      {width === 'text' || width === 'amp' ? (
        <pre className="source" tabIndex={0} aria-label={`${width === 'text' ? 'Text' : 'AMP'} of the mail`}>
          {(width === 'text' ? text : amp) ?? `It has no ${width === 'text' ? 'text' : 'AMP'} part.`}
        </pre>
      ) : (
        <div className="preview" data-width={width}>
          <HtmlFrame html={html ?? ''} title="Preview of the mail" />
        </div>
      )}
    </Panel>
  );
}
