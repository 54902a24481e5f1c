import { Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { linkDays } from '../../../src/features/reports/rules.ts';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Copy } from '../../parts/copy.tsx';
import { useFields } from '../../parts/fields.ts';
import { Time } from '../../parts/time.tsx';

type ShareProps = { readonly id: string; readonly why: string | null };

/** A link for somebody without a login, good for some days. */
export function Share({ id, why }: ShareProps): ReactElement {
  const [isOpen, dialogue] = useDisclosure();
  return (
    <>
      <ActButton variant="default" why={why} onClick={dialogue.open}>
        Share by a link
      </ActButton>
      <Modal opened={isOpen} onClose={dialogue.close} title="A link to the report">
        <LinkForm id={id} />
      </Modal>
    </>
  );
}

function LinkForm({ id }: { readonly id: string }): ReactElement {
  const make = useChange('POST /reports/{id}/links');
  const [made, setMade] = useState<Reply<'POST /reports/{id}/links'> | null>(null);
  const form = useFields<{ days: number | string; tag: string }>({ days: linkDays.standard, tag: '' });
  const send = form.send(null, async ({ days, tag }) => {
    const body = {
      ...(days === '' ? {} : { days: Number(days) }),
      ...(tag.trim() === '' ? {} : { tag: tag.trim() }),
    };
    setMade(await make.run({ path: { id }, body }));
  });
  if (made !== null) {
    return (
      <Stack gap="sm">
        <Copy value={made.url} name="the link" />
        <Text size="sm" c="dimmed" role="status">
          Whoever has it sees these figures until <Time at={made.expiresAt} />. Deleting the report ends it.
        </Text>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <NumberInput
          label="Good for days"
          min={1}
          max={linkDays.max}
          allowDecimal={false}
          data-autofocus
          {...form.getInputProps('days')}
        />
        <TextInput
          label="Only mail with the tag"
          description="Empty: all that the report covers"
          {...form.getInputProps('tag')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make the link
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
