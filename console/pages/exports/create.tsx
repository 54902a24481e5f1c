import { Group, MultiSelect, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { kinds, layers } from '../../../src/features/suppressions/model.ts';
import type { Kind, Layer } from '../../../src/features/suppressions/model.ts';
import { useChange } from '../../api/hooks.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { useFields } from '../../parts/fields.ts';
import { instantOf } from '../../parts/local-time.ts';
import { mayCall, useMe } from '../../shell/me.ts';

type Wanted = {
  what: 'messages' | 'suppressions';
  from: string;
  until: string;
  tags: string[];
  senders: string[];
  states: string[];
  kinds: Kind[];
  layers: Layer[];
  notify: string;
};

const states = ['queued', 'delivered', 'bounced', 'expired', 'suppressed', 'rejected', 'cancelled', 'failed'];

function some<Name extends string, One>(
  name: Name,
  values: readonly One[],
): Partial<Record<Name, readonly One[]>> {
  return values.length === 0 ? {} : ({ [name]: values } as Record<Name, readonly One[]>);
}

export function Create({ onDone }: { readonly onDone: () => void }): ReactElement {
  const me = useMe();
  const ofMessages = useChange('POST /exports/messages');
  const ofSuppressions = useChange('POST /exports/suppressions');
  const choices = [
    ...(mayCall(me, 'POST /exports/messages')
      ? [{ value: 'messages', label: 'Messages, with what became of them' }]
      : []),
    ...(mayCall(me, 'POST /exports/suppressions')
      ? [{ value: 'suppressions', label: 'Suppression lists' }]
      : []),
  ];
  const form = useFields<Wanted>({
    what: mayCall(me, 'POST /exports/messages') ? 'messages' : 'suppressions',
    from: '',
    until: '',
    tags: [],
    senders: [],
    states: [],
    kinds: [],
    layers: [],
    notify: '',
  });
  const { what } = form.getValues();
  const send = form.send('It is being made', async (wanted) => {
    const notify = wanted.notify.trim() === '' ? {} : { notify: wanted.notify.trim() };
    if (wanted.what === 'suppressions') {
      const body = { ...notify, ...some('kinds', wanted.kinds), ...some('layers', wanted.layers) };
      await ofSuppressions.run({ body });
    } else {
      const [from, until] = [instantOf(wanted.from), instantOf(wanted.until)];
      await ofMessages.run({
        body: {
          ...notify,
          ...(from === null ? {} : { from }),
          ...(until === null ? {} : { until }),
          ...some('tags', wanted.tags),
          ...some('senders', wanted.senders),
          ...some('states', wanted.states),
        },
      });
    }
    onDone();
  });
  return (
    <form onSubmit={form.onSubmit(send)}>
      <Stack gap="sm">
        <Select label="What" allowDeselect={false} data={choices} {...form.getInputProps('what')} />
        {what === 'messages' ? <MessageFields form={form} /> : <ListFields form={form} />}
        <TextInput
          label="Mail the link to"
          description="Once it is done; empty: to nobody"
          {...form.getInputProps('notify')}
        />
        <Group justify="flex-end">
          <ActButton type="submit" why={null} loading={form.isSending}>
            Make it
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

type PartProps = { readonly form: { readonly getInputProps: (name: keyof Wanted) => object } };

function MessageFields({ form }: PartProps): ReactElement {
  return (
    <>
      <Group grow align="flex-start">
        <TextInput type="datetime-local" label="Accepted from" {...form.getInputProps('from')} />
        <TextInput type="datetime-local" label="Until" {...form.getInputProps('until')} />
      </Group>
      <TagsInput label="With any of the tags" {...form.getInputProps('tags')} />
      <TagsInput label="From any of the senders" {...form.getInputProps('senders')} />
      <MultiSelect label="In any of the states" data={states} {...form.getInputProps('states')} />
    </>
  );
}

function ListFields({ form }: PartProps): ReactElement {
  return (
    <>
      <MultiSelect label="Of these kinds" data={[...kinds]} {...form.getInputProps('kinds')} />
      <MultiSelect label="Of these lists" data={[...layers]} {...form.getInputProps('layers')} />
    </>
  );
}
