/** Writing beside seeing: what is typed is rendered by the server a moment later, as a mail would be. */
import {
  Alert,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { Problem } from '../../api/client.ts';
import type { Input } from '../../api/client.ts';
import { useCaller, useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import type { Fields } from '../../parts/fields.ts';
import { HtmlFrame } from '../../parts/mail-view.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useLens } from '../../shell/lens.ts';
import { mayCall, useMe } from '../../shell/me.ts';
import type { Template } from '../template.tsx';

type Language = Template['version']['language'];
const languages: readonly { readonly value: Language; readonly label: string }[] = [
  { value: 'liquid', label: 'Liquid' },
  { value: 'handlebars', label: 'Handlebars' },
  { value: 'plain', label: 'None: as it stands' },
  { value: 'merge_tags', label: 'Merge tags' },
  { value: 'sparkpost', label: 'SparkPost' },
  { value: 'mailersend', label: 'MailerSend' },
  { value: 'mailjet', label: 'Mailjet' },
  { value: 'mailjet_tags', label: 'Mailjet tags' },
];

type Values = {
  language: Language;
  subject: string;
  kind: 'html' | 'mjml';
  source: string;
  hasAutoText: boolean;
  text: string;
};

function valuesOf({ version }: Template): Values {
  const mjml = version.markup?.mjml ?? null;
  return {
    language: version.language,
    subject: version.subject,
    kind: mjml === null ? 'html' : 'mjml',
    source: mjml ?? version.html ?? '',
    hasAutoText: version.markup?.autoText === true,
    text: version.text ?? '',
  };
}

type Rendering = NonNullable<Input<'POST /templates/render'>['body']>;
type Body = NonNullable<Input<'PATCH /templates/{id}'>['body']>;

function bodyOf(values: Values, { version }: Template): Body {
  const { language, subject, kind, source, hasAutoText, text } = values;
  const isMjml = kind === 'mjml';
  const inlineCss = version.markup?.inlineCss === true;
  return {
    language,
    subject,
    html: isMjml ? null : source,
    text: hasAutoText || text === '' ? null : text,
    markup:
      isMjml || hasAutoText || inlineCss
        ? { mjml: isMjml ? source : null, inlineCss, autoText: hasAutoText }
        : null,
  };
}

type EditorProps = {
  readonly template: Template;
  /** Why it cannot be changed; null when it can. */
  readonly why: string | null;
};

export function Editor({ template, why }: EditorProps): ReactElement {
  const me = useMe();
  const change = useChange('PATCH /templates/{id}');
  const form = useFields<Values>(valuesOf(template), {
    html: 'source',
    'markup.mjml': 'source',
    markup: 'source',
  });
  const [data, setData] = useState('{\n  "name": "Ada"\n}');
  const isChanged = JSON.stringify(form.values) !== JSON.stringify(valuesOf(template));
  const save = form.send('The draft was saved', async (values) => {
    await change.run({ path: { id: template.id }, body: bodyOf(values, template) });
  });
  useHotkeys([['mod+S', () => (why === null ? save() : undefined)]], []);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Panel
        title="Draft"
        actions={
          <ActButton
            size="compact-sm"
            why={why ?? (isChanged ? null : 'Nothing was changed since it was saved.')}
            loading={form.isSending}
            onClick={save}
          >
            Save the draft
          </ActButton>
        }
      >
        <Stack gap="sm">
          <Sources form={form} isFixed={why !== null} />
          <TextSource form={form} isFixed={why !== null} />
          <Textarea
            label="Data to try it with"
            description="JSON, as a call gives it for one recipient"
            classNames={{ input: 'code' }}
            rows={5}
            spellCheck={false}
            value={data}
            onChange={(event) => setData(event.currentTarget.value)}
            error={parsed(data) === null ? 'This is no JSON object.' : null}
          />
        </Stack>
      </Panel>
      {mayCall(me, 'POST /templates/render') && (
        <Preview body={bodyOf(form.values, template)} data={parsed(data) ?? {}} />
      )}
    </SimpleGrid>
  );
}

type SourceProps = { readonly form: Fields<Values>; readonly isFixed: boolean };

function Sources({ form, isFixed }: SourceProps): ReactElement {
  return (
    <>
      <TextInput label="Subject" readOnly={isFixed} {...form.getInputProps('subject')} />
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          aria-label="Written in"
          data={[
            { value: 'html', label: 'HTML' },
            { value: 'mjml', label: 'MJML' },
          ]}
          value={form.values.kind}
          onChange={(kind) => form.setFieldValue('kind', kind)}
        />
        <Select
          aria-label="Language of its placeholders"
          allowDeselect={false}
          data={languages.map(({ value, label }) => ({ value, label }))}
          {...form.getInputProps('language')}
        />
      </Group>
      <Textarea
        label={form.values.kind === 'mjml' ? 'MJML' : 'HTML'}
        classNames={{ input: 'code' }}
        rows={18}
        spellCheck={false}
        readOnly={isFixed}
        {...form.getInputProps('source')}
      />
    </>
  );
}

/** Made from the HTML, or by hand. */
function TextSource({ form, isFixed }: SourceProps): ReactElement {
  return (
    <>
      <Group gap="sm">
        <Text size="sm" fw={500}>
          Text part
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Text part"
          data={[
            { value: 'auto', label: 'Made from the HTML' },
            { value: 'own', label: 'Written by hand' },
          ]}
          value={form.values.hasAutoText ? 'auto' : 'own'}
          onChange={(kind) => form.setFieldValue('hasAutoText', kind === 'auto')}
        />
      </Group>
      {!form.values.hasAutoText && (
        <Textarea
          aria-label="Text"
          classNames={{ input: 'code' }}
          rows={6}
          readOnly={isFixed}
          {...form.getInputProps('text')}
        />
      )}
    </>
  );
}

type Data = { readonly [name: string]: unknown };

function parsed(text: string): Data | null {
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
];

function Preview({ body, data }: { readonly body: Body; readonly data: Data }): ReactElement {
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
  const { subject = null, html = null, text = null, faults = [] } = rendered.data ?? {};
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
      {width === 'text' ? (
        <pre className="source" tabIndex={0} aria-label="Text of the mail">
          {text ?? 'It has no text part.'}
        </pre>
      ) : (
        <div className="preview" data-width={width}>
          <HtmlFrame html={html ?? ''} title="Preview of the mail" />
        </div>
      )}
    </Panel>
  );
}
