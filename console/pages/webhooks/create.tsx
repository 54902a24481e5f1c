import { Group, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { formats } from '../../../src/features/webhooks/kinds.ts';
import type { Format } from '../../../src/features/webhooks/kinds.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { authOf, LoginFields, loginNames } from '../../parts/endpoint-login.tsx';
import { useFields } from '../../parts/fields.ts';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { useMe } from '../../shell/me.ts';
import { bodyOf, WebhookFields } from './fields.tsx';
import type { Wanted } from './fields.tsx';

type WantedNew = Wanted & { told: 'all' | 'account' | 'one'; subaccount: string; format: Format };

export function Create({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { current } = useMe();
  const create = useChange('POST /webhooks');
  const [secret, setSecret] = useState<string | null>(null);
  const form = useFields<WantedNew>(
    {
      name: '',
      url: '',
      kinds: [],
      batchMax: '',
      auth: 'none',
      authName: '',
      authSecret: '',
      told: 'all',
      subaccount: '',
      format: 'native',
    },
    { ...loginNames, told: 'subaccount' },
  );
  if (secret !== null) {
    const text = 'With it your program checks the signature (Standard Webhooks). Lost, it can be rotated.';
    return <SecretOnce name="the signing secret" secret={secret} text={text} onClose={onClose} />;
  }
  const isOfAccount = current.reach === 'account';
  const send = form.send(null, async (wanted) => {
    const told = wanted.told === 'one' ? wanted.subaccount.trim() : wanted.told;
    const body = {
      ...bodyOf(wanted),
      format: wanted.format,
      auth: authOf(wanted) ?? { kind: 'none' as const },
      ...(isOfAccount ? { told } : {}),
    };
    setSecret((await create.run({ body })).secret);
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <WebhookFields form={form} />
        {isOfAccount && (
          <Select
            label="Told of"
            allowDeselect={false}
            data={[
              { value: 'all', label: 'the account and all its subaccounts' },
              { value: 'account', label: 'the account alone' },
              { value: 'one', label: 'one subaccount' },
            ]}
            {...form.getInputProps('told')}
          />
        )}
        {isOfAccount && form.getValues().told === 'one' && (
          <TextInput label="Number of the subaccount" required {...form.getInputProps('subaccount')} />
        )}
        <Select
          label="Format"
          description="Ours, or that of a provider whose program you keep"
          allowDeselect={false}
          data={[...formats]}
          {...form.getInputProps('format')}
        />
        <LoginFields form={form} mayKeep={false} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
