/** What a template is called and who has it: true at once, of no version. */
import { Group, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useChange } from '../../api/hooks.ts';
import { SaveButton } from '../../parts/save-button.tsx';
import { act } from '../../parts/confirm.tsx';
import { useFields } from '../../parts/fields.ts';
import { Panel } from '../../parts/panel.tsx';
import { ShareChoice } from '../../parts/share-choice.tsx';
import type { Template } from '../template.tsx';
import { LabelsInput } from './labels.tsx';

type Values = { name: string; slug: string; labels: string[]; description: string };

function valuesOf({ name, slug, labels, description }: Template): Values {
  return { name, slug, labels: [...labels], description };
}

type NamesProps = {
  readonly template: Template;
  /** Why it cannot be changed; null when it can. */
  readonly why: string | null;
};

export function Names({ template, why }: NamesProps): ReactElement {
  const change = useChange('PATCH /templates/{id}');
  const form = useFields<Values>(valuesOf(template));
  const isFixed = why !== null;
  const isChanged = JSON.stringify(form.values) !== JSON.stringify(valuesOf(template));
  const path = { id: template.id };
  const save = form.send('Saved', async ({ name, slug, labels, description }) => {
    await change.run({ path, body: { name: name.trim(), slug, labels, description } });
  });
  return (
    <Panel
      title="Names and sharing"
      actions={
        <SaveButton why={why} isChanged={isChanged} isSending={form.isSending} onSave={save}>
          Save the names
        </SaveButton>
      }
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="sm">
          <TextInput label="Name" readOnly={isFixed} {...form.getInputProps('name')} />
          <TextInput
            label="Called by"
            description="The word by which calls name it"
            readOnly={isFixed}
            {...form.getInputProps('slug')}
          />
        </Stack>
        <Stack gap="sm">
          <LabelsInput readOnly={isFixed} {...form.getInputProps('labels')} />
          <Textarea label="Description" rows={2} readOnly={isFixed} {...form.getInputProps('description')} />
          <Group gap="sm">
            <Text size="sm">Shared</Text>
            <ShareChoice
              of={template}
              why={why}
              isRunning={change.isRunning}
              set={(share) =>
                void act('Shared like this from now on', () => change.run({ path, body: { share } }))
              }
            />
          </Group>
        </Stack>
      </SimpleGrid>
    </Panel>
  );
}
