import { Group, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { fillLetter, letterButton, letterPlaceholders } from '../../src/features/senders/letter.ts';
import type { LetterValues } from '../../src/features/senders/letter.ts';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { useFields } from '../parts/fields.ts';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { useMe, useWhyNot } from '../shell/me.ts';

type Letter = Reply<'GET /sender-letter'>;

export function Page(): ReactElement {
  const letter = useRead('GET /sender-letter', {});
  return (
    <>
      <PageHead
        title="Confirmation mail"
        text="What an address is asked with before it becomes a sender. The button with the link is always below it."
        back={{ to: 'senders', title: 'Senders' }}
      >
        <Reset isOwn={letter.isOwn} />
      </PageHead>
      <Editor letter={letter} />
    </>
  );
}

function Reset({ isOwn }: Pick<Letter, 'isOwn'>): ReactElement {
  const reset = useChange('DELETE /sender-letter');
  const whyNot = useWhyNot();
  const isDone = isOwn ? null : 'No text of your own was saved.';
  const run = async (): Promise<void> => {
    const text = 'Your words are gone; addresses are asked with the text that was there before them.';
    const question = { title: 'Go back to the text before?', text, action: 'Go back', isDangerous: true };
    if (!(await confirm(question))) return;
    await act('The text before is back', () => reset.run({}));
  };
  return (
    <ActButton
      variant="default"
      why={whyNot('DELETE /sender-letter') ?? isDone}
      loading={reset.isRunning}
      onClick={() => void run()}
    >
      Go back to the text before
    </ActButton>
  );
}

function Editor({ letter: { subject, body, isOwn } }: { readonly letter: Letter }): ReactElement {
  const put = useChange('PUT /sender-letter');
  const why = useWhyNot()('PUT /sender-letter');
  const form = useFields({ subject, body });
  const values = form.getValues();
  const isChanged = values.subject !== subject || values.body !== body;
  const save = form.send('Addresses are asked like this from now on', (written) =>
    put.run({ body: written }),
  );
  const isReadOnly = why !== null;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Panel title={isOwn ? 'Your own text' : 'The text that is in use'}>
        <form onSubmit={form.onSubmit(save)}>
          <Stack gap="sm">
            <TextInput label="Subject" required readOnly={isReadOnly} {...form.getInputProps('subject')} />
            <Textarea
              label="Text"
              description="Plain text; an empty line parts paragraphs"
              required
              rows={12}
              readOnly={isReadOnly}
              {...form.getInputProps('body')}
            />
            <Text size="sm" c="dimmed">
              Filled in: {letterPlaceholders.map((name) => `{{${name}}}`).join(', ')}.
            </Text>
            <Group justify="flex-end">
              <ActButton
                type="submit"
                why={why ?? (isChanged ? null : 'Nothing was changed since it was saved.')}
                loading={form.isSending}
              >
                Save
              </ActButton>
            </Group>
          </Stack>
        </form>
      </Panel>
      <Preview letter={values} />
    </SimpleGrid>
  );
}

type PreviewProps = { readonly letter: Pick<Letter, 'subject' | 'body'> };

/** As it is filled in, with values of an example. */
function Preview({ letter }: PreviewProps): ReactElement {
  const { accounts, current } = useMe();
  const name = accounts.find(({ id }) => id === current.accountId)?.name ?? '';
  const values: LetterValues = {
    account: name,
    email: 'ada@client.example',
    name: 'Ada',
    domain: 'client.example',
    note: 'As agreed by phone.',
    days: '7',
  };
  const { subject, paragraphs } = fillLetter(letter, values);
  return (
    <Panel title="As Ada would read it">
      <Stack gap="sm" role="status" style={{ overflowWrap: 'anywhere' }}>
        <Text fw={600}>{subject}</Text>
        {paragraphs.map((paragraph, at) => (
          <Text size="sm" key={`${at} ${paragraph}`} style={{ whiteSpace: 'pre-line' }}>
            {paragraph}
          </Text>
        ))}
        <Text size="sm" c="dimmed">
          [ {letterButton} ]
        </Text>
      </Stack>
    </Panel>
  );
}
