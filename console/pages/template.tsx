import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';
import type { Reply } from '../api/client.ts';
import { useChange, useRead } from '../api/hooks.ts';
import { ActButton } from '../parts/act-button.tsx';
import { act, confirm } from '../parts/confirm.tsx';
import { useFields } from '../parts/fields.ts';
import { PageHead } from '../parts/page-head.tsx';
import { State } from '../parts/state.tsx';
import { useGoTo, useParam } from '../shell/location.ts';
import { useMe, useWhyNot } from '../shell/me.ts';
import type { Me } from '../shell/me.ts';
import { Editor } from './template/editor.tsx';
import { Names } from './template/names.tsx';
import { Versions } from './template/versions.tsx';

export type Template = Reply<'GET /templates/{id}'>;

/** A shared one is the account's to change. */
function whyForeign({ current: { reach } }: Me, { subaccountId }: Template): string | null {
  return reach === 'account' || reach.includes(subaccountId)
    ? null
    : 'It belongs to the account, which shares it; copy it to change it.';
}

export function Page(): ReactElement {
  const id = useParam('id');
  // The draft; of one that is shared, what is published: its draft is its owner's alone.
  const template = useRead('GET /templates/{id}', { path: { id }, query: {} });
  const me = useMe();
  const whyNot = useWhyNot();
  const foreign = whyForeign(me, template);
  const why = whyNot('PATCH /templates/{id}') ?? foreign;
  return (
    <>
      <PageHead
        title={template.name}
        text={
          <Group gap="md">
            <span className="mono">{template.slug}</span>
            <State
              name={
                template.publishedVersion === null
                  ? 'never published'
                  : `version ${template.publishedVersion} is published`
              }
              tone={template.publishedVersion === null ? 'none' : 'good'}
            />
          </Group>
        }
        back={{ to: 'templates', title: 'Templates' }}
      >
        <CopyIt template={template} />
        <TestSend template={template} />
        <Publish template={template} foreign={foreign} />
      </PageHead>
      <Stack gap="lg">
        <Editor key={template.id} template={template} why={why} />
        <Names key={`${template.id} names`} template={template} why={why} />
        {foreign === null && <Versions id={template.id} kind="template" />}
        <Ending template={template} foreign={foreign} />
      </Stack>
    </>
  );
}

type Acting = { readonly template: Template; readonly foreign: string | null };

function Publish({ template, foreign }: Acting): ReactElement {
  const publish = useChange('POST /templates/{id}/publish');
  const whyNot = useWhyNot();
  const { id, draftVersion, publishedVersion } = template;
  const same = draftVersion === publishedVersion ? 'The draft is what is published.' : null;
  return (
    <ActButton
      why={whyNot('POST /templates/{id}/publish') ?? foreign ?? same}
      loading={publish.isRunning}
      onClick={() =>
        void act('Published: mail from now on is made from it', () =>
          publish.run({ path: { id }, body: { version: draftVersion } }),
        )
      }
    >
      Publish the draft
    </ActButton>
  );
}

function CopyIt({ template }: { readonly template: Template }): ReactElement {
  const copy = useChange('POST /templates/{id}/copy');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const made: string[] = [];
    await act('Copied; this is the copy', async () => {
      const { id } = await copy.run({ path: { id: template.id }, body: {} });
      made.push(id);
    });
    if (made[0] !== undefined) goTo('template', { id: made[0] });
  };
  return (
    <ActButton
      variant="default"
      why={whyNot('POST /templates/{id}/copy')}
      loading={copy.isRunning}
      onClick={() => void run()}
    >
      Copy
    </ActButton>
  );
}

function TestSend({ template }: { readonly template: Template }): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  const whyNot = useWhyNot();
  return (
    <>
      <ActButton variant="default" why={whyNot('POST /templates/{id}/test')} onClick={dialogue.open}>
        Send a test
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title="Send a test of the draft">
        <TestForm template={template} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

type TestFormProps = { readonly template: Template; readonly onDone: () => void };

function TestForm({ template, onDone }: TestFormProps): ReactElement {
  const test = useChange('POST /templates/{id}/test');
  const { user } = useMe();
  const form = useFields(
    { to: user?.email ?? '', from: template.version.defaults.from?.email ?? '' },
    { 'to.email': 'to', 'from.email': 'from' },
  );
  const send = form.send('The test is on its way', async ({ to, from }) => {
    await test.run({
      path: { id: template.id },
      body: {
        to: { email: to.trim() },
        ...(from.trim() === '' ? {} : { from: { email: from.trim() } }),
        version: String(template.version.number),
      },
    });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="To" type="email" required data-autofocus {...form.getInputProps('to')} />
        <TextInput
          label="From"
          type="email"
          description="An address of a proven domain; empty for the template's own"
          {...form.getInputProps('from')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Send it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function Ending({ template, foreign }: Acting): ReactElement {
  const remove = useChange('DELETE /templates/{id}');
  const whyNot = useWhyNot();
  const goTo = useGoTo();
  const run = async (): Promise<void> => {
    const text = `Calls that name ${template.slug} are refused from now on. Mail that was accepted keeps its content.`;
    if (!(await confirm({ title: 'Delete this template?', text, action: 'Delete it', isDangerous: true })))
      return;
    if (await act('The template was deleted', () => remove.run({ path: { id: template.id } })))
      goTo('templates');
  };
  const why = whyNot('DELETE /templates/{id}') ?? foreign;
  if (why !== null) return <></>;
  return (
    <Group justify="flex-end">
      <Button color="red" variant="light" onClick={() => void run()}>
        Delete the template
      </Button>
    </Group>
  );
}
