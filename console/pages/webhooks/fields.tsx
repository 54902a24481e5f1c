import { MultiSelect, NumberInput, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { eventKindTable } from '../../../src/features/events/kinds.ts';
import type { Input } from '../../api/client.ts';
import type { WantedLogin } from '../../parts/endpoint-login.tsx';

type Body = Input<'POST /webhooks'>['body'];
export type Kinds = NonNullable<Body['kinds']>;

/** What the form holds. */
export type Wanted = WantedLogin & {
  name: string;
  url: string;
  kinds: string[];
  batchMax: number | string;
};

const kinds = Object.entries(eventKindTable).flatMap(([kind, about]) => ('awaits' in about ? [] : [kind]));

/** Event kinds under the noun that they are of. */
const kindGroups = [...new Set(kinds.map((kind) => kind.split('.')[0] ?? ''))].map((group) => ({
  group,
  items: kinds.filter((kind) => kind.startsWith(`${group}.`)),
}));

type FormProps = {
  readonly form: {
    readonly getInputProps: (name: keyof Wanted) => object;
    readonly getValues: () => Wanted;
  };
};

export function WebhookFields({ form }: FormProps): ReactElement {
  return (
    <>
      <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
      <TextInput
        label="Address"
        description="It takes JSON by POST; any 2xx means that it has it"
        placeholder="https://shop.example.com/mail-events"
        required
        {...form.getInputProps('url')}
      />
      <MultiSelect
        label="Kinds of events"
        placeholder={form.getValues().kinds.length === 0 ? 'every kind' : ''}
        data={kindGroups}
        searchable
        clearable
        hidePickedOptions
        {...form.getInputProps('kinds')}
      />
      <NumberInput
        label="Events per request at most"
        placeholder="500"
        min={1}
        max={1000}
        allowDecimal={false}
        {...form.getInputProps('batchMax')}
      />
    </>
  );
}

/** As the calls take it. The form offers kinds of the list and nothing else. */
export function bodyOf(wanted: Wanted): Pick<Body, 'name' | 'url' | 'batchMax'> & { kinds: Kinds | null } {
  return {
    name: wanted.name.trim(),
    url: wanted.url.trim(),
    kinds: wanted.kinds.length === 0 ? null : (wanted.kinds as unknown as Kinds),
    ...(wanted.batchMax === '' ? {} : { batchMax: Number(wanted.batchMax) }),
  };
}
