/** Writing beside seeing: what is typed is rendered by the server a moment later, as a mail would be. */
import {
  Alert,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Skeleton,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { lazy, Suspense, useState } from 'react';
import type { ReactElement } from 'react';
import type { Input } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { SaveButton } from '../../parts/save-button.tsx';
import { useFields } from '../../parts/fields.ts';
import type { Fields } from '../../parts/fields.ts';
import { Panel } from '../../parts/panel.tsx';
import { mayCall, useMe } from '../../shell/me.ts';
import type { Template } from '../template.tsx';
import { languageChoices } from './languages.ts';
import type { Language } from './languages.ts';
import { DataInput, exampleData, parsed, Preview } from './preview.tsx';

const Designer = lazy(() =>
  import('./design/designer.tsx').then(({ Designer: loaded }) => ({ default: loaded })),
);

type Values = {
  language: Language;
  subject: string;
  kind: 'html' | 'mjml';
  source: string;
  hasAutoText: boolean;
  text: string;
  amp: string;
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
    amp: version.amp ?? '',
  };
}

type Body = NonNullable<Input<'PATCH /templates/{id}'>['body']>;

function bodyOf(values: Values, { version }: Template): Body {
  const { language, subject, kind, source, hasAutoText, text, amp } = values;
  const isMjml = kind === 'mjml';
  const inlineCss = version.markup?.inlineCss === true;
  return {
    language,
    subject,
    html: isMjml ? null : source,
    text: hasAutoText || text === '' ? null : text,
    amp: amp === '' ? null : amp,
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
  const [data, setData] = useState(exampleData);
  const [view, setView] = useState('source');
  const isDesign = view === 'design' && form.values.kind === 'mjml' && why === null;
  const isChanged = JSON.stringify(form.values) !== JSON.stringify(valuesOf(template));
  const save = form.send('The draft was saved', async (values) => {
    await change.run({ path: { id: template.id }, body: bodyOf(values, template) });
  });
  useHotkeys([['mod+S', () => (why === null ? save() : undefined)]], []);
  return (
    <SimpleGrid cols={isDesign ? 1 : { base: 1, md: 2 }} spacing="lg">
      <Panel
        title="Draft"
        actions={
          <SaveButton why={why} isChanged={isChanged} isSending={form.isSending} onSave={save}>
            Save the draft
          </SaveButton>
        }
      >
        <Stack gap="sm">
          <Sources
            form={form}
            isFixed={why !== null}
            isDesign={isDesign}
            setView={setView}
            data={parsed(data) ?? {}}
            subaccountId={template.subaccountId}
          />
          <TextSource form={form} isFixed={why !== null} />
          <AmpSource form={form} isFixed={why !== null} />
          <DataInput value={data} set={setData} />
        </Stack>
      </Panel>
      {mayCall(me, 'POST /templates/render') && (
        <Preview body={bodyOf(form.values, template)} data={parsed(data) ?? {}} />
      )}
    </SimpleGrid>
  );
}

type SourceProps = { readonly form: Fields<Values>; readonly isFixed: boolean };

type SourcesProps = SourceProps & {
  readonly isDesign: boolean;
  readonly setView: (view: string) => void;
  readonly data: Readonly<Record<string, unknown>>;
  readonly subaccountId: number;
};

const views = [
  { value: 'source', label: 'Source' },
  { value: 'design', label: 'Design' },
];

function Sources({ form, isFixed, isDesign, setView, data, subaccountId }: SourcesProps): ReactElement {
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
          data={languageChoices}
          {...form.getInputProps('language')}
        />
        {form.values.kind === 'mjml' && !isFixed && (
          <SegmentedControl
            aria-label="Worked on as"
            data={views}
            value={isDesign ? 'design' : 'source'}
            onChange={setView}
          />
        )}
      </Group>
      {isDesign ? (
        <Suspense fallback={<Skeleton height={480} />}>
          <Designer
            source={form.values.source}
            onChange={(source) => form.setFieldValue('source', source)}
            language={form.values.language}
            data={data}
            subaccountId={subaccountId}
          />
          {form.errors['source'] !== undefined && (
            <Alert color="red" role="alert">
              {form.errors['source']}
            </Alert>
          )}
        </Suspense>
      ) : (
        <Textarea
          label={form.values.kind === 'mjml' ? 'MJML' : 'HTML'}
          classNames={{ input: 'code' }}
          rows={18}
          spellCheck={false}
          readOnly={isFixed}
          {...form.getInputProps('source')}
        />
      )}
    </>
  );
}

/** For the few mail programs that show it; it is there when it is written. */
function AmpSource({ form, isFixed }: SourceProps): ReactElement {
  const { amp } = form.values;
  const [isOpen, setOpen] = useState(amp !== '');
  return (
    <>
      <Switch
        label="AMP part"
        description="A mail within the mail, for programs that show AMP for Email; others show the HTML or the text"
        checked={isOpen || amp !== ''}
        disabled={isFixed}
        onChange={(event) => {
          setOpen(event.currentTarget.checked);
          if (!event.currentTarget.checked) form.setFieldValue('amp', '');
        }}
      />
      {(isOpen || amp !== '') && (
        <Textarea
          aria-label="AMP"
          classNames={{ input: 'code' }}
          rows={10}
          spellCheck={false}
          readOnly={isFixed}
          {...form.getInputProps('amp')}
        />
      )}
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
