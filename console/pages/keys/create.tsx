import { Group, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { fullGrants } from '../../../src/base/scope.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { SecretOnce } from '../../parts/secret-once.tsx';
import { useMe } from '../../shell/me.ts';
import { Bounds, boundsOf } from './bounds.tsx';
import { Grants } from './grants.tsx';
import { expiryOf, lives } from './lives.ts';

type Wanted = {
  name: string;
  reach: 'account' | 'subaccount';
  grants: string[];
  domainLimit: string;
  allowedAddresses: string;
  days: string;
};
const sending = ['messages:send', 'smtp:send'];

/** Offers what the person holds and the reach allows: the server would refuse the rest. */
export function Create({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { current } = useMe();
  const create = useChange('POST /keys');
  const [secret, setSecret] = useState<string | null>(null);
  const form = useFields<Wanted>(
    {
      name: '',
      reach: 'subaccount',
      grants: sending.filter((grant) => current.grants.includes(grant)),
      domainLimit: '',
      allowedAddresses: '',
      days: '',
    },
    { expiresAt: 'days' },
  );
  const { reach } = form.getValues();
  const offered = fullGrants(reach).filter((grant) => current.grants.includes(grant));
  const grants = offered.filter((grant) => form.getValues().grants.includes(grant));
  if (secret !== null) {
    const text = 'Put it where your program keeps its secrets. Lost, it can be rotated, not read again.';
    return <SecretOnce name="the key" secret={secret} text={text} onClose={onClose} />;
  }
  const send = form.send(null, async ({ name, days, ...bounds }) => {
    const body = { name: name.trim(), reach, grants, ...boundsOf(bounds), ...expiryOf(days) };
    setSecret((await create.run({ body })).secret);
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        {current.reach === 'account' && (
          <Select
            label="Reach"
            allowDeselect={false}
            data={[
              { value: 'subaccount', label: `Subaccount ${current.subaccountId} only` },
              { value: 'account', label: 'The whole account' },
            ]}
            {...form.getInputProps('reach')}
          />
        )}
        <Grants
          offered={offered}
          value={grants}
          onChange={(chosen) => form.setFieldValue('grants', chosen)}
          error={form.errors['grants']}
        />
        <Bounds form={form} />
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
