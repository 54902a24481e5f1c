import { Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SuspensionKind } from '../../../src/features/suspensions/rules.ts';
import { suspensionKinds } from '../../../src/features/suspensions/rules.ts';
import { useChange, useReadIf } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import type { Fields } from '../../parts/fields.ts';
import { instantOf } from '../../parts/local-time.ts';
import { OneSubaccount } from '../../parts/one-subaccount.tsx';
import { mayCall, useMe } from '../../shell/me.ts';
import { kindTexts } from './words.ts';

type Wanted = { kind: SuspensionKind; value: string; reason: string; until: string };

const placeholders: Readonly<Record<SuspensionKind, string>> = {
  site: 'google.com',
  domain: 'example.com',
  pool: '',
  tag: 'newsletter',
};

type CreateProps = {
  /** What it is about, where that is plain from the page; can still be changed. */
  readonly about?: Pick<Wanted, 'kind' | 'value'>;
  readonly onDone: () => void;
};

export function Create({ about = { kind: 'domain', value: '' }, onDone }: CreateProps): ReactElement {
  const me = useMe();
  const create = useChange('POST /suspensions');
  const [only, setOnly] = useState<number | null>(null);
  const form = useFields<Wanted>({ ...about, reason: '', until: '' });
  const send = form.send('Its mail is held from now on', async ({ kind, value, reason, until }) => {
    const ends = instantOf(until);
    const body = {
      kind,
      value: value.trim(),
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      ...(ends === null ? {} : { until: ends }),
      ...(only === null ? {} : { subaccount: String(only) }),
    };
    await create.run({ body });
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Select
          label="Mail"
          allowDeselect={false}
          data={suspensionKinds.map((value) => ({ value, label: kindTexts[value] }))}
          {...form.getInputProps('kind')}
        />
        <ValueField form={form} />
        {me.current.reach === 'account' && (
          <OneSubaccount label="Of one subaccount" id={only} set={setOnly} />
        )}
        <TextInput
          type="datetime-local"
          label="Until"
          description="Empty: until it is lifted"
          {...form.getInputProps('until')}
        />
        <Textarea label="Why" autosize minRows={2} {...form.getInputProps('reason')} />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Hold it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

/** Pools are chosen by name, by whoever may read them; the rest is written. */
function ValueField({ form }: { readonly form: Fields<Wanted> }): ReactElement {
  const me = useMe();
  const { kind } = form.getValues();
  const isPool = kind === 'pool' && mayCall(me, 'GET /pools');
  const pools = useReadIf(isPool, 'GET /pools', { query: { limit: 100 } });
  if (pools !== null) {
    return (
      <Select
        label="Pool"
        required
        data={pools.items.map(({ id, name }) => ({ value: id, label: name }))}
        {...form.getInputProps('value')}
      />
    );
  }
  return (
    <TextInput
      label="Which"
      placeholder={placeholders[kind]}
      required
      data-autofocus
      {...form.getInputProps('value')}
    />
  );
}
