/** Another time for mail that was given one, or now; nothing for mail that waits for something else. */
import { Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { instantOf, localText } from '../../parts/local-time.ts';
import { mayCall, useMe, useWhyNot } from '../../shell/me.ts';
import { useWhy } from './why.tsx';

type Message = Reply<'GET /messages/{id}'>;

export function Reschedule({ message }: { readonly message: Message }): ReactElement | null {
  const [isOpen, dialogue] = useDisclosure();
  const me = useMe();
  const whyNot = useWhyNot();
  const why = useWhy(message);
  const scheduled = why?.reasons.find(({ code }) => code === 'scheduled');
  if (scheduled === undefined || !mayCall(me, 'POST /messages/{id}/reschedule')) return null;
  return (
    <>
      <ActButton variant="default" why={whyNot('POST /messages/{id}/reschedule')} onClick={dialogue.open}>
        Another time
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title="When it leaves">
        <Form message={message} at={scheduled.movesAt} onDone={dialogue.close} />
      </Modal>
    </>
  );
}

type FormProps = {
  readonly message: Message;
  /** When it leaves as it is. */
  readonly at: string | null;
  readonly onDone: () => void;
};

function Form({ message, at, onDone }: FormProps): ReactElement {
  const change = useChange('POST /messages/{id}/reschedule');
  const form = useFields({ sendAt: at === null ? '' : localText(at) });
  const chosen = instantOf(form.values.sendAt);
  const save = (isNow: boolean): (() => void) =>
    form.send(isNow ? 'It leaves now' : 'It leaves at that time', async () => {
      const sendAt = isNow ? new Date().toISOString() : chosen;
      if (sendAt !== null) await change.run({ path: { id: message.id }, body: { sendAt } });
      onDone();
    });
  return (
    <form onSubmit={form.onSubmit(save(false))}>
      <Stack gap="sm">
        <TextInput
          type="datetime-local"
          label="It leaves at"
          description="Your own time; one that is past sends it at once"
          required
          data-autofocus
          {...form.getInputProps('sendAt')}
        />
        <Text size="sm" c="dimmed">
          Only this message moves; others that were accepted with it leave when they were to. What has left
          cannot be taken back.
        </Text>
        <Group justify="flex-end">
          <ActButton variant="default" why={null} loading={form.isSending} onClick={save(true)}>
            Send it now
          </ActButton>
          <ActButton
            type="submit"
            why={chosen === null ? 'Choose a time first.' : null}
            loading={form.isSending}
          >
            Set the time
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
