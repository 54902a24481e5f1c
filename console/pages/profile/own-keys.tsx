import { Button, Code, Group, Modal, Stack, Text, Textarea, TextInput, Select } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Item } from '../../api/client.ts';
import { useChange, usePages } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { act, confirm } from '../../parts/confirm.tsx';
import { useFields } from '../../parts/fields.ts';
import { Panel } from '../../parts/panel.tsx';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { Time } from '../../parts/time.tsx';
import { useMe } from '../../shell/me.ts';
import { addressesOf } from '../keys/bounds.tsx';
import { Grants } from '../keys/grants.tsx';
import { expiryOf, lives } from '../keys/lives.ts';

type Key = Item<'GET /me/keys'>;

/** Keys that do what their person may do, in the account that is looked at. */
export function OwnKeys(): ReactElement {
  const keys = usePages('GET /me/keys', { query: {} });
  const [isOpen, dialogue] = useDisclosure();
  return (
    <Panel
      title="Your keys"
      actions={
        <Button size="compact-sm" variant="default" onClick={dialogue.open}>
          New key
        </Button>
      }
    >
      <Stack gap="xs">
        {keys.items.length === 0 && (
          <Text size="sm" c="dimmed">
            A key of your own lets your scripts do here what you may do, and never more: what is taken from
            you is taken from it, and it ends with your access. For programs of the account make one under
            Keys.
          </Text>
        )}
        {keys.items.map((key) => (
          <OwnKey key={key.id} of={key} />
        ))}
        {keys.hasMore && (
          <Group justify="center">
            <Button size="compact-sm" variant="subtle" loading={keys.isMoreComing} onClick={keys.more}>
              Show more
            </Button>
          </Group>
        )}
      </Stack>
      <Modal opened={isOpen} onClose={dialogue.close} title="New key of your own" size="lg">
        <Create onClose={dialogue.close} />
      </Modal>
    </Panel>
  );
}

function OwnKey({
  of: { id, name, publicId, grants, expiresAt, lastUsedAt },
}: {
  readonly of: Key;
}): ReactElement {
  const remove = useChange('DELETE /me/keys/{id}');
  const end = async (): Promise<void> => {
    const text = 'Programs that use it are refused at once, for good.';
    if (!(await confirm({ title: `Delete ${name}?`, text, action: 'Delete it', isDangerous: true }))) return;
    await act(`${name} was deleted`, () => remove.run({ path: { id } }));
  };
  return (
    <Group justify="space-between" wrap="nowrap" role="group" aria-label={name}>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {name} <Code>{publicId}</Code>
        </Text>
        <Text size="xs" c="dimmed">
          {grants.length} {grants.length === 1 ? 'grant' : 'grants'},{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <Time at={lastUsedAt} />
            </>
          )}
          {expiresAt !== null && (
            <>
              , ends <Time at={expiresAt} />
            </>
          )}
        </Text>
      </div>
      <Button size="compact-xs" variant="subtle" color="red" onClick={() => void end()}>
        Delete
      </Button>
    </Group>
  );
}

function Create({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { current } = useMe();
  const create = useChange('POST /me/keys');
  const [secret, setSecret] = useState<string | null>(null);
  const form = useFields(
    { name: '', grants: [...current.grants], allowedAddresses: '', days: '90' },
    { expiresAt: 'days' },
  );
  const { grants } = form.getValues();
  if (secret !== null) {
    const text = 'Put it where your scripts keep their secrets. Lost, it is deleted and another one made.';
    return <SecretOnce name="the key" secret={secret} text={text} onClose={onClose} />;
  }
  const send = form.send(null, async ({ name, grants: chosen, allowedAddresses, days }) => {
    const isAll = current.grants.every((grant) => chosen.includes(grant));
    const body = {
      name: name.trim(),
      // Whatever its person holds, later as now.
      ...(isAll ? {} : { grants: chosen }),
      allowedAddresses: addressesOf(allowedAddresses),
      ...expiryOf(days),
    };
    setSecret((await create.run({ body })).secret);
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder="My scripts"
          required
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Grants
          offered={current.grants}
          value={grants}
          onChange={(chosen) => form.setFieldValue('grants', chosen)}
          error={form.errors['grants']}
        />
        <Textarea
          label="Only from these addresses"
          description="IP addresses or networks, one a line; empty for all"
          autosize
          minRows={1}
          {...form.getInputProps('allowedAddresses')}
        />
        <Select label="Ends" allowDeselect={false} data={[...lives]} {...form.getInputProps('days')} />
        <Group justify="flex-end">
          <ActButton
            type="submit"
            why={grants.length === 0 ? 'A key without a grant can do nothing: choose one.' : null}
            loading={form.isSending}
          >
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
