import { Group, Select, Stack, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Item } from '../../api/client.ts';
import { useChange, useReadIf } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { mayCall, useMe } from '../../shell/me.ts';

export type Sender = Item<'GET /senders'>;
type Texts = { readonly name: string; readonly note: string; readonly replyTo: string };

const names = { 'replyTo.email': 'replyTo' };

function bodyOf({ name, note, replyTo }: Texts): {
  readonly name: string;
  readonly note: string;
  readonly replyTo: { readonly email: string } | null;
} {
  const email = replyTo.trim();
  return { name: name.trim(), note: note.trim(), replyTo: email === '' ? null : { email } };
}

type TextsProps = { readonly form: { readonly getInputProps: (name: keyof Texts) => object } };

function TextFields({ form }: TextsProps): ReactElement {
  return (
    <>
      <TextInput
        label="Name"
        description="Shown beside the address, where a mail names none"
        {...form.getInputProps('name')}
      />
      <TextInput
        label="Answers go to"
        description="Where a mail says nothing else; empty: to the address"
        {...form.getInputProps('replyTo')}
      />
      <TextInput
        label="A line for whoever reads the mail"
        description="Why they are asked"
        {...form.getInputProps('note')}
      />
    </>
  );
}

export function Create({ onDone }: { readonly onDone: () => void }): ReactElement {
  const me = useMe();
  const { subaccountId } = me.current;
  const create = useChange('POST /senders');
  const domains = useReadIf(mayCall(me, 'GET /domains'), 'GET /domains', { query: { limit: 500 } });
  const usable = (domains?.items ?? []).filter(
    (domain) => domain.state === 'proven' && (domain.subaccountId === subaccountId || domain.share === 'use'),
  );
  const form = useFields({ email: '', name: '', note: '', replyTo: '', domainId: '' }, names);
  const send = form.send('A mail with a link went there', async ({ email, domainId, ...texts }) => {
    const domain = domainId === '' ? {} : { domainId };
    await create.run({ body: { email: email.trim(), ...bodyOf(texts), ...domain } });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Address" required data-autofocus {...form.getInputProps('email')} />
        <TextFields form={form} />
        {usable.length > 0 && (
          <Select
            label="Signed by"
            allowDeselect={false}
            data={[
              { value: '', label: "the installation's domain" },
              ...usable.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            {...form.getInputProps('domainId')}
          />
        )}
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Ask them
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

type EditProps = { readonly of: Sender; readonly onDone: () => void };

export function Edit({ of: sender, onDone }: EditProps): ReactElement {
  const change = useChange('PATCH /senders/{id}');
  const form = useFields(
    { name: sender.name, note: sender.note, replyTo: sender.replyTo?.email ?? '' },
    names,
  );
  const send = form.send('Saved', async (texts) => {
    await change.run({ path: { id: sender.id }, body: bodyOf(texts) });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextFields form={form} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Save
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
