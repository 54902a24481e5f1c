import { Anchor, Button, Group, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Input, Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { SaveButton } from '../parts/save-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { useFields } from '../parts/fields.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareChoice } from '../parts/share-choice.tsx';
import { pathTo } from '../pages.ts';
import { keepLens, useGoTo, useParam } from '../shell/location.ts';
import { mayCall, useMe, useWhyNotOn } from '../shell/me.ts';
import { LabelsInput } from './template/labels.tsx';
import { languageChoices } from './template/languages.ts';
import { DataInput, exampleData, parsed, Preview } from './template/preview.tsx';
import { PublishedState } from './template/published-state.tsx';
import { Versions } from './template/versions.tsx';

type Snippet = Reply<'GET /snippets/{id}'>;

export function Page(): ReactElement {
  const id = useParam('id');
  const snippet = useRead('GET /snippets/{id}', { path: { id }, query: {} });
  const { current } = useMe();
  const isTheirs = current.reach === 'account' || current.reach.includes(snippet.subaccountId);
  return (
    <>
      <PageHead
        title={snippet.name}
        text={
          <Group gap="md">
            <span className="mono">{snippet.slug}</span>
            <PublishedState draft={snippet.draftVersion} published={snippet.publishedVersion} />
          </Group>
        }
        back={{ to: 'snippets', title: 'Snippets' }}
      >
        <Publish snippet={snippet} />
      </PageHead>
      <Stack gap="lg">
        <Editor key={snippet.id} snippet={snippet} />
        <Uses snippet={snippet} />
        {isTheirs && <Versions id={snippet.id} kind="snippet" />}
        {isTheirs && <Ending snippet={snippet} />}
      </Stack>
    </>
  );
}

type Of = { readonly snippet: Snippet };

function Publish({ snippet }: Of): ReactElement {
  const publish = useChange('POST /snippets/{id}/publish');
  const whyNot = useWhyNotOn(snippet.subaccountId);
  const { id, draftVersion, publishedVersion } = snippet;
  const same = draftVersion === publishedVersion ? 'The draft is what is published.' : null;
  return (
    <ActButton
      why={whyNot('POST /snippets/{id}/publish') ?? same}
      loading={publish.isRunning}
      onClick={() =>
        void act('Published: mail from now on shows it', () =>
          publish.run({ path: { id }, body: { version: draftVersion } }),
        )
      }
    >
      Publish the draft
    </ActButton>
  );
}

type Values = {
  name: string;
  labels: string[];
  language: Snippet['version']['language'];
  html: string;
  text: string;
  amp: string;
};

function valuesOf({ name, labels, version }: Snippet): Values {
  const { language, html, text, amp } = version;
  return { name, labels: [...labels], language, html: html ?? '', text: text ?? '', amp: amp ?? '' };
}

const orNull = (source: string): string | null => (source === '' ? null : source);

function contentOf({
  language,
  html,
  text,
  amp,
}: Values): Omit<NonNullable<Input<'PATCH /snippets/{id}'>['body']>, 'share'> {
  return { language, html: orNull(html), text: orNull(text), amp: orNull(amp) };
}

function Editor({ snippet }: Of): ReactElement {
  const me = useMe();
  const change = useChange('PATCH /snippets/{id}');
  const form = useFields<Values>(valuesOf(snippet));
  const [data, setData] = useState(exampleData);
  const why = useWhyNotOn(snippet.subaccountId)('PATCH /snippets/{id}');
  const isChanged = JSON.stringify(form.values) !== JSON.stringify(valuesOf(snippet));
  const save = form.send('The draft was saved', async (values) => {
    const body = { name: values.name.trim(), labels: values.labels, ...contentOf(values) };
    await change.run({ path: { id: snippet.id }, body });
  });
  useHotkeys([['mod+S', () => (why === null ? save() : undefined)]], []);
  const input = { classNames: { input: 'code' }, spellCheck: false, readOnly: why !== null };
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Panel
        title="Draft"
        actions={
          <SaveButton why={why} isChanged={isChanged} isSending={form.isSending} onSave={save}>
            Save the draft
          </SaveButton>
        }
      >
        <Stack gap="sm">
          <TextInput label="Name" readOnly={why !== null} {...form.getInputProps('name')} />
          <LabelsInput readOnly={why !== null} {...form.getInputProps('labels')} />
          <Select
            label="Language of its placeholders"
            description="Templates in this language show it"
            allowDeselect={false}
            disabled={why !== null}
            data={languageChoices}
            {...form.getInputProps('language')}
          />
          <Textarea label="HTML" rows={10} {...input} {...form.getInputProps('html')} />
          <Textarea label="Text" rows={5} {...input} {...form.getInputProps('text')} />
          <Textarea
            label="AMP"
            description="What the AMP part of a mail shows; where it is empty, the HTML"
            rows={5}
            {...input}
            {...form.getInputProps('amp')}
          />
          <ShareChoice
            of={snippet}
            why={why}
            isRunning={change.isRunning}
            set={(share) =>
              void act('Shared like this from now on', () =>
                change.run({ path: { id: snippet.id }, body: { share } }),
              )
            }
          />
          <DataInput value={data} set={setData} />
        </Stack>
      </Panel>
      {mayCall(me, 'POST /templates/render') && (
        <Preview body={{ subject: form.values.name, ...contentOf(form.values) }} data={parsed(data) ?? {}} />
      )}
    </SimpleGrid>
  );
}

function Uses({ snippet: { id, slug } }: Of): ReactElement {
  const { items, isWhole } = useRead('GET /snippets/{id}/uses', { path: { id } });
  return (
    <Panel title="Templates that show it">
      <Stack gap={6}>
        {items.length === 0 && (
          <Text size="sm" c="dimmed">
            None that you see. In Liquid a template shows it by <code>{`{% render "${slug}" %}`}</code>.
          </Text>
        )}
        {items.map((use) => (
          <Group key={use.id} gap="sm">
            <Anchor
              component={Link}
              to={pathTo('template', { id: use.id })}
              search={keepLens as never}
              size="sm"
            >
              {use.name}
            </Anchor>
            <Text size="sm" c="dimmed">
              {use.isPublished ? 'in what is published' : 'in the draft only'}
            </Text>
          </Group>
        ))}
        {!isWhole && (
          <Text size="sm" c="dimmed">
            There are more than are looked through.
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

function Ending({ snippet }: Of): ReactElement {
  const { id, slug } = snippet;
  const { items } = useRead('GET /snippets/{id}/uses', { path: { id } });
  const remove = useChange('DELETE /snippets/{id}');
  const why = useWhyNotOn(snippet.subaccountId)('DELETE /snippets/{id}');
  const goTo = useGoTo();
  const shown = items.filter(({ isPublished }) => isPublished).map(({ name }) => name);
  const text =
    shown.length === 0
      ? `No published template that you see shows ${slug}. Mail that was accepted keeps its content.`
      : `What is published of ${shown.slice(0, 5).join(', ')}${shown.length > 5 ? ` and ${shown.length - 5} more` : ''} shows ${slug}: mail from it fails once it is gone. Mail that was accepted keeps its content.`;
  const run = async (): Promise<void> => {
    if (!(await confirm({ title: 'Delete this snippet?', text, action: 'Delete it', isDangerous: true })))
      return;
    if (await act('The snippet was deleted', () => remove.run({ path: { id } }))) goTo('snippets');
  };
  if (why !== null) return <></>;
  return (
    <Group justify="flex-end">
      <Button color="red" variant="light" onClick={() => void run()}>
        Delete the snippet
      </Button>
    </Group>
  );
}
