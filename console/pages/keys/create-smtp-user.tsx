import { Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Reply } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { Bounds, boundsOf } from './bounds.tsx';

export function CreateSmtpUser({ onClose }: { readonly onClose: () => void }): ReactElement {
  const create = useChange('POST /smtp-users');
  const [made, setMade] = useState<Reply<'POST /smtp-users'> | null>(null);
  const form = useFields({ name: '', domainLimit: '', allowedAddresses: '' });
  if (made !== null) {
    const text = `Log in as ${made.publicId} with this password. Lost, make another user; it is not read again.`;
    return <SecretOnce name="the password" secret={made.secret} text={text} onClose={onClose} />;
  }
  const send = form.send(null, async ({ name, ...bounds }) =>
    setMade(await create.run({ body: { name: name.trim(), ...boundsOf(bounds) } })),
  );
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <Bounds form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
